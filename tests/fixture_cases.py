"""Every case of the fixtures, read once for all tests that look at them."""

from pathlib import Path

from policyeval.testing.cases import load_cases

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = sorted(path for folder in ("decisions", "notes") for path in (FIXTURES / folder).glob("*.yaml"))
CASES = [case for file in FILES for case in load_cases(file)]


def id_of(case):
    """Name a case as `folder/file::name`."""
    file = Path(case.source.name)
    return f"{file.parent.name}/{file.stem}::{case.name}"
