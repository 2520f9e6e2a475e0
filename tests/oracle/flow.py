"""The decision for one check (SEMANTICS 7.1 to 7.7, M-3)."""

from __future__ import annotations

from . import catalogue, kms, s3
from .calls import ALLOWED, Answer, Call, no_allow
from .context import Context
from .documents import Document
from .principals import ACCOUNT, ANY, PARENT_USER, ROLE, ROOT, SESSION, USER
from .restrictions import no_authorization_needed, restricted
from .statements import ABSENT, ALLOW, DENY, NOT_PRESENT, Verdict, judge, judge_levels
from .text import words

RESTRICTED = Answer("implicit-deny", "service-restriction", "service")
FREE = Answer("allow", "no-authorization-needed", "none")
FULL_ACCESS = Document(
    "rcp",
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    },
)
CROSS = {ROOT, USER, SESSION, ROLE, PARENT_USER, ACCOUNT, ANY}


def decide(call: Call) -> Answer:
    """7.1: the order in which AWS decides."""
    if restricted(call):
        return RESTRICTED
    if no_authorization_needed(call):
        return FREE
    layers = all_layers(call)
    for name, verdict in layers.items():
        if verdict.state == DENY:
            return Answer("explicit-deny", f"{name}-explicit-deny", name)
        if name == call.resource_layer and s3.blocked(call):
            return Answer("explicit-deny", "s3-bpa", "s3-bpa")
    for name in ("rcp", "scp", "endpoint"):
        if not layers[name].ok:
            return no_allow(name)
    answer = granted(call, layers)
    if answer.effect == "allow" and call.semantics.malformed == "fail-closed":
        for name, verdict in layers.items():
            if verdict.invalid:
                return Answer("implicit-deny", "invalid-value", name)
    return answer


def all_layers(call: Call) -> dict[str, Verdict]:
    """M-3: every layer's verdict, in the order in which a Deny is named."""
    return {
        "scp": scp(call),
        "rcp": rcp(call),
        "endpoint": judge(call.policies.endpoint, call) if call.policies.endpoint else NOT_PRESENT,
        call.resource_layer: resource(call),
        "boundary": judge(call.policies.boundary, call) if call.caller.has_policies else NOT_PRESENT,
        "session": session(call),
        "identity": identity(call),
    }


def scp(call: Call) -> Verdict:
    """SCP-1 to SCP-6, SCP-9: whom SCPs reach."""
    caller = call.caller
    member = caller.kind in ("user", "role-session", "federated-user", "root") and not caller.is_oai
    if not member or caller.is_service_linked or caller.account in call.management_accounts:
        return NOT_PRESENT
    if beyond_scp(call):
        return NOT_PRESENT
    return judge_levels(call.policies.scp, call)


def beyond_scp(call: Call) -> bool:
    """SCP-6: tasks that SCPs cannot restrict."""
    if call.service in ("mechanicalturk", "awis"):
        return True
    return call.caller.kind == "root" and call.service in ("support", "supportplans")


def rcp(call: Call) -> Verdict:
    """RCP-1 to RCP-4: what RCPs reach; RCPFullAWSAccess is always attached."""
    if not call.policies.rcp or not catalogue.supports_rcp(call.action):
        return NOT_PRESENT
    exempt = call.action.lower() == "kms:retiregrant" or call.caller.is_service_linked
    if exempt or (call.owner is not None and call.owner in call.management_accounts):
        return NOT_PRESENT
    return judge_levels([[*level, FULL_ACCESS] for level in call.policies.rcp], call)


def resource(call: Call) -> Verdict:
    """7.1, PR-1, S3-2, S3-3, S3-12: the resource's own policy, with ACL grants as Allow statements."""
    if s3.owner_repairs(call) or call.action.lower() == "iam:passrole":
        return NOT_PRESENT
    verdict = judge(call.policies.resource or None, seen_by_api(call))
    found = frozenset() if s3.object_owner(call) is not None else verdict.bindings
    found |= s3.acl_bindings(call)
    return Verdict(verdict.state, found, verdict.invalid)


def session(call: Call) -> Verdict:
    """SP-3, SCP-2: the session policies, where there can be any."""
    caller = call.caller
    able = caller.kind in ("role-session", "federated-user") or caller.assumed_root
    return judge(call.policies.session or None, call) if able else NOT_PRESENT


def identity(call: Call) -> Verdict:
    """SCP-2, APIGW-2: the identity policies; behind a Lambda authorizer its output."""
    if not call.caller.has_policies and authorizer(call) != "LAMBDA":
        return NOT_PRESENT
    return judge(call.policies.identity or [], call)


# ---------------------------------------------------------------- grants


def granted(call: Call, layers: dict[str, Verdict]) -> Answer:
    """7.1 C: who grants."""
    found = set(layers[call.resource_layer].bindings)
    id_ok, pb_ok, s_ok = identity_ok(call, layers), layers["boundary"].ok, session_ok(call, layers)
    if call.action.lower() == "kms:retiregrant":
        return ALLOWED if kms.may_retire(call) else no_allow("grant")
    if call.service == "kms" and kms.permitted(call, id_ok, pb_ok and s_ok):
        return ALLOWED
    if authorizer(call) is not None:
        answer = api_gateway(call, layers, found)
        if answer is not None:
            return answer
    if open_url(call):
        return ALLOWED if ANY in found else no_allow("resource")  # LAM-6
    if call.caller.kind in ("anonymous", "service", "saml", "web-identity") or call.caller.is_oai:
        return ALLOWED if found else no_allow(call.resource_layer)
    if not same_account(call):
        return grant_cross(call, found, id_ok, pb_ok, s_ok)
    if call.assumes_role or call.uses_key:
        return grant_strict(call, found, id_ok, pb_ok, s_ok)
    return grant_same(call, found, id_ok, pb_ok, s_ok)


def same_account(call: Call) -> bool:
    """7.1, S3-2: the owner of a foreign object stands for the bucket's."""
    owner = s3.object_owner(call) or call.owner
    return call.caller.account is not None and call.caller.account == owner


def identity_ok(call: Call, layers: dict[str, Verdict]) -> bool:
    """7.2, section 11: the identity policies allow; the root user, federated or not, needs none."""
    return call.caller.kind == "root" or call.caller.acts_for_root or layers["identity"].state == ALLOW


def session_ok(call: Call, layers: dict[str, Verdict]) -> bool:
    """7.2, SP-3, SP-4: federated users and AssumeRoot sessions need a session policy."""
    needed = call.caller.kind == "federated-user" or call.caller.assumed_root
    return layers["session"].state == ALLOW if needed else layers["session"].ok


def first_missing(id_ok: bool, pb_ok: bool, s_ok: bool) -> Answer:
    """M-3: the first missing Allow on the caller's side."""
    for name, good in (("identity", id_ok), ("boundary", pb_ok), ("session", s_ok)):
        if not good:
            return no_allow(name)
    return ALLOWED


def grant_same(call: Call, found: set[str], id_ok: bool, pb_ok: bool, s_ok: bool) -> Answer:
    """7.2: same account, ordinary services."""
    if call.caller.kind == "root":
        return ALLOWED if s_ok else no_allow("session")
    if USER in found:
        return ALLOWED
    if found & {SESSION, ANY}:
        return direct(call, s_ok)
    return first_missing(id_ok or bool(found & {ROLE, PARENT_USER}), pb_ok, s_ok)


def direct(call: Call, s_ok: bool) -> Answer:
    """7.2, D-1: a grant to the session or to everyone bypasses even the session policy."""
    return ALLOWED if s_ok or call.semantics.d1 == "default" else no_allow("session")


def grant_strict(call: Call, found: set[str], id_ok: bool, pb_ok: bool, s_ok: bool) -> Answer:
    """7.3: keys and roles, whose own policy must always agree."""
    if call.caller.kind == "root":
        if not found & {ROOT, ACCOUNT, ANY}:
            return no_allow(call.resource_layer)
        return ALLOWED if s_ok else no_allow("session")
    if found & {SESSION, ANY}:
        return direct(call, s_ok)
    free = call.action.lower() != "sts:assumerole" or pb_ok or call.semantics.d14 == "peer"
    if USER in found and free:
        return ALLOWED
    if found & {USER, ROLE, PARENT_USER}:
        return first_missing(True, pb_ok, s_ok)
    if ACCOUNT not in found:
        return no_allow(call.resource_layer)
    return first_missing(id_ok, pb_ok, s_ok)


def grant_cross(call: Call, found: set[str], id_ok: bool, pb_ok: bool, s_ok: bool) -> Answer:
    """7.4: both accounts must allow."""
    if not found & CROSS:
        return no_allow(call.resource_layer)
    return first_missing(id_ok, pb_ok, s_ok)


# ---------------------------------------------------------------- API Gateway, function URLs


def authorizer(call: Call) -> str | None:
    """7.17: the authorizer of an API; None for everything else."""
    if call.service != "execute-api":
        return None
    settings = call.policies.settings.get("apigateway") or {}
    return str(settings.get("authorizer") or "IAM").upper()


def api_gateway(call: Call, layers: dict[str, Verdict], found: set[str]) -> Answer | None:
    """APIGW-1 to APIGW-5, Tables A and B; None when the ordinary rules go on."""
    kind = authorizer(call)
    private = (call.policies.settings.get("apigateway") or {}).get("private") is True
    no_policy = layers["resource"].state == ABSENT
    if private and no_policy:
        return no_allow("resource")
    if kind == "IAM":
        return None
    if kind == "COGNITO" and call.semantics.d20 == "peer":
        return ALLOWED
    if kind in ("NONE", "COGNITO"):
        return ALLOWED if found or no_policy else no_allow("resource")
    authorized = layers["identity"].state == ALLOW
    if call.caller.account is None or call.same_account:
        return ALLOWED if found or authorized else no_allow("identity")
    if not found:
        return no_allow("resource")
    return ALLOWED if authorized else no_allow("identity")


SEEN_BY_API = words(
    "aws:CurrentTime aws:EpochTime aws:Referer aws:SecureTransport aws:SourceArn aws:SourceIp aws:UserAgent"
)


def seen_by_api(call: Call) -> Call:
    """APIGW-6: without IAM authorization the resource policy of an API sees only a few keys."""
    if authorizer(call) in (None, "IAM"):
        return call
    private = (call.policies.settings.get("apigateway") or {}).get("private") is True
    names = {name.lower() for name in SEEN_BY_API} | (
        {"aws:sourcevpc", "aws:sourcevpce"} if private else set()
    )
    given = [pair for pair in call.context.given if pair[0].lower() in names]
    derived = [pair for pair in call.context.derived if pair[0].lower() in names]
    return call.having(context=Context(given, derived))


def open_url(call: Call) -> bool:
    """LAM-6: a function URL without authentication is a matter of the function's policy alone."""
    if call.context.lookup("lambda:FunctionUrlAuthType") != "NONE" or call.service != "lambda":
        return False
    via_url = call.context.lookup("lambda:InvokedViaFunctionUrl") == "true"
    return call.name == "invokefunctionurl" or (call.name == "invokefunction" and via_url)
