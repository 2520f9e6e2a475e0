"""What does Lambda decide in its own way? (SEMANTICS 7.16)"""

from __future__ import annotations

from policyeval.evaluation import ServiceRules
from policyeval.request import Check, parse_action


class LambdaRules(ServiceRules):
    """Lambda: a call through a function URL is checked twice."""

    def companions(self, check: Check) -> tuple[Check, ...]:
        """LAM-6: lambda:InvokeFunctionUrl also needs lambda:InvokeFunction."""
        if check.action.name != "invokefunctionurl" or self.semantics.lambda_url_legacy == "true":
            return ()
        context = check.context.with_key("lambda:InvokedViaFunctionUrl", "true")
        return (check.about(parse_action("lambda:InvokeFunction"), context=context),)
