"""What can still be the answer while some keys are unknown? The sound bounds of a decision.

Unlike `plan.bounds` these keep the third outcome, false because of a malformed value, apart: it
closes the answer when it stands in a Deny (C-18).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Flag, auto
from functools import reduce

from policyeval.compiler import CompiledStatement, binding_of
from policyeval.decision import Decision, Layer
from policyeval.evaluation import decide
from policyeval.explain.missing import keys_of
from policyeval.layers import Run
from policyeval.matching.principals import Binding
from policyeval.plan import All, Not, Outcome, Plan, Test
from policyeval.request import Check
from policyeval.steps import Step


class May(Flag):
    """The outcomes that remain possible."""

    NOTHING = 0
    HOLD = auto()
    FAIL = auto()
    BE_MALFORMED = auto()


_OF = {True: May.HOLD, False: May.FAIL, None: May.BE_MALFORMED}
IsUnknown = Callable[[Test], bool]


def possible(plan: Plan, check: Check, is_unknown: IsUnknown) -> May:
    """Tell which outcomes a plan may have when some tests cannot be judged; rather too many than too few."""
    if isinstance(plan, Test):
        if is_unknown(plan):
            return May.HOLD | May.FAIL | (May.BE_MALFORMED if plan.row.can_be_malformed else May.NOTHING)
        return _OF[plan.row.holds(plan, plan.row.read(plan, check))]
    if isinstance(plan, Not):
        return _negated(possible(plan.part, check, is_unknown))
    parts = [possible(part, check, is_unknown) for part in plan.parts]
    return _every(parts) if isinstance(plan, All) else _negated(_every([_negated(part) for part in parts]))


def _negated(may: May) -> May:
    swapped = may & May.BE_MALFORMED
    swapped |= May.FAIL if may & May.HOLD else May.NOTHING
    return swapped | (May.HOLD if may & May.FAIL else May.NOTHING)


def _every(parts: list[May]) -> May:
    may = reduce(May.__or__, parts, May.NOTHING) & May.FAIL
    if all(part & May.HOLD for part in parts):
        may |= May.HOLD
    if all(part & (May.HOLD | May.BE_MALFORMED) for part in parts) and any(
        part & May.BE_MALFORMED for part in parts
    ):
        may |= May.BE_MALFORMED
    return may


def reads(unknown: frozenset[str]) -> IsUnknown:
    """Make the question whether a test reads one of these keys."""
    return lambda test: any(key.lower() in unknown for key in keys_of(test))


_FAILING_FIRST: tuple[Outcome, ...] = (False, None, True)
_HOLDING_FIRST: tuple[Outcome, ...] = (True, None, False)


class OpenRun(Run):
    """A run in which tests of unknown keys turn out for the best, or for the worst."""

    __slots__ = ("_hopeful", "_is_unknown")

    def __init__(self, step: Step, unknown: frozenset[str], *, hopeful: bool) -> None:
        super().__init__(step.check, step.attached, step.resource_check)
        self._is_unknown = reads(unknown)
        self._hopeful = hopeful

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        may = possible(statement.without_action, self.seen_by(layer), self._is_unknown)
        order = _HOLDING_FIRST if self._hopeful is statement.is_allow else _FAILING_FIRST
        return next(outcome for outcome in order if may & _OF[outcome])

    def _binding(self, statement: CompiledStatement, wanted: Binding) -> Binding:
        found = Binding.NONE
        for way in statement.ways_to_name:
            may = possible(All((way, *statement.rest)), self.resource_check, self._is_unknown)
            if may & May.HOLD if self._hopeful else may == May.HOLD:
                found |= binding_of(way)
        return found & wanted


def extremes(step: Step, unknown: frozenset[str]) -> tuple[Decision, Decision]:
    """Decide a step with the unknown keys at their best, and at their worst."""
    return (
        decide(OpenRun(step, unknown, hopeful=True), step.rules),
        decide(OpenRun(step, unknown, hopeful=False), step.rules),
    )
