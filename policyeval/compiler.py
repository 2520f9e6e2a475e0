"""What does a policy become? Statements with plans, and an index from actions to the statements that matter."""

from __future__ import annotations

from functools import cached_property

from policyeval.language.model import Effect, Statement
from policyeval.language.parse import VERSIONS
from policyeval.language.policy import Policy
from policyeval.matching.actions import action_set, lower_actions
from policyeval.matching.conditions import lower_conditions
from policyeval.matching.principals import Binding, PrincipalRow, lower_principals
from policyeval.matching.resources import lower_resources
from policyeval.plan import ALWAYS, NEVER, All, Any_, Closure, Not, Plan, Trace, closure, tests_of
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
        action = self.statement.action
        return action is not None and action_set(action).covers(check.action.lower)

    @cached_property
    def applies(self) -> Closure:
        """Do all parts but the action hold?"""
        return closure(All(tuple(part for part in (self.principal, *self.rest) if part is not ALWAYS)))

    @cached_property
    def _rest_holds(self) -> Closure:
        return closure(All(tuple(part for part in self.rest if part is not ALWAYS)))

    @cached_property
    def _ways_to_bind(self) -> tuple[tuple[Closure, Binding], ...]:
        return tuple((closure(part), binding_of(part)) for part in self.ways_to_name)

    @property
    def ways_to_name(self) -> tuple[Plan, ...]:
        """The alternatives of the principal part; each binds the caller in its own way."""
        return self.principal.parts if isinstance(self.principal, Any_) else (self.principal,)

    def bindings(self, check: Check, wanted: Binding) -> Binding:
        """Tell how an Allow binds the caller, as far as a binding is wanted; none unless the rest holds."""
        found = Binding.NONE
        for names, binding in self._ways_to_bind:
            if binding & wanted and names(check):
                found |= binding
        return found if found and self._rest_holds(check) else Binding.NONE


def binding_of(part: Plan) -> Binding:
    """Name the binding that a way of naming the caller gives; NotPrincipal gives ANY (P-21)."""
    if isinstance(part, Not):
        return Binding.ANY
    found = Binding.NONE
    for test in tests_of(part):
        if isinstance(test.row, PrincipalRow):
            found |= test.row.binding
    return found


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
    """A policy's statements, and which of them matter for an action (looked up once per action)."""

    def __init__(self, policy: Policy, semantics: Semantics) -> None:
        self.policy = policy
        self.statements = tuple(CompiledStatement(policy, one, semantics) for one in policy.statements)

    def covering(self, check: Check) -> tuple[CompiledStatement, ...]:
        """Give the statements whose action part holds for the check's action."""
        return tuple(statement for statement in self.statements if statement.covers_action(check))


def compile_policy(policy: Policy, semantics: Semantics) -> CompiledPolicy:
    """Compile a policy for a reading of the disputed points."""
    return CompiledPolicy(policy, semantics)
