"""Requests: callers of every kind, calls, contexts, chains, further checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .dice import Dice
from .vocabulary import (
    ACCOUNTS,
    BUCKET_POLICY,
    BY_FAMILY,
    CALLS,
    EDGES,
    KEY,
    KEYS,
    LISTS,
    OAI,
    OIDC,
    ROLE,
    SAML,
    SERVICES,
    TYPED_FAMILIES,
    A,
    B,
    Call,
)


@dataclass
class Situation:
    """A request, and what policies that fit it are made of."""

    dice: Dice
    kind: str
    request: dict[str, Any]
    names: list[tuple[str, str]]
    """The principal entries that match the caller."""
    account: str
    owner: str
    values: dict[str, Any] = field(default_factory=dict)
    """The context keys that a condition may be about, with the request's values where they are known."""

    @property
    def actions(self) -> list[str]:
        """Every action that the request is about."""
        given = self.request["action"]
        also = [each["action"] for each in self.request.get("also", ())]
        return (given if isinstance(given, list) else [given]) + also

    @property
    def resources(self) -> list[str]:
        """Every resource that the request is about."""
        given = self.request.get("resource", "*")
        also = [each["resource"] for each in self.request.get("also", ()) if "resource" in each]
        return (given if isinstance(given, list) else [given]) + also


MANY = {row[0] for row in LISTS}

UNSIGNED = ("s3", "sqs", "sns", "execute-api", "lambda")
CALLS_OF: dict[str, list[Call]] = {}
"""The calls of a service, and those of an action."""
for each in CALLS:
    for place in {name for action in each[0] for name in (action, action.partition(":")[0])}:
        CALLS_OF.setdefault(place, []).append(each)
PLAIN = "plain"  # calls without rules of their own, by users and roles
CALLS_OF[PLAIN] = [
    each for each in CALLS if each[0][0].split(":")[0] in ("sqs", "sns", "dynamodb", "s3", "acme")
]
CALLS_OF["accesspoint"] = [each for each in CALLS if ":accesspoint/" in each[1][0]]

# ---------------------------------------------------------------- callers

Named = tuple[str, Any, list[tuple[str, str]], dict[str, Any]]


def account_names(account: str) -> list[tuple[str, str]]:
    """The two ways to write an account."""
    return [("AWS", account), ("AWS", f"arn:aws:iam::{account}:root")]


def user(dice: Dice, account: str) -> Named:
    """An IAM user."""
    arn = f"arn:aws:iam::{account}:user/" + dice.pick(("alice", "alice", "team/alice", "Alice", "bob"))
    extra: dict[str, Any] = {"arn": arn}
    if dice.chance(0.1):
        extra["session_token"] = True
    if dice.chance(0.35):
        extra["unique_id"] = "AIDAALICE1"
    if dice.chance(0.1):
        extra["canonical_id"] = "c" * 8
    names = [("AWS", arn), *account_names(account), ("AWS", "AIDAALICE1"), ("CanonicalUser", "c" * 8)]
    return "user", extra, names, {"aws:username": arn.rsplit("/", 1)[1], "aws:PrincipalArn": arn}


def role_session(dice: Dice, account: str) -> Named:
    """A session of a role, with or without the role's path, or only the role."""
    role = ROLE.format(account=account)
    if dice.chance(0.06):
        role = f"arn:aws:iam::{account}:role/aws-service-role/x/app"
    session = f"arn:aws:sts::{account}:assumed-role/app/" + dice.pick(("s1", "s1", "s2", "alice"))
    extra: dict[str, Any] = {"arn": session, "role_arn": role}
    if dice.chance(0.2):
        del extra["role_arn"]
    elif dice.chance(0.15):
        extra = {"arn": role}
    if dice.chance(0.35):
        extra["unique_id"] = dice.pick(("AROAAPP1", "AROAAPP1:s1"))
    if dice.chance(0.04):
        extra["service_linked"] = True
    names = [("AWS", session), ("AWS", role), *account_names(account)]
    names += [("AWS", f"arn:aws:iam::{account}:role/app"), ("AWS", "AROAAPP1"), ("AWS", "AROAAPP1:s1")]
    return "role-session", extra, names, {"aws:PrincipalArn": role}


def federated_user(dice: Dice, account: str) -> Named:
    """A federated user, whose parent is a user, the root user or unknown."""
    arn, parent = f"arn:aws:sts::{account}:federated-user/fred", f"arn:aws:iam::{account}:user/alice"
    extra = {"arn": arn, "parent_user_arn": parent}
    if dice.chance(0.2):
        extra["parent_user_arn"] = f"arn:aws:iam::{account}:root"
    elif dice.chance(0.2):
        del extra["parent_user_arn"]
    names = [("AWS", arn), ("AWS", parent), *account_names(account)]
    return "federated-user", extra, names, {"aws:PrincipalArn": arn, "aws:userid": f"{account}:fred"}


def root(dice: Dice, account: str) -> Named:
    """The root user of an account."""
    arn = f"arn:aws:iam::{account}:root"
    extra: dict[str, Any] = {"arn": dice.pick((arn, account))}
    if dice.chance(0.25):
        extra["assumed_root"] = True
    return "root", extra, account_names(account), {"aws:PrincipalArn": arn}


def service(dice: Dice, account: str) -> Named:
    """An AWS service."""
    name = dice.pick(SERVICES)
    names = [("Service", name), ("Service", "eu.ec2.amazonaws.com")]
    return "service", {"service": name}, names, {"aws:PrincipalServiceName": name}


def anonymous(dice: Dice, account: str) -> Named:
    """Nobody."""
    return "anonymous", "anonymous", [], {"aws:PrincipalAccount": "anonymous"}


def provider(dice: Dice, account: str) -> Named:
    """An identity provider."""
    if dice.chance(0.4):
        return "saml", {"provider": SAML}, [("Federated", SAML)], {}
    name = dice.pick((OIDC, "accounts.google.com", "cognito-identity.amazonaws.com"))
    return "web-identity", {"provider": name}, [("Federated", name)], {}


def origin_access_identity(dice: Dice, account: str) -> Named:
    """P-11: an OAI."""
    names = [("AWS", OAI), ("CanonicalUser", "0a1b")]
    extra = {"arn": OAI} | ({"canonical_id": "0a1b"} if dice.chance(0.4) else {})
    return "oai", extra, names, {"aws:PrincipalArn": OAI}


CALLERS = (
    user, user, user, user, role_session, role_session, role_session, role_session, federated_user,
    federated_user, root, root, service, service, anonymous, anonymous, provider, origin_access_identity,
)  # fmt: skip


CALLERS_OF = {
    "user": (user,), "role-session": (role_session,), "federated-user": (federated_user,), "root": (root,),
    "service": (service,), "anonymous": (anonymous,), "oai": (origin_access_identity,),
    "sts:AssumeRole": (user, role_session), "iam": (user, role_session), PLAIN: (user, role_session),
}  # fmt: skip


def principal_extras(dice: Dice, principal: Any, account: str, values: dict[str, Any]) -> Any:
    """Tags, organization and the like; a bare ARN where there are none."""
    if not isinstance(principal, dict) or "service" in principal or "provider" in principal:
        return principal
    if dice.chance(0.3):
        team = dice.pick(("red", "Blue", "*", "*", "r?d", "", "alice"))
        principal["tags"] = {dice.pick(("Team", "team")): team}
        if dice.chance(0.15):
            principal["tags"] |= {dice.pick(("Team", "team", "TEAM")): dice.pick(("red", "Blue", team))}
        values["aws:PrincipalTag/Team"] = team
    if dice.chance(0.12):
        principal["session_tags"] = {dice.pick(("Team", "TEAM")): dice.pick(("red", "x"))}
    if dice.chance(0.1):
        principal["source_identity"] = "sid"
    if dice.chance(0.15):
        principal["mfa"] = dice.chance(0.5)
    if dice.chance(0.2):
        manager = dice.pick((None, account, B))
        principal["organization"] = {"id": "o-1", "path": "o-1/r-1/ou-1/"} | (
            {"management_account": manager} if manager else {}
        )
        values["aws:PrincipalOrgID"] = "o-1"
    bare = set(principal) == {"arn"}
    return principal["arn"] if bare and dice.chance(0.7) else principal


# ---------------------------------------------------------------- context


def context(dice: Dice, situation: Situation) -> dict[str, Any]:
    """A few context keys, absent ones and empty ones included."""
    given: dict[str, Any] = {}
    for _ in range(dice.pick((0, 1, 2, 2, 3, 4))):
        many = dice.chance(0.35)
        key, _, options = dice.pick(LISTS if many else KEYS)
        if dice.chance(0.3):
            key, _, options = dice.pick(BY_FAMILY[dice.pick(TYPED_FAMILIES), many])
        value: Any = dice.pick(options)
        if many:
            value = [dice.pick(options) for _ in range(dice.pick((0, 1, 1, 2, 3)))]
        elif dice.chance(0.03):
            value = [value]
        situation.values[key] = value
        if dice.chance(0.03):
            value = None
        given[dice.flipped(key) if dice.chance(0.1) else key] = value
    if dice.chance(0.04):
        given["aws:PrincipalArn"] = dice.pick(("arn:aws:iam::111111111111:role/x", None))
    return given


def companions(dice: Dice, given: dict[str, Any]) -> None:
    """ST-6: what makes sts:AssumeRole ask for more."""
    if dice.chance(0.25):
        given["aws:RequestTag/Team"] = "red"
    if dice.chance(0.15):
        given["sts:SourceIdentity"] = "sid"
    if dice.chance(0.1):
        given["sts:RequestContextProviders"] = ["arn:aws:iam::aws:contextProvider/x"]


# ---------------------------------------------------------------- requests


def situation(dice: Dice, place: str = "") -> Situation:
    """Make a request, by the caller or of the call that is named, and remember what fits it."""
    account = dice.pick(ACCOUNTS)
    kind, principal, names, values = dice.pick(CALLERS_OF.get(place, CALLERS))(dice, account)
    owner = account if dice.chance(0.6) else dice.pick(ACCOUNTS)
    actions, resources = call_for(dice, kind) if place not in CALLS_OF else dice.pick(CALLS_OF[place])
    if kind in ("saml", "web-identity") and dice.chance(0.85):
        action = "sts:AssumeRoleWithSAML" if kind == "saml" else "sts:AssumeRoleWithWebIdentity"
        actions, resources = (action,), (ROLE,)
    found = Situation(dice, kind, {}, names, account, owner, values)
    values |= {"aws:PrincipalAccount": account, "aws:ResourceAccount": owner, "aws:SecureTransport": "true"}
    request = found.request
    request["principal"] = principal_extras(dice, principal, account, values)
    request["action"] = several(dice, actions)
    request["resource"] = several(dice, tuple(each.format(account=owner) for each in resources))
    fill(found, owner)
    return found


def call_for(dice: Dice, kind: str) -> Call:
    """A call; mostly not one that the caller's kind can never make."""
    if kind == "root" and dice.chance(0.15):
        return BUCKET_POLICY  # S3-12
    if kind == "anonymous" and dice.chance(0.6):
        return dice.pick(CALLS_OF[dice.pick(UNSIGNED)])
    call = dice.pick(CALLS)
    service = call[0][0].partition(":")[0]
    refused = {"anonymous": service not in UNSIGNED, "federated-user": service in ("iam", "sts")}
    return dice.pick(CALLS) if refused.get(kind) and dice.chance(0.8) else call


def several(dice: Dice, options: tuple[str, ...]) -> str | list[str]:
    """One of them, seldom a list."""
    if dice.chance(0.05):
        return [dice.pick(options) for _ in range(dice.number(1, 3))]
    return dice.pick(options)


def fill(found: Situation, owner: str) -> None:
    """The rest of the request."""
    dice, request = found.dice, found.request
    given = context(dice, found)
    if str(found.actions[0]).lower().startswith("sts:assume"):
        companions(dice, given)
    if found.actions[0].startswith("kms:") and dice.chance(0.5):
        given[f"kms:EncryptionContext:{dice.pick(('p', 'p', 'q'))}"] = dice.pick(("1", "1", "2"))
    if found.kind == "service" and dice.chance(0.3):  # P-12
        given["aws:PrincipalServiceNamesList"] = [request["principal"]["service"], "eu.ec2.amazonaws.com"]
    if given:
        request["context"] = given
    if any(":::" in each for each in found.resources) and dice.chance(0.6):
        request["resource_account"] = owner
    elif dice.chance(0.01):  # perhaps not what the ARN says
        request["resource_account"] = dice.pick(ACCOUNTS)
    if dice.chance(0.85 if "iam:PassRole" in found.actions else 0.2):
        request["resource_tags"] = {"Team": dice.pick(("red", "blue", ""))}
        found.values["aws:ResourceTag/Team"] = request["resource_tags"]["Team"]
    if dice.chance(0.15):
        manager = dice.pick((None, owner))
        request["resource_organization"] = {"id": "o-1"} | (
            {"management_account": manager} if manager else {}
        )
    if dice.chance(0.2):
        request["time"] = dice.pick(
            ("2026-01-01T00:00:00Z", "2026-06-01", "1767225600", "2026-01-01T01:00+01:00")
            if dice.chance(0.9)
            else EDGES["Date"]
        )
    if dice.chance(0.1):
        request["endpoint"] = "vpce-1"
    if dice.chance(0.15):
        request["endpoint_type"] = dice.pick(("gateway", "interface"))
    if dice.chance(0.05):
        request["also"] = [also(dice, owner) for _ in range(dice.few())]
    if dice.chance(0.06):
        request["via"] = [hop(dice) for _ in range(dice.few())]


def also(dice: Dice, owner: str) -> dict[str, Any]:
    """A further check of the same call."""
    if dice.chance(0.5):
        entry: dict[str, Any] = {"action": "kms:Decrypt", "resource": KEY.format(account=owner)}
        entry["context"] = {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}
        return entry
    actions, resources = dice.pick(CALLS)
    return {"action": dice.pick(actions), "resource": dice.pick(resources).format(account=owner)}


def hop(dice: Dice) -> Any:
    """A role on the way."""
    role = f"arn:aws:iam::{dice.pick((A, A, B))}:role/" + dice.pick(("hop", "team/app", "x/hop"))
    if dice.chance(0.5):
        return role
    entry: dict[str, Any] = {"role": role}
    if dice.chance(0.5):
        entry["session_name"] = dice.pick(("s1", "alice"))
    if dice.chance(0.4):
        entry["tags"] = {"Team": dice.pick(("red", "blue"))}
        if dice.chance(0.6):
            entry["transitive_tags"] = ["Team"]
    if dice.chance(0.2):
        entry["source_identity"] = "sid"
    if dice.chance(0.3):
        entry["context"] = {"sts:ExternalId": dice.pick(("x", "X"))}
    return entry
