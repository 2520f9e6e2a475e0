"""The pytest plugin: case files are tests, and tests have the fixture `iam`.

INVARIANT: importing this module imports nothing else of the package; what a run uses is imported when it does.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from policyeval.testing.answers import Iam

SUFFIXES = (".iamtest.yaml", ".iamtest.yml", ".iamtest.json")
MARKER = "iam_policies"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    about = "folders in which every YAML and JSON file with `cases` at its top is collected"
    parser.addini("iamtest_paths", about, type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker, for --strict-markers."""
    about = f"{MARKER}(*files, **layers): policies that the fixture `iam` loads, relative to the test's file"
    config.addinivalue_line("markers", about)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect case files."""
    if not file_path.name.endswith((".yaml", ".yml", ".json")) or not _is_case_file(file_path, parent.config):
        return None
    from policyeval.testing.pytest_items import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


def _is_case_file(path: Path, config: pytest.Config) -> bool:
    if path.name.endswith(SUFFIXES):
        return True
    folders = config.getini("iamtest_paths")
    if not any(path.is_relative_to(folder) for folder in folders):
        return False
    from policyeval.testing.discovery import holds_cases

    return holds_cases(path)


@pytest.fixture
def iam(request: pytest.FixtureRequest) -> Iam:
    """Policies to ask: `iam.load("policy.json")`, `iam.can(who, what, on)`, `iam.assert_denied(…, by="scp")`.

    The marker `iam_policies("policy.json", boundary="boundary.json")` loads them before the test.
    """
    from policyeval.testing.answers import Iam
    from policyeval.testing.pytest_items import shown

    made = Iam(folder=shown(request.path.parent))
    marker = request.node.get_closest_marker(MARKER)
    return made.load(*marker.args, **marker.kwargs) if marker is not None else made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """Explain the answers that a failed `assert` is about."""
    report: Any = yield
    if call.when == "call" and call.excinfo is not None and call.excinfo.errisinstance(AssertionError):
        from policyeval.testing.pytest_items import explained

        report.sections += explained(item, call.excinfo)
    return report
