"""How does pytest see case files? A file is a collector, a case an item; failures are explained."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policyeval.errors import CaseError
from policyeval.explain.explanation import Explanation
from policyeval.source import SourceMap
from policyeval.testing.answers import Answer, Iam
from policyeval.testing.cases import Case, Outcome, load_cases
from policyeval.testing.results import CaseResult, Status, result_of


class CaseFile(pytest.File):
    """A file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Give its cases."""
        try:
            cases = load_cases(shown(self.path))
        except CaseError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            yield CaseItem.from_parent(self, name=case.name, case=case)


class CaseItem(pytest.Item):
    """A case."""

    def __init__(self, *, case: Case, **others: Any) -> None:
        super().__init__(**others)
        self.case = case
        if case.skip is not None:
            self.add_marker(pytest.mark.skip(reason=case.skip))

    def runtest(self) -> None:
        """Run the case."""
        outcome = self.case.run()
        if not outcome.passed:
            raise CaseFailure(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Tell what was expected and got, and why."""
        if isinstance(excinfo.value, CaseFailure):
            return "\n".join(_failure(result_of(excinfo.value.outcome)))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Tell where the case stands; pytest counts lines from 0."""
        line = SourceMap.of(self.case.source).span(self.case.path).start.line
        return self.path, line - 1, self.name


class CaseFailure(Exception):
    """A case does not hold."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


def _failure(result: CaseResult) -> Iterator[str]:
    yield f"{result.file}:{result.line}: {result.name}"
    if result.why:
        yield f"  why       {result.why}"
    yield f"  expected  {result.expected_words}"
    yield f"  got       {result.got_words}"
    if result.detail and result.status is not Status.PASSED:
        yield ""
        yield result.detail


def shown(path: Path) -> str:
    """Name a file relative to the working directory where it is below it."""
    folder = Path.cwd()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


# Explanations of a failed `assert`


def explained(item: pytest.Item, failure: pytest.ExceptionInfo[BaseException]) -> list[tuple[str, str]]:
    """Give the explanations of the answers that the failed statement names, or of the last one asked."""
    entry = failure.traceback[-1]
    if Path(str(entry.path)).is_relative_to(Path(__file__).parent):
        return []  # the assertions of `iam` tell the explanation themselves
    words = set(re.findall(r"\w+", str(entry.statement)))
    named = [
        (name, value.explanation if isinstance(value, Answer) else value)
        for name, value in entry.frame.f_locals.items()
        if name in words and isinstance(value, (Answer, Explanation))
    ]
    iam = getattr(item, "funcargs", {}).get("iam")
    if not named and isinstance(iam, Iam) and iam.last is not None and "iam" in words:
        named = [("the last answer", iam.last.explanation)]
    return [(f"explanation of {name}", one.text(verbose=True)) for name, one in named]
