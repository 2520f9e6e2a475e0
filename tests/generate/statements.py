"""Statements of every policy type, whose elements match or nearly match the request."""

from __future__ import annotations

from typing import Any

from .conditions import condition, variable_text
from .dice import Dice
from .requests import Situation
from .vocabulary import CALLS, OAI, OIDC, SAML, SERVICES, A, B

WITH_PRINCIPAL = ("resource", "trust", "endpoint", "rcp")
STRANGERS = (
    ("AWS", "arn:aws:iam::111111111111:user/bob"), ("AWS", "arn:aws:iam::111111111111:role/other"),
    ("AWS", "arn:aws:sts::111111111111:assumed-role/app/other"), ("AWS", "444444444444"), ("AWS", A), ("AWS", B),
    ("AWS", "arn:aws-cn:iam::111111111111:root"), ("AWS", "arn:aws:iam::111111111111:user/*"),
    ("AWS", "arn:aws:iam::111111111111:group/g"), ("AWS", "AIDAOLD"), ("AWS", OAI), ("Service", "*"),
    ("Service", SERVICES[0]), ("Service", SERVICES[1].upper()), ("Federated", "*"), ("Federated", OIDC),
    ("Federated", SAML), ("Federated", "accounts.google.com"), ("CanonicalUser", "0a1b"),
    ("CanonicalUser", "c" * 8), ("AWS", "*"),
)  # fmt: skip


def statement(situation: Situation, kind: str, effect: str, fit: float) -> dict[str, Any]:
    """One statement; every element fits the request with the given probability."""
    dice = situation.dice
    found: dict[str, Any] = {}
    if dice.chance(0.1):
        found["Sid"] = dice.pick(("One", "", "two words"))
    found["Effect"] = effect
    if kind in WITH_PRINCIPAL:
        put_principal(situation, kind, found, fit)
    put_action(situation, kind, found, fit)
    put_resource(situation, kind, found, fit)
    if dice.chance(0.5):
        found["Condition"] = condition(situation) if dice.chance(0.98) else {}
    if dice.chance(0.002):
        damage(dice, found)
    return found


def broad(kind: str) -> dict[str, Any]:
    """A statement that allows everything."""
    found: dict[str, Any] = {"Effect": "Allow", "Action": "*"}
    if kind in WITH_PRINCIPAL:
        found["Principal"] = "*"
    if kind != "trust":
        found["Resource"] = "*"
    return found


def damage(dice: Dice, found: dict[str, Any]) -> None:
    """Make the statement unusable."""
    name = dice.pick(tuple(found))
    if dice.chance(0.5):
        del found[name]
    else:
        found[name] = dice.pick((None, 1, "allow", {"x": "y"}, [[]], "s*:x", True))


# ---------------------------------------------------------------- principal


def put_principal(situation: Situation, kind: str, found: dict[str, Any], fit: float) -> None:
    """Principal or NotPrincipal, as the policy type takes it."""
    dice = situation.dice
    if kind == "rcp" or (dice.chance(0.12) and kind != "trust"):
        found["Principal"] = "*"
        return
    if kind != "trust" and dice.chance(0.01):
        return
    turned = kind != "trust" and dice.chance(0.4 if found["Effect"] == "Deny" else 0.06)
    found["NotPrincipal" if turned else "Principal"] = principal(situation, fit, chain=turned)


def principal(situation: Situation, fit: float, chain: bool) -> Any:
    """Entries that name the caller, or nearly."""
    dice = situation.dice
    if dice.chance(0.08):
        return dice.pick(("*", {"AWS": "*"}, {"AWS": ["*"]}, {}, {"AWS": []}))
    chosen: list[tuple[str, str]] = []
    for _ in range(dice.number(1, 4) if chain else dice.few()):
        options = situation.names if situation.names and dice.chance(fit) else STRANGERS
        kind, entry = dice.pick(options)
        if kind == "Service" and dice.chance(0.25):
            entry = dice.flipped(entry)  # P-12
        if dice.chance(0.15):
            entry = dice.near(entry) if dice.chance(0.4) else near_name(dice, entry)
        chosen.append((kind, entry))
    if chain and situation.names and dice.chance(0.5):
        kept = dice.pick((0.6, 0.9))
        chosen += [each for each in situation.names[:4] if dice.chance(kept)]
    entries: dict[str, list[str]] = {}
    for kind, entry in chosen:
        entries.setdefault(kind, []).append(entry)
    return {kind: dice.scalar_or_list(each) for kind, each in entries.items()}


def near_name(dice: Dice, entry: str) -> str:
    """P-5, P-6, 4.1: another letter case, a wildcard or another account."""
    head, slash, name = entry.rpartition("/")
    how = dice.number(0, 2)
    if how == 0:
        return head + slash + name.swapcase()
    if how == 1:
        return head + slash + dice.pick(("*", name[:1] + "*", name[:-1] + "?"))
    return entry.replace(A, B) if A in entry else entry.replace(B, A)


# ---------------------------------------------------------------- action


def put_action(situation: Situation, kind: str, found: dict[str, Any], fit: float) -> None:
    """Action or NotAction."""
    dice = situation.dice
    turned = kind != "rcp" and dice.chance(0.12)
    entries = [action(situation, 1 - fit if turned else fit) for _ in range(dice.few())]
    if dice.chance(0.004):
        entries = []
    found["NotAction" if turned else "Action"] = dice.scalar_or_list(entries) if entries else entries


def action(situation: Situation, fit: float) -> str:
    """An entry that matches, or nearly does."""
    dice = situation.dice
    own = dice.pick(situation.actions)
    service, _, name = own.partition(":")
    if not dice.chance(fit):
        other = dice.pick(dice.pick(CALLS)[0])
        return dice.pick((other, other, f"{service}:Other", service + ":" + dice.near(name), "s3:Get*"))
    how = dice.number(0, 7)
    if how == 0:
        return "*"
    if how == 1:
        return service + ":*"
    if how == 2:
        return service + ":" + dice.wild(name)
    if how == 3:
        return dice.flipped(own)
    if how == 4:
        return dice.pick(("*:*", "**", own, service.upper() + ":" + name, odd_action(dice, service, name)))
    return own


def odd_action(dice: Dice, service: str, name: str) -> str:
    """A-5 to A-7: nearly an action."""
    own = f"{service}:{name}"
    return dice.pick((service + "*", "*" + name, own + ":x", f"{own},{service}:Other", f" {own}", f"{own} "))


# ---------------------------------------------------------------- resource


def put_resource(situation: Situation, kind: str, found: dict[str, Any], fit: float) -> None:
    """Resource or NotResource, where there can be any."""
    dice = situation.dice
    if kind == "trust" or (kind in ("resource", "endpoint") and dice.chance(0.03)):
        return
    turned = dice.chance(0.12)
    entries = [resource(situation, 1 - fit if turned else fit) for _ in range(dice.few())]
    if dice.chance(0.004):
        entries = []
    found["NotResource" if turned else "Resource"] = dice.scalar_or_list(entries) if entries else entries


def resource(situation: Situation, fit: float) -> str:
    """An entry that matches, or nearly does."""
    dice = situation.dice
    own = dice.pick(situation.resources)
    if not dice.chance(fit):
        return dice.near(own) if dice.chance(0.5) else dice.pick(dice.pick(CALLS)[1]).format(account=A)
    how = dice.number(0, 9)
    if how <= 1 or own == "*":
        return dice.pick(("*", "*", "*", "**", "arn:aws:s3:::*", "arn:*:*:*:*:*", "arn:*"))
    if how <= 3:
        return wild_arn(dice, own)
    if how == 4:
        return short(dice, own)
    if how == 5 and dice.chance(0.25):
        return variable_part(dice, own)
    if how == 5:
        head, _, tail = own.rpartition(":")
        return head + ":" + variable_text(situation, tail)
    return other_case(dice, own) if how == 6 and dice.chance(0.5) else behind(dice, own)


def other_case(dice: Dice, arn: str) -> str:
    """R-5: the letter case of one part changed, or of any letter."""
    if dice.chance(0.2):
        return dice.flipped(arn)
    parts = arn.split(":", 5)
    place = dice.pick((1, 2, 3, 5))
    parts[place] = parts[place].upper()
    return ":".join(parts)


def variable_part(dice: Dice, arn: str) -> str:
    """R-30: a variable in a part of the ARN that holds none."""
    parts = arn.split(":", 5)
    place = dice.pick((3, 4))
    parts[place] = dice.pick(("${aws:PrincipalAccount}", "${aws:RequestedRegion}", "${acme:None, '*'}"))
    return ":".join(parts)


def wild_arn(dice: Dice, arn: str) -> str:
    """Wildcards in any part of the ARN, or over its colons (R-3)."""
    if dice.chance(0.2):
        parts = arn.split(":")
        place = dice.number(1, len(parts) - 1)
        return ":".join((*parts[:place], "*", *parts[place + dice.number(1, 2) :]))
    parts = arn.split(":", 5)
    place = dice.pick((1, 2, 3, 4, 5, 5, 5, 5))
    parts[place] = dice.wild(parts[place]) if dice.chance(0.7) else "*"
    return ":".join(parts)


def short(dice: Dice, arn: str) -> str:
    """R-10: the first segments of the ARN only, with or without a wildcard."""
    parts = arn.split(":")[: dice.number(2, 5)]
    if dice.chance(0.5):
        parts[-1] = dice.pick(("*", parts[-1] + "*"))
    elif dice.chance(0.5):
        parts[dice.number(1, len(parts) - 1)] = "*"
    return ":".join(parts)


def behind(dice: Dice, arn: str) -> str:
    """S3-6, APIGW-7: another way to write the resource."""
    if ":accesspoint/" in arn and dice.chance(0.5):
        return "arn:aws:s3:::b" + ("/k" if "/object/" in arn else "")
    if ":execute-api:" in arn and dice.chance(0.5):
        return dice.pick(
            ("execute-api:/prod/GET/pets/1", "execute-api:/*", "execute-api:/prod/*/pets/?", "execute-api:/")
        )
    return arn
