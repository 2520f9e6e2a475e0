"""What can the answer be, and why? One row per reason (SEMANTICS §7, §8).

A row is complete: the effect, a sentence, what to do, AWS's own wording and page, a longer text. The
docs page of reasons and `policyeval explain CODE` are generated from the rows.
"""

from __future__ import annotations

from enum import Enum

from policyeval.records import Record


class Effect(Enum):
    """The effect of a decision (8.1)."""

    ALLOW = "allow"
    EXPLICIT_DENY = "explicit-deny"
    IMPLICIT_DENY = "implicit-deny"


class Layer(Enum):
    """The kinds of policy that take part in a decision, and what else can decide it (0.2)."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    TRUST = "trust"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"
    S3_BPA = "s3-bpa"
    SERVICE = "service"
    GRANT = "grant"
    NONE = "none"

    # Members are compared by identity; their hash need not look at the name.
    __hash__ = object.__hash__

    @property
    def title(self) -> str:
        """AWS's name of the policy type."""
        return _TITLES[self]


_TITLES = {
    Layer.IDENTITY: "identity-based policy",
    Layer.RESOURCE: "resource-based policy",
    Layer.TRUST: "role trust policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SESSION: "session policy",
    Layer.SCP: "service control policy",
    Layer.RCP: "resource control policy",
    Layer.ENDPOINT: "VPC endpoint policy",
    Layer.S3_BPA: "S3 Block Public Access",
    Layer.SERVICE: "service restriction",
    Layer.GRANT: "KMS grant",
    Layer.NONE: "no layer",
}

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_FLOW = _GUIDE + "reference_policies_evaluation-logic_policy-eval-denyallow.html"


class Reason(Record, eq=False):
    """Why a decision fell: `aws` is AWS's wording of the denial with {action}; empty where AWS has none."""

    code: str
    effect: Effect
    layer: Layer
    sentence: str
    advice: str
    text: str
    aws: str = ""
    page: str = _FLOW

    def __str__(self) -> str:
        return self.code

    def __eq__(self, other: object) -> bool:
        """Equal to itself, and to its code as text."""
        return self is other or self.code == other

    def __hash__(self) -> int:
        return hash(self.code)


_ALLOW, _EXPLICIT, _IMPLICIT = Effect.ALLOW, Effect.EXPLICIT_DENY, Effect.IMPLICIT_DENY

_DENY_TEXT = "An explicit deny is final: no Allow in any policy can outweigh it. Change the Deny statement, or make one of its elements not match: another resource, another condition value."


def _deny(layer: Layer, sentence: str, aws: str, page: str) -> Reason:
    return Reason(f"{layer.value}-explicit-deny", _EXPLICIT, layer, sentence,
                  "change the Deny statement, or make one of its conditions not match", _DENY_TEXT,
                  f"with an explicit deny in {aws}", _GUIDE + page)  # fmt: skip


def _silent(layer: Layer, sentence: str, advice: str, aws: str, page: str, text: str) -> Reason:
    return Reason(f"{layer.value}-no-allow", _IMPLICIT, layer, sentence, advice, text,
                  f"because no {aws} allows the {{action}} action" if aws else "", _GUIDE + page)  # fmt: skip


# fmt: off
REASONS: tuple[Reason, ...] = (
    Reason("allowed", _ALLOW, Layer.NONE, "The request is allowed", "nothing to do",
           "No policy denies the request explicitly, and every layer that must allow it does."),
    Reason("no-authorization-needed", _ALLOW, Layer.NONE, "AWS answers this call without looking at any policy", "nothing to do",
           "sts:GetCallerIdentity works for every authenticated caller, sts:GetSessionToken for users and the root user; no policy, not even an explicit deny, has an effect on them (rule ST-1, ST-2).",
           page=_GUIDE + "id_credentials_temp_request.html"),
    Reason("service-restriction", _IMPLICIT, Layer.SERVICE, "The service refuses this call whatever the policies say", "make the call in another way; no policy can allow it",
           "Some calls are never possible for some callers: across partitions, role assumption by a root user, changes of AWS managed policies, administrative actions from another account. The service answers before any policy is looked at."),
    _deny(Layer.SCP, "A service control policy denies {action} explicitly", "a service control policy", "reference_policies_evaluation-logic.html"),
    _deny(Layer.RCP, "A resource control policy denies {action} explicitly", "a resource control policy", "reference_policies_evaluation-logic.html"),
    _deny(Layer.ENDPOINT, "The VPC endpoint policy denies {action} explicitly", "a VPC endpoint policy", "reference_policies_evaluation-logic.html"),
    _deny(Layer.RESOURCE, "The resource-based policy denies {action} explicitly", "a resource-based policy", "access_policies_identity-vs-resource.html"),
    _deny(Layer.TRUST, "The role's trust policy denies {action} explicitly", "the role trust policy", "id_roles_update-role-trust-policy.html"),
    Reason("s3-bpa", _EXPLICIT, Layer.S3_BPA, "S3 Block Public Access restricts the bucket, whose policy is public, to its own account", "make the bucket policy non-public, or call from the owner's account",
           "RestrictPublicBuckets is on and the bucket policy counts as public: only AWS services and callers of the bucket owner's account keep access. All cross-account grants of that policy stop, even narrow ones (rule S3-4, S3-5).",
           page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"),
    _deny(Layer.BOUNDARY, "The permissions boundary denies {action} explicitly", "a permissions boundary", "access_policies_boundaries.html"),
    _deny(Layer.SESSION, "The session policy denies {action} explicitly", "a session policy", "access_policies.html#policies_session"),
    _deny(Layer.IDENTITY, "An identity-based policy denies {action} explicitly", "an identity-based policy", "access_policies_identity-vs-resource.html"),
    _silent(Layer.SCP, "The service control policies do not allow {action} at every level", "ask the organization's administrators to allow the action at the level that lacks it", "service control policy", "reference_policies_evaluation-logic.html",
            "Every level from the root of the organization to the account must allow the action. SCPs grant nothing by themselves; they limit what the account's policies can grant."),
    _silent(Layer.ENDPOINT, "The VPC endpoint policy does not allow {action}", "allow the action in the endpoint policy, or do not go through this endpoint", "VPC endpoint policy", "reference_policies_evaluation-logic.html",
            "The request came through a VPC endpoint with a policy of its own, which must allow the call as well."),
    _silent(Layer.RESOURCE, "The resource-based policy does not allow {action} to this caller", "add an Allow for the caller to the resource-based policy", "resource-based policy", "reference_policies_evaluation-logic-cross-account.html",
            "The resource's own policy must agree when the caller is of another account, an AWS service, or anonymous, and always for KMS keys."),
    _silent(Layer.TRUST, "The role's trust policy does not allow {action} to this caller", "add the caller to the role's trust policy", "role trust policy", "id_roles_update-role-trust-policy.html",
            "A role can be assumed only by those whom its trust policy names; an identity-based policy alone is never enough."),
    _silent(Layer.GRANT, "No KMS grant lets this caller retire the grant", "retire the grant as its retiring principal, a grantee with RetireGrant, or the root user of the key's account", "", "reference_policies_evaluation-logic.html",
            "kms:RetireGrant is permitted by the grant itself, not by policies (rule KMS-6)."),
    _silent(Layer.IDENTITY, "No identity-based policy allows {action} on this resource", "add an Allow to an identity-based policy of the caller", "identity-based policy", "reference_policies_evaluation-logic_policy-eval-basics.html",
            "Everything is denied until a policy allows it. In one account an Allow in the caller's policies, or one in the resource's policy that names the caller, is enough."),
    _silent(Layer.BOUNDARY, "The permissions boundary does not allow {action} on this resource", "allow the action in the boundary; it grants nothing by itself", "permissions boundary", "access_policies_boundaries.html",
            "A permissions boundary limits what identity-based policies can grant: both must allow the action."),
    _silent(Layer.SESSION, "The session policy does not allow {action} on this resource", "pass a session policy that allows the action; it grants nothing by itself", "session policy", "access_policies.html#policies_session",
            "A session has the permissions that both the role's policies and the session policy allow. A federated user has none without a session policy."),
    Reason("invalid-value", _IMPLICIT, Layer.NONE, "A Deny statement has a condition with a malformed value, so the answer is closed", "correct the malformed value",
           "The request would be allowed, but a condition of a Deny statement compares a value that is no number, date, address, boolean or ARN. Whether the Deny applies cannot be told; policyeval never turns that into an allow (rule C-18; option `malformed`)."),
)
# fmt: on

_BY_CODE = {row.code: row for row in REASONS}


def reason(code: str) -> Reason | None:
    """Find a reason by its code."""
    return _BY_CODE.get(code)


class Decision(Record):
    """The answer to one check. `bool(decision)` raises: say `.allowed`."""

    effect: Effect
    reason: Reason
    layer_: Layer

    @property
    def allowed(self) -> bool:
        """Is the request allowed?"""
        return self.effect is Effect.ALLOW

    @property
    def layer(self) -> str:
        """The name of the layer that decided; `none` for an allow."""
        return self.layer_.value

    def __bool__(self) -> bool:
        raise TypeError("a decision is neither true nor false: ask for `decision.allowed`")

    def __repr__(self) -> str:
        return f"Decision({self.effect.value}, {self.reason.code})"


def _decision(code: str, layer: Layer | None = None) -> Decision:
    row = _BY_CODE[code]
    return Decision(row.effect, row, layer or row.layer)


# Prebuilt: a decision allocates nothing.
ALLOWED = _decision("allowed")
NO_AUTHORIZATION_NEEDED = _decision("no-authorization-needed")
SERVICE_RESTRICTION = _decision("service-restriction")
S3_BPA = _decision("s3-bpa")
EXPLICIT_DENY = {row.layer: _decision(row.code) for row in REASONS if row.code.endswith("-explicit-deny")}
NO_ALLOW = {row.layer: _decision(row.code) for row in REASONS if row.code.endswith("-no-allow")}
INVALID_VALUE = {layer: _decision("invalid-value", layer) for layer in EXPLICIT_DENY}
