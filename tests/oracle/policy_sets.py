"""The policy set (UX 1): read it, and pick out what one check needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .callers import Caller, read_tags
from .documents import Document
from .errors import require
from .reading import read
from .semantics import Semantics, read_semantics
from .settings import read_settings
from .text import same_case, split_arn, words

FIELDS = words("identity resource resources boundary session scp rcp endpoint trust roles settings semantics")
Levels = list[list[Document]]


@dataclass(frozen=True)
class Role:
    """What the set says about one role."""

    trust: list[Document] | None = None
    identity: list[Document] | None = None
    boundary: list[Document] | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicySet:
    """A policy set with its documents read."""

    identity: list[Document] | None = None
    resource: list[Document] | None = None
    resources: dict[str, list[Document]] = field(default_factory=dict)
    boundary: list[Document] | None = None
    session: list[Document] | None = None
    scp: dict[str, Levels] | Levels | None = None
    rcp: dict[str, Levels] | Levels | None = None
    endpoint: list[Document] | None = None
    trust: list[Document] | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    semantics: Semantics = field(default_factory=Semantics)


def read_policies(value: Any, strict: bool) -> PolicySet:
    """Read the whole set; every document is checked at once."""
    require(isinstance(value, dict), "a policy set is no mapping")
    for key in value:
        require(key in FIELDS, f"unknown field `{key}` of the policy set")
    parts: dict[str, Any] = {
        kind: read_documents(value.get(kind), kind, strict)
        for kind in ("identity", "resource", "boundary", "session", "endpoint", "trust")
    }
    for kind in ("scp", "rcp"):
        parts[kind] = read_organization_policies(value.get(kind), kind, strict)
    resources = value.get("resources") or {}
    require(isinstance(resources, dict), "`resources` is no mapping")
    parts["resources"] = {
        same_case(arn): read_documents(each, "resource", strict) or [] for arn, each in resources.items()
    }
    roles = value.get("roles") or {}
    require(isinstance(roles, dict), "`roles` is no mapping")
    parts["roles"] = {same_case(arn): read_role(each, strict) for arn, each in roles.items()}
    for kind, given in (("resources", resources), ("roles", roles)):
        require(len(parts[kind]) == len(given), f"an ARN is twice in `{kind}`")
    settings = read_settings(value.get("settings"))
    return PolicySet(**parts, settings=settings, semantics=read_semantics(value.get("semantics")))


def read_documents(value: Any, kind: str, strict: bool) -> list[Document] | None:
    """One entry or a list of entries; absent is None."""
    if value is None:
        return None
    entries = value if isinstance(value, list) else [value]
    return [read(entry, kind, strict) for entry in entries]


def read_organization_policies(value: Any, kind: str, strict: bool) -> dict[str, Levels] | Levels | None:
    """UX 1: levels, root first, or a mapping account id to levels."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(account): read_levels(levels, kind, strict) for account, levels in value.items()}
    return read_levels(value, kind, strict)


def read_levels(value: Any, kind: str, strict: bool) -> Levels:
    """A list of levels; a level is a list of entries or one entry."""
    require(isinstance(value, list), f"`{kind}` is no list of levels")
    return [read_documents(level, kind, strict) or [] for level in value]


def read_role(value: Any, strict: bool) -> Role:
    """UX 1 `roles`: trust, identity, boundary, tags."""
    require(isinstance(value, dict), "a role is no mapping")
    for key in value:
        require(key in ("trust", "identity", "boundary", "tags"), f"unknown field `{key}` of a role")
    return Role(
        read_documents(value.get("trust"), "trust", strict),
        read_documents(value.get("identity"), "identity", strict),
        read_documents(value.get("boundary"), "boundary", strict),
        read_tags(value.get("tags") or {}),
    )


def role_of(caller: Caller, policies: PolicySet) -> Role | None:
    """UX 1: the listed role that the caller is a session of."""
    if caller.kind != "role-session":
        return None
    if caller.role_arn is not None:
        return policies.roles.get(caller.role_arn)
    for arn, role in policies.roles.items():
        parts = split_arn(arn)
        if parts is None or (parts[1], parts[4]) != (caller.partition, caller.account):
            continue
        if parts[5].startswith("role/") and parts[5].split("/")[-1] == caller.role_name:
            return role
    return None


def resource_policy(policies: PolicySet, resource: str, is_trust: bool) -> list[Document] | None:
    """UX 1: `roles[arn].trust`, then `trust`, for a role; `resources`, then `resource`."""
    if is_trust:
        role = policies.roles.get(resource)
        if role is not None and role.trust is not None:
            return role.trust
        return policies.trust if policies.trust is not None else policies.resource
    own = listed(policies, resource)
    return own if own is not None else policies.resource


def listed(policies: PolicySet, resource: str) -> list[Document] | None:
    """UX 1 `resources`: the exact ARN, else the ARN of which this is a part."""
    if resource in policies.resources:
        return policies.resources[resource]
    above = [arn for arn in policies.resources if is_part(resource, arn)]
    return policies.resources[max(above, key=len)] if above else None


def is_part(resource: str, arn: str) -> bool:
    """R-46: objects of buckets and access points, indexes, streams, log streams, methods of an API."""
    marks = ["/object/", "/index/", "/stream/", ":log-stream:"]
    if any(resource.split(mark)[0] == arn and mark in resource for mark in marks):
        return True
    return (":s3:::" in arn or ":execute-api:" in arn) and resource.split("/")[0] == arn


def levels_for(
    given: dict[str, Levels] | Levels | None, account: str | None, own: str | None
) -> Levels | None:
    """UX 1: a mapping by account; a plain list belongs to one account (`own`; None means any)."""
    if isinstance(given, dict):
        if account is None:
            return [level for levels in given.values() for level in levels]
        return given.get(account)
    return given if own is None or account is None or own == account else None
