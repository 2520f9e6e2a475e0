"""Do the files for build servers call what exists?"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from policyeval.cli import COMMANDS
from policyeval.cli.test import parser

ROOT = Path(__file__).resolve().parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
SCRIPT = ACTION["runs"]["steps"][-1]["run"]


def test_hook_calls_a_command_that_exists():
    (hook,) = HOOKS
    program, command = hook["entry"].split()

    assert (program, command in COMMANDS) == ("policyeval", True)
    assert re.search(hook["files"], "policies/app.json")
    assert re.search(hook["files"], "app.iamtest.yaml")


def test_inputs_reach_the_script_as_variables_only():
    """What stands in an input must never be run."""
    assert "${{" not in SCRIPT
    assert set(re.findall(r"inputs\.([a-z-]+)", str(ACTION["runs"]))) == set(ACTION["inputs"])


def test_options_of_the_action_exist():
    known = set(parser()._option_string_actions)

    assert set(re.findall(r"(?<![\w-])--[a-z-]+", SCRIPT)) <= known


@pytest.mark.parametrize(
    ("paths", "status"), [("after", 0), ("before", 1), ("before after", 1), ("nothing", 2)]
)
def test_script_of_the_action_tells_the_status_and_writes_the_summary(tmp_path, paths, status):
    program = tmp_path / "policyeval" / "bin" / "policyeval"
    program.parent.mkdir(parents=True)
    program.symlink_to(_launcher(tmp_path))
    summary = tmp_path / "summary.md"
    environment = os.environ | {
        "RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary), "PATHS": paths,
        "JUNIT": str(tmp_path / "j.xml"),
        "FAIL_UNDER": "100" if paths == "after" else "",
    }  # fmt: skip

    done = subprocess.run(
        ["bash", "-c", SCRIPT],
        cwd=ROOT / "examples" / "testing",
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == status, done.stdout + done.stderr
    assert summary.exists() is (status != 2)
    assert (tmp_path / "j.xml").exists() is (status != 2)


def _launcher(folder: Path) -> Path:
    """Write the command of the checkout, for the Python that runs the tests."""
    import sys

    file = folder / "launcher"
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "cli.py"}" "$@"\n')
    file.chmod(0o755)
    return file
