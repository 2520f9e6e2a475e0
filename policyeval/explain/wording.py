"""In which words is a decision told? Our sentence, and AWS's own (SEMANTICS 8.2)."""

from __future__ import annotations

from policyeval.decision import Decision, Effect
from policyeval.evaluation import restriction
from policyeval.steps import Step, StepKind


def message(step: Step, decision: Decision) -> str:
    """Say in a sentence what was decided and why."""
    if decision.layer_.value == "service":
        return f"{_hop(step)}{restriction(step.check, step.rules)}"
    sentence = decision.reason.sentence.format(action=step.check.action.text)
    return f"{_hop(step)}{sentence}"


def _hop(step: Step) -> str:
    """Name the step when it is not the request itself."""
    check = step.check
    if step.kind is StepKind.HOP:
        return f"Assuming {check.resource.text}: "
    if step.kind in (StepKind.COMPANION, StepKind.ALSO):
        return f"AWS also checks {check.action.text} on {check.resource.text}: "
    return ""


def aws_message(step: Step, decision: Decision) -> str | None:
    """Write the denial as AWS does; None for an allow, and where AWS's words are not known."""
    if decision.effect is Effect.ALLOW or not decision.reason.aws:
        return None
    check = step.check
    caller = check.principal.policy_arn if check.principal.is_unknown_session else str(check.principal)
    resource = f" on resource: {check.resource.text}" if check.resource.arn is not None else ""
    reason = decision.reason.aws.format(action=check.action.text)
    return f"User: {caller} is not authorized to perform: {check.action.text}{resource} {reason}"


def headline(decision: Decision) -> str:
    """Name verdict, kind of denial and layer."""
    if decision.effect is Effect.ALLOW:
        return "ALLOWED"
    kind = "explicit deny" if decision.effect is Effect.EXPLICIT_DENY else "implicit deny"
    return f"DENIED  {kind} · {decision.layer_.title}"
