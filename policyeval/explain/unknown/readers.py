"""Which conditions and variables read an unknown key?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.compiler import CompiledStatement
from policyeval.context import NOT_GIVEN, Context
from policyeval.explain.unknown.possible import CERTAIN, possible, reads
from policyeval.layers import Run
from policyeval.matching.conditions import Requirement
from policyeval.matching.keys_read import keys_of
from policyeval.plan import Test, tests_of
from policyeval.records import Record
from policyeval.request import Request
from policyeval.request_context import Check
from policyeval.steps import Situation, Step, StepKind

ALL = "all"

# What the caller's kind determines: when these are absent, they are known to be.
_CERTAIN = {
    "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:principalisawsservice",
    "aws:principalservicename", "aws:username", "aws:assumedroot", "kms:calleraccount", "s3:resourceaccount",
}  # fmt: skip

# key → keys that follow from it when the request does not give them
_FOLLOWING = {
    "aws:calledvia": ("aws:calledviafirst", "aws:calledvialast"),
    "aws:currenttime": ("aws:epochtime",),
    "aws:epochtime": ("aws:currenttime",),
}
REQUEST_TAG, TAG_KEYS = "aws:requesttag/", "aws:tagkeys"


class Reader(Record, eq=False):
    """A test that reads an unknown key, and the check that it is asked of."""

    test: Test
    check: Check

    @property
    def requirement(self) -> Requirement | None:
        """What a condition asks of its key; None for resources."""
        return self.test.operand if isinstance(self.test.operand, Requirement) else None

    @property
    def keys(self) -> frozenset[str]:
        """The keys that the test reads, in lower case."""
        return frozenset(key.lower() for key in keys_of(self.test))

    @property
    def key(self) -> str | None:
        """The key that a condition is about."""
        return self.requirement.lower if self.requirement is not None else None

    @property
    def refers_to_itself(self) -> bool:
        """Does a condition use its own key as a variable?"""
        return [key.lower() for key in keys_of(self.test)].count(self.key or "") > 1


def following(lower: str, context: Context) -> frozenset[str]:
    """Name the keys that become unknown with a key, itself among them."""
    names = [*_FOLLOWING.get(lower, ()), *([TAG_KEYS] if lower.startswith(REQUEST_TAG) else [])]
    return frozenset({lower, *(name for name in names if context.get(name) is NOT_GIVEN)})


def expanded(unknown: Iterable[str], context: Context) -> frozenset[str]:
    """Name everything that is unknown with some keys."""
    return frozenset(name for lower in unknown for name in following(lower, context))


def steps_of(situation: Situation, request: Request) -> list[Step]:
    """Give the steps that see the request's context; a hop has a context of its own."""
    return [step for step in situation.steps(request) if step.kind is not StepKind.HOP]


def unknown_keys(situation: Situation, request: Request, named: Iterable[str]) -> dict[str, str]:
    """Collect the unknown keys, lower-case name → name; `all` stands for what is read and not given."""
    listed = list(dict.fromkeys(named))
    found = {name.lower(): name for name in listed if name.lower() != ALL}
    if len(found) < len({name.lower() for name in listed}):
        for step in steps_of(situation, request):
            found |= {lower: key for lower, key in _missing(step) if lower not in found}
    for step in steps_of(situation, request):
        found |= {
            key.lower(): key for test, _ in _tests(step) for key in keys_of(test) if key.lower() in found
        }
    return found


def _missing(step: Step) -> Iterator[tuple[str, str]]:
    for test, check in _tests(step):
        for key in keys_of(test):
            lower = key.lower()
            is_given = check.context.get(lower) is not NOT_GIVEN or check.value(lower, key) is not None
            if not is_given and lower not in _CERTAIN:
                yield lower, key


def _tests(step: Step) -> Iterator[tuple[Test, Check]]:
    """Walk the tests of every statement about the action, each with the check as its layer sees it."""
    for statement, check in _statements(step):
        yield from ((test, check) for test in tests_of(statement.without_action))


def _statements(step: Step) -> Iterator[tuple[CompiledStatement, Check]]:
    run = Run(step.check, step.attached, step.resource_check)
    for layer, attached in step.attached.items():
        for statement in attached.statements:
            if statement.covers_action(step.check):
                yield statement, run.seen_by(layer)


def readers(steps: Iterable[Step], unknown: frozenset[str]) -> list[Reader]:
    """Collect the tests of unknown keys in the statements that may, and need not, apply."""
    is_unknown = reads(unknown)
    return [
        Reader(test, check)
        for step in steps
        for statement, check in _statements(step)
        if possible(statement.without_action, check, is_unknown) not in CERTAIN
        for test in tests_of(statement.without_action)
        if is_unknown(test)
    ]
