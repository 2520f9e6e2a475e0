"""What has to hold for a statement to apply? A tree of four node kinds, and the readers that evaluate it.

The plan is data: a `Test` names a row (how to read the request, what to ask of it) and an operand.
Readers know no IAM. An outcome is True, False, or None: false because a value was malformed (C-18).
INVARIANT: closure(plan)(check) == trace(plan, check).outcome for every plan and check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import groupby
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
    """How tests of one kind are made: `read` takes the value from the request, `holds` judges it.

    A row may also have `closures(tests)`: faster forms of `holds(test, read(test, check))`, which
    may serve several tests at once. One of them holds whenever one of the tests does.
    """

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


def always(_: Any) -> Outcome:
    """The closure of what holds for every check."""
    return True


def never(_: Any) -> Outcome:
    """The closure of what holds for no check."""
    return False


def closure(plan: Plan) -> Closure:
    """Make a function that tells whether the plan holds for a check; `always` and `never` where that is certain."""
    if isinstance(plan, Not):
        return _not_closure(closure(plan.part))
    if isinstance(plan, All):
        return every_closure(closure(part) for part in plan.parts)
    return some_closure(_alternatives((plan,) if isinstance(plan, Test) else plan.parts))


def _alternatives(parts: tuple[Plan, ...]) -> Iterator[Closure]:
    """Make the closures of an Any; tests of the same row may share some."""
    for row, group in groupby(parts, lambda part: part.row if isinstance(part, Test) else None):
        closures = getattr(row, "closures", None)
        if closures is not None:
            yield from closures(tuple(group))
        elif row is not None:
            yield from (_test_closure(test) for test in group if isinstance(test, Test))
        else:
            yield from (closure(part) for part in group)


def _test_closure(test: Test) -> Closure:
    read, holds = test.row.read, test.row.holds
    return lambda check: holds(test, read(test, check))


def _not_closure(part: Closure) -> Closure:
    if part is always or part is never:
        return never if part is always else always

    def negated(check: Any) -> Outcome:
        outcome = part(check)
        return None if outcome is None else not outcome

    return negated


def every_closure(closures: Iterable[Closure]) -> Closure:
    """Make the closure of an All from those of its parts."""
    parts = tuple(part for part in closures if part is not always)
    if never in parts:
        return never
    if len(parts) < 2:
        return parts[0] if parts else always
    if len(parts) == 2:
        return _both(*parts)

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


def _both(first: Closure, second: Closure) -> Closure:
    def both(check: Any) -> Outcome:
        found = first(check)
        if found is True:
            return second(check)
        return found if found is False or second(check) is not False else False

    return both


def some_closure(closures: Iterable[Closure]) -> Closure:
    """Make the closure of an Any from those of its parts."""
    parts = tuple(part for part in closures if part is not never)
    if always in parts:
        return always
    if len(parts) < 2:
        return parts[0] if parts else never

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


def some_of_every(alternatives: Iterable[tuple[Closure, ...]]) -> Closure:
    """Make the closure of an Any of Alls; what fails at its first part costs one call."""
    rows: list[tuple[Closure, Closure]] = []
    for closures in alternatives:
        parts = tuple(part for part in closures if part is not always)
        if not parts:
            return always
        if never not in parts:
            rows.append((parts[0], every_closure(parts[1:])))
    if len(rows) < 2:
        return every_closure(rows[0]) if rows else never

    def some(check: Any) -> Outcome:
        outcome: Outcome = False
        for first, rest in rows:
            found = first(check)
            if found is False:
                continue
            others = rest(check)
            if found and others:
                return True
            if others is not False:
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
