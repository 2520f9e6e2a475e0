"""Chains of roles: what a session inherits."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .policy_sets import everything
from .roles import CALLS, NAMES, OBJECT, ROLES, TEAMS, Json, around, companions, dressed, role, some_of
from .statements import broad
from .sts_calls import calls_of_sts
from .vocabulary import SAML, A, B, C


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
