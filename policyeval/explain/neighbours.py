"""Which requests are close to a request? A sample for telling what else a change would allow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from policyeval.catalog.services import action_names
from policyeval.language.arn import is_account_id
from policyeval.names import ActionName, ResourceName, parse_action, parse_resource
from policyeval.principal import Principal, PrincipalKind, parse_principal
from policyeval.records import replace
from policyeval.request import Request
from policyeval.request_context import Check

_MOST_ACTIONS = 4
_OTHER_ACCOUNT = "999999999999"


def neighbours(check: Check, *, principals: bool) -> Iterator[tuple[str, Request]]:
    """Vary one thing at a time: the action, the resource, the caller; with words for each.

    Other `principals` make sense where policies name them: the caller's own policies are the caller's alone.
    """
    action, resource, principal = check.action, check.given_resource, check.principal
    for other in _actions(action):
        yield f"{other.text} on the same resource", _varied(check, action=other)
    for name, text in _resources(resource):
        yield f"{action.text} on {name}", _varied(check, resource=text)
    for name, caller in _principals(principal) if principals else ():
        yield f"{action.text} for {name}", _varied(check, principal=caller)


def _varied(
    check: Check,
    *,
    action: ActionName | None = None,
    resource: ResourceName | None = None,
    principal: Principal | None = None,
) -> Request:
    wanted = resource or check.given_resource
    is_named = wanted.arn is not None and wanted.arn.account_id is not None
    return Request(
        principal or check.principal,
        (action or check.action).text,
        wanted.text,
        check.context,
        resource_account=None
        if is_named or not check.owner or not is_account_id(check.owner)
        else check.owner,
        resource_organization=check.call.owner_organization,
        resource_tags=dict(check.call.resource_tags),
        time=check.time,
        endpoint=check.call.endpoint,
        endpoint_type=check.call.endpoint_type,
    )


@lru_cache(maxsize=256)
def _actions(action: ActionName) -> tuple[ActionName, ...]:
    """Siblings: the nearest names of the service by alphabet, and one that begins otherwise."""
    names = sorted(name for name in action_names(action.service) if name.lower() != action.name)
    near = sorted(names, key=lambda name: -_common_start(name.lower(), action.name))[: _MOST_ACTIONS - 1]
    far = [name for name in names if name[:3].lower() != action.name[:3]][:1]
    prefix = action.text.partition(":")[0]
    return tuple(parse_action(f"{prefix}:{name}") for name in dict.fromkeys([*near, *far]))


def _common_start(one: str, other: str) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _resources(resource: ResourceName) -> Iterator[tuple[str, ResourceName]]:
    arn = resource.arn
    if arn is None:
        return
    start = resource.text[: len(resource.text) - len(arn.resource)]
    head, slash, _ = arn.resource.rpartition("/")
    if slash:
        yield "others beside it", parse_resource(f"{start}{head}/policyeval-other")
    first, _, rest = arn.resource.partition("/")
    if arn.service == "s3" and rest:
        yield "other buckets", parse_resource(f"{start}policyeval-other/{rest}")
    elif not slash:
        yield "other resources", parse_resource(f"{start}{first}-policyeval-other")


def _principals(principal: Principal) -> Iterator[tuple[str, Principal]]:
    if principal.kind is PrincipalKind.ROLE_SESSION:
        session = f"{str(principal.arn).rpartition('/')[0]}/policyeval-other"
        yield "other sessions of the role", replace(principal, arn=session, session_name="policyeval-other")
    if not principal.is_account_member or principal.is_origin_access_identity:
        return
    for name, account in (
        ("other principals of the account", principal.account),
        ("other accounts", _OTHER_ACCOUNT),
    ):
        arn = f"arn:{principal.partition}:iam::{account}:user/policyeval-other"
        yield name, parse_principal(arn)
