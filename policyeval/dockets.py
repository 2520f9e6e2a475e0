"""How is an answer found again? By the questions that led to it.

The first request of a call is decided in full, and every question that is asked about it on the way
(does a slice of statements apply, is the resource a key, what is the value of a context key) is noted
with its answer. The notes of many requests make a tree: later requests are asked the same questions,
and whoever gives the same answers gets the same decision. Nothing is decided here.
INVARIANT: `Docket.answer(request)` is what deciding the request in full gives, or says that it must be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from policyeval.catalog.global_keys import Value
from policyeval.context import Context
from policyeval.decision import Decision
from policyeval.names import ResourceName
from policyeval.records import Record
from policyeval.request import Request
from policyeval.request_context import Check
from policyeval.steps import Situation, Step, decided, overall

Question = Callable[[Check], Any]

# A docket with more answers than this starts anew: what is asked has too many values to be remembered.
_MOST_ANSWERS = 256


class Answer(Record, eq=False):
    """The decision for all requests that answer alike; without one, each must be decided in full.

    `follows_clock`: the same request may be decided otherwise at another time.
    """

    decision: Decision | None
    follows_clock: bool


_IN_FULL = Answer(None, follows_clock=True)


class _OfItsOwnError(Exception):
    """A request leads to checks that differ from it; its answer is not found by questions about it alone."""


class WatchedCheck(Check):
    """A check that notes what it is asked; what belongs to the call is free to see."""

    __slots__ = ("_plain", "asked")

    def __init__(self, plain: Check) -> None:
        self.call = plain.call
        self._plain = plain
        self.asked: dict[Question, Any] = {}

    def ask(self, question: Callable[[Check], Any]) -> Any:
        """Answer a question, and note both."""
        if question not in self.asked:
            self.asked[question] = question(self._plain)
        return self.asked[question]

    def value(self, lower: str, written: str | None = None) -> Value | None:
        """Look up a context key: that is a question, too."""
        return self.ask(_value_of(lower, written))  # type: ignore[no-any-return]  # questions have any answer

    @property
    def resource(self) -> ResourceName:  # type: ignore[override]  # read as a question
        """The whole resource: a question with many answers."""
        return self.ask(_resource_of)  # type: ignore[no-any-return]  # questions have any answer

    @property
    def given_resource(self) -> ResourceName:  # type: ignore[override]  # read as a question
        """The resource as given."""
        return self.ask(_given_resource_of)  # type: ignore[no-any-return]  # questions have any answer

    @property
    def context(self) -> Context:  # type: ignore[override]  # read as a question
        """The whole context: a question with very many answers."""
        return self.ask(_context_of)  # type: ignore[no-any-return]  # questions have any answer

    @property
    def now(self) -> float:
        """The clock gives no answer twice."""
        raise _OfItsOwnError

    def about(self, *_: Any, **__: Any) -> Check:
        """Another check is not found by questions about this one."""
        raise _OfItsOwnError

    of = about


@lru_cache(maxsize=1024)
def _value_of(lower: str, written: str | None) -> Question:
    return lambda check: check.value(lower, written)


def _resource_of(check: Check) -> ResourceName:
    return check.resource


def _given_resource_of(check: Check) -> ResourceName:
    return check.given_resource


def _context_of(check: Check) -> Context:
    return check.context


class Docket:
    """What was found out about the requests of one call."""

    __slots__ = ("_answers", "_caller", "_first", "_situation", "_tree")

    def __init__(self, situation: Situation, request: Request) -> None:
        self._situation = situation
        self._caller = situation.caller(request)
        self._first = situation.check(request, self._caller)
        # A node is an Answer, or a question with the nodes that its answers lead to. None leads to the root.
        self._tree: dict[Any, Any] = {}
        self._answers = 0

    def answer(self, request: Request) -> Answer:
        """Give the answer to a request of the call."""
        check = self._first.of(request.resources[0], request.context, request.time)
        node = self._tree.get(None)
        while node.__class__ is tuple:
            question, branches = node
            node = branches.get(question(check))
        return self._find_out(check) if node is None else node

    def _find_out(self, check: Check) -> Answer:
        watched, situation = WatchedCheck(check), self._situation
        try:
            steps = list(situation.steps_of_call(watched, self._caller))
            decision = overall(decided(steps))[1]
            found = Answer(decision, follows_clock=any(map(_reads_clock, steps)))
        except _OfItsOwnError:
            found = _IN_FULL
        self._note(watched.asked, found)
        return found

    def _note(self, asked: dict[Question, Any], found: Answer) -> None:
        if self._answers >= _MOST_ANSWERS:
            self._tree, self._answers = {}, 0
        branches, answer = self._tree, None
        for question, next_answer in asked.items():
            node = branches.get(answer)
            if node is None:
                node = branches[answer] = (question, {})
            branches, answer = node[1], next_answer
        branches[answer] = found
        self._answers += 1


def _reads_clock(step: Step) -> bool:
    """Can the decision of a step follow the clock?"""
    check = step.check
    return any(
        statements.reads_clock
        for attached in step.attached.values()
        for statements in (attached.slices(check)[0], *attached.slices(check)[1])
    )
