"""Are the operators of conditions known, and used as they are meant? (SEMANTICS §5)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyeval.checks.check import ERROR, OURS, SUGGESTION, WARNING, Change, Fix, Found, check
from policyeval.checks.subject import Condition, StatementView, Subject
from policyeval.diagnostics import did_you_mean
from policyeval.language.documents import JsonBoolean, JsonNumber, JsonValue
from policyeval.operators import SetOperator, operator_names, parse_operator
from policyeval.source import Path

_NULL_IF_EXISTS = re.compile(r"((ForAllValues|ForAnyValue):)?NullIfExists", re.IGNORECASE)
_SECURE = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
_NAMED = {"Condition": {"StringEquals": {"aws:username": "ana"}}}


def conditions(policy: Subject) -> Iterator[tuple[StatementView, Condition]]:
    """Walk every condition."""
    for statement in policy.statements:
        for condition in statement.conditions:
            yield statement, condition


def _operators(policy: Subject) -> Iterator[tuple[StatementView, str, JsonValue, Path]]:
    """Walk every operator block, also what is no object."""
    for statement in policy.statements:
        written = statement.value.get("Condition")
        for name, keys in written.items() if isinstance(written, dict) else ():
            yield statement, name, keys, statement.at("Condition", name)


@check(
    "INVALID_CONDITION_OPERATOR", ERROR, "a condition operator that does not exist",
    "The name of an operator may begin with `ForAllValues:` or `ForAnyValue:` and end in `IfExists`; "
    "`policyeval explain operators` lists them.",
    bad={"Condition": {"StringMatch": {"aws:username": "ana"}}}, mark='"StringMatch"', good=_NAMED,
)  # fmt: skip
def invalid_operator(policy: Subject) -> Iterator[Found]:
    """C-6."""
    for _, name, _keys, path in _operators(policy):
        if parse_operator(name) is None and not _NULL_IF_EXISTS.fullmatch(name):
            near = did_you_mean(name, operator_names())
            fix = Fix(f"rename it {near}", (Change("rename", path, near),)) if near else None
            help = f"did you mean `{near}`?" if near else "see `policyeval explain operators`"
            yield Found(path, f"unknown condition operator `{name}`", help, on_key=True, fix=fix)


@check(
    "OPERATOR_LETTER_CASE", SUGGESTION, "a condition operator in an unusual letter case",
    "AWS reads it in any case; readers and other tools expect the usual one.",
    bad={"Condition": {"stringequals": {"aws:username": "ana"}}}, mark='"stringequals"', good=_NAMED, origin=OURS,
)  # fmt: skip
def operator_letter_case(policy: Subject) -> Iterator[Found]:
    """C-5."""
    for statement, name, _keys, path in _operators(policy):
        operator = parse_operator(name)
        if operator is not None and operator.name != name:
            taken = isinstance(block := statement.value["Condition"], dict) and operator.name in block
            change = Change("rename", path, operator.name)
            fix = Fix(f"write {operator.name}", (change,), safe=True) if not taken else None
            yield Found(path, f"`{name}` is usually written `{operator.name}`", on_key=True, fix=fix)


@check(
    "NULL_WITH_IF_EXISTS", ERROR, "Null with IfExists",
    "Null asks whether a key exists; IfExists would ask only when it does. The combination is refused.",
    bad={"Condition": {"NullIfExists": {"aws:TokenIssueTime": "true"}}}, mark='"NullIfExists"',
    good={"Condition": {"Null": {"aws:TokenIssueTime": "true"}}},
)  # fmt: skip
def null_with_if_exists(policy: Subject) -> Iterator[Found]:
    """C-43."""
    for _, name, _keys, path in _operators(policy):
        if _NULL_IF_EXISTS.fullmatch(name):
            fix = Fix("rename it Null", (Change("rename", path, name[: -len("IfExists")]),))
            yield Found(path, f"`{name}` does not exist", "write `Null`", on_key=True, fix=fix)


@check(
    "NULL_WITH_QUALIFIER", SUGGESTION, "Null with a set operator",
    "ForAllValues:Null always holds, ForAnyValue:Null never does: write Null alone.",
    bad={"Condition": {"ForAllValues:Null": {"aws:TagKeys": "false"}}}, mark='"ForAllValues:Null"',
    good={"Condition": {"Null": {"aws:TagKeys": "false"}}},
)  # fmt: skip
def null_with_qualifier(policy: Subject) -> Iterator[Found]:
    """5.6."""
    for _, name, _keys, path in _operators(policy):
        operator = parse_operator(name)
        if operator is not None and operator.row.is_null and operator.set_operator is not SetOperator.NONE:
            always = operator.set_operator is SetOperator.FOR_ALL_VALUES
            message = f"`{name}` {'always' if always else 'never'} holds"
            yield Found(path, message, "write `Null`", on_key=True)


@check(
    "EMPTY_OBJECT_CONDITION", SUGGESTION, "a condition that asks for nothing",
    "An empty Condition, or an operator without a key, always holds.",
    bad={"Condition": {}}, mark="{}", good=_SECURE,
)  # fmt: skip
def empty_object_condition(policy: Subject) -> Iterator[Found]:
    """L-15, L-16."""
    for statement in policy.statements:
        if statement.value.get("Condition") == {}:
            path = statement.at("Condition")
            fix = Fix("remove it", (Change("remove", path),), safe=True)
            yield Found(path, "`Condition` is empty", "remove it, or write the condition", fix=fix)
    for _, name, keys, path in _operators(policy):
        if keys == {}:
            yield Found(path, f"`{name}` has no key", "remove it, or write the condition")


def _empty(policy: Subject) -> Iterator[Condition]:
    return (one for _, one in conditions(policy) if one.is_empty and one.operator is not None)


def _empty_list(code: str, start: str, end: str, result: str) -> Any:
    name = f"{start}StringEquals{end}"

    def run(policy: Subject) -> Iterator[Found]:
        for condition in _empty(policy):
            if _variant(condition) == (start, end):
                message = (
                    f"`{condition.key}` has an empty list: the condition {_when_empty(condition, result)}"
                )
                yield Found(condition.path, message, "name at least one value, or remove the condition")

    key = "aws:TagKeys" if start else "aws:username"
    return check(
        code, SUGGESTION, f"an empty list of values{f' under {start or end}' if start or end else ''}",
        f"Without a value to compare with, the condition {result}; with a negated operator it is the other way round.",
        bad={"Condition": {name: {key: []}}}, mark="[]", good={"Condition": {name: {key: ["ana"]}}}
        if start != "ForAllValues:" else {"Condition": {name: {key: ["ana"]}, "Null": {key: "false"}}},
    )(run)  # fmt: skip


def _variant(condition: Condition) -> tuple[str, str]:
    operator = condition.operator
    if operator is None or operator.set_operator is SetOperator.NONE:
        return "", "IfExists" if condition.if_exists else ""
    return f"{operator.set_operator.value}:", ""


def _when_empty(condition: Condition, result: str) -> str:
    return "always holds" if condition.negated and "only" not in result else result


EMPTY_LISTS = (
    _empty_list("EMPTY_ARRAY_CONDITION", "", "", "never holds"),
    _empty_list(
        "EMPTY_ARRAY_CONDITION_FORALLVALUES", "ForAllValues:", "", "holds only when the key is absent"
    ),
    _empty_list("EMPTY_ARRAY_CONDITION_FORANYVALUE", "ForAnyValue:", "", "never holds"),
    _empty_list("EMPTY_ARRAY_CONDITION_IFEXISTS", "", "IfExists", "holds only when the key is absent"),
)


@check(
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE", ERROR, "a condition key that stands twice under one operator",
    "Condition keys are read in any letter case, so that the two are the same key.",
    bad={"Condition": {"StringEquals": {"aws:username": "ana", "AWS:UserName": "ben"}}}, mark='"AWS:UserName"',
    good={"Condition": {"StringEquals": {"aws:username": ["ana", "ben"]}}},
)  # fmt: skip
def duplicate_keys(policy: Subject) -> Iterator[Found]:
    """L-10."""
    for _, _name, keys, path in _operators(policy):
        seen: dict[str, str] = {}
        for key in keys if isinstance(keys, dict) else ():
            first = seen.setdefault(key.lower(), key)
            if first != key:
                message = f"the key `{key}` stands twice, also as `{first}`"
                yield Found((*path, key), message, "join their values in one list", on_key=True)


@check(
    "INVALID_CONDITION_MULTIPLE_BOOLEAN", ERROR, "several values for a boolean",
    "A boolean is true or false: with both the condition asks only that the key is there.",
    bad={"Condition": {"Bool": {"aws:SecureTransport": ["true", "false"]}}}, mark='"false"', good=_SECURE,
)  # fmt: skip
def multiple_boolean(policy: Subject) -> Iterator[Found]:
    """C-17."""
    for _, condition in conditions(policy):
        if condition.base in ("Bool", "Null") and len(condition.values) > 1:
            yield Found(
                condition.values[1].path, f"`{condition.key}` has {len(condition.values)} values", "keep one"
            )


@check(
    "INVALID_CONDITION_DATA_TYPE", ERROR, "values of several JSON types under one key",
    "The values of a key are all strings, or all numbers, or all booleans.",
    bad={"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs",
         "Condition": {"NumericEquals": {"s3:max-keys": ["10", 20]}}}, mark="20",
    good={"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs",
          "Condition": {"NumericEquals": {"s3:max-keys": ["10", "20"]}}},
)  # fmt: skip
def mixed_data_types(policy: Subject) -> Iterator[Found]:
    """L-11: policyeval reads them all the same."""
    for _, condition in conditions(policy):
        if not condition.values:
            continue
        first = _json_type(condition.values[0].text)
        odd = next((entry for entry in condition.values if _json_type(entry.text) != first), None)
        if odd is not None:
            message = f"the values of `{condition.key}` are of several JSON types"
            yield Found(odd.path, message, "put all of them in quotes")


def _json_type(text: str) -> str:
    return {JsonNumber: "number", JsonBoolean: "boolean"}.get(type(text), "string")


@check(
    "WILDCARD_WITHOUT_LIKE_OPERATOR", WARNING, "a wildcard under an operator that takes it literally",
    "StringEquals compares `*` and `?` as ordinary characters; StringLike takes them as wildcards.",
    bad={"Condition": {"StringEquals": {"aws:username": "dev-*"}}}, mark='"dev-*"',
    good={"Condition": {"StringLike": {"aws:username": "dev-*"}}},
)  # fmt: skip
def wildcard_without_like(policy: Subject) -> Iterator[Found]:
    """C-50, C-52."""
    for statement, condition in conditions(policy):
        if condition.base not in (
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ):
            continue
        for entry in condition.values:
            if re.search(r"[*?]", re.sub(r"\$\{[^}]*\}", "", entry.text)):
                like = condition.name.replace("IgnoreCase", "").replace("Equals", "Like")
                fix = renamed_operator(statement, condition, like)
                message = f"{condition.name} takes `{entry.text}` literally"
                yield Found(entry.path, message, f"wildcards need `{like}`", fix=fix)
                break


def renamed_operator(statement: StatementView, condition: Condition, name: str) -> Fix | None:
    """Rename the operator of a key that stands alone under it."""
    block = statement.value.get("Condition")
    if not condition.alone or name == condition.name or (isinstance(block, dict) and name in block):
        return None
    return Fix(f"write {name}", (Change("rename", condition.operator_path, name),))
