"""How did a case go? What is told of it: plain values, so that they can be sent between processes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from policyeval.records import Record
from policyeval.source import SourceMap
from policyeval.testing.case import Case, Outcome

WIDTH = 96


class Status(Enum):
    """How a case went: `error` when the case itself is of no use."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class CaseResult(Record):
    """How a case went, where it stands, and what was expected and got; `detail` explains a failure."""

    file: str
    line: int
    column: int
    name: str
    status: Status
    expect: str
    reason: str | None
    got: str | None = None
    got_reason: str | None = None
    message: str = ""
    detail: str = ""
    ids: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_bad(self) -> bool:
        """Is it a failure or an error?"""
        return self.status in (Status.FAILED, Status.ERROR)

    @property
    def expected_words(self) -> str:
        """What was expected, with the reason where one is named."""
        return _words(self.expect, self.reason)

    @property
    def got_words(self) -> str:
        """What was got, with its reason."""
        return _words(self.got or "nothing", self.got_reason)

    def to_dict(self) -> dict[str, Any]:
        """Give JSON-ready values."""
        return {
            "name": self.name, "file": self.file, "line": self.line, "status": self.status.value,
            "expect": self.expect, "reason": self.reason, "got": self.got, "got_reason": self.got_reason,
            "message": self.message, "detail": self.detail, "id": list(self.ids), "why": self.why,
        }  # fmt: skip


def _words(effect: str, reason: str | None) -> str:
    return f"{effect} ({reason})" if reason and reason != "allowed" else effect


def counts(results: Iterable[CaseResult]) -> dict[Status, int]:
    """Count the results by status."""
    found = dict.fromkeys(Status, 0)
    for result in results:
        found[result.status] += 1
    return found


def count_words(results: Iterable[CaseResult]) -> str:
    """Say how many cases went how: `1 failed, 3 passed`."""
    found = counts(results)
    names = ((Status.FAILED, "failed"), (Status.ERROR, "with errors"), (Status.PASSED, "passed"),
             (Status.SKIPPED, "skipped"))  # fmt: skip
    return ", ".join(f"{found[status]} {name}" for status, name in names if found[status]) or "no cases"


def result_of(outcome: Outcome, *, width: int = WIDTH) -> CaseResult:
    """Tell how a case went; a failure is explained."""
    case = outcome.case
    decision = outcome.decision
    status = Status.PASSED if outcome.passed else Status.ERROR if outcome.got == "error" else Status.FAILED
    code = decision.reason.code if decision is not None else None
    found = _unrun(case, status, outcome.got, code)
    if status is Status.PASSED:
        return found
    return _replaced(found, message=_message(outcome, found), detail=detail_of(outcome, width))


def skipped(case: Case) -> CaseResult:
    """Tell that a case was not run, and why."""
    return _replaced(_unrun(case, Status.SKIPPED, None, None), message=case.skip or "")


def _unrun(case: Case, status: Status, got: str | None, got_reason: str | None) -> CaseResult:
    place = SourceMap.of(case.source).span(case.path).start
    return CaseResult(
        case.source.name, place.line, place.column, case.name, status, case.expect, case.reason, got, got_reason,
        ids=case.ids, why=case.why,
    )  # fmt: skip


def _replaced(result: CaseResult, **changes: Any) -> CaseResult:
    from policyeval.records import replace

    return replace(result, **changes)


def _message(outcome: Outcome, result: CaseResult) -> str:
    if outcome.got == "error" and outcome.error is not None:
        return outcome.error.diagnostics[0].message
    return f"expected {result.expected_words}, got {result.got_words}"


def detail_of(outcome: Outcome, width: int = WIDTH) -> str:
    """Explain what a case gave: the explanation of the decision, or the error."""
    explanation = outcome.explanation
    if explanation is not None:
        return (
            explanation.text(verbose=True, width=width)
            if explanation.allowed
            else explanation.text(width=width)
        )
    return str(outcome.error) if outcome.error is not None else ""
