"""Conditions that hold, nearly hold, or are about keys that are absent."""

from __future__ import annotations

from typing import Any

from .dice import Dice
from .requests import Situation
from .vocabulary import FAMILIES, KEYS, LISTS, OPERATORS, SAMPLES, VARIABLES

FAMILY = {key: family for key, family, _ in KEYS + LISTS}
POOL = {key: options for key, _, options in KEYS + LISTS}


def condition(situation: Situation) -> dict[str, dict[str, Any]]:
    """One to three operators with one or two keys each."""
    dice = situation.dice
    found: dict[str, dict[str, Any]] = {}
    for _ in range(dice.few()):
        key = chosen_key(situation)
        family = FAMILY.get(key, "Arn" if key.endswith("Arn") else "String")
        operator = chosen_operator(dice, family, many=isinstance(situation.values.get(key), list))
        found.setdefault(operator, {})[written_key(dice, key)] = chosen_values(situation, key, operator)
    if dice.chance(0.02):
        found["StringEquals"] = found.get("StringEquals", {})
    return found


def chosen_key(situation: Situation) -> str:
    """Mostly a key that the request has."""
    dice = situation.dice
    known = list(situation.values)
    if dice.chance(0.2):
        family = dice.pick(FAMILIES)
        return dice.pick([key for key, each in FAMILY.items() if each == family])
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
        operator = dice.pick(("ForAllValues:", "ForAnyValue:")) + operator
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
    own = dice.pick(known) if isinstance(known, list) and known else known
    how = dice.random.random()
    if isinstance(own, str) and how < 0.45:
        return typed(dice, own)
    if isinstance(own, str) and how < 0.6:
        return dice.wild(own)
    if isinstance(own, str) and how < 0.7:
        return dice.near(own)
    if how < 0.78 and family in ("String", "Arn", "Bool"):
        return variable_text(situation, own if isinstance(own, str) else "")
    if how < 0.86 and key in POOL:
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
    for name in VARIABLES:
        value = situation.values.get(name)
        if isinstance(value, str) and value and value in own and dice.chance(0.7):
            return own.replace(value, variable(dice, name), 1)
    return dice.pick(("", "", "x/")) + variable(dice, dice.pick(VARIABLES)) + dice.pick(("", "", "*"))


def variable(dice: Dice, name: str) -> str:
    """Write a variable, seldom badly."""
    if len(name) > 1 and dice.chance(0.25):
        return "${" + name + ", '" + dice.pick(("red", "alice", "", "*", "a b")) + "'}"
    if dice.chance(0.04):
        return dice.pick(
            ("${" + name, "${" + name + ",'x'}", "${ " + name + "}", "${}", "$" + name, "${" + name + " }")
        )
    return "${" + name + "}"
