"""Documents that break one rule of the policy language (SEMANTICS 1): they are refused, whatever they say."""

from __future__ import annotations

from typing import Any

from .dice import Dice

CONDITIONS: tuple[Any, ...] = (
    {"StringEqual": {"aws:username": "alice"}},  # C-6
    {"ForSomeValues:StringEquals": {"aws:TagKeys": "x"}},  # C-38
    {"NullIfExists": {"aws:username": "true"}},  # C-43
    {"Foo": {}},  # L-16: names no key, so nothing is wrong
    {"StringEquals": "alice"},
    {"StringEquals": {"aws:username": {"x": "y"}}},
    [{"StringEquals": {"aws:username": "alice"}}],
    None,
)
ELEMENTS: tuple[tuple[str, Any], ...] = (
    ("Foo", "x"),
    ("Action", "s*:GetObject"),
    ("Action", "s3:Get Object"),
    ("Action", None),
    ("Action", "GetObject"),
    ("Resource", "b/k"),
    ("Resource", {"arn": "*"}),
    ("Effect", "allow"),
    ("Effect", "Permit"),
    ("Principal", "alice"),
    ("Principal", "*"),
    ("Principal", {"Aws": "*"}),
    ("Principal", {"AWS": "*"}),
    ("NotPrincipal", {"AWS": "111111111111"}),
    ("NotAction", "s3:GetObject"),
    ("NotResource", "arn:aws:s3:::other"),
    ("Resource", "*"),
    ("Sid", 1),
    ("effect", "Allow"),
)
DOCUMENTS: tuple[tuple[str, Any], ...] = (
    ("Foo", "x"),  # L-1
    ("Version", "2012-10-18"),  # L-20
    ("Version", "2012"),
    ("Version", None),
    ("Statement", []),
    ("Statement", "x"),
    ("Statement", None),
    ("Id", 1),
    ("Id", "any"),
    ("statement", []),
)


def broken(dice: Dice, document: dict[str, Any], layer: str) -> dict[str, Any]:
    """Break the document, its first statement, or what stands in its condition."""
    how = dice.number(0, 4)
    if how == 0:
        name, value = dice.pick(DOCUMENTS)
        return document | {name: value}
    first, *others = document["Statement"]
    if how == 4:
        without = dice.pick(tuple(first))  # L-40, L-41: not always refused
        return document | {"Statement": [{name: first[name] for name in first if name != without}, *others]}
    changed = first | {"Condition": dice.pick(CONDITIONS)} if how == 1 else with_element(dice, first, layer)
    return document | {"Statement": [changed, *others]}


def with_element(dice: Dice, statement: dict[str, Any], layer: str) -> dict[str, Any]:
    """L-6, L-7: add an element, beside or instead of its counterpart."""
    name, value = dice.pick(ELEMENTS)
    if layer == "rcp" and dice.chance(0.3):
        name, value = dice.pick((("Effect", "Allow"), ("NotPrincipal", "*"), ("Principal", {"AWS": "*"})))
    counterpart = name.removeprefix("Not") if name.startswith("Not") else "Not" + name
    kept = {each: it for each, it in statement.items() if each != counterpart or dice.chance(0.5)}
    return kept | {name: value}
