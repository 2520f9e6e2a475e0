"""Single calls of STS: what they ask for besides themselves, and who can make them."""

from __future__ import annotations

from .dice import Dice
from .policy_sets import everything
from .roles import (
    CALLS,
    COMPANIONS,
    ENTRIES,
    HELPERS,
    NAMES,
    OBJECT,
    TEAMS,
    Json,
    companions,
    dressed,
    role,
    some_of,
    trust,
)
from .statements import broad
from .vocabulary import SAML, A, B

CALLERS: tuple[Json, ...] = (
    {"arn": "arn:aws:iam::111111111111:user/alice"},
    {"arn": "arn:aws:iam::111111111111:user/alice"},
    {"arn": "arn:aws:iam::111111111111:user/alice", "session_token": True},
    {"arn": "arn:aws:iam::111111111111:user/alice", "session_token": True},
    {"arn": "arn:aws:sts::111111111111:assumed-role/app/s1"},
    {"arn": "arn:aws:sts::111111111111:assumed-role/app/s1", "role_arn": f"arn:aws:iam::{A}:role/team/app"},
    {"arn": f"arn:aws:iam::{B}:user/bob"},
    {"arn": f"arn:aws:sts::{A}:federated-user/fred", "parent_user_arn": f"arn:aws:iam::{A}:user/alice"},
    {"arn": f"arn:aws:sts::{A}:federated-user/fred", "parent_user_arn": f"arn:aws:iam::{A}:root"},
    {"arn": f"arn:aws:iam::{A}:root"},
    {"arn": f"arn:aws:iam::{A}:root", "assumed_root": True},
    {"provider": SAML},
    {"provider": "accounts.google.com"},
    {"service": "lambda.amazonaws.com"},
)
TARGET, ITSELF = f"arn:aws:iam::{A}:role/target", f"arn:aws:iam::{A}:role/team/app"
# what is called, and on what
OF_STS: tuple[tuple[str, str], ...] = (
    ("sts:AssumeRole", TARGET), ("sts:AssumeRole", TARGET), ("sts:AssumeRole", TARGET), ("sts:AssumeRole", ITSELF),
    ("sts:GetFederationToken", f"arn:aws:sts::{A}:federated-user/fred"),
    ("sts:GetFederationToken", f"arn:aws:sts::{A}:federated-user/fred"), ("sts:GetSessionToken", "*"),
    ("sts:GetSessionToken", "*"), ("sts:GetCallerIdentity", "*"), ("iam:PassRole", TARGET), ("iam:GetRole", TARGET),
    ("sts:TagSession", TARGET), ("sts:SetSourceIdentity", TARGET), ("sts:SetContext", TARGET),
    ("sts:AssumeRoot", f"arn:aws:iam::{B}:root"), ("sts:GetWebIdentityToken", "*"),
)  # fmt: skip
WITH_PROVIDER = {SAML: "sts:AssumeRoleWithSAML", "accounts.google.com": "sts:AssumeRoleWithWebIdentity"}


def calls_of_sts(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-1 to ST-13: one kind of call, by those who can make it, or every call by all kinds of credentials."""
    return dice.pick(THEMES)(dice)


def assumptions(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-6, ST-10, ST-11: what goes with the call, where the trust policy leaves some of it out."""
    policies: Json = {"identity": [everything(broad("identity"))], "trust": [trust(dice, 0.1)]}
    if dice.chance(0.3):
        policies |= {
            "identity": [everything(some_of(dice, "identity"))],
            "trust": [everything(broad("trust"))],
        }
    rows = tuple(each for each in OF_STS if each[0] == "sts:AssumeRole")
    return policies, [one_call(dice, dict(dice.pick(CALLERS)), rows, COMPANIONS[:8]) for _ in range(10)]


def namings(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-3, ST-4, ST-8: one name in the trust policy; identity policies and boundary seldom allow."""
    policies: Json = {
        "trust": [
            everything(
                broad("trust") | {"Principal": dice.pick((*ENTRIES[:1] * 4, *ENTRIES[:5], ENTRIES[6]))}
            )
        ]
    }
    nothing = broad("boundary") | {"NotAction": "sts:AssumeRole"}
    del nothing["Action"]
    if dice.chance(0.5):
        policies["identity"] = [everything(dice.pick((broad("identity"), nothing)))]
    if dice.chance(0.6):
        policies["boundary"] = everything(dice.pick((nothing, nothing, broad("boundary"))))
    rows = tuple(each for each in OF_STS if each[0] == "sts:AssumeRole")
    return policies, [one_call(dice, dict(dice.pick(CALLERS[:7])), rows) for _ in range(6)]


def federations(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-12, section 11: tags of GetFederationToken need sts:TagSession, a source identity nothing."""
    left = dice.pick((HELPERS[0], HELPERS[0], HELPERS[1], "sts:GetFederationToken"))
    narrow = broad("identity") | {"Action": ["iam:*", *({*HELPERS, "sts:GetFederationToken"} - {left})]}
    narrow["Action"] = sorted(narrow["Action"])
    layer = dice.pick(("identity", "identity", "boundary", "scp"))
    policies: Json = {"identity": [everything(broad("identity"))]}
    policies[layer] = {"identity": [everything(narrow)], "scp": [[everything(narrow)]]}.get(
        layer, everything(narrow)
    )
    rows = tuple(each for each in OF_STS if each[0] == "sts:GetFederationToken")
    return policies, [
        one_call(dice, dict(dice.pick((*CALLERS[:2], *CALLERS[9:10]))), rows, COMPANIONS[:7])
        for _ in range(6)
    ]


def credentials(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-1, ST-2, ROOT-5, SP-3 to SP-5, PR-1: every call with every kind of credentials, also where it is denied."""
    policies: Json = {"identity": [everything(broad("identity"))], "trust": [trust(dice, 0.7)]}
    if dice.chance(0.2):
        policies["identity"].append(everything(broad("identity") | {"Effect": "Deny", "Action": "sts:Get*"}))
    able = CALLERS if dice.chance(0.4) else CALLERS[2:6] + CALLERS[7:8] + CALLERS[10:11]
    if dice.chance(0.25):
        policies["session"] = [everything(dice.pick((broad("session"), some_of(dice, "session"))))]
        able = tuple(each for each in able if ":user/" not in str(each.get("arn")) and len(each) > 1)
    return policies, [one_call(dice, dict(dice.pick(able)), OF_STS) for _ in range(14)]


def listed_roles(dice: Dice) -> tuple[Json, list[Json]]:
    """R-43: the caller's own role is found in `roles`, by its ARN or by account and name."""
    arns = [
        ITSELF.replace("team/", dice.pick(("", "team/"))),
        ITSELF.replace(A, B),
        ITSELF.replace("app", "apple"),
    ]
    dice.random.shuffle(arns)
    policies: Json = {"roles": {each: role(dice, 0.5) for each in arns if dice.chance(0.85)}}
    for each in policies["roles"].values():
        each |= {"tags": {dice.pick(NAMES): dice.pick(TEAMS)}} if dice.chance(0.8) else {}
        each |= (
            {"boundary": everything(broad("boundary") | {"Action": list(CALLS[:3])})}
            if dice.chance(0.3)
            else {}
        )
    if dice.chance(0.15):
        policies["identity"] = [everything(broad("identity") | {"Action": list(CALLS[2:])})]
    return policies, [of_a_listed_role(dice) for _ in range(8)]


def of_a_listed_role(dice: Dice) -> Json:
    """A session of a role that may be listed, with tags of its own at times."""
    account = dice.pick((A, A, B))
    principal: Json = {"arn": f"arn:aws:sts::{account}:assumed-role/app/s1"}
    if dice.chance(0.35):
        principal["role_arn"] = ITSELF.replace(A, account)
    return {"principal": dressed(dice, principal), "action": dice.pick(CALLS), "resource": OBJECT}


def one_call(
    dice: Dice, principal: Json, rows: tuple[tuple[str, str], ...], keys: tuple[Json, ...] = COMPANIONS
) -> Json:
    """A call of STS, or of IAM with credentials of STS."""
    action, resource = dice.pick(rows)
    if "provider" in principal:
        action, resource = WITH_PROVIDER[principal["provider"]], TARGET
    request: Json = {"principal": principal, "action": action, "resource": resource}
    if "arn" in principal:
        dressed(dice, principal)
    if "session_token" in principal and dice.chance(0.4):
        principal["mfa"] = dice.chance(0.7)
    context = companions(dice, keys)
    return request | ({"context": context} if context else {})


THEMES = (
    assumptions, assumptions, namings, namings, federations, federations, credentials, credentials, credentials,
    listed_roles, listed_roles,
)  # fmt: skip
