"""Which keys are missing from the request, and could they change the decision? (SEMANTICS K-4)

A key that could be anything makes some tests unknown. The flow is run twice, once with the most
favourable and once with the least favourable outcome of what is unknown: if both give the same
answer, the keys cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.compiler import CompiledStatement, binding_of
from policyeval.context import NOT_GIVEN
from policyeval.decision import Layer
from policyeval.evaluation import ServiceRules, decide
from policyeval.explain.reports import StatementReport
from policyeval.language.variables import Template
from policyeval.layers import Run
from policyeval.matching.conditions import Requirement
from policyeval.matching.principals import Binding
from policyeval.matching.resources import ResourcePattern
from policyeval.plan import All, Outcome, Plan, Test, bounds, tests_of
from policyeval.records import Record
from policyeval.request_context import Check


class MissingKey(Record, slots=False):
    """A context key that a statement reads and the request lacks."""

    key: str
    read_at: tuple[StatementReport, ...]
    could_change_decision: bool


def keys_of(test: Test) -> Iterator[str]:
    """Name the context keys that a test reads, as the policy writes them."""
    operand = test.operand
    if isinstance(operand, Requirement):
        yield operand.key
        templates: Iterable[Template] = operand.templates
    else:
        is_template = isinstance(operand, ResourcePattern) and isinstance(operand.tail, Template)
        templates = (operand.tail,) if is_template else ()
    for template in templates:
        yield from (variable.key for variable in template.variables if variable.key is not None)


class BoundedRun(Run):
    """A run in which tests that read unknown keys turn out for the best, or for the worst."""

    __slots__ = ("_hopeful", "_unknown")

    def __init__(self, run: Run, unknown: frozenset[str], *, hopeful: bool) -> None:
        super().__init__(run.check, run.attached, run.resource_check)
        self._unknown = unknown
        self._hopeful = hopeful

    def _is_unknown(self, test: Test) -> bool:
        return any(key.lower() in self._unknown for key in keys_of(test))

    def _holds(self, plan: Plan, layer: Layer, hopeful: bool) -> bool:
        certain, possible = bounds(plan, self.seen_by(layer), self._is_unknown)
        return possible if hopeful else certain

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        return self._holds(statement.without_action, layer, self._hopeful is statement.is_allow)

    def _binding(self, statement: CompiledStatement, wanted: Binding) -> Binding:
        found, layer = Binding.NONE, self.resource_layer
        for way in statement.ways_to_name:
            if self._holds(All((way, *statement.rest)), layer, self._hopeful):
                found |= binding_of(way)
        return found & wanted


def could_differ(run: Run, rules: ServiceRules, unknown: frozenset[str]) -> bool:
    """Could the answer be allowed and could it be denied, depending on the unknown keys?"""
    best = decide(BoundedRun(run, unknown, hopeful=True), rules).allowed
    return best != decide(BoundedRun(run, unknown, hopeful=False), rules).allowed


def missing_keys(
    run: Run, rules: ServiceRules, statements: Iterable[StatementReport]
) -> tuple[MissingKey, ...]:
    """List the keys that are read and missing; those that could change the decision first."""
    readers = _readers(run.check, statements)
    unknown = frozenset(key.lower() for key in readers)
    if not unknown:
        return ()
    any_matters = could_differ(run, rules, unknown)
    found = [
        MissingKey(key, tuple(places), any_matters and _matters(run, rules, key.lower(), unknown))
        for key, places in readers.items()
    ]
    return tuple(sorted(found, key=lambda missing: not missing.could_change_decision))


def _matters(run: Run, rules: ServiceRules, key: str, unknown: frozenset[str]) -> bool:
    """Alone, or because without it the others do not suffice."""
    return could_differ(run, rules, frozenset({key})) or not could_differ(run, rules, unknown - {key})


def _readers(check: Check, statements: Iterable[StatementReport]) -> dict[str, list[StatementReport]]:
    """Find the statements about the action that read a missing key; keys said to be absent are not missing."""
    found: dict[str, list[StatementReport]] = {}
    spelling: dict[str, str] = {}
    for report in statements:
        statement = report.traced.statement
        if not statement.covers_action(check):
            continue
        for key in dict.fromkeys(key for test in tests_of(statement.without_action) for key in keys_of(test)):
            lower = key.lower()
            if check.value(lower, key) is None and check.context.get(lower) is NOT_GIVEN:
                found.setdefault(spelling.setdefault(lower, key), []).append(report)
    return found
