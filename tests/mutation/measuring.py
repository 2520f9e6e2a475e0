"""Which case and which test runs which line of the core?

Measured once, so that a mutant is shown only to what could notice it; and the coverage that docs/proof.md tells.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .core import PYTEST, ROOT, core_files, test_files

if TYPE_CHECKING:
    from coverage import Coverage

# file → line → the numbers of the cases, or the names of the tests, that run it
Lines = dict[str, dict[int, list[str]]]


@dataclass
class Measured:
    """What runs what, how long the tests take, and how much of the core is covered."""

    lines: Lines = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    totals: dict[str, Any] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def running(self, file: str, lines: range) -> set[str]:
        """Name the cases (`case:7`) and tests that run one of some lines."""
        known = self.lines.get(file, {})
        return {name for line in lines for name in known.get(line, ())}

    def save(self, path: Path) -> None:
        """Keep it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.__dict__))

    @classmethod
    def load(cls, path: Path) -> Measured:
        """Read what was kept."""
        kept = json.loads(path.read_text())
        kept["lines"] = {
            file: {int(line): names for line, names in of.items()} for file, of in kept["lines"].items()
        }
        return cls(**kept)


def measure() -> Measured:
    """Run every case by every reader, and every test of the core, in this process, which must be a fresh one."""
    from coverage import Coverage  # the tests of this tool do without it

    cover = Coverage(data_file=None, branch=True, source=[], include=[str(ROOT / file) for file in core_files()],
                     config_file=str(ROOT / "pyproject.toml"))  # fmt: skip
    measured = Measured()
    with _collecting(cover):
        _run_cases(cover)
        status = pytest.main([*PYTEST, *test_files()], plugins=[_Watcher(cover, measured)])
    if status != 0:
        sys.exit("the tests fail without any mutant")
    data = cover.get_data()
    for file in core_files():
        contexts = data.contexts_by_lineno(str(ROOT / file))
        measured.lines[file] = {line: [name for name in names if name] for line, names in contexts.items()}
    _sum_up(cover, measured)
    return measured


@contextmanager
def _collecting(cover: Coverage) -> Iterator[None]:
    cover.start()
    try:
        yield
    finally:
        cover.stop()


def _run_cases(cover: Coverage) -> None:
    from tests.fixture_cases import CASES

    from .readers import complaint

    for number, case in enumerate(CASES):
        _forget()
        cover.switch_context(f"case:{number}")
        failed = complaint(case)
        if failed is not None:
            sys.exit(f"without any mutant: {failed}")
    cover.switch_context("")


def _forget() -> None:
    """Empty every memory, so that the next case runs all the code that it needs."""
    for name in [name for name in sys.modules if name.startswith("policyeval.")]:
        for value in list(vars(sys.modules[name]).values()):
            clear = getattr(value, "cache_clear", None)
            if clear is not None and getattr(value, "__module__", None) == name:
                clear()


class _Watcher:
    """Tells coverage which test runs, and notes how long each takes."""

    def __init__(self, cover: Coverage, measured: Measured) -> None:
        self.cover = cover
        self.seconds: dict[str, float] = defaultdict(float, measured.seconds)
        measured.seconds = self.seconds

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _forget()
        self.cover.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid] += report.duration

    def pytest_runtest_logfinish(self) -> None:
        self.cover.switch_context("")


def _sum_up(cover: Coverage, measured: Measured) -> None:
    lines, branches = [0, 0], [0, 0]
    for file in core_files():
        found = cover._analyze(str(ROOT / file)).numbers
        lines[0] += found.n_executed
        lines[1] += found.n_statements
        branches[0] += found.n_executed_branches
        branches[1] += found.n_branches
        told = cover.analysis2(str(ROOT / file))
        measured.missing += [f"{file}: {told[4]}"] if told[4] else []
        measured.missing += [
            f"{file}:{start} → {ends}"
            for start, ends in cover.branch_stats(str(ROOT / file)).items()
            if ends[0] > ends[1]
        ]
    gc.collect()
    measured.totals = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "lines": lines, "branches": branches}
