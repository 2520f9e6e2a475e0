"""Which values lie inside of what a policy asks for, and which just outside? Candidates; who uses them tries them."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from policyeval.language.arn import is_account_id, parse_arn
from policyeval.language.exact import EXACT, FarNumber, date_text, plain
from policyeval.language.values import MALFORMED
from policyeval.language.variables import Variable, template
from policyeval.operators import ConditionOperator, Operator, OperatorType, SetOperator

ACCOUNT, OTHER_ACCOUNT = "111122223333", "999999999999"
EXAMPLE, OTHER = "example", "policyeval-other"
USER = f"arn:aws:iam::{ACCOUNT}:user/{EXAMPLE}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{EXAMPLE}"

# What policy variables stand for when the caller is USER; other keys become `example` in the context.
_OF_THE_CALLER = {"aws:username": EXAMPLE, "aws:principalaccount": ACCOUNT}

Value = str | None
Values = tuple[Sequence[Value], Sequence[Value]]  # inside, outside
Make = Callable[[Operator, str, dict[str, Any]], Values]  # of an operator and a policy's value


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
    row = operator.row
    make = _patterns if row.wildcards else _OF_TYPE.get(row.type, _strings)
    for text in texts:
        given, other = make(row, text if row.wildcards else filled(text, context), context)
        inside += given
        outside += other
    if row.negated:
        inside, outside = outside, inside
    if operator.set_operator is not SetOperator.NONE:
        inside, outside = (
            [value if value is None else [value] for value in values] for values in (inside, outside)
        )
    return inside, outside


def _strings(_: Operator, text: str, __: dict[str, Any]) -> Values:
    return [text], [f"{text}-other"]


def _patterns(_: Operator, text: str, context: dict[str, Any]) -> Values:
    made = filled(text, context)
    arn = next(resources_inside(text, context), None)
    return [value for value in (arn, made) if value is not None], [*resources_outside(arn or ""), OTHER]


def _booleans(_: Operator, text: str, __: dict[str, Any]) -> Values:
    return [text], ["false" if text.lower() == "true" else "true"]


def _nulls(_: Operator, text: str, __: dict[str, Any]) -> Values:
    absent, present = [None], [EXAMPLE, "true", "1", "203.0.113.7"]
    return (absent, present) if text.lower() == "true" else (present, absent)


def _bytes(_: Operator, text: str, __: dict[str, Any]) -> Values:
    return [text], [base64.b64encode(OTHER.encode()).decode()]


def _addresses(_: Operator, text: str, __: dict[str, Any]) -> Values:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return [], []
    first, last = int(network.network_address), int(network.broadcast_address)
    make = type(network.network_address)
    around = [at for at in (last + 1, first - 1) if 0 <= at < 2**network.max_prefixlen]
    return [str(network.network_address)], [str(make(at)) for at in around]


_MOST_DIGITS = 100  # of a number that a case shows


def _ordered(write: Callable[[Decimal], str]) -> Make:
    """Take the value itself, the next above, and the next below: the operator says which of them are inside."""

    def values(row: Operator, text: str, _: dict[str, Any]) -> Values:
        found = row.read_request(text)
        if found is MALFORMED or isinstance(found, FarNumber) or abs(found.adjusted()) > _MOST_DIGITS:
            return [], []
        near = (found, EXACT.add(found, Decimal(1)), EXACT.subtract(found, Decimal(1)))
        inside = [write(value) for value in near if row.compare(value, found)]
        return inside, [write(value) for value in near if not row.compare(value, found)]

    return values


def _date(value: Decimal) -> str:
    return date_text(value) or plain(value)


_OF_TYPE: dict[OperatorType, Make] = {
    OperatorType.NUMERIC: _ordered(plain), OperatorType.DATE: _ordered(_date), OperatorType.BOOLEAN: _booleans,
    OperatorType.BINARY: _bytes, OperatorType.IP_ADDRESS: _addresses, OperatorType.NULL: _nulls,
}  # fmt: skip
