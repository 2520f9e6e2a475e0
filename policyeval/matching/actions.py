"""Which actions does a statement cover? (SEMANTICS §2)"""

from __future__ import annotations

from functools import lru_cache

from policyeval.language.model import Matcher
from policyeval.language.patterns import Glob, ascii_lower, glob
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
    if text and not text.strip("*:") and text.count(":") <= 1 and text[0] == "*" and text[-1] == "*":
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


@lru_cache(maxsize=4096)
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
