"""Conditions that hold, nearly hold, or are about keys that are absent."""

from __future__ import annotations

from typing import Any

from .derived import derived_test, fitting_key
from .dice import Dice
from .requests import MANY, Situation
from .vocabulary import BY_FAMILY, EDGES, FAMILIES, KEYS, LISTS, OPERATORS, SAMPLES, VARIABLES

FAMILY = {key: family for key, family, _ in KEYS + LISTS}
EVERY_OPERATOR = [(family, name) for family, names in OPERATORS.items() for name in names]
SETS = ("ForAllValues:", "ForAnyValue:")
POOL = {key: options for key, _, options in KEYS + LISTS}


def condition(situation: Situation) -> dict[str, dict[str, Any]]:
    """One to three operators with one or two keys each, seldom many."""
    dice = situation.dice
    found: dict[str, dict[str, Any]] = {}
    if dice.chance(0.15):
        operator, key, values = derived_test(situation, fitting_key(situation))
        found[operator] = {written_key(dice, key): values}
        if dice.chance(0.5):
            return found
    for _ in range(dice.number(4, 8) if dice.chance(0.15) else dice.few()):
        key, operator = fair_test(situation) if dice.chance(0.5) else likely_test(situation)
        found.setdefault(operator, {})[written_key(dice, key)] = chosen_values(situation, key, operator)
    if dice.chance(0.02):
        found["StringEquals"] = found.get("StringEquals", {})
    return found


def fair_test(situation: Situation) -> tuple[str, str]:
    """Every operator with every modifier as often as any other, about a key that the request has."""
    dice = situation.dice
    family, operator = dice.pick(EVERY_OPERATOR)
    prefix = dice.pick(("", *SETS))
    many = bool(prefix) == dice.chance(0.8)
    known = [key for key in situation.values if FAMILY.get(key) == family and (key in MANY) == many]
    key = dice.pick(known) if known and dice.chance(0.7) else give_key(situation, family, many)
    return key, prefix + operator + dice.pick(("", "IfExists"))


def give_key(situation: Situation, family: str, many: bool) -> str:
    """Mostly, give the request a key that the condition can be about."""
    dice = situation.dice
    key, _, options = dice.pick(BY_FAMILY[family, many])
    given = situation.request.setdefault("context", {})
    taken = {name.lower() for name in given}
    if dice.chance(0.85) and key.lower() not in taken and len(taken) < 6:
        if family in EDGES and dice.chance(0.05):
            options = EDGES[family]
        value = dice.pick(options)
        given[key] = [value, dice.pick(options)][: dice.number(1, 2)] if many else value
        situation.values[key] = given[key]
    return key


def likely_test(situation: Situation) -> tuple[str, str]:
    """What policies mostly hold."""
    key = chosen_key(situation)
    family = FAMILY.get(key, "Arn" if key.endswith("Arn") else "String")
    return key, chosen_operator(situation.dice, family, isinstance(situation.values.get(key), list))


def chosen_key(situation: Situation) -> str:
    """Mostly a key that the request has."""
    dice = situation.dice
    known = list(situation.values)
    if "aws:ResourceTag/Team" in known and dice.chance(0.85 if "iam:PassRole" in situation.actions else 0.2):
        return "aws:ResourceTag/Team"
    if dice.chance(0.2):
        return dice.pick(BY_FAMILY[dice.pick(FAMILIES), dice.chance(0.4)])[0]
    return dice.pick(known) if known and dice.chance(0.7) else dice.pick(KEYS + LISTS)[0]


def written_key(dice: Dice, key: str) -> str:
    """C-2: key names in any case."""
    return dice.flipped(key) if dice.chance(0.1) else key


def chosen_operator(dice: Dice, family: str, many: bool) -> str:
    """An operator of the key's family, seldom of another, with its modifiers."""
    if dice.chance(0.12):
        operator = "Null"
    elif dice.chance(0.12):
        operator = dice.pick(OPERATORS["String"])
    else:
        operator = dice.pick(OPERATORS[family if dice.chance(0.93) else dice.pick(FAMILIES)])
    if operator != "Null" and dice.chance(0.3):
        operator += "IfExists"
    if dice.chance(0.8 if many else 0.15):
        operator = dice.pick(SETS) + operator
    return dice.flipped(operator) if dice.chance(0.03) else operator


def base_of(operator: str) -> str:
    """The operator's family."""
    name = operator.partition(":")[2] if ":" in operator else operator
    lower = name.lower()
    return next((each for each in FAMILIES if each.lower() in lower), "Null")


def chosen_values(situation: Situation, key: str, operator: str) -> Any:
    """A scalar or a list of values."""
    dice = situation.dice
    if dice.chance(0.02):
        return []
    values = [one_value(situation, key, operator) for _ in range(dice.few())]
    return dice.scalar_or_list(values)


def one_value(situation: Situation, key: str, operator: str) -> Any:
    """The request's own value, changed a little or not at all, or another of its kind."""
    dice = situation.dice
    family = base_of(operator)
    if family == "Null":
        return dice.pick(("true", "false", True, False, "TRUE", "maybe"))
    known = situation.values.get(key)
    if family in EDGES and dice.chance(0.4 if known in EDGES[family] else 0.02):
        return dice.pick(EDGES[family])
    own = dice.pick(known) if isinstance(known, list) and known else known
    how = dice.random.random()
    if isinstance(own, str) and "ignorecase" in operator.lower() and how < 0.4:
        return dice.flipped(own)
    if isinstance(own, str) and family == "Ip" and how < 0.25:
        return f"{own}/{dice.pick((8, 16, 24, 31))}"  # C-70: host bits behind the mask
    if family == "Ip" and how > 0.94:
        return dice.pick(("::/0", "0.0.0.0/0"))  # C-72: everything, of one family
    if family == "Arn" and how > 0.88:
        return "*"  # C-83
    is_text = family in ("String", "Arn")
    if isinstance(own, str) and how < (0.45 if is_text else 0.35):
        return typed(dice, own)
    if isinstance(own, str) and 0.45 < how < (0.6 if is_text else 0.48):
        return dice.wild(own)
    if isinstance(own, str) and 0.6 < how < (0.7 if is_text else 0.65):
        return dice.near(own)
    if 0.7 < how < 0.78 and family in ("String", "Arn", "Bool"):
        return variable_text(situation, own if isinstance(own, str) else "")
    if (0.78 < how < 0.86 if is_text else 0.35 < how < 0.5) and key in POOL:
        return typed(dice, dice.pick(POOL[key]))
    return typed(dice, dice.pick(SAMPLES[family]))


def typed(dice: Dice, text: str) -> Any:
    """L-11: numbers and booleans may stand without quotes."""
    if dice.chance(0.7):
        return text
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text


def variable_text(situation: Situation, own: str) -> str:
    """A policy variable in the place of its value, with or without default."""
    dice = situation.dice
    if dice.chance(0.35):
        return odd_variable_text(situation, own)
    for name in VARIABLES:
        value = situation.values.get(name)
        if isinstance(value, str) and value and value in own and dice.chance(0.7):
            return own.replace(value, variable(dice, name), 1)
    return dice.pick(("", "", "x/")) + variable(dice, dice.pick(VARIABLES)) + dice.pick(("", "", "*"))


def odd_variable_text(situation: Situation, own: str) -> str:
    """R-31, R-34: a variable with wildcards or without a value, where its text or its default would match."""
    dice, place = situation.dice, situation.dice.number(0, len(own))
    given = situation.request.setdefault("context", {})
    if len(given) < 6 and not any(name.lower() == "acme:label" for name in given) and dice.chance(0.6):
        given["acme:Label"] = situation.values["acme:Label"] = dice.pick(("", "", "*"))
    values = {name: str(situation.values.get(name) or "") for name in VARIABLES if ":" in name}
    if dice.chance(0.5) and "'" not in own:
        empty = [name for name in values if situation.values.get(name) == ""]
        name = dice.pick(empty if empty and dice.chance(0.7) else VARIABLES)
        return f"{own[:place]}${{{name}, '{own[place:]}'}}"
    wild = [name for name, value in values.items() if "*" in value or "?" in value]
    name = dice.pick(wild if wild and dice.chance(0.7) else VARIABLES)
    return own[:place] + "${" + name + "}" + dice.pick(("", "*", own[place + 1 :]))


def variable(dice: Dice, name: str) -> str:
    """Write a variable, seldom badly."""
    if len(name) > 1 and dice.chance(0.25):
        return "${" + name + ", '" + dice.pick(("red", "alice", "", "*", "a b")) + "'}"
    if dice.chance(0.04):
        return dice.pick(
            ("${" + name, "${" + name + ",'x'}", "${ " + name + "}", "${}", "$" + name, "${" + name + " }")
        )
    return "${" + name + "}"
