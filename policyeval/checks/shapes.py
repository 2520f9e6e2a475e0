"""Which values have the wrong JSON type for the element that they stand in? (SEMANTICS 0.4)"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.checks.check import Found
from policyeval.checks.subject import StatementView, Subject, is_string
from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue
from policyeval.source import Path


def shape_problems(policy: Subject) -> Iterator[Found]:
    """Walk the document; Principal in a wrong shape is INVALID_PRINCIPAL_FORMAT and not reported here."""
    if not isinstance(policy.value, dict):
        yield _wrong(policy.base, "a policy", "an object", policy.value)
        return
    for name in ("Version", "Id"):
        yield from _string(policy.elements, name, policy.base)
    yield from _statement_list(policy)
    for statement in policy.statements:
        yield from _statement(statement)


def _statement_list(policy: Subject) -> Iterator[Found]:
    if "Statement" not in policy.elements:
        return
    listed, path = policy.elements["Statement"], (*policy.base, "Statement")
    if not isinstance(listed, dict | list):
        yield _wrong(path, "`Statement`", "an object or a list of objects", listed)
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict):
            yield _wrong((*path, index), "a statement", "an object", one)


def _statement(statement: StatementView) -> Iterator[Found]:
    value, path = statement.value, statement.path
    for name in ("Sid", "Effect"):
        yield from _string(value, name, path)
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in value:
            yield from _strings(value[name], f"`{name}`", (*path, name))
    for name in ("Principal", "NotPrincipal"):
        kinds = value.get(name)
        for kind, listed in kinds.items() if isinstance(kinds, dict) else ():
            yield from _strings(listed, f"`{kind}`", (*path, name, kind))
    if "Condition" in value:
        yield from _condition(value["Condition"], (*path, "Condition"))


def _condition(value: JsonValue, path: Path) -> Iterator[Found]:
    if not isinstance(value, dict):
        yield _wrong(path, "`Condition`", "an object", value)
        return
    for name, keys in value.items():
        if not isinstance(keys, dict):
            yield _wrong((*path, name), f"`{name}`", "an object of condition keys", keys)
            continue
        for key, values in keys.items():
            at = (*path, name, key)
            for where, one in _items(values, at):
                if not isinstance(one, str):
                    yield _wrong(where, f"`{key}`", "strings, numbers or booleans", one)


def _items(value: JsonValue, path: Path) -> list[tuple[Path, JsonValue]]:
    return [((*path, i), one) for i, one in enumerate(value)] if isinstance(value, list) else [(path, value)]


def _string(value: dict[str, JsonValue], name: str, path: Path) -> Iterator[Found]:
    if name in value and not is_string(value[name]):
        yield _wrong((*path, name), f"`{name}`", "a string", value[name])


def _strings(value: JsonValue, what: str, path: Path) -> Iterator[Found]:
    for where, one in _items(value, path):
        if not is_string(one):
            yield _wrong(where, what, "a string or a list of strings", one)


def _wrong(path: Path, what: str, wanted: str, value: JsonValue) -> Found:
    message = f"{what} is {wanted}, not {kind_of(value)}"
    return Found(path, message, "put it in quotes" if isinstance(value, str) else "write it so")


def kind_of(value: JsonValue) -> str:
    """Name a JSON value as people do."""
    if isinstance(value, JsonNumber):
        return f"the number {value}"
    if isinstance(value, JsonBoolean):
        return f"the boolean {value}"
    if isinstance(value, str):
        return f"the string `{value}`"
    return {type(None): "null", list: "a list", dict: "an object"}[type(value)]
