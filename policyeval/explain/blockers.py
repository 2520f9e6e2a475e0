"""What else would block the request? (SEMANTICS M-3, M-4)

The blockers are found by the flow itself: the layer that it blames is assumed to agree, and the flow
is asked again, until it allows.
"""

from __future__ import annotations

from policyeval.compiler import CompiledStatement
from policyeval.decision import Decision, Layer
from policyeval.evaluation import ServiceRules, decide
from policyeval.layers import RESOURCE_LAYERS, StatementRun, TracedRun
from policyeval.matching.principals import Binding
from policyeval.plan import Outcome

GUARDRAILS = (Layer.SCP, Layer.RCP, Layer.ENDPOINT, Layer.S3_BPA, Layer.BOUNDARY, Layer.SESSION)

# What a resource-based policy that agrees would bind: enough for its side, and no bypass of the others.
_AGREEING = Binding.ACCOUNT | Binding.ROOT | Binding.SERVICE | Binding.IDP


class AssumingRun(StatementRun):
    """A run in which some layers are assumed to agree; all others answer as traced."""

    __slots__ = ("_agreeing", "_traced")

    def __init__(self, traced: TracedRun, agreeing: frozenset[Layer]) -> None:
        super().__init__(traced.check, traced.attached, traced.resource_check)
        self._traced = traced
        self._agreeing = agreeing

    def is_present(self, layer: Layer) -> bool:
        """A layer that must be present is assumed to be."""
        return layer in self._agreeing or super().is_present(layer)

    def denies(self, layer: Layer) -> bool:
        """An agreeing layer does not deny."""
        return layer not in self._agreeing and super().denies(layer)

    def allows(self, layer: Layer) -> bool:
        """An agreeing layer allows."""
        return layer in self._agreeing or super().allows(layer)

    def bindings(self) -> Binding:
        """An agreeing resource-based policy names the caller's account, or the caller that has none."""
        found = super().bindings()
        if self._agreeing & frozenset(RESOURCE_LAYERS):
            nobody = self.check.principal.is_anonymous or self.check.principal.is_origin_access_identity
            found |= Binding.ANY if nobody else _AGREEING
        return found

    def _applies(self, layer: Layer, statement: CompiledStatement) -> Outcome:
        return self._traced._applies(layer, statement)

    def _binding(self, statement: CompiledStatement) -> Binding:
        return self._traced._binding(statement)


def blockers(run: TracedRun, rules: ServiceRules) -> tuple[Decision, ...]:
    """List every decision against the request, the first being the answer itself."""
    found: list[Decision] = []
    agreeing: frozenset[Layer] = frozenset()
    while True:
        decision = decide(AssumingRun(run, agreeing), rules)
        if decision.allowed:
            return tuple(found)
        found.append(decision)
        if decision.layer_ in agreeing or decision.layer_ in (Layer.SERVICE, Layer.GRANT, Layer.S3_BPA):
            return tuple(found)
        agreeing |= {decision.layer_}
