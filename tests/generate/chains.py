"""Chains of roles and calls of STS: what a session inherits, and what a call asks for besides itself."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .policy_sets import everything
from .statements import broad
from .vocabulary import OIDC, SAML, SAML_URL, A, B, C

Json = dict[str, Any]
ROLES = ("arn:aws:iam::{0}:role/hop", "arn:aws:iam::{1}:role/team/app", "arn:aws:iam::{2}:role/x/last")
HELPERS = ("sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext")
OBJECT, TEAMS, NAMES = "arn:aws:s3:::b/k", ("red", "red", "blue", "green"), ("Team", "team")
# what the last session does: every action has a statement, and so a condition, of its own
CALLS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:RestoreObject")
# keys of a session, with values that they can have
OF_SESSIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("aws:PrincipalTag/Team", TEAMS), ("aws:PrincipalTag/Team", TEAMS), ("aws:PrincipalTag/team", TEAMS),
    ("aws:SourceIdentity", ("sid", "sid", "other")), ("aws:SourceIdentity", ("sid", "other")),
    ("aws:PrincipalOrgID", ("o-1",)), ("aws:PrincipalOrgID", ("o-1",)), ("aws:PrincipalAccount", (A, B)),
    ("aws:PrincipalType", ("AssumedRole", "User")), ("aws:MultiFactorAuthPresent", ("true",)),
    ("aws:PrincipalArn", tuple(each.format(A, A, A) for each in ROLES)), ("aws:userid", ("AROAAPP1:s1",)),
    ("aws:username", ("alice",)), ("sts:RoleSessionName", ("s1", "session")),
)  # fmt: skip
ROLE_TAGS = (("aws:ResourceTag/Team", TEAMS), ("aws:ResourceTag/team", TEAMS))
# ST-9, ST-13: keys of the call that assumes a role
OF_CALLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sts:ExternalId", ("x", "X")), ("sts:RoleSessionName", ("s1", "session")), ("sts:SourceIdentity", ("sid",)),
    ("aws:RequestTag/Team", TEAMS), ("aws:RequestTag/team", TEAMS), ("aws:TagKeys", ("Team", "team", "cost")),
    ("sts:TransitiveTagKeys", ("Team", "team")), ("aws:ResourceTag/Team", TEAMS), ("aws:ResourceTag/Team", TEAMS),
    ("aws:PrincipalTag/Team", TEAMS), ("aws:SourceIdentity", ("sid",)), ("saml:aud", (SAML_URL,)),
    ("accounts.google.com:aud", ("app1",)), ("aws:SourceAccount", (A, B)), ("aws:MultiFactorAuthPresent", ("true",)),
)  # fmt: skip
ENTRIES: tuple[Json, ...] = (
    {"AWS": "arn:aws:iam::111111111111:user/alice"}, {"AWS": A}, {"AWS": [A, B]}, {"AWS": B},
    {"AWS": "arn:aws:iam::111111111111:role/team/app"}, {"AWS": "arn:aws:iam::111111111111:role/hop"},
    {"AWS": "arn:aws:sts::111111111111:assumed-role/app/s1"}, {"AWS": "arn:aws:sts::111111111111:assumed-role/hop/s1"},
    {"Federated": SAML}, {"Federated": "accounts.google.com"}, {"Federated": OIDC}, {"Service": "lambda.amazonaws.com"},
)  # fmt: skip


def about_chain(dice: Dice) -> tuple[Json, list[Json]]:
    """ST-1 to ST-13, section 11: a chain of roles, or one call of STS by callers of every kind."""
    if dice.chance(0.5):
        return calls_of_sts(dice)
    arns = tuple(each.format(A, *(dice.pick((A, A, B)) for _ in "12")) for each in ROLES)
    policies: Json = {"identity": [everything(broad("identity"))]}
    policies["roles"] = {arn: role(dice, 0.65 if arn == arns[0] else 0.5) for arn in arns}
    if dice.chance(0.4):
        policies |= around(dice)
    if dice.chance(0.1):  # the caller's own side, hop by hop
        policies["identity"] = [everything(some_of(dice, "identity"))]
    return policies, [chained(dice, arns) for _ in range(8)]


# ---------------------------------------------------------------- policies


def role(dice: Dice, willing: float) -> Json:
    """A role whose trust policy mostly asks for one thing, and whose every action hangs on one condition."""
    doors = [
        broad("identity") | {"Action": each, "Condition": test(dice, OF_SESSIONS)}
        for each in (*CALLS, ["sts:*", "iam:*"])
    ]
    doors[-1]["Condition"] = test(dice, ROLE_TAGS)
    if dice.chance(0.6):
        del doors[-1]["Condition"]
    found: Json = {"trust": trust(dice, willing), "identity": [everything(*doors)]}
    if dice.chance(0.65):
        found["tags"] = {dice.pick(NAMES): dice.pick(TEAMS)}
    if dice.chance(0.08):
        found["boundary"] = everything(some_of(dice, "boundary"))
    return found


def trust(dice: Dice, willing: float) -> Json:
    """Everybody; or some of the actions, one condition, one principal; or all but one of the actions."""
    if dice.chance(willing):
        return everything(broad("trust"))
    narrow = some_of(dice, "trust")
    if dice.chance(0.45):
        narrow = broad("trust") | {"Condition": test(dice, OF_CALLS)}
    elif dice.chance(0.25):
        narrow = broad("trust") | {"Principal": dice.pick(ENTRIES)}
    return everything(narrow, *([broad("trust") | {"Action": list(HELPERS)}] if dice.chance(0.35) else []))


def some_of(dice: Dice, kind: str) -> Json:
    """ST-6: a statement that leaves one or two of the actions out, by name or by their absence."""
    actions = ["sts:AssumeRole*", "sts:GetFederationToken", *HELPERS, "s3:*", "iam:*"]
    for _ in range(dice.pick((1, 1, 2))):
        left = [each for each in actions if each not in ("s3:*", "iam:*")]
        helpers = [each for each in left if each in HELPERS]
        actions.remove(dice.pick(helpers if dice.chance(0.7) else left))
    return broad(kind) | {"Action": actions}


def test(dice: Dice, rows: tuple[tuple[str, tuple[str, ...]], ...]) -> Json:
    """A condition about one key, mostly that it has a value that it can have."""
    key, values = dice.pick(rows)
    if dice.chance(0.12):
        return {"Null": {key: dice.pick(("true", "false"))}}
    operator = dice.pick(("StringEquals", "StringEquals", "StringNotEquals", "StringEqualsIfExists"))
    prefix = dice.pick(("ForAnyValue:", "ForAllValues:")) if key.endswith("Keys") else ""
    return {prefix + operator: {key: dice.pick(values)}}


def around(dice: Dice) -> Json:
    """R-43, VPCE-1: a layer that bears on some calls of the chain only, and says no to some of them."""
    layer = dice.pick(("scp", "scp", "rcp", "endpoint"))
    refused = dice.pick((["sts:*"], ["s3:*"], list(CALLS[:2]), ["sts:TagSession"], ["sts:AssumeRole"]))
    statements = [broad(layer) | {"Effect": "Deny", "Action": refused}]
    document = everything(*statements, *([] if layer == "rcp" else [broad(layer)]))
    if layer == "endpoint":
        return {layer: [document]}
    return {layer: {dice.pick((A, B)): [[document]]} if dice.chance(0.35) else [[document]]}


# ---------------------------------------------------------------- chains


def chained(dice: Dice, arns: tuple[str, ...]) -> Json:
    """A request over one to three roles: the first gives tags and a source identity, the others seldom do."""
    count = dice.pick((1, 2, 2, 3, 3))
    request: Json = {"principal": caller(dice), "resource": OBJECT, "action": dice.pick(CALLS)}
    request["via"] = [hop(dice, arn, not place) for place, arn in enumerate(arns[:count])]
    if dice.chance(0.25):
        context = companions(dice)
        action = dice.pick(("sts:AssumeRole", "sts:AssumeRole", "sts:TagSession"))
        request |= {"action": action, "resource": dice.pick((arns[count - 1], dice.pick(arns)))}
        request |= {"context": context} if context else {}
    elif dice.chance(0.3):
        request["resource_account"] = dice.pick((A, A, B))
    return request


def hop(dice: Dice, arn: str, first: bool) -> Any:
    """ST-7, ST-9: one role on the way; names of tags in either letter case."""
    entry: Json = {"role": arn}
    if dice.chance(0.8 if first else 0.3):
        entry["tags"] = {dice.pick(NAMES): dice.pick(TEAMS)} | ({"cost": "1"} if dice.chance(0.2) else {})
    if ("tags" in entry) == dice.chance(0.85):
        entry["transitive_tags"] = [dice.pick(NAMES), *(["cost"] if dice.chance(0.2) else [])]
    if dice.chance(0.55 if first else 0.12):
        entry["source_identity"] = dice.pick(("sid", "sid", "other"))
    if dice.chance(0.5):
        entry["session_name"] = "s1"
    if dice.chance(0.2):
        entry["context"] = dice.pick(({"sts:ExternalId": "x"}, {"sts:RequestContextProviders": ["x"]}))
    if dice.chance(0.06):
        entry["session_policy"] = everything(some_of(dice, "session"))
    return entry if len(entry) > 1 else arn


def caller(dice: Dice) -> Any:
    """Who starts a chain; mostly a member of an organization."""
    kinds: tuple[Json, ...] = (
        {"arn": "arn:aws:iam::111111111111:user/alice"},
        {"arn": "arn:aws:iam::111111111111:user/alice"},
        {"arn": "arn:aws:sts::111111111111:assumed-role/app/s1"},
        {"arn": f"arn:aws:iam::{C}:user/bob"},
        {"arn": f"arn:aws:iam::{B}:user/bob"},
    )
    if dice.chance(0.12):
        others = ("lambda.amazonaws.com", SAML, "accounts.google.com")
        return {"service" if each == others[0] else "provider": each for each in (dice.pick(others),)}
    return dressed(dice, dict(dice.pick(kinds)))


def dressed(dice: Dice, principal: Json) -> Json:
    """6.1, 6.2: an organization, tags of both kinds, a source identity, MFA."""
    if dice.chance(0.6):
        manager = {"management_account": dice.pick((A, B))} if dice.chance(0.2) else {}
        principal["organization"] = {"id": "o-1", "path": "o-1/r-1/"} | manager
    if dice.chance(0.25):
        principal["source_identity"] = "sid"
    for name in ("tags", "session_tags"):
        if dice.chance(0.2):
            principal[name] = {dice.pick(NAMES): dice.pick(TEAMS)}
    if dice.chance(0.25):
        principal["mfa"] = dice.chance(0.6)
    return principal


# ---------------------------------------------------------------- one call

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


# ST-6: what makes a call ask for more (the first eight; tags the first five), and what a trust policy may ask for
COMPANIONS: tuple[Json, ...] = (
    {"aws:TagKeys": ["Team"]}, {"aws:TagKeys": [""]}, {"aws:RequestTag/Team": "red"}, {"aws:RequestTag/team": ""},
    {"sts:TransitiveTagKeys": ["Team"]}, {"sts:SourceIdentity": "sid"}, {"sts:SourceIdentity": ""},
    {"sts:RequestContextProviders": ["arn:aws:iam::aws:contextProvider/x"]}, {"sts:ExternalId": "x"},
    {"sts:RoleSessionName": "s1"}, {"aws:MultiFactorAuthPresent": "true"}, {"saml:aud": SAML_URL},
    {"accounts.google.com:aud": "app1"}, {"aws:SourceAccount": A},
)  # fmt: skip


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


def companions(dice: Dice, options: tuple[Json, ...] = COMPANIONS) -> Json:
    """ST-6, ST-9: what makes a call ask for more, each by itself, and what a trust policy may ask for."""
    found: Json = {}
    for _ in range(dice.pick((0, 1, 1, 1, 2))):
        found |= dice.pick(options)
    return found


THEMES = (
    assumptions, assumptions, namings, namings, federations, federations, credentials, credentials, credentials,
    listed_roles, listed_roles,
)  # fmt: skip
