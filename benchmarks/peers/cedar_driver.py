"""Drives Cedar through cedarpy, with IAM statements translated to Cedar policies and parsed beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import cedarpy  # type: ignore[import-not-found,unused-ignore]

from benchmarks.peers.serving import Cannot, Decide, Values, listed, serve, statements

EFFECTS = {"Allow": "permit", "Deny": "forbid"}


def prepare(policies: Values) -> Callable[[Values], Decide]:
    """Translate and parse; names are matched with `like`, as IAM's wildcards need."""
    text = "\n".join(_policy(one) for one in statements(policies, conditions=True))
    parsed, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")

    def ready(request: Values) -> Decide:
        asked = {
            "principal": {"type": "Caller", "id": request["principal"]},
            "action": {"type": "Action", "id": request["action"]},
            "resource": {"type": "Resource", "id": request["resource"]},
            "context": _context(request),
        }
        return lambda: cedarpy.is_authorized(asked, parsed, entities).allowed

    return ready


def _context(request: Values) -> dict[str, Any]:
    given = {name: value for name, value in request.get("context", {}).items() if name != "aws:SourceIp"}
    address = request.get("context", {}).get("aws:SourceIp")
    more = {"aws:SourceIp": {"__extn": {"fn": "ip", "arg": address}}} if address else {}
    return {"action": request["action"], "resource": request["resource"], **given, **more}


def _policy(statement: Values) -> str:
    tests = [_names(statement, "Action", "action"), _names(statement, "Resource", "resource")]
    for operator, keys in statement.get("Condition", {}).items():
        tests += [_condition(operator, key, listed(values)) for key, values in keys.items()]
    return f"{EFFECTS[statement['Effect']]}(principal, action, resource) when {{ {' && '.join(tests)} }};"


def _names(statement: Values, element: str, name: str) -> str:
    """`*` is the only wildcard that the two languages share."""
    no = f"Not{element}"
    patterns = listed(statement.get(element) or statement[no])
    if any("?" in one for one in patterns):
        raise Cannot("no `?` in patterns")
    if "*" in patterns:
        return "false" if no in statement else "true"
    found = _any(f"context.{name} like {json.dumps(one)}" for one in patterns)
    return f"!{found}" if no in statement else found


def _condition(operator: str, key: str, values: list[str]) -> str:
    name, absent_holds = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    value = f"context[{json.dumps(key)}]"
    has = f"context has {json.dumps(key)}"
    test = _TESTS.get(name)
    if test is None:
        raise Cannot(f"no {operator}")
    found = _any(test(value, one) for one in values)
    if name == "StringNotEquals":
        return f"(!({has}) || !{found})"
    return f"(!({has}) || {found})" if absent_holds else f"({has} && {found})"


_TESTS: dict[str, Callable[[str, str], str]] = {
    "Bool": lambda value, one: f"{value} == {json.dumps(one)}",
    "IpAddress": lambda value, one: f"{value}.isInRange(ip({json.dumps(one)}))",
    "StringEquals": lambda value, one: f"{value} == {json.dumps(one)}",
    "StringLike": lambda value, one: f"{value} like {json.dumps(one)}",
    "StringNotEquals": lambda value, one: f"{value} == {json.dumps(one)}",
}


def _any(tests: Any) -> str:
    return f"({' || '.join(tests)})"


if __name__ == "__main__":
    serve("cedarpy", prepare)
