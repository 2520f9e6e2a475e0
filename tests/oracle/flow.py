"""The decision for one check (SEMANTICS 7.1 to 7.7, M-3)."""

from __future__ import annotations

from . import catalogue, kms, s3
from .callers import Caller
from .calls import ALLOWED, Answer, Call, no_allow
from .context import Context
from .documents import Document
from .principals import ACCOUNT, ANY, IDP, PARENT_USER, ROLE, ROOT, SERVICE, SESSION, USER
from .restrictions import no_authorization_needed, restricted
from .statements import ABSENT, ALLOW, DENY, NOT_PRESENT, Verdict, judge, judge_levels
from .text import lower_words, words

RESTRICTED = Answer("implicit-deny", "service-restriction", "service")
FREE = Answer("allow", "no-authorization-needed", "none")
FULL_ACCESS = Document(
    "rcp",
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    },
)
ROOT_TASKS = lower_words(
    "support:RegisterEnterpriseSupport supportplans:CreateSupportPlanSchedule ec2:ModifyAddressAttribute"
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
        "endpoint": judge(call.policies.endpoint, call),
        call.resource_layer: resource(call),
        "boundary": boundary(call),
        "session": session(call),
        "identity": identity(call),
    }


def scp(call: Call) -> Verdict:
    """SCP-1 to SCP-6, SCP-9: whom SCPs reach."""
    caller = call.caller
    member = caller.kind in ("user", "role-session", "federated-user", "root") and not caller.is_oai
    if not member or caller.is_service_linked or caller.organization.management_account == caller.account:
        return NOT_PRESENT
    if unsigned_api(call):
        return NOT_PRESENT
    if beyond_scp(call):
        return NOT_PRESENT
    return judge_levels(call.policies.scp, call)


def beyond_scp(call: Call) -> bool:
    """SCP-6: tasks that SCPs cannot restrict."""
    if call.service == "mechanicalturk":
        return True
    return call.caller.kind == "root" and call.action.lower() in ROOT_TASKS


def rcp(call: Call) -> Verdict:
    """RCP-1 to RCP-4: what RCPs reach; RCPFullAWSAccess is always attached."""
    if not call.policies.rcp or not catalogue.supports_rcp(call.action):
        return NOT_PRESENT
    aliases = call.context.lookup("kms:ResourceAliases") if call.service == "kms" else None
    names = aliases if isinstance(aliases, list) else [aliases]
    if any(str(name).startswith("alias/aws/") for name in names):  # KMS-10: AWS manages the key
        return NOT_PRESENT
    exempt = call.action.lower() == "kms:retiregrant" or call.caller.is_service_linked
    if exempt or (call.owner is not None and call.owner == call.owner_organization.management_account):
        return NOT_PRESENT
    return judge_levels([[*level, FULL_ACCESS] for level in call.policies.rcp], call)


def resource(call: Call) -> Verdict:
    """7.1, 7.20, KMS-6, S3-2, S3-3, S3-12: the resource's own policy, with ACL grants as Allow statements."""
    if s3.owner_repairs(call) or call.service == "iam" or call.action.lower() == "kms:retiregrant":
        return NOT_PRESENT
    verdict = judge(call.policies.resource, seen_by_api(call))
    found = frozenset() if s3.object_owner(call) is not None else verdict.bindings
    found |= s3.acl_bindings(call)
    return Verdict(verdict.state, found, verdict.invalid)


def boundary(call: Call) -> Verdict:
    """PB-3: users and roles have boundaries."""
    return judge(call.policies.boundary, call) if has_own_policies(call) else NOT_PRESENT


def has_own_policies(call: Call) -> bool:
    """7.1, 7.17: the caller's own policies count."""
    return call.caller.has_policies and not unsigned_api(call)


def session(call: Call) -> Verdict:
    """SP-3, SCP-2: the session policies, where there can be any."""
    caller = call.caller
    able = caller.kind in ("role-session", "federated-user") or caller.assumed_root
    return judge(call.policies.session or None, call) if able and not unsigned_api(call) else NOT_PRESENT


def identity(call: Call) -> Verdict:
    """SCP-2, APIGW-2: the identity policies; behind a Lambda authorizer its output."""
    if not has_own_policies(call) and authorizer(call) != "LAMBDA":
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
        return ALLOWED if found & fitting(call) else no_allow(call.resource_layer)
    if not same_account(call):
        return grant_cross(call, found, id_ok, pb_ok, s_ok)
    if call.assumes_role or call.uses_key:
        return grant_strict(call, found, id_ok, pb_ok, s_ok)
    return grant_same(call, found, id_ok, pb_ok, s_ok)


def fitting(call: Call) -> set[str]:
    """7.1 C, AN-1, SVC-1, ST-10, P-11: the bindings that fit a caller without account."""
    return {"anonymous": {ANY}, "service": {SERVICE, ANY}, "user": {USER, ANY}}.get(call.caller.kind, {IDP})


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
    limited = not s_ok and bool(call.policies.session)
    return no_allow("session") if limited and call.semantics.d1 == "peer" else ALLOWED


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


def unsigned_api(call: Call) -> bool:
    """7.17, APIGW-6: without IAM authorization nobody knows the caller's own policies."""
    return authorizer(call) not in (None, "IAM")


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
    if not unsigned_api(call):
        return call
    private = (call.policies.settings.get("apigateway") or {}).get("private") is True
    names = {name.lower() for name in SEEN_BY_API} | (
        {"aws:sourcevpc", "aws:sourcevpce"} if private else set()
    )
    given = [pair for pair in call.context.given if pair[0].lower() in names]
    derived = [pair for pair in call.context.derived if pair[0].lower() in names]
    return call.having(caller=Caller("anonymous"), context=Context(given, derived))


def open_url(call: Call) -> bool:
    """LAM-6: a function URL without authentication is a matter of the function's policy alone."""
    if call.context.lookup("lambda:FunctionUrlAuthType") != "NONE" or call.service != "lambda":
        return False
    via_url = call.context.lookup("lambda:InvokedViaFunctionUrl") == "true"
    return call.name == "invokefunctionurl" or (call.name == "invokefunction" and via_url)
