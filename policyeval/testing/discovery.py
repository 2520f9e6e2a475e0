"""Which case files are meant? Files that are named, and what is found in directories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from policyeval.errors import CaseError, UsageError
from policyeval.language.documents import read_document
from policyeval.sources.files import STANDARD_INPUT, read_source

SUFFIXES = (".iamtest.yaml", ".iamtest.yml", ".iamtest.json")
_DOCUMENTS = (".yaml", ".yml", ".json")
_PASSED_BY = {"node_modules", "__pycache__", "venv", "site-packages"}
_CASES_IN_YAML = re.compile(r"^cases\s*:", re.MULTILINE)
_OF_A_CASE = tuple(re.compile(rf"\b{name}[\"']?\s*:") for name in ("request", "expect"))


def case_files(paths: Iterable[str]) -> list[str]:
    """List the case files of paths, each once; without paths those below the working directory.

    In a directory that is named every YAML and JSON file with a top-level `cases` counts, unless its
    cases have no `request` and no `expect`: files of other programs have `cases`, too.
    Raises UsageError for a path that leads to none.
    """
    given = list(paths)
    if not given:
        return _some([str(path) for path in _walk(Path()) if is_case_file_name(path.name)], "this directory")
    found: list[str] = []
    for name in given:
        path = Path(name)
        found += _some(_in_directory(path), f"`{name}`") if path.is_dir() else [name]
    return list(dict.fromkeys(found))


def is_case_file_name(name: str) -> bool:
    """Does a file's name say that it holds cases?"""
    return name.endswith(SUFFIXES)


def holds_cases(path: Path) -> bool:
    """Does a YAML or JSON file have a top-level `cases`?"""
    if not path.name.endswith(_DOCUMENTS):
        return False
    try:
        source = read_source(path, CaseError)
        if not all(name.search(source.text) for name in _OF_A_CASE):
            return False
        if source.syntax == "yaml":
            return _CASES_IN_YAML.search(source.text) is not None
        value = read_document(source, CaseError) if '"cases"' in source.text else None
    except CaseError:
        return False
    return isinstance(value, dict) and isinstance(value.get("cases"), list)


def _in_directory(folder: Path) -> list[str]:
    return [str(path) for path in _walk(folder) if is_case_file_name(path.name) or holds_cases(path)]


def _walk(folder: Path) -> Iterator[Path]:
    """Give the files below a folder in the order of their names; hidden and installed ones are passed by."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _PASSED_BY:
            continue
        if entry.is_dir():
            yield from _walk(entry)
        elif entry.name.endswith(_DOCUMENTS):
            yield entry


def _some(files: list[str], where: str) -> list[str]:
    if not files:
        help = f"case files are named `*{SUFFIXES[0]}`, or have `cases` at their top; see `policyeval schema cases`"
        raise UsageError(f"there is no case file in {where}", help=help)
    return files


def refuse_standard_input(paths: Iterable[str]) -> None:
    """Cases name files relative to their own file, and standard input is none."""
    if STANDARD_INPUT in paths:
        raise UsageError("cases are not read from standard input", help="name a case file")
