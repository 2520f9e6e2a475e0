"""Which keys are missing from the request, and could they change the decision? (SEMANTICS K-4)

The flow is run twice, once with the most favourable and once with the least favourable outcome of
what the missing keys leave open: if both give the same answer, the keys cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.context import NOT_GIVEN
from policyeval.explain.reports import StatementReport
from policyeval.explain.unknown.possible import extremes
from policyeval.matching.keys_read import keys_of
from policyeval.plan import tests_of
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.steps import Step


class MissingKey(Record, slots=False):
    """A context key that a statement reads and the request lacks."""

    key: str
    read_at: tuple[StatementReport, ...]
    could_change_decision: bool


def could_differ(step: Step, unknown: frozenset[str]) -> bool:
    """Could the answer be allowed and could it be denied, depending on the unknown keys?"""
    best, worst = extremes(step, unknown)
    return best.allowed != worst.allowed


def missing_keys(step: Step, statements: Iterable[StatementReport]) -> tuple[MissingKey, ...]:
    """List the keys that are read and missing; those that could change the decision first."""
    readers = _readers(step.check, statements)
    unknown = frozenset(key.lower() for key in readers)
    if not unknown:
        return ()
    any_matters = could_differ(step, unknown)
    found = [
        MissingKey(key, tuple(places), any_matters and _matters(step, key.lower(), unknown))
        for key, places in readers.items()
    ]
    return tuple(sorted(found, key=lambda missing: not missing.could_change_decision))


def _matters(step: Step, key: str, unknown: frozenset[str]) -> bool:
    """Alone, or because without it the others do not suffice."""
    return could_differ(step, frozenset({key})) or not could_differ(step, unknown - {key})


def _readers(check: Check, statements: Iterable[StatementReport]) -> dict[str, list[StatementReport]]:
    """Find the statements about the action that read a missing key; keys said to be absent are not missing."""
    found: dict[str, list[StatementReport]] = {}
    spelling: dict[str, str] = {}
    for report in statements:
        statement = report.traced.statement
        if not statement.covers_action(check):
            continue
        for key in dict.fromkeys(key for test in tests_of(statement.without_action) for key in keys_of(test)):
            lower = key.lower()
            if check.value(lower, key) is None and check.context.get(lower) is NOT_GIVEN:
                found.setdefault(spelling.setdefault(lower, key), []).append(report)
    return found
