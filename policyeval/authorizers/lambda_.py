"""What does Lambda decide in its own way? (SEMANTICS 7.16)"""

from __future__ import annotations

from policyeval.decision import ALLOWED, NO_ALLOW, Decision, Layer
from policyeval.evaluation import ServiceRules
from policyeval.layers import Run
from policyeval.matching.principals import Binding
from policyeval.names import parse_action
from policyeval.request_context import Check


class LambdaRules(ServiceRules):
    """Lambda: a call through a function URL is checked twice."""

    def restriction(self, check: Check) -> str | None:
        """AN-2: only a function URL without authorization takes unsigned calls."""
        if not check.principal.is_anonymous:
            return None
        if not _is_through_url(check):
            return "functions are invoked by signed requests, or through a function URL"
        if check.value("lambda:functionurlauthtype") == "AWS_IAM":
            return "a function URL of type AWS_IAM takes no unsigned requests"
        return None

    def grant(self, run: Run) -> Decision | None:
        """LAM-6: a URL of type NONE is open only if the function's policy says so to everyone."""
        if not _is_unauthenticated_url_call(run.check):
            return None
        return ALLOWED if run.bindings() & Binding.ANY else NO_ALLOW[Layer.RESOURCE]

    def companions(self, check: Check) -> tuple[Check, ...]:
        """LAM-6: lambda:InvokeFunctionUrl also needs lambda:InvokeFunction."""
        if check.action.name != "invokefunctionurl" or self.semantics.lambda_url_legacy == "true":
            return ()
        context = check.context.with_key("lambda:InvokedViaFunctionUrl", "true")
        return (check.about(parse_action("lambda:InvokeFunction"), context=context),)


def _is_through_url(check: Check) -> bool:
    return check.action.name == "invokefunctionurl" or (
        check.action.name == "invokefunction" and check.value("lambda:invokedviafunctionurl") == "true"
    )


def _is_unauthenticated_url_call(check: Check) -> bool:
    return _is_through_url(check) and check.value("lambda:functionurlauthtype") == "NONE"
