"""Resource-based policies that name their caller in one way, while the caller's own layers are silent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .dice import Dice
from .policy_sets import everything
from .requests import (
    Named,
    anonymous,
    federated_user,
    origin_access_identity,
    provider,
    role_session,
    root,
    service,
    user,
)
from .statements import broad
from .vocabulary import ACCOUNTS, KEY, OAI, OIDC, ROLE, SAML, SERVICES, B

Entry = tuple[str, str]
Makers = tuple[Callable[[Dice, str], Named], ...]
REQUESTS = (8, 10)
# entries of a Principal: those of 7.2-A, and the rest of the table of 4.2
ENTRIES: tuple[Entry, ...] = (
    *(("AWS", "arn:aws:iam::{account}:user/alice"),) * 9,
    *(("AWS", "arn:aws:iam::{account}:role/team/app"),) * 4,
    *(("AWS", "arn:aws:sts::{account}:assumed-role/app/s1"),) * 2,
    *(("AWS", "arn:aws:sts::{account}:federated-user/fred"),) * 2,
    *(("AWS", "{account}"),) * 3,
    ("AWS", "arn:aws:iam::{account}:root"),
    *(("AWS", "*"),) * 5,
)
RARE: tuple[Entry, ...] = (
    ("AWS", "AIDAALICE1"), ("AWS", "AROAAPP1"), ("AWS", "AROAAPP1:s1"), ("AWS", "arn:aws:iam::{account}:role/app"),
    ("AWS", "arn:aws:iam::{account}:user/team/alice"), ("AWS", OAI), ("AWS", B), ("CanonicalUser", "c" * 8),
    ("CanonicalUser", "0a1b"), ("Service", SERVICES[0]), ("Federated", SAML), ("Federated", OIDC),
    ("AWS", "arn:aws:iam::{account}:user/*"), ("AWS", "arn:aws:iam::{account}:group/alice"),
)  # fmt: skip
MAKERS: Makers = (
    *(user,) * 3, *(role_session,) * 3, *(federated_user,) * 2, *(root,) * 3, service, anonymous, provider,
    origin_access_identity,
)  # fmt: skip
WITH_SESSION: Makers = (*(role_session,) * 2, *(federated_user,) * 2, *(root,) * 2)
UNIQUE = {"AIDA": "user", "AROA": "role-session"}
CANONICAL = {"user": "c" * 8, "role-session": "c" * 8, "oai": "0a1b"}

Calls = tuple[tuple[str, ...], tuple[str, ...]]
FUNCTION = "arn:aws:lambda:us-east-1:{account}:function:f"
ASSUMING: Calls = (("sts:AssumeRole",), (ROLE,))
USING: Calls = (("kms:Decrypt", "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "kms:EnableKey"), (KEY,))
INVOKING: Calls = (("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"), (FUNCTION,))
READING: Calls = (("s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"), ("arn:aws:s3:::b/k",))
SENDING: Calls = (("sqs:SendMessage", "sqs:DeleteQueue"), ("arn:aws:sqs:us-east-1:{account}:q",))
# 7.3: strict and not; 7.10, ST-1, ST-2, SP-5, X-7, X-9: what is decided by another rule
OTHERS: tuple[Calls, ...] = (
    (("sns:Publish",), ("arn:aws:sns:us-east-1:{account}:t",)),
    (("secretsmanager:GetSecretValue",), ("arn:aws:secretsmanager:us-east-1:{account}:secret:s-1",)),
    (("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"), ("arn:aws:s3:::b",)),
    (("kms:ListKeys", "kms:CreateKey", "kms:GenerateRandom"), ("*",)),
    (("kms:CreateAlias", "kms:DeleteAlias"), ("arn:aws:kms:eu-west-1:{account}:alias/mine", KEY)),
    (("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"), (ROLE,)),
    (("sts:TagSession", "sts:SetSourceIdentity", "sts:AssumeRole"), (ROLE, "*")),
    (("sts:GetCallerIdentity", "sts:GetSessionToken"), ("*",)),
    (("sts:GetFederationToken",), ("arn:aws:sts::{account}:federated-user/fred",)),
    (("sts:AssumeRoot",), ("arn:aws:iam::{account}:root",)),
    (("iam:GetUser",), ("arn:aws:iam::{account}:user/alice",)),
    (("dynamodb:GetItem", "dynamodb:CreateTable"), ("arn:aws:dynamodb:us-east-1:{account}:table/T",)),
)  # fmt: skip


def about_one_binding(dice: Dice) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One entry, layers that are silent, and calls of those whom it names and of others (4.2, 7.2 to 7.4)."""
    account = dice.pick(ACCOUNTS)
    kind, text = dice.pick(ENTRIES if dice.chance(0.78) else RARE)
    entry = (kind, text.format(account=account))
    statements = naming(dice, entry, account)
    policies: dict[str, Any] = {
        layer: [everything(*(broad(layer) | each for each in statements if fits(layer, each)))]
        for layer in ("resource", "trust")
    }
    policies |= own_layers(dice, text)
    if dice.chance(0.35):
        policies["settings"] = {"s3": foreign_object(dice, account)}
    if dice.chance(0.08):
        name, value = dice.pick((("d1", "peer"), ("d14", "peer"), ("notprincipal_chain", "any")))
        policies["semantics"] = {name: value}
    count = dice.number(*REQUESTS)
    return policies, [request(dice, entry, account, "session" in policies, turn) for turn in range(count)]


# ---------------------------------------------------------------- policies


def fits(layer: str, part: dict[str, Any]) -> bool:
    """P-20: a trust policy has no NotPrincipal."""
    return layer != "trust" or "NotPrincipal" not in part


def naming(dice: Dice, entry: Entry, account: str) -> list[dict[str, Any]]:
    """Name the caller once, mostly in an Allow; at times in a Deny, by a condition, or everybody else (P-21, P-22)."""
    how, own = dice.random.random(), {"Principal": {entry[0]: entry[1]}}
    if how < 0.74:
        return [{"Principal": "*"} if entry == ("AWS", "*") and dice.chance(0.5) else own]
    if how < 0.8:
        return [own, {"Principal": {"AWS": dice.pick((account, B))}}]
    if how < 0.86:
        return [{}, own | {"Effect": "Deny"}]
    if how < 0.9:
        return [{}, {"Effect": "Deny", "NotPrincipal": chain(dice, entry, account)}]
    if how < 0.93:
        return [{"NotPrincipal": own["Principal"]}, {"Principal": {"AWS": account}}]
    return [by_condition(dice, account)]


def chain(dice: Dice, entry: Entry, account: str) -> dict[str, list[str]]:
    """P-22: the caller's whole chain, seldom without an element."""
    family = [ROLE.format(account=account), f"arn:aws:sts::{account}:assumed-role/app/s1", account]
    family += [f"arn:aws:iam::{account}:user/alice", f"arn:aws:sts::{account}:federated-user/fred"]
    kept = [each for each in family if dice.chance(0.85)]
    return {"AWS": kept} | ({entry[0]: [entry[1]]} if entry[0] != "AWS" else {"AWS": [*kept, entry[1]]})


def by_condition(dice: Dice, account: str) -> dict[str, Any]:
    """7.2-A: an account or everybody, limited to one principal by aws:PrincipalArn (the measured cases)."""
    names = (ROLE, "arn:aws:iam::{account}:user/alice", "arn:aws:sts::{account}:assumed-role/app/s1")
    test = {"aws:PrincipalArn": dice.pick((*names, "arn:aws:iam::{account}:root")).format(account=account)}
    return {
        "Principal": {"AWS": dice.pick((account, "*"))},
        "Condition": {dice.pick(("ArnEquals", "StringEquals", "ArnLike")): test},
    }


def own_layers(dice: Dice, entry: str) -> dict[str, Any]:
    """The caller's identity policy, and mostly one limit that allows something else only (PB-1, SP-1)."""
    found: dict[str, Any] = {}
    if dice.chance(0.55):
        found["identity"] = [layer(dice, "identity", 0.1)]
    names_user = ":user/" in entry or entry == "AIDAALICE1"
    limits = dice.pick(
        (
            (),
            ("boundary",),
            ("boundary",),
            ("boundary",) if names_user else ("session",),
            ("boundary", "session"),
        )
    )
    for name in limits:
        found[name] = layer(dice, name, 0.75)
    if "session" in found:
        found["session"] = [found["session"]]
    if dice.chance(0.04):
        found["scp"] = [[layer(dice, "scp", 0.8)]]
    if dice.chance(0.04):
        found["endpoint"] = [layer(dice, "endpoint", 0.8)]
    return found


def layer(dice: Dice, name: str, silence: float) -> dict[str, Any]:
    """A policy that is silent, or allows, or seldom denies; a denial is never got round (7.2)."""
    if dice.chance(silence):
        return everything(broad(name) | {"Action": "ec2:*"})
    denial = [broad(name) | {"Effect": "Deny"}] if dice.chance(0.12) else []
    return everything(broad(name), *denial)


def foreign_object(dice: Dice, account: str) -> dict[str, Any]:
    """S3-2: an object that is the caller's account's own, or another's, in a bucket of anybody."""
    found: dict[str, Any] = {"object_owner": dice.pick((account, account, account, B))}
    found["object_ownership"] = dice.pick(("ObjectWriter", "ObjectWriter", "BucketOwnerPreferred"))
    if dice.chance(0.35):
        grantee = dice.pick(("c" * 8, account, "AllUsers", "AuthenticatedUsers"))
        found["object_acl"] = [{"grantee": grantee, "permission": dice.pick(("READ", "FULL_CONTROL"))}]
    return found


# ---------------------------------------------------------------- requests


def request(dice: Dice, entry: Entry, account: str, in_session: bool, turn: int) -> dict[str, Any]:
    """A call of one whom the entry names, or of anybody; the first calls are of the kinds that decide apart."""
    makers = makers_for(entry, in_session and dice.chance(0.93))
    named = caller(dice, makers, account if dice.chance(0.9) else B, in_session)
    for _ in range(12 if dice.chance(0.85) else 0):
        if entry in named[2]:
            break
        named = caller(dice, makers, account, in_session)
    foremost = (ASSUMING, USING, SENDING, INVOKING, READING, ASSUMING, USING)
    actions, resources = foremost[turn] if turn < len(foremost) else dice.pick((*foremost, *OTHERS))
    owner = account if dice.chance(0.8 if actions is not READING[0] else 0.4) else dice.pick(ACCOUNTS)
    found: dict[str, Any] = {"principal": named[1], "action": dice.pick(actions)}
    found["resource"] = dice.pick(resources).format(account=owner)
    if ":s3:" in found["resource"] and dice.chance(0.9):
        found["resource_account"] = owner if actions is not READING[0] or dice.chance(0.5) else B
    given = context(dice, named, found["action"])
    return found | ({"context": given} if given else {})


def makers_for(entry: Entry, in_session: bool) -> Makers:
    """Those who can be named, more often than the others: users by their ARN, callers without account by `*`."""
    if in_session:
        return WITH_SESSION
    if ":user/" in entry[1]:
        return (*MAKERS, *(user,) * 8)
    return (*MAKERS, service, origin_access_identity, service) if entry[1] == "*" else MAKERS


def caller(dice: Dice, makers: Makers, account: str, in_session: bool) -> Named:
    """Anybody, or one whose credentials can carry a session policy (SP-3), with ids that entries can name."""
    named = dice.pick(makers)(dice, account)
    kind, extra, names, _ = named
    if not isinstance(extra, dict):
        return named
    if kind == "root" and in_session:
        extra["assumed_root"] = True
    own = [text for _, text in names if UNIQUE.get(text[:4]) == kind]
    if own and "arn" in extra and dice.chance(0.6):
        extra["unique_id"] = dice.pick(own)
    if kind in CANONICAL and dice.chance(0.4):
        extra["canonical_id"] = CANONICAL[kind]
    return named


def context(dice: Dice, named: Named, action: str) -> dict[str, Any]:
    """LAM-6: how a function URL authorizes its callers; P-12: the other names of a service."""
    found: dict[str, Any] = {}
    if action.startswith("lambda:"):
        found["lambda:FunctionUrlAuthType"] = dice.pick(("NONE", "NONE", "AWS_IAM"))
        if action == "lambda:InvokeFunction":
            found["lambda:InvokedViaFunctionUrl"] = dice.pick(("true", "true", "false"))
    if named[0] == "service" and dice.chance(0.3):
        found["aws:PrincipalServiceNamesList"] = [dice.pick(SERVICES), SERVICES[0]]
    if action.startswith("iam:"):
        found["aws:MultiFactorAuthPresent"] = dice.pick(("true", "false"))
    return found
