"""Does the sample project print what it shows? Run against the built wheel; pytest finds the plugin by itself."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "examples" / "pytest-project"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Build the wheel, and install it alone, in a directory that stands before the checkout on the path."""
    out = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT), cwd=out)
    target = tmp_path_factory.mktemp("installed")
    (wheel,) = out.glob("*.whl")
    options = ("-q", "--no-deps", "--no-index", "--target", str(target))
    python("-m", "pip", "install", *options, str(wheel), cwd=target)
    return target


@pytest.fixture
def project(tmp_path) -> Path:
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


def python(*arguments: str, cwd: Path, path: Path | None = None, status: int = 0) -> str:
    """Run python in a directory of its own; another status than the wanted one shows what it printed."""
    dropped = ("PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_PLUGINS")
    environment = {k: v for k, v in os.environ.items() if k not in dropped} | {"PYTHONDONTWRITEBYTECODE": "1"}
    if path:
        environment["PYTHONPATH"] = str(path)
    result = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8",
    )  # fmt: skip
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout


def plain(output: str) -> str:
    """Take out what differs between machines: versions, plugins, times."""
    kept = [
        line
        for line in output.splitlines()
        if not re.match(r"(platform|rootdir|plugins|cachedir|configfile)\b", line)
    ]
    text = re.sub(r" in \d+\.\d+s", "", "\n".join(kept))
    return re.sub(r"^=+ (.*?) =+$", r"=== \1 ===", text, flags=re.MULTILINE) + "\n"


@pytest.mark.parametrize(("folder", "status"), [("passing", 0), ("failing", 1)])
def test_project_prints_what_it_shows(installed, project, folder, status):
    tests = [] if folder == "passing" else [folder]
    output = plain(
        python("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *tests, cwd=project, path=installed,
               status=status)
    )  # fmt: skip
    golden = PROJECT / f"{folder}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(output, encoding="utf-8")

    assert output == golden.read_text(encoding="utf-8")


def test_project_runs_in_several_processes(installed, project):
    pytest.importorskip("xdist")

    output = python("-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", cwd=project, path=installed)

    assert "8 passed, 1 skipped" in output
