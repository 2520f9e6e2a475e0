"""Does the compiled wheel answer as the sources do? (docs/compiled.md)

What is compiled stands in `pyproject.toml`. Building takes a minute, so the comparison is asked for:
`POLICYEVAL_TEST_COMPILED=1 python -m pytest -q tests/test_compiled.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from shutil import copytree, ignore_patterns
from typing import Any

import pytest

import policyeval

from . import test_determinism
from .test_determinism import told

ROOT = Path(__file__).resolve().parent.parent
ASKED_FOR = "POLICYEVAL_TEST_COMPILED"
ENABLED = "HATCH_BUILD_HOOK_ENABLE_MYPYC"
FAMILIES = 500
NOW = 1_795_500_000

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HOOK: dict[str, Any] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]
COMPILED: list[str] = HOOK["include"]
MODULES = {name.removesuffix(".py").replace("/", ".") for name in COMPILED}

slow = pytest.mark.skipif(
    not os.environ.get(ASKED_FOR), reason=f"building takes a minute: set {ASKED_FOR}=1 to compare"
)


folder = test_determinism.folder

# What is compiled


def test_compiling_is_asked_for():
    assert HOOK["enable-by-default"] is False


@pytest.mark.parametrize("name", COMPILED)
def test_what_is_compiled_holds_no_cached_property(name):
    """Compiled, it would be computed at every access: slower, and another object each time."""
    assert "cached_property" not in (ROOT / name).read_text(encoding="utf-8")


def native_classes() -> Iterator[type]:
    """Give the classes that become C structures; those with a metaclass of their own do not."""
    for module in sorted(MODULES):
        for found in vars(import_module(module)).values():
            if type(found) is type and found.__module__ == module:
                yield found


def test_what_derives_from_a_compiled_class_is_compiled():
    """Python refuses any other subclass when it is made."""
    for module in walk_packages(policyeval.__path__, "policyeval."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    subclasses = {made for found in native_classes() for made in found.__subclasses__()}

    assert subclasses
    assert {made for made in subclasses if made.__module__ not in MODULES} == set()


# What it answers; `print_answers` runs in a process of its own, with one of the two packages.


def print_answers() -> None:
    """Print where the plan's code comes from, and each answer on a line of its own."""
    import policyeval.plan

    print(policyeval.plan.__file__)
    for name, found in (*answers_of_cases(), *answers_of_families()):
        print(json.dumps([name, *found]))


def answers_of_cases() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Run every case of the fixtures: the decision or the refusal, and the whole explanation."""
    from tests.fixture_cases import CASES, id_of

    for case in CASES:
        outcome = case.run(now=NOW)
        if outcome.decision is None or outcome.explanation is None:
            yield id_of(case), ("invalid", str(outcome.error))
        else:
            told = outcome.explanation
            texts = (str(told), json.dumps(told.to_dict()))
            yield id_of(case), (str(outcome.decision), *map(digest, texts))


def answers_of_families() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Decide generated requests, each twice: the second answer is found again by the first one's questions."""
    from tests.generate import Dice, family
    from tests.proof.compare import engine_of

    dice = Dice(Random("compiled"))
    for number in range(FAMILIES):
        policies, requests = family(dice, None)
        ask = engine_of(policies)
        for at, request in enumerate((*requests, *requests)):
            yield f"family {number}, request {at}", ask(request)


def digest(text: str) -> str:
    """Shorten a text so that another text is shortened otherwise."""
    return sha256(text.encode()).hexdigest()[:16]


# Both packages


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Path:
    """Build the wheel from a copy, which the build writes into, and install it in a directory of its own."""
    copy, out, target = (tmp_path_factory.mktemp(name) for name in ("copy", "dist", "compiled"))
    for folder in ("policyeval", "grammar"):
        copytree(ROOT / folder, copy / folder, ignore=ignore_patterns("__pycache__", "*.so", "*.pyd"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        (copy / file).write_bytes((ROOT / file).read_bytes())
    run("-m", "build", "--wheel", "--outdir", str(out), str(copy), cwd=out, **{ENABLED: "1"})
    (wheel,) = out.glob("*.whl")
    run("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel), cwd=out)
    return target


def run(*arguments: str, cwd: Path, **variables: str) -> str:
    """Run python in a directory; a failure shows what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-5000:]
    return result.stdout


def answers_of(*places: Path, cwd: Path) -> tuple[str, list[str]]:
    """Ask the package that is found first in these places: the file of its plan, and its answers."""
    program = "from tests.test_compiled import print_answers; print_answers()"
    path = os.pathsep.join(map(str, places))
    file, *answers = run("-P", "-c", program, cwd=cwd, PYTHONPATH=path, PYTHONUTF8="1").splitlines()
    return file, answers


@slow
def test_compiled_and_pure_answer_alike(compiled, tmp_path):
    """The same decisions, the same reasons, the same explanations."""
    pure_file, pure = answers_of(ROOT, cwd=tmp_path)
    compiled_file, found = answers_of(compiled, ROOT, cwd=tmp_path)

    assert pure_file.endswith("plan.py")
    assert Path(compiled_file).suffix in (".so", ".pyd")
    assert len(pure) > 5 * FAMILIES
    assert [pair for pair in zip_longest(pure, found) if pair[0] != pair[1]][:5] == []


@slow
def test_compiled_and_pure_write_the_same_bytes(compiled, folder):
    """Every command prints the same."""
    assert told(folder, PYTHONPATH=os.pathsep.join(map(str, (compiled, ROOT)))) == told(folder)


@slow
def test_compiled_package_needs_no_compiler_to_run(compiled, tmp_path):
    """Neither mypy nor what it brings is imported."""
    program = """
import sys
from policyeval import Engine, Request
allow_all = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
engine = Engine({"identity": allow_all})
print(engine.allowed("arn:aws:iam::111122223333:user/ana", "s3:GetObject", "arn:aws:s3:::acme/a"))
print(sorted({name.split(".")[0] for name in sys.modules} & {"mypy", "mypyc", "mypy_extensions", "librt"}))
"""

    assert run("-P", "-c", program, cwd=tmp_path, PYTHONPATH=str(compiled)).splitlines() == ["True", "[]"]
