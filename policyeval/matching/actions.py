"""Which actions does a statement cover? (SEMANTICS §2)"""

from __future__ import annotations

from collections.abc import Iterable

from policyeval.language.model import Matcher
from policyeval.language.patterns import Glob, ascii_lower, glob
from policyeval.names import ActionName
from policyeval.plan import Any_, Not, Outcome, Plan, Subject, Test
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.source import Path


class ActionRow(Record):
    """An action of the request against one entry of Action or NotAction (A-1, A-2)."""

    name: str = "action"
    rule: str = "A-1"
    can_be_malformed: bool = False

    def read(self, _: Test, check: Check) -> str:
        """Take the action in lower case."""
        return check.action.lower

    def holds(self, test: Test, reading: str) -> Outcome:
        """Does the entry match it?"""
        pattern: Glob | None = test.operand
        return pattern is not None and pattern.matches(reading)


ACTION = ActionRow()


def action_pattern(text: str) -> Glob | None:
    """Compile an entry; None for one that can match no action (A-5, A-7, A-10)."""
    if text == "*:*" or (text and not text.strip("*")):
        return glob("*")
    return glob(ascii_lower(text)) if text.count(":") == 1 else None


class ActionSet(Record):
    """The entries of Action or NotAction, grouped so that many are tested at once (DESIGN §7).

    INVARIANT: `covers(action)` is the outcome of the plan that lower_actions makes of the same entries.
    """

    exact: frozenset[str]
    prefixes: tuple[str, ...]
    others: tuple[Glob, ...]
    negated: bool

    def covers(self, action: str) -> bool:
        """Is the (lower-case) action one that the statement is about?"""
        listed = (
            action in self.exact
            or action.startswith(self.prefixes)
            or any(pattern.matches(action) for pattern in self.others)
        )
        return listed is not self.negated


def action_set(matcher: Matcher) -> ActionSet:
    """Group the entries: exact names, pure prefixes, the rest."""
    exact, prefixes, others = set(), [], []
    for text in matcher.values.items:
        if text.count(":") == 1 and "*" not in text and "?" not in text:
            exact.add(ascii_lower(text))
            continue
        pattern = action_pattern(text)
        if pattern is not None and pattern.prefix is not None:
            prefixes.append(pattern.prefix)
        elif pattern is not None:
            others.append(pattern)
    return ActionSet(frozenset(exact), tuple(prefixes), tuple(others), matcher.negated)


class ActionIndex:
    """Which of many Action elements cover an action: whole names in a dictionary, the rest by service."""

    def __init__(self, elements: Iterable[ActionSet | None]) -> None:
        self._exact: dict[str, list[int]] = {}
        self._by_service: dict[str, list[tuple[int, ActionSet]]] = {}
        self._others: list[tuple[int, ActionSet]] = []
        for position, entries in enumerate(elements):
            if entries is not None:
                self._add(position, entries)

    def _add(self, position: int, entries: ActionSet) -> None:
        if entries.negated:
            self._others.append((position, entries))
            return
        for name in entries.exact:
            self._exact.setdefault(name, []).append(position)
        for service in {_service_of(text) for text in (*entries.prefixes, *map(_beginning, entries.others))}:
            bucket = self._others if service is None else self._by_service.setdefault(service, [])
            bucket.append((position, entries))

    def covering(self, action: ActionName) -> list[int]:
        """Give the positions of the elements that cover the action, in order."""
        found = set(self._exact.get(action.lower, ()))
        for position, entries in (*self._by_service.get(action.service, ()), *self._others):
            if entries.covers(action.lower):
                found.add(position)
        return sorted(found)


def _beginning(pattern: Glob) -> str:
    return pattern.tokens[0] if pattern.tokens and isinstance(pattern.tokens[0], str) else ""


def _service_of(beginning: str) -> str | None:
    """The service of a pattern that begins like this; None when it can be of several."""
    service, colon, _ = beginning.partition(":")
    return service if colon else None


def lower_actions(matcher: Matcher, path: Path) -> Plan:
    """Lower Action (any entry) or NotAction (none of the entries, A-8)."""
    name = "NotAction" if matcher.negated else "Action"
    at = (*path, name)
    entries = tuple(
        Test((*at, index), Subject.ACTION, ACTION, action_pattern(text))
        for index, text in enumerate(matcher.values.items)
    )
    listed = Any_(entries, at)
    return Not(listed, at) if matcher.negated else listed
