"""Conditions about keys that AWS fills in, and requests that have what it fills them in from (SEMANTICS 6, K-5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .requests import Situation
from .vocabulary import DERIVED, DERIVED_OPERATORS, Derived

Values = tuple[str, ...]


def fitting_key(situation: Situation) -> Derived:
    """K-5: a key that the request has by itself, or that AWS makes of another."""
    dice = situation.dice
    places = {situation.kind, *situation.actions, *(each.partition(":")[0] for each in situation.actions)}
    if ":accesspoint/" in situation.resources[0]:
        places.add("accesspoint")
    fitting = [row for row in DERIVED if row[3] in places]
    return dice.pick(fitting if fitting and dice.chance(0.5) else [row for row in DERIVED if not row[3]])


def derived_test(situation: Situation, row: Derived) -> tuple[str, str, list[str]]:
    """A test of a key that AWS fills in, with values that it can have."""
    dice = situation.dice
    key, family, values, _ = row
    if dice.chance(0.7):
        give_source(situation, key, values)
    operator = dice.pick(DERIVED_OPERATORS[family])
    if operator == "Null":
        return operator, key, [dice.pick(("true", "false"))]
    told = [each.format(account=situation.account, owner=situation.owner) for each in values]
    return operator, key, [dice.pick(told) for _ in range(dice.few())]


def give_source(situation: Situation, key: str, values: Values) -> None:
    """Give the request what the key is derived from."""
    source = SOURCES.get(key) or SOURCES.get(key.partition("/")[0])
    if source is not None:
        source(situation, values)


# ---------------------------------------------------------------- sources


def context_of(situation: Situation) -> dict[str, Any]:
    """The request's context."""
    given: dict[str, Any] = situation.request.setdefault("context", {})
    return given


def without_key(situation: Situation, key: str) -> None:
    """Leave the key to AWS."""
    given = context_of(situation)
    for name in [name for name in given if name.lower() == key.lower()]:
        del given[name]


def with_caller(situation: Situation, more: dict[str, Any]) -> None:
    """Say more about the caller, where it can be said."""
    caller = situation.request["principal"]
    if situation.kind in ("anonymous", "service", "saml", "web-identity"):
        return
    situation.request["principal"] = (caller if isinstance(caller, dict) else {"arn": caller}) | more


def called_via(situation: Situation, values: Values) -> None:
    """6.5: a chain of services."""
    called = situation.dice.pick((values, values[::-1], values[:1]))
    context_of(situation).setdefault("aws:CalledVia", list(called))


def source_ip(situation: Situation, values: Values) -> None:
    """6.3: an address of either family."""
    context_of(situation).setdefault("aws:SourceIp", situation.dice.pick(("203.0.113.7", "2001:db8::1")))


def resource_tags(situation: Situation, values: Values) -> None:
    """6.4: tags of the resource, or of the session that a role inherits."""
    dice, request = situation.dice, situation.request
    if ":role/" not in situation.resources[0]:
        request["resource_tags"] = {"Team": dice.pick(values)}
        return
    hop = {"role": f"arn:aws:iam::{situation.owner}:role/hop", "tags": {"Team": dice.pick(values)}}
    request["action"] = "sts:AssumeRole"
    request["via"] = [hop | {"transitive_tags": [dice.pick(("Team", "team"))]}]


def principal_tags(situation: Situation, values: Values) -> None:
    """C-3: two tags that differ in letter case only."""
    dice = situation.dice
    names = dice.pick((("Team", "team"), ("team", "Team")))
    if situation.kind in ("user", "role-session"):
        with_caller(situation, {"tags": {name: dice.pick(values) for name in names}})


def assumed_root(situation: Situation, values: Values) -> None:
    """6.2: a session of AssumeRoot."""
    if situation.kind == "root":
        with_caller(situation, {"assumed_root": True})


def unique_id(situation: Situation, values: Values) -> None:
    """6.1: the id of a role, to which a session's name is added."""
    if situation.kind == "role-session":
        with_caller(situation, {"unique_id": "AROAAPP1"})


def organization(situation: Situation, values: Values) -> None:
    """6.1: the organization of the caller's account."""
    with_caller(situation, {"organization": {"id": "o-1", "path": "o-1/r-1/ou-1/"}})


def resource_organization(situation: Situation, values: Values) -> None:
    """6.4: the organization of the resource's account."""
    situation.request["resource_organization"] = {"id": "o-1", "path": "o-1/r-1/ou-1/"}


def mfa(situation: Situation, values: Values) -> None:
    """6.2: what is known of the caller's sign-in."""
    without_key(situation, "aws:MultiFactorAuthPresent")
    with_caller(situation, {"mfa": situation.dice.chance(0.5)})


def source_identity(situation: Situation, values: Values) -> None:
    """6.2: an identity that was set when the role was assumed."""
    if situation.kind == "role-session":
        with_caller(situation, {"source_identity": values[0]})


def endpoint(situation: Situation, values: Values) -> None:
    """6.3: the endpoint that the request names."""
    without_key(situation, "aws:SourceVpce")
    situation.request["endpoint"] = values[0]


def tag_keys(situation: Situation, values: Values) -> None:
    """6.5: the tags that are asked for."""
    without_key(situation, "aws:TagKeys")
    context_of(situation)["aws:RequestTag/" + situation.dice.pick(values)] = "red"


def moment(situation: Situation, values: Values) -> None:
    """K-5: the time, told in one of three ways."""
    how = situation.dice.number(0, 2)
    for key in ("aws:CurrentTime", "aws:EpochTime"):
        without_key(situation, key)
    if how == 0:
        situation.request["time"] = "2026-01-01T00:00:00Z"
    else:
        told = ("aws:CurrentTime", "2026-01-01T00:00:00Z") if how == 1 else ("aws:EpochTime", "1767225600")
        context_of(situation)[told[0]] = told[1]


SOURCES: dict[str, Callable[[Situation, Values], None]] = {
    "aws:CalledViaFirst": called_via,
    "aws:CalledViaLast": called_via,
    "aws:SourceIp": source_ip,
    "aws:ResourceTag": resource_tags,
    "aws:PrincipalTag": principal_tags,
    "aws:AssumedRoot": assumed_root,
    "aws:userid": unique_id,
    "aws:PrincipalOrgID": organization,
    "aws:PrincipalOrgPaths": organization,
    "aws:ResourceOrgID": resource_organization,
    "aws:ResourceOrgPaths": resource_organization,
    "aws:MultiFactorAuthPresent": mfa,
    "aws:SourceIdentity": source_identity,
    "sts:SourceIdentity": source_identity,
    "aws:SourceVpce": endpoint,
    "aws:TagKeys": tag_keys,
    "aws:CurrentTime": moment,
    "aws:EpochTime": moment,
}
"""The key, or the family of keys, and what it is derived from."""
