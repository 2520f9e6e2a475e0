"""Does a layer deny, does it allow, and by which binding? (SEMANTICS E-2, §7)

`Run` asks the closures and computes what it is asked for; `TracedRun` asks the traces and remembers
all of them. Both answer the same questions to the same `decide` (evaluation.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policyeval.catalog.exceptions import ROLE_ASSUMPTIONS, is_beyond_scps
from policyeval.compiler import CompiledStatement, traced_bindings
from policyeval.decision import Layer
from policyeval.matching.principals import Binding
from policyeval.plan import Outcome, Trace, always, never, trace
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.slices import Attached, Slice

RESOURCE_LAYERS = (Layer.RESOURCE, Layer.TRUST)


def _everyone(_: Check) -> bool:
    return True


def _has_identity_policies(check: Check) -> bool:
    """ROOT-2, PB-3."""
    return check.principal.has_identity_policies


def _can_have_session_policy(check: Check) -> bool:
    """SP-3."""
    return check.principal.session_policy_is_possible


def _is_under_scps(check: Check) -> bool:
    """SCP-4, SCP-5: members of member accounts, but service-linked roles."""
    caller = check.principal
    if not caller.is_account_member or caller.is_service_linked_role:
        return False
    if is_beyond_scps(check.action.lower, by_root=caller.is_root):
        return False
    return caller.organization is None or caller.organization.management_account != caller.account


def _owner_is_under_rcps(check: Check) -> bool:
    """RCP-3: not the management account's resources, not calls of service-linked roles."""
    organization = check.call.owner_organization
    is_management = organization is not None and organization.management_account == check.owner
    return not check.principal.is_service_linked_role and not (is_management and check.owner is not None)


# Which layer applies to whom (7.5 to 7.12); a layer that does not apply is not present.
APPLIES: dict[Layer, Callable[[Check], bool]] = {
    Layer.IDENTITY: _has_identity_policies,
    Layer.RESOURCE: _everyone,
    Layer.TRUST: _everyone,
    Layer.BOUNDARY: _has_identity_policies,
    Layer.SESSION: _can_have_session_policy,
    Layer.SCP: _is_under_scps,
    Layer.RCP: _owner_is_under_rcps,
    Layer.ENDPOINT: _everyone,
}


class Run:
    """One check against the layers that apply to it.

    `resource_check` is the check as the resource's side sees it, where that differs: behind an access
    point it is about the bucket.
    """

    __slots__ = ("attached", "check", "malformed_layer", "resource_check")

    def __init__(
        self, check: Check, attached: Mapping[Layer, Attached], resource_check: Check | None = None
    ) -> None:
        self.check = check
        self.resource_check = resource_check or check
        self.attached = attached
        self.malformed_layer: Layer | None = None

    def is_present(self, layer: Layer) -> bool:
        """Is anything attached in this layer, and does it apply to the caller?"""
        return layer in self.attached

    @property
    def resource_layer(self) -> Layer:
        """The name of the resource-based layer: `trust` for role assumption."""
        return Layer.TRUST if is_role_assumption(self.check) else Layer.RESOURCE

    def denies(self, layer: Layer) -> bool:
        """Does a Deny statement of the layer apply? Notes the layer when a malformed value hides it (C-18)."""
        policies = self.attached.get(layer)
        if policies is None:
            return False
        outcome = self._some(layer, policies.slices(self.check)[0])
        if outcome is None and self.malformed_layer is None:
            self.malformed_layer = layer
        return outcome is True

    def allows(self, layer: Layer) -> bool:
        """Does every level of the layer hold an Allow statement that applies?"""
        policies = self.attached.get(layer)
        if policies is None:
            return False
        levels = policies.slices(self.check)[1]
        return bool(levels) and all(self._some(layer, level) for level in levels)

    def bindings(self) -> Binding:
        """Tell how the Allow statements of the resource-based policy bind the caller (4.2)."""
        policies = self.attached.get(self.resource_layer)
        found = Binding.NONE
        for level in policies.slices(self.check)[1] if policies is not None else ():
            found |= self._bindings(level)
        return found

    def _some(self, layer: Layer, statements: Slice) -> Outcome:
        """Does any of the statements apply?"""
        applies = statements.applies
        if applies is always or applies is never:
            return applies is always
        return self.seen_by(layer).ask(applies)

    def _bindings(self, statements: Slice) -> Binding:
        if not statements.statements:
            return Binding.NONE
        return Binding(self.resource_check.ask(statements.bindings))

    def seen_by(self, layer: Layer) -> Check:
        """Give the check as a layer sees it: the resource's policy, and the RCPs of another resource."""
        if self.resource_check is self.check:
            return self.check
        is_other_resource = self.resource_check.resource is not self.check.resource
        if layer in RESOURCE_LAYERS or (layer is Layer.RCP and is_other_resource):
            return self.resource_check
        return self.check


def is_role_assumption(check: Check) -> bool:
    """Is the resource a role whose trust policy decides (7.3, 7.14)?"""
    return check.action.lower in ROLE_ASSUMPTIONS and check.ask(_is_about_role)


def _is_about_role(check: Check) -> bool:
    return check.resource.head is not None and check.resource.part.startswith("role/")


class StatementTrace(Record):
    """A statement and how it fared, element by element."""

    layer: Layer
    statement: CompiledStatement
    trace: Trace

    @property
    def applies(self) -> bool:
        """Did every element match?"""
        return self.trace.outcome is True


class StatementRun(Run):
    """A run that asks one statement after the other."""

    __slots__ = ()

    def _some(self, layer: Layer, statements: Slice) -> Outcome:
        outcome: Outcome = False
        for statement in statements.statements:
            found = self._applies(layer, statement)
            if found:
                return True
            if found is None:
                outcome = None
        return outcome

    def _bindings(self, statements: Slice) -> Binding:
        found = Binding.NONE
        for statement in statements.statements:
            found |= self._binding(statement)
        return found

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        return statement.applies(self.seen_by(layer))

    def _binding(self, statement: CompiledStatement) -> Binding:
        return Binding(statement.bindings(self.resource_check))


class TracedRun(StatementRun):
    """A run that asks the traces, and remembers them for all statements of all layers."""

    __slots__ = ("_traces",)

    def __init__(
        self, check: Check, attached: Mapping[Layer, Attached], resource_check: Check | None = None
    ) -> None:
        super().__init__(check, attached, resource_check)
        self._traces: dict[int, StatementTrace] = {}

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        return self._trace(layer, statement).trace.outcome

    def _binding(self, statement: CompiledStatement) -> Binding:
        found = self._trace(self.resource_layer, statement).trace
        return traced_bindings(statement, found) if found.outcome else Binding.NONE

    def _trace(self, layer: Layer, statement: CompiledStatement) -> StatementTrace:
        key = id(statement)
        if key not in self._traces:
            self._traces[key] = StatementTrace(layer, statement, trace(statement.plan, self.seen_by(layer)))
        return self._traces[key]

    def statements(self, layer: Layer) -> tuple[StatementTrace, ...]:
        """Trace every statement of a layer, also those that the decision never asked for."""
        policies = self.attached.get(layer)
        return tuple(self._trace(layer, one) for one in policies.statements) if policies else ()

    def level_of(self, layer: Layer, traced: StatementTrace) -> int:
        """Tell at which level of the layer a statement stands, from 0."""
        levels = self.attached[layer].levels
        policy = traced.statement.policy
        return next(i for i, level in enumerate(levels) if any(one.policy is policy for one in level))

    def levels(self, layer: Layer) -> tuple[bool, ...]:
        """Tell for each level of a layer whether it allows."""
        policies = self.attached.get(layer)
        if policies is None:
            return ()
        return tuple(
            any(one.is_allow and self._applies(layer, one) for policy in level for one in policy.statements)
            for level in policies.levels
        )
