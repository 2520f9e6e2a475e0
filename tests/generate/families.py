"""What generated cases are about: kinds of families, and how many of each."""

from __future__ import annotations

from collections.abc import Callable

from .apis import about_api
from .bindings import about_one_binding
from .chains import about_chain
from .conditions import chosen_values, fair_test
from .derived import derived_test
from .dice import Dice, Family
from .grants import about_grant
from .listed import about_listed
from .one_statement import about_one_statement, only
from .pairs import pair_test
from .policy_sets import assumes, policy_set
from .public_buckets import about_public_bucket
from .requests import PLAIN, situation
from .statements import near_name
from .variations import varied
from .vocabulary import DERIVED

PER_SET, PER_STATEMENT = 7, 3


def family(dice: Dice, only: str | None = None) -> Family:
    """A policy set, a request that it is about, and requests near to it."""
    if only is not None:
        return about_anything(dice, only)
    return dice.random.choices(KINDS, SHARES)[0](dice)


def about_anything(dice: Dice, only: str | None = None) -> Family:
    """Policies of every layer with all that they can hold."""
    found = situation(dice)
    policies = policy_set(found, only)
    return policies, [found.request, *(varied(found) for _ in range(PER_SET - 1))]


def about_a_statement(dice: Dice) -> Family:
    """One statement decides."""
    found = situation(dice, dice.pick(("", PLAIN)))
    policies = about_one_statement(found)
    return policies, [found.request, *(varied(found) for _ in range(PER_STATEMENT - 1))]


def about_a_key(dice: Dice) -> Family:
    """K-5: one condition decides, about a key that AWS fills in."""
    row = dice.pick(DERIVED)
    found = situation(dice, row[3])
    policies = about_one_statement(found, only(derived_test(found, row)))
    return policies, [found.request, *(varied(found) for _ in range(PER_STATEMENT - 1))]


def about_a_pair(dice: Dice) -> Family:
    """Chapter 5: one condition decides, in which one rule makes the difference."""
    found = situation(dice, PLAIN)
    return about_one_statement(found, only(pair_test(found))), [found.request]


def about_an_operator(dice: Dice) -> Family:
    """Chapter 5: one condition decides, of any operator with any modifiers."""
    found = situation(dice, PLAIN)
    key, operator = fair_test(found)
    test = operator, key, chosen_values(found, key, operator)
    return about_one_statement(found, only(test)), [found.request, varied(found)]


def about_a_name(dice: Dice) -> Family:
    """Chapter 4: one principal entry decides, which names the caller or nearly does."""
    found = situation(dice, dice.pick((PLAIN, PLAIN, "sts:AssumeRole", "")))
    kind, entry = dice.pick(found.names or [("AWS", "*")])
    limited = {"Principal": {kind: near_name(dice, entry) if dice.chance(0.7) else entry}}
    layers = ("trust",) if assumes(found) else ("resource", "endpoint")
    return about_one_statement(found, limited, at=layers), [found.request]


def about_a_refusal(dice: Dice) -> Family:
    """Chapter 1: one rule of the language is broken, or nearly."""
    found = situation(dice, dice.pick((PLAIN, PLAIN, "sts:AssumeRole")))
    return about_one_statement(found, breaks=True), [found.request]


ABOUT: dict[Callable[[Dice], Family], int] = {
    about_anything: 18,
    about_a_statement: 26,
    about_a_key: 12,
    about_an_operator: 34,
    about_a_pair: 28,
    about_a_name: 20,
    about_a_refusal: 14,
    about_one_binding: 6,
    about_grant: 6,
    about_chain: 7,
    about_api: 4,
    about_listed: 8,
    about_public_bucket: 6,
}
"""What families are about, and how many of each there are."""
KINDS, SHARES = tuple(ABOUT), tuple(ABOUT.values())
