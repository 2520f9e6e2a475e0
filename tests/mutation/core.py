"""What is the core, and which tests are about it?"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
KILLED, SURVIVED = "killed", "survived"

# The most critical first.
CORE = (
    "evaluation", "layers", "slices", "matching/conditions", "matching/principals", "matching/resources",
    "matching/actions", "matching/keys_read", "matching/remembered", "matching/variables", "operators", "plan",
    "authorizers/__init__", "authorizers/kms", "authorizers/s3", "authorizers/s3_acl", "authorizers/s3_public",
    "authorizers/sts", "authorizers/iam", "authorizers/credentials", "authorizers/cross_account",
    "authorizers/apigateway", "authorizers/lambda_", "compiler", "steps", "dockets", "engine", "request_context",
    "context", "names",
)  # fmt: skip

# Besides the cases, which are asked of every reader. What starts processes of its own would not see a mutant.
TESTS = (
    "test_actions", "test_completeness", "test_context", "test_dockets", "test_operators", "test_partition",
    "test_plan", "test_policy", "test_principal", "test_public_api", "test_request",
    "test_variables",
)  # fmt: skip


# The plugins of pytest may be loaded already, with the package that this project's own one is in.
PYTEST = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def core_files() -> tuple[str, ...]:
    """The files of the core, relative to the checkout."""
    return tuple(f"policyeval/{name}.py" for name in CORE)


def module_of(file: str) -> str:
    """The name of a module."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_files() -> tuple[str, ...]:
    """The files of the tests that are about the core."""
    own = sorted(
        path.stem for path in (ROOT / "tests").glob("test_core_*.py") if path.stem != "test_core_readers"
    )
    return tuple(f"tests/{name}.py" for name in (*TESTS, *own) if (ROOT / "tests" / f"{name}.py").exists())
