"""What has to hold for a statement to apply? A tree of four node kinds, and the readers that evaluate it.

The plan is data: a `Test` names a row (how to read the request, what to ask of it) and an operand.
Readers know no IAM. An outcome is True, False, or None: false because a value was malformed (C-18).
INVARIANT: closure(plan)(check) == trace(plan, check).outcome for every plan and check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, Protocol

from policyeval.records import Record
from policyeval.source import Path

Outcome = bool | None
Closure = Callable[[Any], Outcome]


class Subject(Enum):
    """The part of a request that a test looks at."""

    PRINCIPAL = "principal"
    ACTION = "action"
    RESOURCE = "resource"
    CONDITION = "condition"


class Row(Protocol):
    """How tests of one kind are made: `read` takes the value from the request, `holds` judges it."""

    @property
    def name(self) -> str: ...

    @property
    def can_be_malformed(self) -> bool: ...

    def read(self, test: Test, check: Any) -> Any: ...

    def holds(self, test: Test, reading: Any) -> Outcome: ...


class Test(Record):
    """A leaf: one question about the request."""

    __test__ = False

    path: Path
    about: Subject
    row: Row
    operand: Any = None


class All(Record):
    """Holds when every part holds; without parts it always does."""

    parts: tuple[Plan, ...]
    path: Path = ()


class Any_(Record):
    """Holds when some part holds; without parts it never does."""

    parts: tuple[Plan, ...]
    path: Path = ()


class Not(Record):
    """Holds when its part does not."""

    part: Plan
    path: Path = ()


Plan = Test | All | Any_ | Not

ALWAYS = All(())
NEVER = Any_(())


def tests_of(plan: Plan) -> Iterator[Test]:
    """Walk the leaves in order."""
    if isinstance(plan, Test):
        yield plan
    elif isinstance(plan, Not):
        yield from tests_of(plan.part)
    else:
        for part in plan.parts:
            yield from tests_of(part)


# Closures: fast, short-cutting.


def closure(plan: Plan) -> Closure:
    """Make a function that tells whether the plan holds for a check."""
    if isinstance(plan, Test):
        return _test_closure(plan)
    if isinstance(plan, Not):
        return _not_closure(closure(plan.part))
    parts = tuple(closure(part) for part in plan.parts)
    if len(parts) == 1:
        return parts[0]
    return _all_closure(parts) if isinstance(plan, All) else _any_closure(parts)


def _test_closure(test: Test) -> Closure:
    read, holds = test.row.read, test.row.holds
    return lambda check: holds(test, read(test, check))


def _not_closure(part: Closure) -> Closure:
    def negated(check: Any) -> Outcome:
        outcome = part(check)
        return None if outcome is None else not outcome

    return negated


def _all_closure(parts: tuple[Closure, ...]) -> Closure:
    def every(check: Any) -> Outcome:
        outcome: Outcome = True
        for part in parts:
            found = part(check)
            if found is False:
                return False
            if found is None:
                outcome = None
        return outcome

    return every


def _any_closure(parts: tuple[Closure, ...]) -> Closure:
    def some(check: Any) -> Outcome:
        outcome: Outcome = False
        for part in parts:
            found = part(check)
            if found:
                return True
            if found is None:
                outcome = None
        return outcome

    return some


# Traces: everything, with the values that were read; no short cut.


class Trace(Record):
    """A node, its outcome, the traces of its parts, and for a test what was read from the request."""

    plan: Plan
    outcome: Outcome
    parts: tuple[Trace, ...] = ()
    reading: Any = None

    def tests(self) -> Iterator[Trace]:
        """Walk the traces of the leaves in order."""
        if isinstance(self.plan, Test):
            yield self
        for part in self.parts:
            yield from part.tests()


def trace(plan: Plan, check: Any) -> Trace:
    """Evaluate every node of a plan for a check."""
    if isinstance(plan, Test):
        reading = plan.row.read(plan, check)
        return Trace(plan, plan.row.holds(plan, reading), (), reading)
    if isinstance(plan, Not):
        part = trace(plan.part, check)
        return Trace(plan, None if part.outcome is None else not part.outcome, (part,))
    parts = tuple(trace(part, check) for part in plan.parts)
    outcomes = [part.outcome for part in parts]
    return Trace(plan, _every(outcomes) if isinstance(plan, All) else _some(outcomes), parts)


def _every(outcomes: list[Outcome]) -> Outcome:
    if any(outcome is False for outcome in outcomes):
        return False
    return None if None in outcomes else True


def _some(outcomes: list[Outcome]) -> Outcome:
    if any(outcomes):
        return True
    return None if None in outcomes else False
