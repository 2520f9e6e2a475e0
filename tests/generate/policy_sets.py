"""Whole policy sets: every layer, levels, roles, settings, options."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .requests import Situation, situation
from .statements import broad, principal, statement
from .vocabulary import KEY, OPTIONS, A, B

LAYERS = ("identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint")
VERSIONS = ("2012-10-17",) * 14 + ("2008-10-17", None)


def scenario(dice: Dice, only: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy set and a request that it is about."""
    found = situation(dice)
    return policy_set(found, only), found.request


def policy_set(found: Situation, only: str | None) -> dict[str, Any]:
    """The layers, most of them allowing, so that the others come to decide."""
    dice = found.dice
    policies: dict[str, Any] = {}
    for layer, presence in presences(found).items():
        if layer == only or dice.chance(presence):
            policies[layer] = layer_value(found, layer, critical=layer == only or dice.chance(0.4))
    spread(found, policies)
    settings = service_settings(found)
    if settings:
        policies["settings"] = settings
    if dice.chance(0.08):
        name = dice.pick(tuple(OPTIONS))
        policies["semantics"] = {name: OPTIONS[name]}
    return policies


def willing_roles(found: Situation) -> dict[str, Any]:
    """The roles on the way, which trust everybody; at times the role at its end with tags."""
    hops = [each if isinstance(each, str) else each["role"] for each in found.request["via"]]
    willing = {"trust": everything(broad("trust")), "identity": [everything(broad("identity"))]}
    ends = [each for each in found.resources if ":role/" in each and found.dice.chance(0.7)]
    tagged = {each: {"tags": {found.dice.pick(("Team", "team")): "red"}} for each in ends}
    return tagged | dict.fromkeys(hops, willing)


def everything(*statements: dict[str, Any], version: str | None = "2012-10-17") -> dict[str, Any]:
    """A policy."""
    head = {} if version is None else {"Version": version}
    return head | {"Statement": list(statements)}


def assumes(found: Situation) -> bool:
    """Is a role assumed?"""
    return any(each.lower().startswith("sts:assume") for each in found.actions) or "via" in found.request


def presences(found: Situation) -> dict[str, float]:
    """How often each layer is there."""
    limited = found.kind in ("role-session", "federated-user", "root")
    by_other_means = assumes(found) or found.kind == "anonymous" or found.actions[0].startswith("kms:")
    return {
        "identity": 0.8,
        "resource": 0.3 if by_other_means else 0.6,
        "trust": 0.85 if assumes(found) else 0.03,
        "boundary": 0.25,
        "session": 0.35 if limited else 0.01,
        "scp": 0.25,
        "rcp": 0.2,
        "endpoint": 0.2,
    }


def layer_value(found: Situation, layer: str, critical: bool) -> Any:
    """The value of one field of the policy set."""
    dice = found.dice
    if layer in ("scp", "rcp"):
        levels = [level(found, layer, critical) for _ in range(dice.pick((1, 1, 2, 3)))]
        levels = [] if dice.chance(0.02) else levels
        if dice.chance(0.15):
            return {found.account: levels, dice.pick((A, B, found.owner)): [level(found, layer, critical)]}
        return levels
    if layer == "boundary":
        return document(found, layer, critical) if dice.chance(0.97) else []
    entries = [document(found, layer, critical) for _ in range(dice.few())]
    if dice.chance(0.03):
        return []
    return dice.scalar_or_list(entries)


def level(found: Situation, layer: str, critical: bool) -> list[Any]:
    """One level of SCPs or RCPs."""
    if found.dice.chance(0.02):
        return []
    return [document(found, layer, critical) for _ in range(found.dice.few())]


def document(found: Situation, kind: str, critical: bool) -> dict[str, Any]:
    """A policy: broad with an exception, or made for the request."""
    dice = found.dice
    statements = []
    if not critical and kind != "rcp" and dice.chance(0.75):
        statements.append(broad(kind))
    count = dice.few() if not statements else dice.pick((0, 0, 0, 1, 1))
    fit = dice.pick((0.97, 0.9, 0.75, 0.5))
    for _ in range(count):
        deny = kind == "rcp" or dice.chance(0.6 if statements else 0.2)
        statements.append(statement(found, kind, "Deny" if deny else "Allow", fit))
    if not statements:
        statements = [broad(kind)]
    dice.random.shuffle(statements)
    version = dice.pick(VERSIONS)
    head = {} if version is None else {"Version": version}
    return head | {"Statement": dice.scalar_or_list(statements)}


def spread(found: Situation, policies: dict[str, Any]) -> None:
    """Move policies to `resources` and `roles` at times."""
    dice = found.dice
    if dice.chance(0.08) or ":accesspoint/" in found.resources[0]:
        arns = {each for each in found.resources if each != "*"}
        arns |= {each.split("/object/")[0] for each in arns} | {"arn:aws:s3:::b"}
        chosen = [each for each in sorted(arns) if dice.chance(0.6)]
        if chosen:
            policies["resources"] = {each: document(found, "resource", dice.chance(0.5)) for each in chosen}
    if "via" in found.request or dice.chance(0.06):
        policies["roles"] = roles(found)


def roles(found: Situation) -> dict[str, Any]:
    """The roles that are assumed on the way, and others."""
    dice = found.dice
    hops = [each if isinstance(each, str) else each["role"] for each in found.request.get("via", ())]
    arns = hops + [each for each in found.resources if ":role/" in each]
    arns += [f"arn:aws:iam::{found.account}:role/team/app"]
    chosen: dict[str, Any] = {}
    for arn in arns:
        if not dice.chance(0.85):
            continue
        role: dict[str, Any] = {}
        if dice.chance(0.85):
            role["trust"] = role_trust(found, dice)
        if dice.chance(0.85):
            role["identity"] = [document(found, "identity", dice.chance(0.3))]
        if dice.chance(0.15):
            role["boundary"] = document(found, "boundary", dice.chance(0.3))
        if dice.chance(0.2):
            role["tags"] = {"Team": dice.pick(("red", "blue"))}
        chosen[arn] = role
    return chosen


def role_trust(found: Situation, dice: Dice) -> dict[str, Any]:
    """A trust policy that mostly lets the chain go on."""
    if dice.chance(0.35):
        return document(found, "trust", True)
    allow = {"Effect": "Allow", "Principal": principal(found, 0.8, False), "Action": "sts:*"}
    if dice.chance(0.6):
        allow["Principal"] = dice.pick(({"AWS": "*"}, {"AWS": [A, B]}, "*"))
    return {"Version": "2012-10-17", "Statement": [allow]}


# ---------------------------------------------------------------- settings


def service_settings(found: Situation) -> dict[str, Any]:
    """The settings of the request's service."""
    service = found.actions[0].partition(":")[0]
    dice = found.dice
    if service == "s3" and dice.chance(0.6):
        return {"s3": s3_settings(found)}
    if service == "kms" and dice.chance(0.7):
        return {"kms": {"grants": [grant(found) for _ in range(dice.few())]}}
    if service == "execute-api" and dice.chance(0.7):
        api: dict[str, Any] = {"authorizer": dice.pick(("NONE", "IAM", "COGNITO", "LAMBDA"))}
        return {"apigateway": api | ({"private": dice.chance(0.7)} if dice.chance(0.7) else {})}
    return {}


def s3_settings(found: Situation) -> dict[str, Any]:
    """Ownership, ACLs, Block Public Access, access points."""
    dice = found.dice
    s3: dict[str, Any] = {}
    if dice.chance(0.5):
        s3["object_ownership"] = dice.pick(("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"))
        s3["object_owner"] = dice.pick((A, B, found.account, found.owner))
    for name in ("bucket_acl", "object_acl"):
        if dice.chance(0.8 if found.kind == "anonymous" else 0.45):
            s3[name] = [acl_grant(found) for _ in range(dice.few())]
            if dice.chance(0.6):
                s3["object_ownership"] = dice.pick(("BucketOwnerPreferred", "ObjectWriter"))
    if dice.chance(0.5):
        switches = (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        )
        s3["block_public_access"] = {each: dice.chance(0.7) for each in switches if dice.chance(0.6)}
    if dice.chance(0.1):
        s3["abac"] = dice.chance(0.7)
    if dice.chance(0.9 if ":accesspoint/" in found.resources[0] else 0.03):
        point: dict[str, Any] = {"bucket": "b"} | ({"vpc": "vpc-1"} if dice.chance(0.2) else {})
        s3["access_points"] = {f"arn:aws:s3:eu-west-1:{found.owner}:accesspoint/ap": point}
    return s3


def acl_grant(found: Situation) -> dict[str, Any]:
    """One grant of an access control list."""
    dice = found.dice
    grantees = ("AllUsers", "AuthenticatedUsers", "c" * 8, found.account, A, "0a1b")
    permissions = ("READ", "READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")
    if found.request.get("principal") == "anonymous" and dice.chance(0.6):  # S3-3: who is not authenticated
        return {"grantee": "AuthenticatedUsers", "permission": dice.pick(("READ", "FULL_CONTROL"))}
    return {"grantee": dice.pick(grantees), "permission": dice.pick(permissions)}


def grant(found: Situation) -> dict[str, Any]:
    """One KMS grant."""
    dice = found.dice
    names = [entry for _, entry in found.names if entry.startswith("arn:") or dice.chance(0.3)] or [
        "arn:aws:iam::111111111111:user/bob"
    ]
    name = found.actions[0].partition(":")[2]
    operations = [dice.pick((name, name, name, name, "Decrypt", "RetireGrant", "CreateGrant"))]
    key = KEY.format(account=found.owner) if dice.chance(0.9) else KEY.format(account=B)
    entry: dict[str, Any] = {"key": key, "grantee": dice.pick(names), "operations": operations * dice.few()}
    if dice.chance(0.2):
        entry["operations"] = ["Decrypt", "Encrypt", "CreateGrant", "GenerateDataKey", "RetireGrant"]
    if dice.chance(0.15):
        entry["grantee"] = "arn:aws:iam::111111111111:user/bob"
    if dice.chance(0.5):
        entry["constraints"] = {dice.pick(("EncryptionContextEquals", "EncryptionContextSubset")): {"p": "1"}}
    elif dice.chance(0.1):
        entry["constraints"] = dice.pick(({"SourceArn": "arn:aws:s3:::b"}, {"Unknown": {}}))
    if dice.chance(0.2):
        entry["retiring_principal"] = dice.pick(names)
    return entry
