"""The Condition element (SEMANTICS 5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .documents import ARN_BASES, as_list, split_operator
from .semantics import Semantics
from .text import Lookup, Unit, glob, plain, resolve, scalar_text, split_arn, split_units
from .values import (
    address,
    boolean,
    compare_numbers,
    date,
    decoded,
    in_network,
    network,
    number,
    simply_lowered,
)

TRUE, FALSE, MALFORMED = "true", "false", "malformed"
"""MALFORMED is a false that a malformed value brought about (C-18)."""

POSITIVE_OF = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
SIGNS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda sign: sign == 0,
    "LessThan": lambda sign: sign < 0,
    "LessThanEquals": lambda sign: sign <= 0,
    "GreaterThan": lambda sign: sign > 0,
    "GreaterThanEquals": lambda sign: sign >= 0,
}


def condition_part(condition: Any, lookup: Lookup, variables: bool, semantics: Semantics) -> str:
    """C-1, L-15, L-16: all operators and all keys must hold."""
    results = [
        one_test(operator, key, values, lookup, variables, semantics)
        for operator, keys in (condition or {}).items()
        for key, values in keys.items()
    ]
    return all_of(results)


def all_of(results: list[str]) -> str:
    """C-1, C-18: false beats malformed, malformed beats true."""
    if FALSE in results:
        return FALSE
    return MALFORMED if MALFORMED in results else TRUE


def any_of(results: list[str]) -> str:
    """C-31, C-18: one true is enough; without one a malformed value is remembered."""
    if TRUE in results:
        return TRUE
    return MALFORMED if MALFORMED in results else FALSE


def truth(value: bool) -> str:
    """Turn a bool into a result."""
    return TRUE if value else FALSE


def one_test(
    operator: str, key: str, values: Any, lookup: Lookup, variables: bool, semantics: Semantics
) -> str:
    """5.2: the algorithm for one operator, key and list of values."""
    quantifier, base, if_exists = split_operator(operator)
    assert base is not None
    wanted = [str(scalar_text(value)) for value in as_list(values)]
    context = lookup(key)
    if base == "Null":
        return truth(null_test(quantifier, context, wanted, semantics))
    present = [] if context is None else context if isinstance(context, list) else [context]
    if quantifier is None:
        absent = context is None or (isinstance(context, list) and not any(present))
    elif quantifier == "all" and semantics.d18 == "peer":
        absent = not present
    else:
        absent = not any(present)
        present = [value for value in present if value != ""]
    if absent:
        return truth(absent_result(quantifier, base, if_exists, semantics))
    patterns = resolved(base, wanted, lookup, variables, semantics)
    if patterns is None:
        return FALSE
    results = [value_test(base, value, patterns, semantics) for value in present]
    if quantifier is None and isinstance(context, list):
        return any_of(results) if semantics.d7 == "peer" else FALSE  # C-34
    return any_of(results) if quantifier == "any" else all_of(results)


def absent_result(quantifier: str | None, base: str, if_exists: bool, semantics: Semantics) -> bool:
    """C-10, C-11, C-20, C-30, C-31: what an absent key means."""
    if if_exists and not (quantifier == "any" and semantics.d6 == "peer"):
        return True
    if quantifier is not None:
        return quantifier == "all"
    return base in POSITIVE_OF


def null_test(quantifier: str | None, context: Any, wanted: list[str], semantics: Semantics) -> bool:
    """C-40 to C-44: the Null operator."""
    present = [] if context is None else context if isinstance(context, list) else [context]
    asked = {value.lower() for value in wanted}
    filled = [value for value in present if value != ""]
    if quantifier is None:
        exists = bool(present) if semantics.null_empty_string == "present" else bool(filled)
        return ("false" if exists else "true") in asked
    if semantics.null_with_set_operator == "constant" or not filled:
        return quantifier == "all"
    return "false" in asked


def resolved(
    base: str, wanted: list[str], lookup: Lookup, variables: bool, semantics: Semantics
) -> list[list[Unit]] | None:
    """C-90, C-94, C-97: the policy values with variables replaced; one without value is dropped."""
    takes = base.startswith("String") or base in ARN_BASES or base == "Bool"
    patterns = [resolve(value, lookup, takes and variables) for value in wanted]
    if semantics.d2 == "peer" and None in patterns and base in POSITIVE_OF:
        return None
    return [pattern for pattern in patterns if pattern is not None]


def value_test(base: str, value: str, patterns: list[list[Unit]], semantics: Semantics) -> str:
    """C-15, C-18: one request value against the policy's list."""
    positive = POSITIVE_OF.get(base, base)
    results = [compare(positive, value, pattern, semantics) for pattern in patterns]
    found = any_of([TRUE if each else FALSE if each is False else MALFORMED for each in results])
    if patterns and not readable(positive, value, semantics):
        return MALFORMED
    if base not in POSITIVE_OF or found == MALFORMED:
        return found
    return truth(found == FALSE)


def readable(base: str, value: str, semantics: Semantics) -> bool:
    """C-18: the request side is well formed."""
    if base.startswith("Numeric"):
        return number(value) is not None
    if base.startswith("Date"):
        return date(value) is not None
    if base == "Bool":
        return boolean(value) is not None
    if base == "BinaryEquals":
        return decoded(value) is not None
    if base == "IpAddress":
        return address(value) is not None
    if base in ARN_BASES:
        return split_arn(value) is not None
    return True


def compare(base: str, value: str, pattern: list[Unit], semantics: Semantics) -> bool | None:
    """5.7: one request value, one policy value; None when either is malformed."""
    if base == "StringEquals":
        return value == plain(pattern)  # C-50
    if base == "StringEqualsIgnoreCase":
        return simply_lowered(value) == simply_lowered(plain(pattern))  # C-51
    if base == "StringLike":
        return glob(pattern, value)  # C-52
    if base in ARN_BASES:
        return arn_like(value, pattern, semantics)
    text = plain(pattern)
    if base.startswith("Numeric"):
        return numeric(base.removeprefix("Numeric"), value, text)
    if base.startswith("Date"):
        return dated(base.removeprefix("Date"), value, text, semantics)
    if base == "Bool":
        return both(boolean(value), boolean(text))  # C-65
    if base == "BinaryEquals":
        return both(decoded(value), decoded(text))  # C-68
    return in_range(value, text)


def both(left: Any, right: Any) -> bool | None:
    """Equality of two values that may be malformed."""
    return None if left is None or right is None else bool(left == right)


def numeric(sign: str, value: str, text: str) -> bool | None:
    """C-55, C-56: request against policy."""
    left, right = number(value), number(text)
    return None if left is None or right is None else SIGNS[sign](compare_numbers(left, right))


def dated(sign: str, value: str, text: str, semantics: Semantics) -> bool | None:
    """C-60 to C-63: request against policy."""
    milliseconds = semantics.d11 == "peer"
    left, right = date(value, milliseconds), date(text, milliseconds)
    return None if left is None or right is None else SIGNS[sign]((left > right) - (left < right))


def in_range(value: str, text: str) -> bool | None:
    """C-70 to C-73: an address in a network."""
    left, right = address(value), network(text)
    return None if left is None or right is None else in_network(left, right)


def arn_like(value: str, pattern: list[Unit], semantics: Semantics) -> bool | None:
    """C-80 to C-83: component by component."""
    parts = split_arn(value)
    if parts is None:
        return None
    if pattern and all(unit == ("*", True) for unit in pattern):
        return semantics.d16 != "peer"
    pieces = split_units(pattern)
    if len(pieces) < 6 or plain(pieces[0]) != "arn":
        return None
    return all(glob(piece, part) for piece, part in zip(pieces, parts, strict=True))
