"""What can still be the answer while some keys are unknown? The sound bounds of a decision.

The third outcome, false because of a malformed value, is kept apart: it closes the answer when it
stands in a Deny (C-18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from policyeval.compiler import CompiledStatement, binding_of
from policyeval.decision import Decision, Layer
from policyeval.evaluation import decide
from policyeval.layers import StatementRun
from policyeval.matching.keys_read import keys_of
from policyeval.matching.principals import Binding
from policyeval.plan import All, Not, Outcome, Plan, Test
from policyeval.request_context import Check
from policyeval.steps import Step

# The outcomes that remain possible, as bits: plain numbers, because they are asked for very often.
NOTHING, HOLD, FAIL, BE_MALFORMED = 0, 1, 2, 4
CERTAIN = (HOLD, FAIL, BE_MALFORMED)

_OF = {True: HOLD, False: FAIL, None: BE_MALFORMED}
_NEGATED = [
    (may & BE_MALFORMED) | (HOLD if may & FAIL else NOTHING) | (FAIL if may & HOLD else NOTHING)
    for may in range(8)
]
May = int
IsUnknown = Callable[[Test], bool]


def possible(plan: Plan, check: Check, is_unknown: IsUnknown) -> May:
    """Tell which outcomes a plan may have when some tests cannot be judged; rather too many than too few."""
    if isinstance(plan, Test):
        if is_unknown(plan):
            return HOLD | FAIL | (BE_MALFORMED if plan.row.can_be_malformed else NOTHING)
        return _OF[plan.row.holds(plan, plan.row.read(plan, check))]
    if isinstance(plan, Not):
        return _NEGATED[possible(plan.part, check, is_unknown)]
    if isinstance(plan, All):
        return _every(possible(part, check, is_unknown) for part in plan.parts)
    return _NEGATED[_every(_NEGATED[possible(part, check, is_unknown)] for part in plan.parts)]


def _every(parts: Iterable[May]) -> May:
    """Combine the parts of an All; a part that certainly fails ends it."""
    may, some = HOLD | BE_MALFORMED, NOTHING
    for part in parts:
        if part == FAIL:
            return FAIL
        some |= part
        if not part & HOLD:
            may &= ~HOLD
    if not some & BE_MALFORMED:
        may &= ~BE_MALFORMED
    return may | (some & FAIL)


def reads(unknown: frozenset[str]) -> IsUnknown:
    """Make the question whether a test reads one of these keys."""
    return lambda test: any(key.lower() in unknown for key in keys_of(test))


_FAILING_FIRST: tuple[Outcome, ...] = (False, None, True)
_HOLDING_FIRST: tuple[Outcome, ...] = (True, None, False)


class OpenRun(StatementRun):
    """A run in which tests of unknown keys turn out for the best, or for the worst."""

    __slots__ = ("_hopeful", "_is_unknown", "_known")

    def __init__(
        self, step: Step, unknown: frozenset[str], known: dict[tuple[int, Layer], May], *, hopeful: bool
    ) -> None:
        super().__init__(step.check, step.attached, step.resource_check)
        self._is_unknown = reads(unknown)
        self._hopeful = hopeful
        self._known = known

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        key = id(statement), layer
        if key not in self._known:
            self._known[key] = possible(statement.without_action, self.seen_by(layer), self._is_unknown)
        may = self._known[key]
        order = _HOLDING_FIRST if self._hopeful is statement.is_allow else _FAILING_FIRST
        return next(outcome for outcome in order if may & _OF[outcome])

    def _binding(self, statement: CompiledStatement) -> Binding:
        found = Binding.NONE
        for way in statement.ways_to_name:
            may = possible(All((way, *statement.rest)), self.resource_check, self._is_unknown)
            if may & HOLD if self._hopeful else may == HOLD:
                found |= binding_of(way)
        return found


def extremes(step: Step, unknown: frozenset[str]) -> tuple[Decision, Decision]:
    """Decide a step with the unknown keys at their best, and at their worst."""
    known: dict[tuple[int, Layer], May] = {}
    return (
        decide(OpenRun(step, unknown, known, hopeful=True), step.rules),
        decide(OpenRun(step, unknown, known, hopeful=False), step.rules),
    )
