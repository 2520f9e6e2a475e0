"""AWS named a layer: where is it, whose is it, what is to be collected? One row per layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from shlex import quote

from policyeval.catalog.services import resource_types
from policyeval.decision import Effect, Layer, Reason, reason
from policyeval.explain.collect import (
    Command,
    DeniedCall,
    authorizer_commands,
    boundary_commands,
    endpoint_commands,
    has_resource_policies,
    identity_commands,
    organization_commands,
    resource_commands,
    session_commands,
    trust_commands,
)
from policyeval.principal import Principal


@dataclass(frozen=True)
class Advice:
    """What to know about a layer: where it is, whose it is, how to get it, and how to give it to `check`."""

    place: str
    owner: str
    option: str
    file: str
    commands: Callable[[DeniedCall], Iterator[Command]]
    notes: tuple[str, ...] = ()


def advice(layer: Layer, call: DeniedCall) -> Advice:
    """Find what to know about a layer; a layer that AWS never names is looked at like the resource's policy."""
    if layer is Layer.IDENTITY and call.service == "execute-api" and _is_anonymous(call):
        return _AUTHORIZER
    return _ADVICE.get(layer, _ADVICE[Layer.RESOURCE])


def _is_anonymous(call: DeniedCall) -> bool:
    return call.principal is not None and call.principal.is_anonymous


def reason_of(layer: Layer, effect: Effect | None) -> Reason | None:
    """Find our row of reasons for what AWS said."""
    kind = {Effect.EXPLICIT_DENY: "explicit-deny", Effect.IMPLICIT_DENY: "no-allow"}.get(
        effect or Effect.ALLOW
    )
    return reason(f"{layer.value}-{kind}") if kind else None


def suspects(call: DeniedCall, layer: Layer | None) -> tuple[Layer, ...]:
    """List the layers whose policies to collect: the one that AWS named, else those that deny most often."""
    if layer is not None:
        return (layer,)
    if call.by_identity_provider:
        return (Layer.TRUST,)
    middle = Layer.TRUST if call.assumes_role else Layer.RESOURCE
    own = (Layer.IDENTITY, Layer.BOUNDARY, Layer.SCP) if call.has_policies else ()
    return (*own[:1], *((middle,) if has_resource_policies(call) else ()), *own[1:])


def check_command(call: DeniedCall, layers: tuple[Layer, ...]) -> str:
    """Write the command line that decides the call once the policies are there."""
    caller = call.principal
    needs_identity = Layer.IDENTITY not in layers and call.has_policies
    files = [*([Layer.IDENTITY] if needs_identity else []), *layers]
    parts = [_file_option(advice(layer, call), call) for layer in files]
    parts.append(f"--principal {quote(_shown(caller))}")
    parts.append(f"--action {quote(call.action or 'SERVICE:ACTION')}")
    parts.append(f"--resource {quote(call.resource or _no_resource(call))}")
    for key, value in call.context.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        parts += [f"--context {quote(f'{key}={one}')}" for one in values]
    return "policyeval check " + " \\\n  ".join(parts)


def _no_resource(call: DeniedCall) -> str:
    """Write `*` for an action without resource types (R-40)."""
    name = (call.action or "").lower().partition(":")[2]
    return "*" if resource_types(call.service, name) == () else "RESOURCE_ARN"


def _file_option(known: Advice, call: DeniedCall) -> str:
    """Name the file that the commands made; of an organization's policies a directory, unless AWS named one."""
    named = call.policy_arn is not None and ":organizations:" in call.policy_arn
    file = known.file if named else known.file.replace("scp.json", "scp/").replace("rcp.json", "rcp/")
    return f"{known.option} {file}".strip()


def _shown(caller: Principal | None) -> str:
    if caller is None:
        return "CALLER_ARN"
    return (caller.role_arn or str(caller)) if caller.is_unknown_session else str(caller)


_AUTHORIZER = Advice(
    "the policy that the API's Lambda authorizer returned for this token",
    "whoever wrote the authorizer function", "", "api.yaml", authorizer_commands,
    ("api.yaml is a policy set: {identity: authorizer.json, settings: {apigateway: {authorizer: LAMBDA}}}",
     "an authorizer's answer is remembered for its TTL, for all methods: let it name every method of the API"),
)  # fmt: skip

_ORGANIZATION = "the administrators of the organization; nobody in the account can change it"

_ADVICE = {
    Layer.IDENTITY: Advice(
        "the policies attached to the caller: managed and inline ones, and those of a user's groups",
        "whoever administers the caller in its account", "--identity", "identity.json", identity_commands,
    ),
    Layer.RESOURCE: Advice(
        "the policy on the resource itself: bucket policy, key policy, queue policy …",
        "the owner of the resource, which may be another account", "--resource-policy", "resource.json",
        resource_commands,
    ),
    Layer.TRUST: Advice(
        "the trust policy of the role that is to be assumed",
        "whoever administers the role, in the role's account", "--trust-policy", "trust.json", trust_commands,
        ("across accounts and in one, the caller must be named there, or its account",),
    ),
    Layer.BOUNDARY: Advice(
        "the permissions boundary of the user or role, one managed policy",
        "whoever sets the boundaries in the caller's account, often a platform team", "--boundary", "boundary.json",
        boundary_commands, ("a boundary grants nothing: an identity-based policy must allow the call as well",),
    ),
    Layer.SESSION: Advice(
        "the policy that was passed when the session began (AssumeRole, GetFederationToken, IAM Identity Center)",
        "whoever makes the session: the code, tool or broker that assumes the role", "--session-policy", "session.json",
        session_commands, ("a session policy grants nothing: the role's policies must allow the call as well",),
    ),
    Layer.SCP: Advice(
        "the service control policies of the caller's account, of each OU above it and of the root",
        _ORGANIZATION, "--scp", "scp.json",
        organization_commands("scp", "SERVICE_CONTROL_POLICY", lambda call: call.account),
        ("AWS may say `explicit deny` of service control policies also where none of a level allows the action",),
    ),
    Layer.RCP: Advice(
        "the resource control policies of the resource's account, of each OU above it and of the root",
        _ORGANIZATION, "--rcp", "rcp.json",
        organization_commands("rcp", "RESOURCE_CONTROL_POLICY", lambda call: call.owner),
    ),
    Layer.ENDPOINT: Advice(
        "the policy of the VPC endpoint that the call came through",
        "whoever administers the VPC, often a network team", "--endpoint-policy", "endpoint.json", endpoint_commands,
    ),
}  # fmt: skip
