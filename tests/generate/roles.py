"""Roles of a chain and what is said about their callers: trust policies, conditions, companions of calls."""

from __future__ import annotations

from .dice import Dice, Json
from .policy_sets import everything
from .statements import broad
from .vocabulary import OIDC, SAML, SAML_URL, A, B

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
# ST-6: what makes a call ask for more (the first eight; tags the first five), and what a trust policy may ask for
COMPANIONS: tuple[Json, ...] = (
    {"aws:TagKeys": ["Team"]}, {"aws:TagKeys": [""]}, {"aws:RequestTag/Team": "red"}, {"aws:RequestTag/team": ""},
    {"sts:TransitiveTagKeys": ["Team"]}, {"sts:SourceIdentity": "sid"}, {"sts:SourceIdentity": ""},
    {"sts:RequestContextProviders": ["arn:aws:iam::aws:contextProvider/x"]}, {"sts:ExternalId": "x"},
    {"sts:RoleSessionName": "s1"}, {"aws:MultiFactorAuthPresent": "true"}, {"saml:aud": SAML_URL},
    {"accounts.google.com:aud": "app1"}, {"aws:SourceAccount": A},
)  # fmt: skip


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


def companions(dice: Dice, options: tuple[Json, ...] = COMPANIONS) -> Json:
    """ST-6, ST-9: what makes a call ask for more, each by itself, and what a trust policy may ask for."""
    found: Json = {}
    for _ in range(dice.pick((0, 1, 1, 1, 2))):
        found |= dice.pick(options)
    return found
