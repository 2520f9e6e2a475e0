"""Requests that differ a little from one that a policy set was made for."""

from __future__ import annotations

from typing import Any

from .requests import Situation, context, several, situation
from .vocabulary import ACCOUNTS, CALLS


def copied(value: Any) -> Any:
    """A copy of JSON; much faster than copy.deepcopy, which makes up for cycles and classes."""
    if isinstance(value, dict):
        return {key: copied(each) for key, each in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def varied(found: Situation) -> dict[str, Any]:
    """Change one or two things of the request."""
    dice, request = found.dice, dict(copied(found.request))
    for _ in range(dice.pick((1, 1, 2))):
        dice.pick(
            (drop_key, change_value, other_context, other_call, other_resource, other_caller, near_resource)
        )(found, request)
    return request


def drop_key(found: Situation, request: dict[str, Any]) -> None:
    """Take a key or a field away."""
    given = request.get("context")
    if given:
        del given[found.dice.pick(tuple(given))]
        return
    for name in ("resource_account", "resource_tags", "endpoint_type", "time"):
        request.pop(name, None)


def change_value(found: Situation, request: dict[str, Any]) -> None:
    """Change a context value by a character, or make it empty, absent or several."""
    dice, given = found.dice, request.get("context")
    if not given:
        other_context(found, request)
        return
    key = dice.pick(tuple(given))
    value = given[key]
    if isinstance(value, list):
        given[key] = value[:-1] if dice.chance(0.5) else [*value, "x"]
    elif isinstance(value, str):
        given[key] = dice.pick((dice.near(value), dice.flipped(value), "", None))


def other_context(found: Situation, request: dict[str, Any]) -> None:
    """Give more keys."""
    request["context"] = request.get("context", {}) | context(found.dice, with_own_values(found))


def with_own_values(found: Situation) -> Situation:
    """A situation whose values may be changed."""
    return Situation(
        found.dice, found.kind, found.request, found.names, found.account, found.owner, dict(found.values)
    )


def other_call(found: Situation, request: dict[str, Any]) -> None:
    """Another action, of the same group where there is one."""
    for actions, _ in CALLS:
        if found.actions[0] in actions and len(actions) > 1:
            request["action"] = several(found.dice, actions)
            return
    actions, resources = found.dice.pick(CALLS)
    request["action"] = found.dice.pick(actions)
    request["resource"] = found.dice.pick(resources).format(account=found.owner)


def other_resource(found: Situation, request: dict[str, Any]) -> None:
    """Another resource of the same group, perhaps of another account."""
    owner = found.dice.pick(ACCOUNTS)
    for actions, resources in CALLS:
        if found.actions[0] in actions:
            request["resource"] = found.dice.pick(resources).format(account=owner)
            request.pop("resource_account", None)
            return


def near_resource(found: Situation, request: dict[str, Any]) -> None:
    """A resource whose last part is one character off."""
    own = found.resources[0]
    if own != "*":
        head, _, tail = own.rpartition(":")
        request["resource"] = head + ":" + found.dice.near(tail)
    parts = own.split(":", 5)
    if len(parts) > 5 and found.dice.chance(0.15):
        request["resource"] = ":".join((*parts[:2], parts[2].upper(), parts[3].upper(), *parts[4:]))


def other_caller(found: Situation, request: dict[str, Any]) -> None:
    """Another caller, who has nothing to do with the policies."""
    request["principal"] = situation(found.dice).request["principal"]
