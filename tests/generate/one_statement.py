"""Policy sets in which one statement with one limit decides, and all else is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .breaks import broken
from .conditions import chosen_values, fair_test, likely_test, odd_variable_text
from .derived import derived_test, fitting_key
from .policy_sets import assumes, everything, willing_roles
from .requests import Situation
from .statements import action, broad, odd_action, principal, resource, short

WITHOUT_IDENTITY = ("anonymous", "service", "saml", "web-identity")
VERSIONS = ("2012-10-17", "2012-10-17", "2008-10-17", None)


Test = tuple[str, str, Any]
"""An operator, a key and the policy's values."""


def about_one_statement(
    found: Situation, limited: dict[str, Any] | None = None, *, at: Sequence[str] = (), breaks: bool = False
) -> dict[str, Any]:
    """Everything is allowed, but for one statement with one limit, perhaps this one in these layers: it decides."""
    dice = found.dice
    layers = ("identity", "trust" if assumes(found) else "resource")
    layer = dice.pick(at) if at else chosen_layer(found, layers)
    document = deciding(
        found, layer, with_limit(broad(layer), limit(found, layer) if limited is None else limited)
    )
    if breaks:
        document = broken(dice, document, layer)
    policies: dict[str, Any] = {each: [everything(broad(each))] for each in layers}
    policies[layer] = (
        document if layer == "boundary" else [[document]] if layer in ("scp", "rcp") else [document]
    )
    if "via" in found.request:
        policies["roles"] = willing_roles(found)
    if ":accesspoint/" in found.resources[0]:
        policies |= at_access_point(found, policies.pop("resource", [everything(broad("resource"))])[0])
    return policies


def chosen_layer(found: Situation, layers: tuple[str, str]) -> str:
    """A layer that reaches the caller; mostly one that can allow."""
    reaching: tuple[str, ...] = ("scp", "rcp", "boundary", "endpoint", *layers, *layers)
    if found.kind in WITHOUT_IDENTITY:
        reaching = ("rcp", "endpoint", *layers[1:], *layers[1:])
    return found.dice.pick(reaching)


def deciding(found: Situation, layer: str, limited: dict[str, Any]) -> dict[str, Any]:
    """L-20: the policy with the statement, of a version without variables at times."""
    dice = found.dice
    version = dice.pick(VERSIONS) if "${" in str(limited) else "2012-10-17"
    version = None if version and layer in ("scp", "rcp") and dice.chance(0.4) else version  # L-24
    if layer != "rcp" and dice.chance(0.3):
        return everything(limited, version=version)
    others = [] if layer == "rcp" else [broad(layer)]
    return everything(limited | {"Effect": "Deny"}, *others, version=version)


def with_limit(statement: dict[str, Any], limited: dict[str, Any]) -> dict[str, Any]:
    """Put an element in; a turned one takes the place of the plain one."""
    turned = {name.removeprefix("Not") for name in limited if name.startswith("Not")}
    return {name: value for name, value in statement.items() if name not in turned} | limited


def at_access_point(found: Situation, document: dict[str, Any]) -> dict[str, Any]:
    """S3-6: the policy of an access point or of the bucket behind it; the other allows everything."""
    point = f"arn:aws:s3:eu-west-1:{found.owner}:accesspoint/ap"
    places = found.dice.pick(((point, "arn:aws:s3:::b"), ("arn:aws:s3:::b", point)))
    settings: dict[str, Any] = {"bucket": "b"} | ({"vpc": "vpc-1"} if found.dice.chance(0.3) else {})
    if "vpc" in settings:
        found.request.setdefault("context", {})["aws:SourceVpc"] = "vpc-1"
    return {
        "resources": dict(zip(places, (document, everything(broad("resource"))), strict=True)),
        "settings": {"s3": {"access_points": {point: settings}}},
    }


# ---------------------------------------------------------------- limits


def limit(found: Situation, layer: str) -> dict[str, Any]:
    """One limit: a principal, a resource, an action, or mostly a condition."""
    dice = found.dice
    if layer in ("resource", "trust", "endpoint") and dice.chance(0.2):
        return about_principal(found, layer)
    if layer != "trust" and dice.chance(0.15):
        return about_resource(found)
    if dice.chance(0.08):
        own = dice.pick(found.actions).partition(":")
        entry = action(found, 0.8) if dice.chance(0.6) else odd_action(dice, own[0], own[2])
        return (
            {"NotAction": dice.pick((entry, []))}
            if layer != "rcp" and dice.chance(0.3)
            else {"Action": entry}
        )
    return about_condition(found)


def about_principal(found: Situation, layer: str) -> dict[str, Any]:
    """Principal or NotPrincipal."""
    if layer != "trust" and found.dice.chance(0.5):
        return {"NotPrincipal": principal(found, 0.85, chain=True)}
    return {"Principal": principal(found, 0.7, chain=False)}


def about_resource(found: Situation) -> dict[str, Any]:
    """Resource or NotResource; at times with a variable that has no value, or wildcards in it."""
    dice = found.dice
    head, _, tail = dice.pick(found.resources).rpartition(":")
    if head and dice.chance(0.3):
        return {"Resource": f"{head}:{odd_variable_text(found, tail)}"}
    if dice.chance(0.2):
        return {"NotResource": dice.pick((resource(found, 0.5), f"{head}:${{acme:None}}", []))}
    if head and dice.chance(0.3):
        return {"Resource": short(dice, f"{head}:{tail}")}
    return {"Resource": resource(found, 0.9)}


def about_condition(found: Situation) -> dict[str, Any]:
    """One condition, mostly about a key that AWS fills in; at times with a second key of the same operator."""
    dice = found.dice
    if dice.chance(0.25):
        return only(derived_test(found, fitting_key(found)))
    key, operator = fair_test(found) if dice.chance(0.75) else likely_test(found)
    keys = {key: chosen_values(found, key, operator)}
    if dice.chance(0.2):
        second = key.swapcase() if dice.chance(0.5) else likely_test(found)[0]
        keys[second] = chosen_values(found, key, operator)
    return {"Condition": {operator: keys}}


def only(test: Test) -> dict[str, Any]:
    """One condition."""
    operator, key, values = test
    return {"Condition": {operator: {key: values}}}
