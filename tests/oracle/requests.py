"""The request (UX 1): read it, and split it into checks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .callers import Caller, Organization, read_caller, read_organization, read_tags
from .context import Value, merged, read_context
from .documents import as_list
from .errors import Invalid, require
from .shapes import shaped
from .text import is_account, same_case, scalar_text, split_arn, words
from .values import date

FIELDS = words("""
principal action resource resource_account resource_organization context via time resource_tags endpoint
endpoint_type also
""")
ALSO_FIELDS = words("action resource resource_account context")
HOP_FIELDS = words("role session_name session_policy tags transitive_tags source_identity context")
ACTION = re.compile(r"[A-Za-z0-9.-]+:[^\s:*?]+\Z")


@dataclass(frozen=True)
class Check:
    """One pair of action and resource with its context."""

    action: str
    resource: str
    resource_account: str | None
    resource_tags: dict[str, str]
    context: list[tuple[str, Value]]


@dataclass(frozen=True)
class Hop:
    """A role assumed on the way."""

    role: str
    session_name: str | None = None
    session_policy: Any = None
    tags: dict[str, str] = field(default_factory=dict)
    transitive_tags: list[str] = field(default_factory=list)
    source_identity: str | None = None
    context: list[tuple[str, Value]] = field(default_factory=list)


@dataclass(frozen=True)
class Request:
    """A request that was read."""

    caller: Caller
    checks: list[Check]
    via: list[Hop]
    resource_organization: Organization | None
    time: str | None
    now: str
    endpoint: str | None
    endpoint_type: str | None


def read_request(value: Any, now: Any) -> Request:
    """Read a request, refusing what it cannot mean."""
    require(isinstance(value, dict), "a request is no mapping")
    value = shaped(value)
    for key in value:
        require(key in FIELDS, f"unknown field `{key}` of the request")
    given = {key: each for key, each in value.items() if each is not None}
    require("principal" in given and "action" in given, "a request has a principal and an action")
    context = read_context(given.get("context"))
    account = read_account(given.get("resource_account"))
    tags = read_tags(given.get("resource_tags", {}))
    checks = read_checks(given, account, tags, context)
    for each in as_list(given.get("also", [])):
        checks += read_also(each, tags, context)
    endpoint_type = given.get("endpoint_type")
    require(endpoint_type in (None, "gateway", "interface"), f"unknown endpoint type `{endpoint_type}`")
    return Request(
        caller=read_caller(given["principal"]),
        checks=checks,
        via=[read_hop(each) for each in as_list(given.get("via", []))],
        resource_organization=read_organization(given["resource_organization"])
        if "resource_organization" in given
        else None,
        time=read_time(given["time"]) if "time" in given else None,
        now=read_time(now) if now is not None else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        endpoint=scalar_text(given.get("endpoint")),
        endpoint_type=endpoint_type,
    )


def read_account(value: Any) -> str | None:
    """R-43: an account id."""
    text = scalar_text(value)
    require(value is None or is_account(text), f"`{value}` is no account id")
    return text


def read_checks(
    given: dict[str, Any], account: str | None, tags: dict[str, str], context: list[tuple[str, Value]]
) -> list[Check]:
    """UX 1: every action on every resource."""
    actions = as_list(given["action"])
    resources = as_list(given.get("resource", "*"))
    require(len(actions) > 0 and len(resources) > 0, "no action or no resource")
    return [
        Check(read_action(action), read_resource(resource, account), account, tags, context)
        for action in actions
        for resource in resources
    ]


def read_action(value: Any) -> str:
    """A-12: a concrete action."""
    if not isinstance(value, str) or not ACTION.match(value):
        raise Invalid(f"`{value}` is no action")
    return str(value)


def read_resource(value: Any, account: str | None) -> str:
    """R-8, R-43: an ARN or `*`, whose account agrees with `resource_account`."""
    require(isinstance(value, str), "a resource is a string")
    if value == "*":
        return "*"
    parts = split_arn(value)
    require(parts is not None, f"`{value}` is neither an ARN nor `*`")
    assert parts is not None
    require(
        account is None or not is_account(parts[4]) or parts[4] == account, "two accounts own the resource"
    )
    return same_case(value)


def read_also(value: Any, tags: dict[str, str], context: list[tuple[str, Value]]) -> list[Check]:
    """UX 1 `also`: a further check of the same caller."""
    require(isinstance(value, dict) and "action" in value, "an entry of `also` needs an action")
    for key in value:
        require(key in ALSO_FIELDS, f"unknown field `{key}` of `also`")
    own = read_account(value.get("resource_account"))
    return read_checks(value, own, tags, merged(context, read_context(value.get("context"))))


def read_hop(value: Any) -> Hop:
    """UX 1 `via`: a role ARN or an object."""
    if isinstance(value, str):
        value = {"role": value}
    require(isinstance(value, dict) and "role" in value, "an entry of `via` needs a role")
    for key in value:
        require(key in HOP_FIELDS, f"unknown field `{key}` of `via`")
    parts = split_arn(str(value["role"]))
    require(parts is not None and parts[2] == "iam" and parts[5].startswith("role/"), "`via` lists roles")
    transitive = value.get("transitive_tags") or []
    require(isinstance(transitive, list), "`transitive_tags` is no list")
    return Hop(
        role=value["role"],
        session_name=scalar_text(value.get("session_name")),
        session_policy=value.get("session_policy"),
        tags=read_tags(value.get("tags") or {}),
        transitive_tags=[str(each) for each in transitive],
        source_identity=scalar_text(value.get("source_identity")),
        context=read_context(value.get("context")),
    )


def read_time(value: Any) -> str:
    """UX 1 `time`: a date in any form that conditions know."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = scalar_text(value)
    require(text is not None and date(text) is not None, f"`{value}` is no time")
    assert text is not None
    return text
