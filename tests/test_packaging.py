"""Does the wheel hold what it must, and does it run away from the checkout?"""

import os
import subprocess
import sys
import tomllib
import zipfile
from configparser import ConfigParser
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FORBIDDEN_INSTALL = "pip install " + "policyeval"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel with the build tools of this environment, so without the network."""
    out = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT), cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Install the wheel alone, in a directory that stands before the checkout on the path."""
    target = tmp_path_factory.mktemp("installed")
    run(
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
        cwd=target,
    )
    return target


def run(*arguments: str, cwd: Path, path: Path | None = None) -> str:
    """Run python in a directory of its own; a failure shows what it printed."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    if path:
        environment["PYTHONPATH"] = str(path)
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def dist_info(wheel: Path, file: str) -> str:
    folder = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}.dist-info"
    return zipfile.ZipFile(wheel).read(f"{folder}/{file}").decode()


def test_grammars_are_inside_the_package(names):
    """They stand beside the package in the checkout and within it once installed."""
    expected = {f"policyeval/grammar/{file.name}" for file in (ROOT / "grammar").glob("*.lark")}

    assert expected
    assert expected <= names


def test_all_modules_are_in_the_wheel(names):
    expected = {file.relative_to(ROOT).as_posix() for file in (ROOT / "policyeval").rglob("*.py")}

    assert expected <= names


def test_nothing_but_the_package_is_at_the_top(names):
    """The launcher `cli.py`, tests and fixtures stay in the checkout."""
    top = {name.split("/")[0] for name in names}

    assert {name for name in top if not name.endswith(".dist-info")} == {"policyeval"}


def test_distribution_is_named_policyeval_iam(wheel):
    metadata = Parser().parsestr(dist_info(wheel, "METADATA"))

    assert (metadata["Name"], metadata["License-Expression"]) == ("policyeval-iam", "Apache-2.0")


def test_command_is_named_policyeval(wheel):
    entries = ConfigParser()
    entries.read_string(dist_info(wheel, "entry_points.txt"))

    assert dict(entries["console_scripts"]) == {"policyeval": "policyeval.cli:main"}


def test_pytest_entry_point_does_not_take_the_name_of_the_other_project(wheel):
    entries = ConfigParser()
    entries.read_string(dist_info(wheel, "entry_points.txt"))

    assert not entries.has_option("pytest11", "policyeval")


def test_installed_package_runs(installed, tmp_path):
    output = run("-m", "policyeval", "--version", cwd=tmp_path, path=installed)

    assert PROJECT["version"] in output


def test_installed_package_reads_its_own_grammars(installed, tmp_path):
    grammars = [file.stem for file in sorted((ROOT / "grammar").glob("*.lark"))]
    program = f"""
import policyeval.grammars as grammars
assert grammars.__file__.startswith({str(installed)!r}), grammars.__file__
print(all(grammars.read_grammar(name) for name in {grammars!r}))
"""

    assert run("-c", program, cwd=tmp_path, path=installed) == "True\n"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_document_installs_the_other_project(document):
    """Another project owns `policyeval` on the package index; ours is `policyeval-iam`."""
    text = document.read_text(encoding="utf-8").replace("policyeval-iam", "")

    assert FORBIDDEN_INSTALL not in text
