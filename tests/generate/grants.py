"""KMS grants that alone decide, with every constraint, operation and way to name the grantee."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .policy_sets import everything
from .requests import Named, federated_user, origin_access_identity, role_session, root, service, user
from .statements import broad
from .vocabulary import ACCOUNTS, KEY, A, B

SOURCE, OTHER_SOURCE = "arn:aws:s3:::b", "arn:aws:s3:::other"
REQUESTS = (7, 10)
# KMS-5: the operations that a grant can hold, and after them some that it cannot
OPERATIONS = (
    "Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "ReEncryptFrom", "ReEncryptTo", "Sign",
    "Verify", "GetPublicKey", "DeriveSharedSecret", "DescribeKey", "CreateGrant", "RetireGrant", "Encapsulate",
    "Decapsulate",
)  # fmt: skip
UNGRANTED = ("EnableKey", "RevokeGrant", "ListGrants", "ScheduleKeyDeletion")
CONSTRAINTS: tuple[dict[str, Any] | None, ...] = (
    None, {"EncryptionContextEquals": {"p": "1"}}, {"SourceArn": SOURCE}, {"EncryptionContextSubset": {"p": "1"}},
    {"EncryptionContextEquals": {"p": "1", "q": "2"}}, {"SourceArn": SOURCE}, {"Unknown": {"p": "1"}}, {"Unknown": {}},
    {"EncryptionContextSubset": {"p": "1"}, "EncryptionContextEquals": {"p": "1", "q": "2"}},
)  # fmt: skip
CONTEXTS: tuple[dict[str, str], ...] = (
    {"p": "1"}, {"p": "1"}, {"p": "1"}, {"p": "1", "q": "2"}, {"p": "1", "q": "2"}, {"p": "2"}, {"P": "1"}, {},
    {"q": "2"}, {"p": "1", "q": "1"},
)  # fmt: skip
CONSTRAINT_TYPES = (None, "EncryptionContextEquals", *("EncryptionContextSubset",) * 2)
MAKERS = (*(user,) * 3, *(role_session,) * 4, *(federated_user,) * 3, root, service, origin_access_identity)
WITH_SESSION = (role_session, role_session, federated_user)
FOCI = (*("all",) * 5, *("limits",) * 6, *("constraints",) * 5, *("create",) * 6, *("retire",) * 4)
USED = ("Decrypt", "Decrypt", "GenerateDataKey", *("DescribeKey",) * 2)


def about_grant(dice: Dice) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A key without policy, one or two grants on it, and calls that they cover or nearly (KMS-5, KMS-6)."""
    focus, account = dice.pick(FOCI), dice.pick(ACCOUNTS)
    owner = account if dice.chance(0.7) else B
    policies = layers(dice, focus)
    named = caller(dice, account, "session" in policies or (focus == "limits" and dice.chance(0.6)))
    entry = dice.pick(grantees(named)[: None if focus == "limits" or dice.chance(0.2) else 1])
    action = {"create": "CreateGrant", "retire": "RetireGrant"}.get(focus, dice.pick(USED))
    grants = [grant(dice, focus, action, entry, owner)]
    if dice.chance(0.15):
        grants.append(grant(dice, dice.pick(FOCI), action, dice.pick(grantees(named)), owner))
    policies["settings"] = {"kms": {"grants": grants}}
    requests: list[dict[str, Any]] = []
    for _ in range(dice.number(*REQUESTS)):
        who = named if dice.chance(0.8) else other_caller(dice, focus, account, "session" in policies)
        requests.append(request(dice, focus, action, who, grants[0]))
        if dice.chance(0.15):
            requests[-1]["resource"] = KEY.format(account=owner).replace("k1", "k2")
    return policies, requests


# ---------------------------------------------------------------- policies


def layers(dice: Dice, focus: str) -> dict[str, Any]:
    """What limits a grant by the way in which it names its grantee (7.1 C), and seldom what denies."""
    found: dict[str, Any] = {}
    if dice.chance(0.5):
        found["identity"] = [policy(dice, "identity", 0.1)]
    for name in dice.pick((("boundary",), ("boundary",), ("session",), ())) if focus == "limits" else ():
        document = policy(dice, name, 0.75)
        found[name] = [document] if name == "session" else document
    if dice.chance(0.4 if focus == "retire" else 0.08):
        found["resource"] = [everything(broad("resource") | {"Effect": dice.pick(("Deny", "Allow"))})]
    if dice.chance(0.3 if focus == "retire" else 0.03):
        found["rcp"] = [[everything(broad("rcp") | {"Effect": "Deny"})]]
    if dice.chance(0.03):
        found["scp"] = [[policy(dice, "scp", 0.6)]]
    return found


def policy(dice: Dice, name: str, silence: float) -> dict[str, Any]:
    """A policy that is silent, or allows, or seldom denies."""
    if dice.chance(silence):
        return everything(broad(name) | {"Action": "ec2:*"})
    denial = [broad(name) | {"Effect": "Deny"}] if dice.chance(0.12) else []
    return everything(broad(name), *denial)


def grantees(named: Named) -> list[str]:
    """The names of a caller that a grant can hold; an account twice as seldom as the caller itself."""
    names = [
        text for kind, text in named[2] if kind == "Service" or text.startswith("arn:") or text.isdigit()
    ]
    return names[:1] + names[1:2] * 3 + names or ["arn:aws:iam::111111111111:user/bob"]


def grant(dice: Dice, focus: str, action: str, grantee: str, owner: str) -> dict[str, Any]:
    """A grant that holds the action, and perhaps others (KMS-5)."""
    found: dict[str, Any] = {"key": KEY.format(account=owner), "grantee": grantee}
    held = [*OPERATIONS, *UNGRANTED] if focus == "all" else [action, "Decrypt", "RetireGrant"]
    if focus == "retire" and dice.chance(0.6):
        held = ["Decrypt", "DescribeKey"]
    found["operations"] = [
        dice.flipped(each) if dice.chance(0.03) and each in OPERATIONS else each for each in held
    ]
    constraints = dice.pick(CONSTRAINTS)
    if constraints is not None and focus != "limits" and (focus != "all" or dice.chance(0.3)):
        found["constraints"] = constraints
    if focus == "retire" and dice.chance(0.7):
        found["retiring_principal"] = grantee
        found["grantee"] = dice.pick((grantee, f"arn:aws:iam::{A}:user/zoe"))
    return found


# ---------------------------------------------------------------- requests


def caller(dice: Dice, account: str, in_session: bool) -> Named:
    """One who can be a grantee, mostly with credentials that fit the session policy (SP-3)."""
    return dice.pick(WITH_SESSION if in_session else MAKERS)(dice, account)


def other_caller(dice: Dice, focus: str, account: str, in_session: bool) -> Named:
    """Somebody else; KMS-6: the root user of the account or of another, too."""
    account = dice.pick((account, B, A))
    if focus == "retire" and not in_session and dice.chance(0.5):
        return "root", {"arn": f"arn:aws:iam::{account}:root"}, [], {}
    return caller(dice, account, in_session)


def request(dice: Dice, focus: str, action: str, who: Named, given: dict[str, Any]) -> dict[str, Any]:
    """A call of an operation, mostly with a context that fits the grant's constraints."""
    if focus == "all":
        action = dice.pick((*OPERATIONS, *OPERATIONS, *UNGRANTED))
    elif dice.chance(0.3 if focus == "constraints" else 0.15):
        action = dice.pick((action, "DescribeKey", "RetireGrant", "CreateGrant", "Decrypt", "EnableKey"))
    context = fitting(dice, given.get("constraints", {}), 0.2 if action == "DescribeKey" else 0.6)
    if action == "CreateGrant":
        context |= passing_on(dice, given)
    found = {"principal": who[1], "action": f"kms:{action}", "resource": given["key"]}
    return found | ({"context": context} if context else {})


def fitting(dice: Dice, constraints: dict[str, Any], fit: float) -> dict[str, Any]:
    """The encryption context and the source that the constraints want, or nearly."""
    wanted = next((each for name, each in constraints.items() if name.startswith("Enc")), None)
    pairs = wanted if wanted is not None and dice.chance(fit) else dice.pick(CONTEXTS)
    prefix = dice.pick(("kms:EncryptionContext:",) * 4 + ("KMS:encryptioncontext:",))
    found: dict[str, Any] = {prefix + name: value for name, value in pairs.items()}
    if dice.chance(0.75 if "SourceArn" in constraints else 0.1):
        found["aws:SourceArn"] = dice.pick((SOURCE, SOURCE, OTHER_SOURCE, SOURCE.upper()))
    return found


def passing_on(dice: Dice, given: dict[str, Any]) -> dict[str, Any]:
    """KMS-5: the operations and the constraint of the grant that is made; inside or outside what is held."""
    held = [each for each in given["operations"] if each not in UNGRANTED]
    passed = dice.pick(
        ([dice.pick(held)], [dice.pick(held)], held[:2], [held[0], "Sign"], ["Encrypt"], [], None)
    )
    found: dict[str, Any] = {} if passed is None else {"kms:GrantOperations": passed}
    kind = dice.pick(CONSTRAINT_TYPES)
    return found | ({"kms:GrantConstraintType": kind} if kind else {})
