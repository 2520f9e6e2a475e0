"""A whole request: its checks, the permission-only actions behind them, and the roles on the way."""

from __future__ import annotations

from dataclasses import replace

from . import catalogue, context
from .callers import Caller, Organization, read_arn
from .calls import Answer, Call, Policies
from .context import Context, Facts
from .errors import require
from .flow import decide
from .policy_sets import (
    PolicySet,
    levels_for,
    listed,
    read_documents,
    resource_policy,
    role_of,
)
from .principals import ASSUME
from .requests import Check, Hop, Request
from .restrictions import access_point, access_point_arn
from .text import is_account, split_arn
from .values import date


def answer_request(policies: PolicySet, request: Request, strict: bool) -> Answer:
    """UX 1: the roles on the way one after the other, then the request's own checks."""
    check_session(policies, request.caller)
    sessions = [read_documents(hop.session_policy, "session", strict) for hop in request.via]
    caller = with_role_tags(request.caller, policies)
    own = own_policies(policies, caller)
    inherited: dict[str, str] = {}
    for hop, session in zip(request.via, sessions, strict=True):
        answer = assume(hop, caller, own, inherited, policies, request)
        if answer.effect != "allow":
            return answer
        inherited = inherited_tags(hop, inherited)
        caller = session_caller(hop, caller, inherited, policies)
        role = policies.roles.get(hop.role)
        own = Policies(role.identity if role else None, role.boundary if role else None, session)
    answers = []
    for check in request.checks:
        answers += answer_check(check, caller, own, inherited, policies, request)
    return combined(answers)


def combined(answers: list[Answer]) -> Answer:
    """7.1: all must allow; else an explicit deny, else the first implicit one."""
    for effect in ("explicit-deny", "implicit-deny"):
        for answer in answers:
            if answer.effect == effect:
                return answer
    return answers[0]


def check_session(policies: PolicySet, caller: Caller) -> None:
    """SP-3: IAM users and ordinary root users have no session policies."""
    without = caller.kind == "user" or (caller.kind == "root" and not caller.assumed_root)
    require(not (without and policies.session), "this caller has no session policies")


def with_role_tags(caller: Caller, policies: PolicySet) -> Caller:
    """UX 1: a session of a listed role has the role's tags unless the request gives some."""
    role = role_of(caller, policies)
    return replace(caller, tags=role.tags) if role is not None and not caller.tags else caller


def own_policies(policies: PolicySet, caller: Caller) -> Policies:
    """UX 1: the caller's own layers; those of a listed role where the top level gives none."""
    role = role_of(caller, policies)
    identity, boundary = policies.identity, policies.boundary
    if role is not None:
        identity = identity or role.identity
        boundary = role.boundary if boundary is None else boundary
    return Policies(identity, boundary, policies.session)


# ---------------------------------------------------------------- one check


def answer_check(
    check: Check,
    caller: Caller,
    own: Policies,
    inherited: dict[str, str],
    policies: PolicySet,
    request: Request,
    final: bool = True,
) -> list[Answer]:
    """A-13, ST-6, LAM-6, S3-6: the check and those that AWS makes with it."""
    check = carried_tags(check, inherited, policies)
    checks = [check] + [replace(check, action=action) for action in companions(check, caller, inherited)]
    if check.action.lower() == "lambda:invokefunctionurl" and not policies.semantics.lambda_url_legacy:
        checks.append(replace(check, action="lambda:InvokeFunction", context=via_url(check)))
    calls = [call for each in checks for call in calls_of(each, caller, own, policies, request, final)]
    return [decide(call) for call in calls]


def carried_tags(check: Check, inherited: dict[str, str], policies: PolicySet) -> Check:
    """Section 11: inherited transitive tags stand in for the tags of the role that is assumed."""
    role = policies.roles.get(check.resource)
    if check.action.lower() != "sts:assumerole":
        return check
    values = {name.lower(): value for name, value in inherited.items()}
    tags = check.resource_tags or (role.tags if role is not None else {})
    return replace(
        check, resource_tags={name: values.get(name.lower(), value) for name, value in tags.items()}
    )


def via_url(check: Check) -> list[tuple[str, context.Value]]:
    """LAM-6: the second check knows that it comes through the function URL."""
    others = [pair for pair in check.context if pair[0].lower() != "lambda:invokedviafunctionurl"]
    return [*others, ("lambda:InvokedViaFunctionUrl", "true")]


def companions(check: Check, caller: Caller, inherited: dict[str, str]) -> list[str]:
    """ST-6, section 11: TagSession, SetSourceIdentity and SetContext, when they are asked for."""
    action = check.action.lower()
    given = Context(check.context)
    if action not in (*ASSUME, "sts:getfederationtoken"):
        return []
    names = []
    if passes_tags(given) or inherited:
        names.append("sts:TagSession")
    if action == "sts:getfederationtoken":
        return names
    if given.lookup("sts:SourceIdentity") or caller.source_identity:
        names.append("sts:SetSourceIdentity")
    if given.lookup("sts:RequestContextProviders"):
        names.append("sts:SetContext")
    return names


def passes_tags(given: Context) -> bool:
    """UX 1: session tags count as passed when one of three keys says so."""
    lists = (given.lookup("aws:TagKeys"), given.lookup("sts:TransitiveTagKeys"))
    return bool(given.tails("aws:RequestTag/")) or any(any(each or ()) for each in lists)


def calls_of(
    check: Check, caller: Caller, own: Policies, policies: PolicySet, request: Request, final: bool
) -> list[Call]:
    """S3-6: one call, or two when the request goes through an access point."""
    call = make_call(check, caller, own, policies, request, final)
    point = access_point(call)
    if point is None or call.service != "s3":
        return [call]
    parts = split_arn(call.resource)
    assert parts is not None
    bucket = f"arn:{parts[1]}:s3:::{point.get('bucket')}"
    _, _, key = parts[5].partition("/object/")
    call.context.derive("s3:DataAccessPointArn", access_point_arn(call.resource))
    call.context.derive("s3:DataAccessPointAccount", parts[4])
    call.context.derive("s3:AccessPointNetworkOrigin", "VPC" if point.get("vpc") else "Internet")
    governed = f"{bucket}/{key}" if key else bucket
    behind = replace(call.policies, resource=listed(policies, governed))
    return [call, call.having(policies=behind, governed=governed)]


def make_call(
    check: Check, caller: Caller, own: Policies, policies: PolicySet, request: Request, final: bool
) -> Call:
    """Put together everything that one decision looks at."""
    resource = "*" if catalogue.resource_less(check.action) else check.resource
    owner = owner_of(check.resource, check.resource_account, caller)
    given = Context(list(check.context))
    call = Call(caller, check.action, resource, owner, given, own, policies.semantics, request.endpoint_type)
    given_tags = check.resource_tags or role_tags(policies, resource)
    facts = Facts(
        action=check.action,
        resource=resource,
        owner=owner,
        resource_organization=owner_organization(owner, caller, request if final else None),
        resource_tags=given_tags,
        tags_on_s3=s3_abac(policies),
        endpoint=request.endpoint if final else None,
        time=time_of(given, request),
    )
    context.fill(given, caller, facts)
    owner_list = None if final else final_owner(request)
    layers = replace(
        own,
        scp=levels_for(policies.scp, caller.account, first_account(request) if request.via else None),
        rcp=levels_for(policies.rcp, owner, owner_list),
        endpoint=policies.endpoint if final else None,
        resource=resource_policy(policies, resource, call.assumes_role),
        settings=policies.settings,
    )
    return call.having(policies=layers, owner_organization=facts.resource_organization)


def time_of(given: Context, request: Request) -> str:
    """K-5: the request's time, as `time` or a context key tells it, else the clock."""
    for told in (request.time, given.lookup("aws:CurrentTime"), given.lookup("aws:EpochTime")):
        if isinstance(told, str):
            return told if date(told) is not None else request.now
    return request.now


def owner_of(resource: str, given: str | None, caller: Caller) -> str | None:
    """R-43: `resource_account`, else the ARN's account, else the caller's."""
    if given is not None:
        return given
    parts = split_arn(resource)
    if parts is not None and is_account(parts[4]):
        return parts[4]
    return None if caller.is_oai else caller.account


def role_tags(policies: PolicySet, resource: str) -> dict[str, str]:
    """UX 1 `roles`: the tags of the role that the call is about."""
    role = policies.roles.get(resource)
    return role.tags if role is not None else {}


def s3_abac(policies: PolicySet) -> bool:
    """6.4: tags of buckets and objects count only when bucket ABAC is on."""
    return (policies.settings.get("s3") or {}).get("abac") is True


# ---------------------------------------------------------------- roles on the way


def assume(
    hop: Hop, caller: Caller, own: Policies, inherited: dict[str, str], policies: PolicySet, request: Request
) -> Answer:
    """ST-3 to ST-9: may the caller assume the next role."""
    check = Check(assume_action(caller), hop.role, None, {}, hop_context(hop))
    return combined(answer_check(check, caller, own, inherited, policies, request, final=False))


def assume_action(caller: Caller) -> str:
    """ST-10: identity providers have actions of their own."""
    actions = {"saml": "sts:AssumeRoleWithSAML", "web-identity": "sts:AssumeRoleWithWebIdentity"}
    return actions.get(caller.kind, "sts:AssumeRole")


def hop_context(hop: Hop) -> list[tuple[str, context.Value]]:
    """UX 1 `via`: the keys of the AssumeRole call."""
    own: list[tuple[str, context.Value]] = [
        (f"aws:RequestTag/{name}", value) for name, value in hop.tags.items()
    ]
    if hop.transitive_tags:
        own.append(("sts:TransitiveTagKeys", list(hop.transitive_tags)))
    if hop.source_identity is not None:
        own.append(("sts:SourceIdentity", hop.source_identity))
    own.append(("sts:RoleSessionName", hop.session_name or "session"))
    return context.merged(own, hop.context)


def inherited_tags(hop: Hop, inherited: dict[str, str]) -> dict[str, str]:
    """ST-7: transitive tags stay with the chain."""
    keys = {key.lower() for key in hop.transitive_tags}
    new = {name: value for name, value in hop.tags.items() if name.lower() in keys}
    return new | inherited


def session_caller(hop: Hop, before: Caller, inherited: dict[str, str], policies: PolicySet) -> Caller:
    """The session that the hop gives."""
    role_session = read_arn(hop.role)
    name = hop.session_name or "session"
    arn = str(role_session.arn).rsplit("/", 1)[0] + f"/{name}"
    role = policies.roles.get(hop.role)
    return replace(
        role_session,
        arn=arn,
        session_name=name,
        tags=role.tags if role is not None else {},
        session_tags=hop.tags | inherited,
        source_identity=hop.source_identity or before.source_identity,
        organization=before.organization if before.account == role_session.account else Organization(),
    )


def owner_organization(owner: str | None, caller: Caller, request: Request | None) -> Organization:
    """R-43: the owner's organization; inside one account it is the caller's."""
    if request is not None and request.resource_organization is not None:
        return request.resource_organization
    return caller.organization if owner is not None and owner == caller.account else Organization()


def final_owner(request: Request) -> str | None:
    """The owner of what the request is finally about."""
    check = request.checks[0]
    parts = split_arn(check.resource)
    named = parts[4] if parts is not None and is_account(parts[4]) else None
    last = split_arn(request.via[-1].role) if request.via else None
    return check.resource_account or named or (last[4] if last is not None else None)


def first_account(request: Request) -> str | None:
    """UX 1: a bare list of SCPs is about the first caller's account; where there is none, the first role's."""
    role = split_arn(request.via[0].role)
    own = None if request.caller.is_oai else request.caller.account
    return own or (role[4] if role is not None else None)
