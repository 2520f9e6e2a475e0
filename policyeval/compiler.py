"""What does a policy become? Statements with plans, and an index from actions to the statements that matter."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, reduce
from operator import or_
from typing import Any

from policyeval.language.model import Effect, Statement
from policyeval.language.parse import VERSIONS
from policyeval.language.policy import Policy
from policyeval.matching.actions import ActionIndex, ActionSet, action_set, lower_actions
from policyeval.matching.conditions import lower_conditions
from policyeval.matching.keys_read import keys_of
from policyeval.matching.principals import Binding, PrincipalRow, lower_principals
from policyeval.matching.resources import lower_resources
from policyeval.plan import (
    ALWAYS,
    NEVER,
    All,
    Any_,
    Closure,
    Not,
    Plan,
    Trace,
    always,
    closure,
    every_closure,
    never,
    tests_of,
)
from policyeval.request_context import Check
from policyeval.semantics import Semantics


class CompiledStatement:
    """A statement lowered to a plan: principal, action, resource and each condition, in this order."""

    def __init__(self, policy: Policy, statement: Statement, semantics: Semantics) -> None:
        self.policy = policy
        self.statement = statement
        self._semantics = semantics
        self.is_allow = statement.effect is Effect.ALLOW

    @cached_property
    def action(self) -> Plan:
        """The action part."""
        action = self.statement.action
        return lower_actions(action, self.statement.path) if action is not None else NEVER

    @cached_property
    def principal(self) -> Plan:
        """The principal part."""
        statement = self.statement
        return lower_principals(
            statement.principal, statement.effect, statement.path, self.policy.type, self._semantics
        )

    @cached_property
    def rest(self) -> tuple[Plan, ...]:
        """The resource part and the conditions."""
        statement, variables = self.statement, resolves_variables(self.policy, self._semantics)
        conditions = lower_conditions(
            statement.conditions, statement.path, variables=variables, semantics=self._semantics
        )
        return (self._resource(variables), *conditions)

    def _resource(self, variables: bool) -> Plan:
        statement, type = self.statement, self.policy.type
        if statement.resource is None:
            return NEVER if type.layer == "endpoint" else ALWAYS  # L-41
        return lower_resources(
            statement.resource, statement.path, type, variables=variables, semantics=self._semantics
        )

    @cached_property
    def plan(self) -> All:
        """The whole statement."""
        return All((self.principal, self.action, *self.rest), self.statement.path)

    @cached_property
    def without_action(self) -> All:
        """All parts but the action, which the index has decided."""
        return All((self.principal, *self.rest), self.statement.path)

    def covers_action(self, check: Check) -> bool:
        """Does the action part hold? Asked of the grouped entries, which agree with the plan."""
        return self.actions is not None and self.actions.covers(check.action.lower)

    @cached_property
    def actions(self) -> ActionSet | None:
        """The entries of the action part, grouped."""
        action = self.statement.action
        return None if action is None else action_set(action)

    @cached_property
    def applies(self) -> Closure:
        """Do all parts but the action hold?"""
        return every_closure(self.closures)

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """The parts but the action, each as a closure: principal, resource, conditions."""
        return (self._names_caller, *map(closure, self.rest))

    @cached_property
    def _rest_holds(self) -> Closure:
        return every_closure(self.closures[1:])

    @cached_property
    def _names_caller(self) -> Closure:
        """The principal part; what holds of an account's member holds for all requests of the call."""
        names = closure(self.principal)
        return names if names is always or names is never else _settled(names)

    @property
    def ways_to_name(self) -> tuple[Plan, ...]:
        """The alternatives of the principal part; each binds the caller in its own way."""
        return self.principal.parts if isinstance(self.principal, Any_) else (self.principal,)

    def bindings(self, check: Check) -> int:
        """Tell how an Allow binds the caller, as the number of a Binding; 0 unless the rest holds."""
        found = self._ways_that_name(check)
        return found if found and self._rest_holds(check) else 0

    @cached_property
    def _ways_that_name(self) -> Callable[[Check], int]:
        ways = tuple((closure(part), binding_of(part).value) for part in self.ways_to_name)

        def named_by(check: Check) -> int:
            found = 0
            for names, binding in ways:
                if names(check):
                    found |= binding
            return found

        return _settled(named_by)

    @cached_property
    def reads_clock(self) -> bool:
        """Does a part look at the time of the request?"""
        return any(key.lower() in _TIMES for test in tests_of(self.without_action) for key in keys_of(test))

    @cached_property
    def beginnings(self) -> tuple[str, ...] | None:
        """What the canonical text of every matching resource begins with; None when that cannot be told."""
        resource = self.rest[0]
        if not isinstance(resource, Any_):
            return None
        found = tuple(test.operand.beginning for test in tests_of(resource))
        return None if None in found else found


_TIMES = ("aws:currenttime", "aws:epochtime")


def _settled(question: Callable[[Check], Any]) -> Callable[[Check], Any]:
    """Ask about the caller once for all requests of a call; a service's other names stand in the context."""

    def answer(check: Check) -> Any:
        call = check.call
        if call.principal.is_service:
            return question(check)
        known = call.settled
        if question not in known:
            known[question] = question(check)
        return known[question]

    return answer


def binding_of(part: Plan) -> Binding:
    """Name the binding that a way of naming the caller gives; NotPrincipal gives ANY (P-21)."""
    if isinstance(part, Not):
        return Binding.ANY
    rows = (test.row for test in tests_of(part))
    return reduce(or_, (row.binding for row in rows if isinstance(row, PrincipalRow)), Binding.NONE)


def traced_bindings(statement: CompiledStatement, found: Trace) -> Binding:
    """Tell the bindings from the trace of an Allow that applies."""
    principal = found.parts[0]
    traces = principal.parts if isinstance(statement.principal, Any_) else (principal,)
    bindings = Binding.NONE
    for way in traces:
        if way.outcome:
            bindings |= binding_of(way.plan)
    return bindings


def resolves_variables(policy: Policy, semantics: Semantics) -> bool:
    """Are `${…}` variables (L-22, L-24; D-15, D-21)?"""
    version = policy.document.version
    if version is None:
        return policy.type.layer in ("scp", "rcp") or "peer" in (semantics.d21, semantics.d15)
    return version == VERSIONS[0] or semantics.d15 == "peer"


class CompiledPolicy:
    """A policy's statements, and which of them matter for an action."""

    def __init__(self, policy: Policy, semantics: Semantics) -> None:
        self.policy = policy
        self.statements = tuple(CompiledStatement(policy, one, semantics) for one in policy.statements)

    def covering(self, check: Check) -> list[CompiledStatement]:
        """Give the statements whose action part holds for the check's action."""
        if len(self.statements) < _WORTH_AN_INDEX:
            return [statement for statement in self.statements if statement.covers_action(check)]
        return [self.statements[position] for position in self._index.covering(check.action)]

    @cached_property
    def _index(self) -> ActionIndex:
        return ActionIndex(one.actions for one in self.statements)


_WORTH_AN_INDEX = 8


def compile_policy(policy: Policy, semantics: Semantics) -> CompiledPolicy:
    """Compile a policy for a reading of the disputed points."""
    return CompiledPolicy(policy, semantics)
