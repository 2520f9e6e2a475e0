"""Which statements can matter? Those of one effect that cover an action, and an index over their resources.

An index only leaves out statements that cannot apply; whether one applies is asked of the statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from policyeval.compiler import CompiledPolicy, CompiledStatement
from policyeval.language.policy import Policy
from policyeval.names import LONGEST_CUT, ResourceName
from policyeval.plan import Closure, Outcome, always, some_of_every
from policyeval.request_context import Check

_WORTH_AN_INDEX = 8


class Slice:
    """The statements of one effect, in one level of a layer, that cover an action."""

    def __init__(self, statements: tuple[CompiledStatement, ...]) -> None:
        self.statements = statements
        self._index = ResourceIndex(statements) if len(statements) >= _WORTH_AN_INDEX else None

    @cached_property
    def applies(self) -> Closure:
        """Does any of them apply? `always` or `never` where that is certain."""
        if self._index is None:
            return some_of_every(one.closures for one in self.statements)
        is_certain = any(one.applies is always for one in self._index.anywhere)
        return always if is_certain else self._some_applies

    def _some_applies(self, check: Check) -> Outcome:
        outcome: Outcome = False
        for statement in self._candidates(check):
            found = statement.applies(check)
            if found:
                return True
            if found is None:
                outcome = None
        return outcome

    def bindings(self, check: Check) -> int:
        """Tell how the Allow statements among them bind the caller (4.2), as the number of a Binding."""
        found = 0
        for statement in self._candidates(check):
            found |= statement.bindings(check)
        return found

    def _candidates(self, check: Check) -> tuple[CompiledStatement, ...] | Iterator[CompiledStatement]:
        return self.statements if self._index is None else self._index.candidates(check.resource)

    @cached_property
    def reads_clock(self) -> bool:
        """Does one of them look at the time of the request?"""
        return any(one.reads_clock for one in self.statements)


class ResourceIndex:
    """Statements by what the resources that they are about begin with, cut at `:` and `/`."""

    def __init__(self, statements: tuple[CompiledStatement, ...]) -> None:
        self._all = statements
        self.anywhere: list[CompiledStatement] = []
        self._by_cut: dict[str, list[CompiledStatement]] = {}
        for statement in statements:
            beginnings = statement.beginnings
            if beginnings is None:
                self.anywhere.append(statement)
            for cut in {_cut(text) for text in beginnings or ()}:
                self._by_cut.setdefault(cut, []).append(statement)

    def candidates(self, resource: ResourceName) -> Iterator[CompiledStatement]:
        """Give every statement that may be about a resource; a statement may come twice."""
        if resource.head is None:
            yield from self._all
            return
        for cut in resource.cuts:
            if cut in self._by_cut:
                yield from self._by_cut[cut]
        yield from self.anywhere


def _cut(beginning: str) -> str:
    """Shorten a beginning to the last `:` or `/`, so that it is among the cuts of every text that starts with it."""
    end = max(beginning.rfind(":", 0, LONGEST_CUT), beginning.rfind("/", 0, LONGEST_CUT))
    return beginning[: end + 1]


class Attached:
    """The policies of one layer, by level; most layers have one level, SCPs and RCPs have several.

    No levels at all means that the layer is silent although it is present.
    """

    def __init__(self, levels: tuple[tuple[CompiledPolicy, ...], ...]) -> None:
        self.levels = levels
        self._slices: dict[str, tuple[Slice, tuple[Slice, ...]]] = {}

    def slices(self, check: Check) -> tuple[Slice, tuple[Slice, ...]]:
        """Give the Deny statements that cover the action, and the Allow statements of each level."""
        action = check.action.lower
        found = self._slices.get(action)
        if found is None:
            found = self._slices[action] = self._slices_of(check)
        return found

    def _slices_of(self, check: Check) -> tuple[Slice, tuple[Slice, ...]]:
        covering = [[one for policy in level for one in policy.covering(check)] for level in self.levels]
        return (
            Slice(tuple(one for level in covering for one in level if not one.is_allow)),
            tuple(Slice(tuple(one for one in level if one.is_allow)) for level in covering),
        )

    @property
    def policies(self) -> tuple[Policy, ...]:
        """All policies, in order."""
        return tuple(compiled.policy for level in self.levels for compiled in level)

    @property
    def statements(self) -> tuple[CompiledStatement, ...]:
        """All statements, in order."""
        return tuple(one for level in self.levels for policy in level for one in policy.statements)
