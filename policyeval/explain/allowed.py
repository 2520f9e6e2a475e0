"""Which statement allowed a request? The one line of an allowed request, without the whole explanation."""

from __future__ import annotations

from policyeval.compiler import CompiledStatement
from policyeval.decision import Effect, Layer
from policyeval.layers import Run
from policyeval.request import Request
from policyeval.source import start_line
from policyeval.steps import Situation, decided, overall

_GRANTING = (Layer.IDENTITY, Layer.RESOURCE, Layer.TRUST)


def allowed_line(situation: Situation, request: Request) -> str | None:
    """Write `ALLOWED  file:line Sid`; None when the request is denied."""
    step, decision = overall(decided(situation.steps(request)))
    if decision.effect is not Effect.ALLOW:
        return None
    granting = _granting_statement(Run(step.check, step.attached, step.resource_check))
    if granting is None:
        return f"ALLOWED  {decision.reason.sentence}"
    statement, source = granting.statement, granting.policy.source
    line = start_line(source, (*granting.policy.base, *statement.path))
    return f"ALLOWED  {source.name}:{line} {statement.sid or f'statement {statement.index + 1}'}"


def _granting_statement(run: Run) -> CompiledStatement | None:
    for layer in _GRANTING:
        attached = run.attached.get(layer)
        for statements in attached.covering(run.check)[1] if attached is not None else ():
            found = next((one for one in statements if one.applies(run.seen_by(layer))), None)
            if found is not None:
                return found
    return None
