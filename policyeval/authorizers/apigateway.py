"""What does API Gateway decide in its own way? (SEMANTICS 7.17; AWS: apigateway-authorization-flow)"""

from __future__ import annotations

from policyeval.decision import ALLOWED, NO_ALLOW, Decision, Layer
from policyeval.evaluation import ServiceRules
from policyeval.layers import Run
from policyeval.principal import Principal, PrincipalKind
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.settings import ApiGatewaySettings

_CALLER_LAYERS = (Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION, Layer.SCP)

# APIGW-6: the keys that a resource policy sees when the caller is not authenticated by IAM.
_KEYS_WITHOUT_IAM = frozenset(
    {
        "aws:currenttime", "aws:epochtime", "aws:referer", "aws:securetransport", "aws:sourcearn", "aws:sourceip",
        "aws:useragent",
    }
)  # fmt: skip
_KEYS_OF_PRIVATE_APIS = _KEYS_WITHOUT_IAM | {"aws:sourcevpc", "aws:sourcevpce"}
_NOBODY = Principal(PrincipalKind.ANONYMOUS)


class ApiGatewayRules(ServiceRules):
    """API Gateway: the kind of authorizer says whose policies count."""

    def __init__(self, semantics: Semantics, settings: ApiGatewaySettings) -> None:
        super().__init__(semantics)
        self.settings = settings

    def applies(self, layer: Layer, check: Check) -> bool:
        """Without IAM authorization the caller's own policies do not count; a Lambda authorizer's output does."""
        if not self._is_invocation(check) or self.settings.authorizer == "IAM" or layer not in _CALLER_LAYERS:
            return super().applies(layer, check)
        return layer is Layer.IDENTITY and self.settings.authorizer == "LAMBDA"

    def restriction(self, check: Check) -> str | None:
        """AN-2: IAM authorization takes signed calls only."""
        if check.principal.is_anonymous and self._is_invocation(check) and self.settings.authorizer == "IAM":
            return "an API with IAM authorization takes no unsigned requests"
        return None

    def resource_view(self, check: Check) -> Check:
        """APIGW-6: without IAM authorization the resource policy sees no principal."""
        if not self._is_invocation(check) or self.settings.authorizer == "IAM":
            return check
        visible = _KEYS_OF_PRIVATE_APIS if self.settings.private else _KEYS_WITHOUT_IAM
        return check.about(principal=_NOBODY, visible=visible)

    def grant(self, run: Run) -> Decision | None:
        """APIGW-1 to APIGW-5."""
        if not self._is_invocation(run.check):
            return None
        has_policy = run.is_present(Layer.RESOURCE)
        if self.settings.private and not has_policy:
            return NO_ALLOW[Layer.RESOURCE]
        if self.settings.authorizer == "LAMBDA":
            return self._by_lambda_authorizer(run)
        if self.settings.authorizer in ("NONE", "COGNITO"):
            return (
                ALLOWED if not has_policy or self._resource_policy_admits(run) else NO_ALLOW[Layer.RESOURCE]
            )
        return None

    def _resource_policy_admits(self, run: Run) -> bool:
        """APIGW-1, APIGW-4; D-20."""
        silence_is_enough = self.settings.authorizer == "COGNITO" and self.semantics.d20 == "peer"
        return silence_is_enough or bool(run.bindings())

    def _by_lambda_authorizer(self, run: Run) -> Decision:
        """Table A within the account, table B for a caller known to be of another (§11)."""
        by_authorizer, by_resource = run.allows(Layer.IDENTITY), bool(run.bindings())
        if not _is_of_other_account(run.check):
            return ALLOWED if by_authorizer or by_resource else NO_ALLOW[Layer.IDENTITY]
        if not by_resource:
            return NO_ALLOW[Layer.RESOURCE]
        return ALLOWED if by_authorizer else NO_ALLOW[Layer.IDENTITY]

    def _is_invocation(self, check: Check) -> bool:
        return check.service == "execute-api"


def _is_of_other_account(check: Check) -> bool:
    return check.principal.account is not None and not check.is_same_account
