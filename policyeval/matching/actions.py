"""Which actions does a statement cover? (SEMANTICS §2)"""

from __future__ import annotations

from dataclasses import dataclass

from policyeval.language.model import Matcher
from policyeval.language.patterns import Glob, ascii_lower, glob
from policyeval.plan import Any_, Not, Outcome, Plan, Subject, Test
from policyeval.request import Check
from policyeval.source import Path


@dataclass(frozen=True, slots=True)
class ActionRow:
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
