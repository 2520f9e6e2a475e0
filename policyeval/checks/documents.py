"""Which policy documents are in a file? One, those of a policy set, or those of a case file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.language.documents import JsonValue
from policyeval.language.parse import recognised_type
from policyeval.language.policy_types import POLICY_TYPES, TRUST, PolicyType, policy_type
from policyeval.records import Record
from policyeval.source import Path

_LAYERS = ("identity", "resource", "boundary", "session", "scp", "rcp", "endpoint", "trust")
_NAMED = re.compile(r"(^|[-_.])(scp|rcp|boundary|endpoint|vpce)s?($|[-_.])")
# A word in a file's name → the layer that it tells; a layer → that which its policies look like.
_BY_WORD = {"scp": "scp", "rcp": "rcp", "boundary": "boundary", "endpoint": "endpoint", "vpce": "endpoint"}
_LOOKS_LIKE = {"scp": "identity", "boundary": "identity", "rcp": "resource", "endpoint": "resource"}
_MAPPED = {"resources": "resource"}


class Found(Record):
    """A document, its type, and the path to it."""

    value: JsonValue
    type: PolicyType
    base: Path


def documents_in(value: JsonValue, type: str | None, name: str = "") -> Iterator[Found]:
    """Walk the policy documents of a file; what looks like none of the shapes is taken for a document."""
    if isinstance(value, dict) and type is None and "Statement" not in value:
        if "cases" in value or "policies" in value:
            yield from _of_cases(value)
            return
        if any(name in value for name in (*_LAYERS, *_MAPPED, "roles")) and "Version" not in value:
            yield from _of_set(value, ())
            return
    row = type_of(value, type)
    yield Found(value, (_by_name(name, row) if type is None else None) or row, ())


def _by_name(file: str, row: PolicyType) -> PolicyType | None:
    """Tell the policies that look like others by the name of their file or folder: `scp/deny.json`, `rcp.json`."""
    parts = file.replace("\\", "/").split("/")[-2:]
    words = (_NAMED.search(part.lower()) for part in reversed(parts))
    named = (_BY_WORD[one[2]] for one in words if one)
    return next((policy_type(layer) for layer in named if row.layer == _LOOKS_LIKE[layer]), None)


def type_of(value: JsonValue, name: str | None) -> PolicyType:
    """Find the type: the one named, else by content; a resource-based policy by the services of its actions."""
    row = policy_type(name) if name is not None else recognised_type(value)
    if row.name == "identity" and name is None and _names_federation(value):
        return TRUST
    return _narrowed(value, row) if row.name == "resource" else row


def _statements(value: JsonValue) -> list[dict[str, JsonValue]]:
    listed = value.get("Statement") if isinstance(value, dict) else None
    return [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)]


def _names_federation(value: JsonValue) -> bool:
    """A trust policy whose Principal is missing: its actions still tell, when there is no resource."""
    actions = [one.get("Action") for one in _statements(value)]
    return bool(actions) and all(
        isinstance(one, str) and one.lower().startswith("sts:assumerolewith") for one in actions
    )


def _narrowed(value: JsonValue, row: PolicyType) -> PolicyType:
    services = set()
    for statement in _statements(value):
        actions = statement.get("Action")
        for action in actions if isinstance(actions, list) else [actions]:
            if isinstance(action, str):
                services.add(action.partition(":")[0].lower())
    rows = [one for one in POLICY_TYPES if services and services <= set(one.services)]
    access_point = next((one for one in rows if one.name == "resource:access-point"), None)
    if access_point is not None and ":accesspoint/" in str(value):
        return access_point
    return rows[0] if rows else row


def _of_cases(value: dict[str, JsonValue]) -> Iterator[Found]:
    yield from _of_set(value.get("policies"), ("policies",))
    cases = value.get("cases")
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict):
            yield from _of_set(case.get("policies"), ("cases", index, "policies"))


def _of_set(value: JsonValue, base: Path) -> Iterator[Found]:
    for name, member in value.items() if isinstance(value, dict) else ():
        if name in _LAYERS:
            yield from _entries(member, name, (*base, name))
        elif name in _MAPPED and isinstance(member, dict):
            for key, one in member.items():
                yield from _entries(one, _MAPPED[name], (*base, name, key))
        elif name == "roles" and isinstance(member, dict):
            for arn, role in member.items():
                yield from _of_set(role, (*base, name, arn))


def _entries(value: JsonValue, layer: str, base: Path) -> Iterator[Found]:
    """Walk the documents of a layer: single, listed, by level, by account, or under `policy`. Paths are other files."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from _entries(one, layer, (*base, index))
    elif isinstance(value, dict) and "policy" in value:
        yield from _entries(value["policy"], layer, (*base, "policy"))
    elif isinstance(value, dict) and "versions" in value:
        yield from _versions(value["versions"], layer, (*base, "versions"))
    elif (
        isinstance(value, dict)
        and layer in ("scp", "rcp")
        and "Statement" not in value
        and "Version" not in value
    ):
        for account, levels in value.items():
            yield from _entries(levels, layer, (*base, account))
    elif isinstance(value, dict):
        yield Found(value, type_of(value, layer), base)


def _versions(value: JsonValue, layer: str, base: Path) -> Iterator[Found]:
    for index, one in enumerate(value if isinstance(value, list) else ()):
        if isinstance(one, dict) and one.get("IsDefaultVersion"):
            yield from _entries(one.get("Document"), layer, (*base, index, "Document"))
