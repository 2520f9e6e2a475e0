"""Which values lie inside of what a policy asks for, and which just outside? Candidates; who uses them tries them."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from policyeval.language.arn import is_account_id, parse_arn
from policyeval.language.values import MALFORMED, read_date, read_number
from policyeval.language.variables import Variable, template
from policyeval.operators import ConditionOperator, SetOperator

ACCOUNT, OTHER_ACCOUNT = "111122223333", "999999999999"
EXAMPLE, OTHER = "example", "policyeval-other"
USER = f"arn:aws:iam::{ACCOUNT}:user/{EXAMPLE}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{EXAMPLE}"

# What policy variables stand for when the caller is USER; other keys become `example` in the context.
_OF_THE_CALLER = {"aws:username": EXAMPLE, "aws:principalaccount": ACCOUNT}

Value = str | None
Values = tuple[Sequence[Value], Sequence[Value]]  # inside, outside
Family = Callable[[str, str, dict[str, Any]], Values]  # of an operator's name and a policy's value


def filled(text: str, context: dict[str, Any], *, example: str = EXAMPLE) -> str:
    """Write a pattern's text without wildcards and variables; variables of the request are put into `context`."""
    pieces = template(text, variables=True, wildcards=True).pieces
    return "".join(_piece(piece, context, example) for piece in pieces)


def _piece(piece: Any, context: dict[str, Any], example: str) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, Variable):
        return example if piece.value == "*" else "x"
    if piece.key is None:
        return piece.written
    known = _OF_THE_CALLER.get(piece.key.lower())
    if known is None:
        context.setdefault(piece.key, piece.default or EXAMPLE)
    return known or str(context[piece.key])


def resources_inside(text: str, context: dict[str, Any]) -> Iterator[str]:
    """Write an entry of Resource as an ARN; accounts and regions are those of the samples."""
    if parse_arn(text) is None:
        return
    parts = text.split(":", 5)
    example = ("arn", "aws", EXAMPLE, "eu-west-1", ACCOUNT)
    head = [
        sample if "*" in part else filled(part, context)
        for part, sample in zip(parts[:5], example, strict=True)
    ]
    tail = filled(parts[5], context)
    yield ":".join([*head, tail])
    if parts[5].startswith("*"):
        yield ":".join([*head, f"{EXAMPLE}/{tail}"])


def resource_of_format(text: str, name: str = EXAMPLE) -> str:
    """Fill an ARN format as the catalogue gives it: `arn:${Partition}:s3:::${BucketName}/${ObjectName}`."""
    known = {"Partition": "aws", "Region": "eu-west-1", "Account": ACCOUNT}
    found, rest = "", text
    while "${" in rest:
        before, _, rest = rest.partition("${")
        variable, _, rest = rest.partition("}")
        found += before + known.get(variable, name)
    return found + rest


def resources_outside(resource: str) -> Iterator[str]:
    """Change a resource: its end, its last part, its name, its account."""
    arn = parse_arn(resource)
    if arn is None:
        return
    start = resource[: len(resource) - len(arn.resource)]
    yield f"{resource}-other"
    head, slash, _ = arn.resource.rpartition("/")
    if slash:
        yield f"{start}{head}-other/{EXAMPLE}"
    kind, separator, _ = arn.resource.partition(":" if ":" in arn.resource else "/")
    if separator and arn.service != "s3":
        yield f"{start}{kind}{separator}{OTHER}"
    yield f"{start}{OTHER}"
    yield f"{start}{OTHER}/{EXAMPLE}"
    if arn.account:
        yield resource.replace(arn.account, OTHER_ACCOUNT, 1)


def principal_inside(kind: str, text: str) -> Any:
    """Name a caller that an entry of Principal covers, as a request does."""
    if kind == "Service":
        return filled(text, {})
    if kind == "Federated":
        return text if text.startswith("arn:") else {"provider": text}
    if kind == "CanonicalUser":
        return {"arn": USER, "canonical_id": text}
    arn = parse_arn(text)
    account = text if is_account_id(text) else arn.account if arn is not None else ACCOUNT
    if arn is None or arn.resource == "root":
        return f"arn:aws:iam::{account}:user/{EXAMPLE}"
    if arn.resource.startswith("role/"):
        name = arn.resource.rpartition("/")[2]
        session = f"arn:{arn.partition}:sts::{account}:assumed-role/{name}/{EXAMPLE}"
        return {"arn": session, "role_arn": text}
    return text


PRINCIPALS_OUTSIDE = (
    f"arn:aws:iam::{ACCOUNT}:user/{OTHER}",
    f"arn:aws:iam::{OTHER_ACCOUNT}:user/{OTHER}",
    {"service": "policyeval-other.amazonaws.com"},
)


# Conditions


def condition_values(
    operator: ConditionOperator, texts: Sequence[str], context: dict[str, Any]
) -> tuple[list[Any], list[Any]]:
    """Give values of a key with which a condition holds, and with which it does not; None is absent."""
    inside: list[Any] = []
    outside: list[Any] = []
    make = _FAMILIES.get(operator.row.name.replace("Not", "").replace("IgnoreCase", ""), _strings)
    for text in texts:
        given, other = make(
            operator.row.name, filled(text, context) if make is not _patterns else text, context
        )
        inside += given
        outside += other
    if operator.row.negated:
        inside, outside = outside, inside
    if operator.set_operator is not SetOperator.NONE:
        inside, outside = (
            [value if value is None else [value] for value in values] for values in (inside, outside)
        )
    return inside, outside


def _strings(_: str, text: str, __: dict[str, Any]) -> Values:
    return [text], [f"{text}-other"]


def _patterns(_: str, text: str, context: dict[str, Any]) -> Values:
    made = filled(text, context)
    arn = next(resources_inside(text, context), None)
    return [value for value in (arn, made) if value is not None], [*resources_outside(arn or ""), OTHER]


def _booleans(_: str, text: str, __: dict[str, Any]) -> Values:
    return [text], ["false" if text.lower() == "true" else "true"]


def _nulls(_: str, text: str, __: dict[str, Any]) -> Values:
    absent, present = [None], [EXAMPLE, "true", "1", "203.0.113.7"]
    return (absent, present) if text.lower() == "true" else (present, absent)


def _bytes(_: str, text: str, __: dict[str, Any]) -> Values:
    return [text], [base64.b64encode(OTHER.encode()).decode()]


def _addresses(_: str, text: str, __: dict[str, Any]) -> Values:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return [], []
    first, last = int(network.network_address), int(network.broadcast_address)
    make = type(network.network_address)
    around = [at for at in (last + 1, first - 1) if 0 <= at < 2**network.max_prefixlen]
    return [str(network.network_address)], [str(make(at)) for at in around]


def _ordered(read: Callable[[str], Any], write: Callable[[Decimal], str]) -> Family:
    def values(name: str, text: str, _: dict[str, Any]) -> Values:
        found = read(text)
        if found is MALFORMED:
            return [], []
        below, at, above = (write(found + step) for step in (-1, 0, 1))
        return _AROUND[name.removeprefix("Numeric").removeprefix("Date").replace("Not", "")](below, at, above)

    return values


_AROUND: dict[str, Callable[[str, str, str], Values]] = {
    "Equals": lambda below, at, above: ([at], [above, below]),
    "LessThan": lambda below, at, above: ([below], [at]),
    "LessThanEquals": lambda below, at, above: ([at], [above]),
    "GreaterThan": lambda below, at, above: ([above], [at]),
    "GreaterThanEquals": lambda below, at, above: ([at], [below]),
}


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _date(value: Decimal) -> str:
    try:
        return datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(int(value))


_NUMBERS, _DATES = _ordered(read_number, _number), _ordered(read_date, _date)
_FAMILIES: dict[str, Family] = {
    "StringLike": _patterns, "ArnEquals": _patterns, "ArnLike": _patterns, "Bool": _booleans, "Null": _nulls,
    "BinaryEquals": _bytes, "IpAddress": _addresses,
    **{f"Numeric{name}": _NUMBERS for name in _AROUND}, **{f"Date{name}": _DATES for name in _AROUND},
}  # fmt: skip
