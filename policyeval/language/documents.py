"""What values does a document hold? JSON and YAML text becomes text, lists and objects, with nothing guessed.

Numbers and booleans keep their source text (L-11); a key that stands twice is refused (L-9).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

from policyeval.errors import PolicyError, PolicyEvalError
from policyeval.limits import (
    DOCUMENT_BYTES,
    LIST_VALUES,
    NESTING,
    NUMBER_CHARACTERS,
    OBJECT_MEMBERS,
    STATEMENTS,
    Limit,
)
from policyeval.source import Path, Source, offset_in_json, path_text
from policyeval.syntax import Node, SyntaxProblem, beyond, duplicate_keys, json_tree, yaml_tree

MAX_BYTES: Final = DOCUMENT_BYTES.most


class JsonNumber(str):
    """A number, as it was written."""

    __slots__ = ()


class JsonBoolean(str):
    """`true` or `false`."""

    __slots__ = ()


JsonValue = None | str | JsonNumber | JsonBoolean | list["JsonValue"] | dict[str, "JsonValue"]

TRUE: Final = JsonBoolean("true")
FALSE: Final = JsonBoolean("false")

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


def read_document(source: Source, error: type[PolicyEvalError] = PolicyError) -> JsonValue:
    """Read a document's value, or raise the error with the place and a way out."""
    try:
        _refuse_unreadable(source.text)
        return _read_json(source) if source.syntax == "json" else _read_yaml(source)
    except SyntaxProblem as problem:
        span = source.span(problem.start, problem.end)
        raise error(problem.message, source=source, span=span, help=problem.help) from None


def _refuse_unreadable(text: str) -> None:
    if len(text) * 4 > MAX_BYTES and (size := len(text.encode("utf-8", "surrogatepass"))) > MAX_BYTES:
        raise beyond(DOCUMENT_BYTES, 0, 0, size)
    if text.startswith("\ufeff"):
        raise SyntaxProblem(
            "the file starts with a byte order mark (BOM)", 0, 1, "save it as UTF-8 without BOM"
        )
    if not text.strip():
        raise SyntaxProblem("the document is empty", 0, 0, "is this the right file?")
    if (at := text.find("\0")) >= 0:
        raise SyntaxProblem(
            "a NUL character in the document", at, at + 1, "save the file as plain UTF-8 text"
        )
    if not text.isascii() and (lone := re.search("[\ud800-\udfff]", text)):
        raise SyntaxProblem(
            "the document is not UTF-8 text", lone.start(), lone.end(), "save the file as UTF-8"
        )


# JSON


class _DuplicateKey(Exception):
    pass


class _NotJsonNumber(Exception):
    pass


class _BeyondLimit(Exception):
    pass


def _read_json(source: Source) -> JsonValue:
    text = source.text
    try:
        value = _parse(text, _members)
    except _DuplicateKey:
        _parse(text, dict)
        raise _duplicate_key(source, json_tree(text)) from None
    if "\\u" in text:
        _json_errors().refuse_escapes(text)
    root: list[JsonValue] = [value]
    try:
        depth = _settle(root)
    except _BeyondLimit:
        raise _beyond_in_json(text, value) from None
    if depth > NESTING.most:
        raise _json_errors().too_deep(text)
    return root[0]


def _json_errors() -> ModuleType:
    """Import the messages of mistakes only when there is one."""
    from policyeval.language import json_errors

    return json_errors


def _parse(text: str, members: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=members,
            parse_int=JsonNumber,
            parse_float=JsonNumber,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as problem:
        raise _json_errors().syntax_problem(text, problem) from None
    except _NotJsonNumber:
        raise _json_errors().not_a_number(text) from None
    except RecursionError:
        raise _json_errors().too_deep(text) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateKey
    return members


def _refuse_constant(text: str) -> JsonValue:
    raise _NotJsonNumber(text)


def _settle(root: list[Any]) -> int:
    """Turn the booleans below into text, in place; count how deep lists and objects are nested.

    Raises _BeyondLimit for what holds too much: _beyond says what and where.
    """
    depth = -1
    most, statements, characters = _MOST_INSIDE, STATEMENTS.most, NUMBER_CHARACTERS.most
    level: list[Any] = [root]
    while level:
        depth += 1
        below: list[Any] = []
        for container in level:
            if len(container) > most:
                raise _BeyondLimit
            for key, member in container.items() if type(container) is dict else enumerate(container):
                kind = type(member)
                if kind is dict or kind is list:
                    below.append(member)
                    if key == "Statement" and kind is list and len(member) > statements:
                        raise _BeyondLimit
                elif kind is bool:
                    container[key] = TRUE if member else FALSE
                elif kind is JsonNumber and len(member) > characters:
                    raise _BeyondLimit
        level = below
    return depth


def _duplicate_key(source: Source, tree: Node) -> SyntaxProblem:
    path, first, again = duplicate_keys(tree)[0]
    where = f" in `{path_text(path[:-1])}`" if path[:-1] else ""
    place = source.span(first.start, first.end).start
    return SyntaxProblem(
        f"key `{path[-1]}` stands twice{where}, first in line {place.line}, column {place.column}",
        again.start,
        again.end,
        "keep one of the two; several values for one key stand in a list `[ ]`",
    )


# YAML


def _read_yaml(source: Source) -> JsonValue:
    from policyeval.language.yaml_errors import refuse_characters, told_plainly

    refuse_characters(source.text)
    try:
        tree = yaml_tree(source.text)
    except SyntaxProblem as problem:
        raise told_plainly(source.text, problem) from None
    if duplicate_keys(tree):
        raise _duplicate_key(source, tree)
    value = _yaml_value(tree)
    if found := _beyond(value):
        place = _node_at(tree, found[0])
        raise beyond(found[1], place.start, max(place.end, place.start + 1), found[2])
    return value


def _node_at(node: Node, path: Path) -> Node:
    for step in path:
        node = node.step(step)[1]  # type: ignore[index]  # the value was made of these nodes
    return node


def _yaml_value(node: Node) -> JsonValue:
    if node.kind == "object":
        return {key.text: _yaml_value(member) for key, member in node.members}
    if node.kind == "list":
        return [_yaml_value(item) for item in node.items]
    return _plain_scalar(node.text) if node.plain else node.text


def _plain_scalar(text: str) -> JsonValue:
    """Read a scalar without quotes: everything is text but numbers, `true`, `false` and nothing."""
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return JsonBoolean(text)
    return JsonNumber(text) if _NUMBER.fullmatch(text) else text


# Limits: what is found is refused before anything is made of it

_MOST_INSIDE: Final = min(LIST_VALUES.most, OBJECT_MEMBERS.most)


def _beyond_in_json(text: str, value: JsonValue) -> SyntaxProblem:
    found = _beyond(value)
    if found is None:
        raise AssertionError("a limit was passed that nothing passes")
    path, limit, size = found
    at = offset_in_json(text, path) or 0
    return beyond(limit, at, at + (size if limit is NUMBER_CHARACTERS else 1), size)


def _beyond(root: Any) -> tuple[Path, Limit, int] | None:
    """Find the first value, level by level, that is larger than a limit: where, which, and how large."""
    level: list[tuple[Path, Any]] = [((), root)]
    while level:
        below: list[tuple[Path, Any]] = []
        for path, value in level:
            limit = _limit_of(path, value)
            if limit is not None and len(value) > limit.most:
                return path, limit, len(value)
            if isinstance(value, dict | list):
                inner = value.items() if isinstance(value, dict) else enumerate(value)
                below.extend(((*path, step), member) for step, member in inner)
        level = below
    return None


def _limit_of(path: Path, value: Any) -> Limit | None:
    if isinstance(value, list):
        return STATEMENTS if path[-1:] == ("Statement",) else LIST_VALUES
    if isinstance(value, dict):
        return OBJECT_MEMBERS
    return NUMBER_CHARACTERS if isinstance(value, JsonNumber) else None


# Writing


def write_json(value: JsonValue, indent: int | None = 2) -> str:
    """Write a value as JSON; numbers and booleans come out as they were written."""
    return "".join(_pieces(value, "" if indent is None else "\n", indent or 0))


def _pieces(value: JsonValue, line: str, indent: int) -> Iterator[str]:
    if isinstance(value, dict) and value:
        inner = line + " " * indent
        for index, (key, member) in enumerate(value.items()):
            yield from (_opening("{", index, inner), _scalar(key), ": ")
            yield from _pieces(member, inner, indent)
        yield line + "}"
    elif isinstance(value, list) and value:
        inner = line + " " * indent
        for index, item in enumerate(value):
            yield _opening("[", index, inner)
            yield from _pieces(item, inner, indent)
        yield line + "]"
    else:
        yield _scalar(value)


def _opening(bracket: str, index: int, line: str) -> str:
    return bracket + line if index == 0 else "," + (line or " ")


def _scalar(value: JsonValue) -> str:
    if isinstance(value, JsonNumber | JsonBoolean):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
