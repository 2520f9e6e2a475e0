"""What do cases and tests say of one mutant? A process for each, begun where all below the core is loaded.

`prepared` loads the package and the cases, then forgets the core and whatever imports it. A child loads them
anew, one module of them mutated, asks the cases that run the mutated line, then the tests that do, and last
the questions of a short differential run, whose answers the oracle gave before.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import CodeType, ModuleType
from typing import Any

import pytest

from .core import KILLED, PYTEST, ROOT, SURVIVED, core_files, module_of
from .measuring import Measured
from .mutants import Mutant

PACKAGE = ROOT / "policyeval"
# A mutant that needs more than this many times what its tests need, and some seconds, never ends.
_PATIENCE, _SECONDS = 5, 40
_MEMORY = 4 << 30
# Properties search less far than in the suite itself, and do not look for the smallest example.
_EXAMPLES = 40
# Generated policy sets, asked of what survives all else; each has some four requests.
_FAMILIES = 2_500


@dataclass
class Prepared:
    """What every child begins with: the code of all modules that are loaded anew; cases and questions as plain values.

    A question is a generated policy set with its requests, and the oracle's answer to each.
    """

    code: dict[str, tuple[str, CodeType]]
    cases: list[dict[str, Any]]
    questions: list[tuple[Any, list[Any], list[tuple[str, ...]]]]


def prepared() -> Prepared:
    """Load everything once, then forget the core, what imports it, and the tests."""
    from policyeval.explain import explanation  # noqa: F401  # loaded for all children
    from tests.fixture_cases import CASES

    cases = [{**vars(case), "engines": {}} for case in CASES]
    for case in cases:
        case.pop("explanation", None)
    questions = list(_questions())
    anew = _importers_of({module_of(file) for file in core_files()})
    code = {}
    for name, path in _modules().items():
        if name in anew:
            code[name] = (str(path), compile(path.read_bytes(), str(path), "exec"))
    _forget(
        [
            name
            for name in sys.modules
            if name in anew or (name.startswith("tests.") and "mutation" not in name)
        ]
    )
    _register_profile()
    return Prepared(code, cases, questions)


def _questions() -> Iterator[tuple[Any, list[Any], list[tuple[str, ...]]]]:
    from tests.generate import Dice, family
    from tests.proof.compare import oracle_of

    for number in range(_FAMILIES):
        policies, requests = family(Dice(Random(f"mutation/{number}")))
        oracle = oracle_of(policies)
        yield policies, requests, [tuple(oracle(request)) for request in requests]


def _modules() -> dict[str, Path]:
    return {module_of(str(path.relative_to(ROOT))): path for path in PACKAGE.rglob("*.py")}


def _importers_of(core: set[str]) -> set[str]:
    """Find the modules that import the core when they are loaded, also by way of others."""
    imports = {name: set(_imported(path)) for name, path in _modules().items()}
    found = set(core)
    while more := {name for name, of in imports.items() if name not in found and of & found}:
        found |= more
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _forget(names: Sequence[str]) -> None:
    for name in names:
        module = sys.modules.pop(name)
        parent, _, last = name.rpartition(".")
        if vars(sys.modules.get(parent, ModuleType(""))).get(last) is module:
            delattr(sys.modules[parent], last)


def _register_profile() -> None:
    from hypothesis import Phase, settings

    settings.register_profile(
        "mutation", derandomize=True, deadline=None, database=None, max_examples=_EXAMPLES,
        phases=(Phase.explicit, Phase.generate),
    )  # fmt: skip


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the modules from memory, one of them mutated."""

    def __init__(self, code: dict[str, tuple[str, CodeType]]) -> None:
        self.code = code

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name not in self.code:
            return None
        file = self.code[name][0]
        is_package = file.endswith("__init__.py")
        spec = importlib.machinery.ModuleSpec(name, self, origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [str(Path(file).parent)]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code[module.__name__][1], vars(module))


def start(
    mutant: Mutant | None, prepared: Prepared, measured: Measured, first: Sequence[str], patience: float
) -> tuple[int, int]:
    """Fork a child for a mutant (None: nothing is mutated); give its process and where it answers.

    Tests that take longer than `patience` are left out.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    os.close(reading)
    answer = "error"
    try:
        answer = _answer(mutant, prepared, measured, first, patience)
    except BaseException as error:  # a mutant may raise anything
        answer = f"{KILLED} by {type(error).__name__}"
    finally:
        os.write(writing, answer.encode()[:4000])
        os._exit(0)


def outcome(process: int, reading: int) -> str:
    """Wait for a child; one that had to be stopped noticed that something never ends, or grows."""
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(process, 0)
    return answer or f"{KILLED} by its limits"


def _answer(
    mutant: Mutant | None, prepared: Prepared, measured: Measured, first: Sequence[str], patience: float
) -> str:
    code = dict(prepared.code)
    names = None
    if mutant is not None:
        file = ROOT / mutant.file
        code[module_of(mutant.file)] = (
            str(file),
            compile(mutant.applied(file.read_bytes()), str(file), "exec"),
        )
        names = measured.running(mutant.file, mutant.lines)
    sys.meta_path.insert(0, _Loader(code))
    for name in map(module_of, core_files()):  # before pytest, which has a finder of its own
        importlib.import_module(name)
    tests = [
        name for name, took in measured.seconds.items() if took <= patience and (not names or name in names)
    ]
    _limit(sum(measured.seconds[name] for name in tests))
    with (
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        killer = (
            _failing_case(prepared, names, first)
            or _failing_test(tests, measured)
            or _failing_question(prepared)
        )
    return f"{KILLED} by {killer}" if killer else SURVIVED


def _limit(seconds: float) -> None:
    most = int(_SECONDS + _PATIENCE * seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _failing_case(prepared: Prepared, names: set[str] | None, first: Sequence[str]) -> str | None:
    """Ask the cases that run the line; those that kill often first, then some of everywhere."""
    every = [f"case:{number}" for number in range(len(prepared.cases))]
    chosen = [name for name in every if not names or name in names]
    stride = max(1, len(chosen) // 40)
    spread = [name for start in range(stride) for name in chosen[start::stride]]
    likely = [name for name in first if name.startswith("case:") and (not names or name in names)]
    asked = tuple(dict.fromkeys((*likely, *spread)))
    fails = (
        name for every in (False, True) for name in asked if _fails(prepared.cases[_number(name)], every)
    )
    return next(fails, None)


def _number(name: str) -> int:
    return int(name.partition(":")[2])


def _fails(fields: dict[str, Any], every_reader: bool) -> bool:
    """Does a case fail? The quickest reader is asked of all cases before the others are."""
    from policyeval.testing.case import Case

    from .readers import complaint

    try:
        return complaint(Case(**fields), every_reader=every_reader) is not None
    except Exception:
        return True


def _failing_question(prepared: Prepared) -> str | None:
    """Does the engine answer otherwise than the oracle?"""
    from tests.proof.compare import engine_of

    for number, (policies, requests, answers) in enumerate(prepared.questions):
        engine = engine_of(policies)
        if any(tuple(engine(request)) != answer for request, answer in zip(requests, answers, strict=True)):
            return f"question:{number}"
    return None


def _failing_test(tests: list[str], measured: Measured) -> str | None:
    if not tests:
        return None
    chosen = _Chosen(tests, measured)
    files = dict.fromkeys(name.partition("::")[0] for name in tests)
    words = ("-x", "--hypothesis-profile", "mutation", *files)
    status = pytest.main([*PYTEST, *words], plugins=[chosen])
    return None if status == 0 else chosen.failed or f"status {int(status)}"


class _Chosen:
    """Leaves only the chosen tests, the quickest first."""

    def __init__(self, tests: list[str], measured: Measured) -> None:
        self.seconds = {name: measured.seconds[name] for name in tests}
        self.failed: str | None = None

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self.seconds),
            key=lambda item: self.seconds[item.nodeid],
        )

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed = report.nodeid
