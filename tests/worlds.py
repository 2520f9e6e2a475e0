"""Worlds for properties: a policy set, a request, and what else may be said about that request.

The small ones are plain and shrink well; the large ones have settings, options, roles, chains, lists of
actions, further checks, and conditions of every kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from hypothesis import HealthCheck, assume, reject, settings
from hypothesis import strategies as st

from policyeval import Engine, PolicyEvalError, PolicySet
from policyeval.principal import Principal, read_principal
from tests import policies as small
from tests import strategies
from tests.generate import one_statement, policy_sets, statements
from tests.generate.requests import situation

Value = dict[str, Any]
NOW = 1_767_225_600
LARGE = settings(suppress_health_check=list(HealthCheck))
NOT_POLICIES = ("settings", "semantics", "tags")


class World(NamedTuple):
    """A policy set and a request; `document` and `statement` give more that is about the request."""

    policies: Value
    request: Value
    document: Callable[[str], Value]
    statement: Callable[[str, str], Value]


def worlds(
    *,
    callers: tuple[str, ...] = tuple(small.CALLERS),
    suits: Callable[[Principal], bool] = lambda caller: True,
    without: tuple[str, ...] = (),
) -> st.SearchStrategy[World]:
    """Small and large worlds: `callers` of the small ones, callers that suit in the large ones."""
    return small_worlds(callers, without) | large_worlds(suits, without)


@st.composite
def small_worlds(draw: Any, callers: tuple[str, ...], without: tuple[str, ...]) -> World:
    """A world of `tests.policies`."""
    found, request = draw(small.situations(callers=callers, without=without))
    later = draw(st.data())
    return World(
        found,
        request,
        lambda layer: later.draw(small.documents(layer, request)),
        lambda layer, effect: later.draw(small.statements(layer, request, (effect,))),
    )


@st.composite
def large_worlds(draw: Any, suits: Callable[[Principal], bool], without: tuple[str, ...]) -> World:
    """A world of `tests.generate`, with its lists written as lists."""
    dice = draw(strategies.dice)
    found = situation(dice)
    assume(suits(read_principal(found.request["principal"])))
    made = (
        one_statement.about_one_statement(found) if dice.chance(0.4) else policy_sets.policy_set(found, None)
    )
    kept = omit(made, *without)
    if "roles" in kept:
        kept["roles"] = {arn: omit(role, *without) for arn, role in kept["roles"].items()}
    single = [name for name in small.LAYERS if name in kept and name not in ("scp", "rcp")]
    written = mapped(in_lists, kept | {name: as_list(kept[name]) for name in single})
    assume(answer(written, found.request) != "invalid")
    return World(
        written,
        found.request,
        lambda layer: in_lists(policy_sets.document(found, layer, critical=True), layer),
        lambda layer, effect: listed_elements(statements.statement(found, layer, effect, 0.9)),
    )


# Walking through policy sets


def mapped(change: Callable[[Value, str], Any], value: Any, layer: str = "") -> Any:
    """Change every document of a policy set, wherever it stands."""
    if isinstance(value, list):
        return [mapped(change, one, layer) for one in value]
    if not isinstance(value, dict) or "Statement" in value:
        return change(value, layer)
    return {
        name: one if name in NOT_POLICIES else mapped(change, one, layer_called(name, layer))
        for name, one in value.items()
    }


def layer_called(name: str, inside: str) -> str:
    """Tell the layer of what stands under a name; account ids and ARNs leave it as it is."""
    return name if name in small.LAYERS else "resource" if name == "resources" else inside


def documents_in(value: Value) -> list[tuple[str, Value]]:
    """List the documents of a policy set, with their layers."""
    found: list[tuple[str, Value]] = []
    mapped(lambda document, layer: found.append((layer, document)), value)
    return found


VARIABLE = re.compile(r"\$\{([\w:/-]+)[,}]")


def keys_read(value: Value) -> set[str]:
    """Name the keys that the conditions and variables of a policy set read, in lower case."""
    found = set(VARIABLE.findall(json.dumps(value)))
    for _, document in documents_in(value):
        for statement in document["Statement"]:
            found |= {key for keys in statement.get("Condition", {}).values() for key in keys}
    return {key.lower() for key in found}


def omit(value: Value, *names: str) -> Value:
    """Leave fields out."""
    return {name: one for name, one in value.items() if name not in names}


def as_list(value: Any) -> Any:
    """Write one entry as a list."""
    return value if isinstance(value, list) else [value]


def in_lists(document: Value, _layer: str) -> Value:
    """Write every list of one entry as a list."""
    return {**document, "Statement": [listed_elements(one) for one in as_list(document["Statement"])]}


def listed_elements(statement: Value) -> Value:
    """Write the elements of a statement as lists; the principal `*` is none."""
    return {
        name: value
        if name in ("Sid", "Effect") or (name.endswith("Principal") and value == "*")
        else listed(value)
        for name, value in statement.items()
    }


def listed(value: Any) -> Any:
    """Write every single value as a list."""
    if isinstance(value, dict):
        return {name: listed(one) for name, one in value.items()}
    return as_list(value)


# Answers, and whether they prove anything


def answer(policies: Value, request: Value) -> str:
    """Decide; an input that is refused is an answer, too."""
    try:
        decision = Engine(PolicySet.from_dict(policies), now=NOW).decide(request)
    except PolicyEvalError:
        return "invalid"
    return f"{decision.reason.code} {decision.layer}"


def is_allowed(policies: Value, request: Value) -> bool:
    """Decide; an input that is refused is no example."""
    found = answer(policies, request)
    if found == "invalid":
        reject()
    return found.startswith(("allowed", "no-authorization-needed"))


_seen: list[bool] = []


def decisive(is_so: bool) -> None:
    """Note whether the example at hand could have shown the property to be wrong."""
    _seen.append(is_so)


def at_least(number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Demand that so many examples of a property are decisive: the property fails when it proves nothing."""

    def demanding(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def counted(*args: Any, **kwargs: Any) -> None:
            _seen.clear()
            test(*args, **kwargs)
            assert sum(_seen) >= number, f"{sum(_seen)} of {len(_seen)} examples are decisive"

        return counted

    return demanding


def never_widens(policies: Value, limited: Value, request: Value) -> None:
    """Demand that the second policy set allows no more; an example in which it allows less is decisive."""
    before, after = is_allowed(policies, request), is_allowed(limited, request)
    assert before or not after
    decisive(before and not after)


def decide_alike(world: World, changed: Value, asked: Value | None = None) -> None:
    """Demand one answer before and after a change; one that a statement gives, after a real change, is decisive."""
    asked = world.request if asked is None else asked
    before = answer(world.policies, world.request)
    assert before == answer(changed, asked)
    is_changed = repr((changed, asked)) != repr((world.policies, world.request))
    decisive(is_changed and ("explicit" in before or before.startswith("allowed")))
