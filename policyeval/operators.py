"""Which condition operators are there, and what does each compare?

One row per operator, in the order of AWS's page (reference_policies_elements_condition_operators).
A row says of which type the operator is, how a policy value and a request value are read, and when the
*positive* form of the operator holds for the pair; negation, several values, set operators, `…IfExists`
and missing keys are the same for all rows and live in matching/conditions.py (SEMANTICS §5). Nobody
goes by an operator's name: whoever treats some operators otherwise than others asks for their columns.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from policyeval.language.arn import parse_arn
from policyeval.language.patterns import Glob, Token, Wildcard
from policyeval.language.values import (
    MALFORMED,
    lower_each,
    read_address,
    read_binary,
    read_boolean,
    read_date,
    read_network,
    read_number,
)
from policyeval.records import Record

Tokens = tuple[Token, ...]


class OperatorType(Enum):
    """What the operators of a group compare: AWS's groups, spelled like the types of condition keys."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOLEAN = "Bool"
    BINARY = "Binary"
    IP_ADDRESS = "IPAddress"
    ARN = "ARN"
    NULL = "Null"


_NULL = OperatorType.NULL  # for each decision; to look a member up takes longer


class Example(Record):
    """A policy value, a request value (None: the key is absent), and whether the condition holds."""

    policy: str
    request: str | None
    holds: bool


class Operator(Record):
    """A condition operator.

    `read_policy` gets the value with its variables resolved, as tokens; both readers return MALFORMED
    for a text that is no value of the type (C-18). `compare(request, policy)` is the positive form.
    """

    name: str
    title: str
    rule: str
    type: OperatorType
    read_policy: Callable[[Tokens], Any]
    read_request: Callable[[str], Any]
    compare: Callable[[Any, Any], bool]
    negated: bool = False
    wildcards: bool = False
    variables: bool = False
    ignores_case: bool = False
    can_be_malformed: bool = True
    examples: tuple[Example, ...] = ()

    @property
    def is_null(self) -> bool:
        """Is it `Null`, which asks for presence and not for a value?"""
        return self.type is _NULL


def _text(tokens: Tokens) -> str:
    return "".join(token if isinstance(token, str) else token.value for token in tokens)


def _lower_text(tokens: Tokens) -> str:
    return lower_each(_text(tokens))


def _as_is(text: str) -> str:
    return text


def _read_policy(read: Callable[[str], Any]) -> Callable[[Tokens], Any]:
    return lambda tokens: read(_text(tokens))


def _glob_matches(value: str, pattern: Glob) -> bool:
    return pattern.matches(value)


def _in_network(address: tuple[int, int], network: tuple[int, int, int]) -> bool:
    """C-72: another address family is outside."""
    return address[0] == network[0] and address[1] >> network[2] == network[1]


ARN_PATTERN_EVERYTHING: tuple[Glob, ...] = ()


def _arn_pattern(tokens: Tokens) -> Any:
    """Split at the first five colons (C-80); fewer parts are malformed (C-81), a bare `*` is any ARN (C-83)."""
    if tokens and all(token is Wildcard.ANY_RUN for token in tokens):
        return ARN_PATTERN_EVERYTHING
    parts = _split_at_colons(tokens, 5)
    if len(parts) != 6 or Glob(parts[0]).tokens != ("arn",):
        return MALFORMED
    return tuple(Glob(part) for part in parts[1:])


def _split_at_colons(tokens: Sequence[Token], times: int) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            parts[-1].append(token)
            continue
        head, *rest = token.split(":", times + 1 - len(parts))
        if head:
            parts[-1].append(head)
        parts.extend([piece] if piece else [] for piece in rest)
    return parts


def _arn_value(text: str) -> Any:
    arn = parse_arn(text)
    if arn is None:
        return MALFORMED
    return (arn.partition, arn.service, arn.region, arn.account, arn.resource)


def _arn_matches(value: tuple[str, ...], pattern: tuple[Glob, ...]) -> bool:
    return all(part.matches(text) for part, text in zip(pattern, value, strict=False))


# What several rows have in common
# fmt: off
_STRING: dict[str, Any] = {
    "type": OperatorType.STRING, "read_policy": _text, "read_request": _as_is, "compare": operator.eq,
    "variables": True, "can_be_malformed": False}
_ANY_CASE: dict[str, Any] = _STRING | {"read_policy": _lower_text, "read_request": lower_each, "ignores_case": True}
_LIKE: dict[str, Any] = _STRING | {"read_policy": Glob, "compare": _glob_matches, "wildcards": True}
_NUMBER: dict[str, Any] = {
    "type": OperatorType.NUMERIC, "read_policy": _read_policy(read_number), "read_request": read_number}
_DATE: dict[str, Any] = {
    "type": OperatorType.DATE, "read_policy": _read_policy(read_date), "read_request": read_date}
_NETWORK: dict[str, Any] = {
    "type": OperatorType.IP_ADDRESS, "read_policy": _read_policy(read_network), "read_request": read_address,
    "compare": _in_network}
_ARN: dict[str, Any] = {
    "type": OperatorType.ARN, "read_policy": _arn_pattern, "read_request": _arn_value, "compare": _arn_matches,
    "variables": True, "wildcards": True}

_FINANCE = "arn:aws:svc:*:111122223333:finance/*"

OPERATORS: tuple[Operator, ...] = (
    Operator("StringEquals", "is exactly", "C-50", **_STRING, examples=(
        Example("red", "red", True), Example("red", "Red", False), Example("r*", "red", False), Example("red", None, False))),
    Operator("StringNotEquals", "is none of", "C-50", **_STRING, negated=True, examples=(
        Example("red", "Red", True), Example("red", "red", False), Example("red", None, True))),
    Operator("StringEqualsIgnoreCase", "is, in any case,", "C-51", **_ANY_CASE, examples=(
        Example("red", "RED", True), Example("straße", "STRASSE", False), Example("red", None, False))),
    Operator("StringNotEqualsIgnoreCase", "is, in any case, none of", "C-51", **_ANY_CASE, negated=True, examples=(
        Example("red", "RED", False), Example("red", "blue", True), Example("red", None, True))),
    Operator("StringLike", "matches", "C-52", **_LIKE, examples=(
        Example("home/*", "home/a/b", True), Example("home/?", "home/", False), Example("", "", True), Example("*", None, False))),
    Operator("StringNotLike", "matches none of", "C-52", **_LIKE, negated=True, examples=(
        Example("home/*", "home/a", False), Example("home/*", "tmp/a", True), Example("*", None, True))),
    Operator("NumericEquals", "equals", "C-56", compare=operator.eq, **_NUMBER, examples=(
        Example("10", "10.0", True), Example("10", "11", False), Example("10abc", "10", False), Example("10", None, False))),
    Operator("NumericNotEquals", "equals none of", "C-56", compare=operator.eq, **_NUMBER, negated=True, examples=(
        Example("10", "11", True), Example("10", "10.0", False), Example("10", None, True))),
    Operator("NumericLessThan", "is less than", "C-55", compare=operator.lt, **_NUMBER, examples=(
        Example("10", "9", True), Example("10", "10", False), Example("10", None, False))),
    Operator("NumericLessThanEquals", "is at most", "C-55", compare=operator.le, **_NUMBER, examples=(
        Example("10", "10", True), Example("10", "10.5", False), Example("10", None, False))),
    Operator("NumericGreaterThan", "is greater than", "C-55", compare=operator.gt, **_NUMBER, examples=(
        Example("10", "11", True), Example("10", "10", False), Example("10", None, False))),
    Operator("NumericGreaterThanEquals", "is at least", "C-55", compare=operator.ge, **_NUMBER, examples=(
        Example("10", "10", True), Example("10", "9.9", False), Example("10", None, False))),
    Operator("DateEquals", "is the moment", "C-63", compare=operator.eq, **_DATE, examples=(
        Example("2024-01-01T00:00:00Z", "1704067200", True), Example("2024-01-01", "2024-01-02", False), Example("2024", None, False))),
    Operator("DateNotEquals", "is none of the moments", "C-63", compare=operator.eq, **_DATE, negated=True, examples=(
        Example("2024-01-01", "2024-01-02", True), Example("2024-01-01", "2024-01-01T00:00Z", False), Example("2024-01-01", None, True))),
    Operator("DateLessThan", "is before", "C-63", compare=operator.lt, **_DATE, examples=(
        Example("2024-01-01", "2023-12-31T23:59:59Z", True), Example("2024-01-01", "2023-12-31T23:30:00-01:00", False))),
    Operator("DateLessThanEquals", "is not after", "C-63", compare=operator.le, **_DATE, examples=(
        Example("2024-01-01", "2024-01-01", True), Example("2024-01-01", "2024-01-01T00:00:00.5Z", False))),
    Operator("DateGreaterThan", "is after", "C-63", compare=operator.gt, **_DATE, examples=(
        Example("1704067200", "2024-01-01T00:00:01Z", True), Example("1704067200", "2020-01-01T00:00:00Z", False))),
    Operator("DateGreaterThanEquals", "is not before", "C-63", compare=operator.ge, **_DATE, examples=(
        Example("2024-01-01", "2024-01-01", True), Example("2024-01-01", "2023-12-31", False))),
    Operator("Bool", "is", "C-65", OperatorType.BOOLEAN, _read_policy(read_boolean), read_boolean, operator.eq, variables=True, examples=(
        Example("true", "TRUE", True), Example("false", "true", False), Example("false", None, False))),
    Operator("BinaryEquals", "holds the bytes", "C-68", OperatorType.BINARY, _read_policy(read_binary), read_binary, operator.eq, examples=(
        Example("QQ==", "QQ==", True), Example("QQ==", "Qg==", False))),
    Operator("IpAddress", "is in", "C-70", **_NETWORK, examples=(
        Example("203.0.113.7/24", "203.0.113.200", True), Example("2001:DB8::/32", "2001:db8:0:0::1", True),
        Example("0.0.0.0/0", "198.51.100.1", True), Example("10.0.0.0/8", "2001:db8::1", False), Example("10.0.0.0/8", None, False))),
    Operator("NotIpAddress", "is outside", "C-70", **_NETWORK, negated=True, examples=(
        Example("10.0.0.0/8", "10.1.2.3", False), Example("10.0.0.0/8", "2001:db8::1", True), Example("10.0.0.0/8", None, True))),
    Operator("ArnEquals", "matches the ARN", "C-80", **_ARN, examples=(
        Example(_FINANCE, "arn:aws:svc:us-east-2:111122223333:finance/a:b/c", True),
        Example(_FINANCE, "arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/document.txt", False))),
    Operator("ArnLike", "matches the ARN", "C-80", **_ARN, examples=(
        Example(_FINANCE, "arn:aws:svc:us-east-2:111122223333:finance/d", True), Example("*", "arn:aws:s3:::b", True),
        Example(_FINANCE, "arn:aws:svc:us-east-2:999999999999:store/abc:111122223333:finance/document.txt", False))),
    Operator("ArnNotEquals", "matches none of the ARNs", "C-80", **_ARN, negated=True, examples=(
        Example("arn:aws:s3:::b", "arn:aws:s3:::c", True), Example("arn:aws:s3:::b", "arn:aws:s3:::b", False))),
    Operator("ArnNotLike", "matches none of the ARNs", "C-80", **_ARN, negated=True, examples=(
        Example("arn:aws:s3:::b*", "arn:aws:s3:::c", True), Example("arn:aws:s3:::b*", "arn:aws:s3:::b1", False))),
    Operator("Null", "is absent:", "C-40", _NULL, _read_policy(read_boolean), bool, operator.is_, can_be_malformed=False, examples=(
        Example("true", None, True), Example("true", "x", False), Example("false", "x", True), Example("false", None, False))),
)
# fmt: on

_BY_NAME = {row.name.lower(): row for row in OPERATORS}


class SetOperator(Enum):
    """How the values of a multi-valued key are combined (rule 5.5)."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


_SET_OPERATORS = {member.value.lower(): member for member in SetOperator if member.value}


class ConditionOperator(Record):
    """An operator as a policy names it: `[ForAllValues:|ForAnyValue:]base[IfExists]`."""

    row: Operator
    set_operator: SetOperator = SetOperator.NONE
    if_exists: bool = False

    @property
    def name(self) -> str:
        """The canonical spelling."""
        start = f"{self.set_operator.value}:" if self.set_operator.value else ""
        return f"{start}{self.row.name}{'IfExists' if self.if_exists else ''}"


def parse_operator(text: str) -> ConditionOperator | None:
    """Read an operator name in any letter case (C-5); None for an unknown one (C-6, C-38, C-43)."""
    prefix, colon, base = text.lower().rpartition(":")
    set_operator = _SET_OPERATORS.get(prefix) if colon else SetOperator.NONE
    if_exists = base not in _BY_NAME and base.endswith("ifexists")
    row = _BY_NAME.get(base.removesuffix("ifexists") if if_exists else base)
    if row is None or set_operator is None or (row.is_null and if_exists):
        return None
    return ConditionOperator(row, set_operator, if_exists)


def operator_names() -> tuple[str, ...]:
    """List every spelling of every operator, for suggestions."""
    bases = [row.name for row in OPERATORS]
    bases += [f"{row.name}IfExists" for row in OPERATORS if not row.is_null]
    return tuple(bases) + tuple(
        f"{member.value}:{base}" for member in _SET_OPERATORS.values() for base in bases
    )
