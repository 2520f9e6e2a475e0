"""Are the values of conditions what their operator and their key want? (SEMANTICS 5.7)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from operator import itemgetter
from typing import Any

from policyeval.catalog.services import key_type
from policyeval.checks.check import ERROR, OURS, SUGGESTION, WARNING, Change, Check, Fix, Found, check
from policyeval.checks.operators import conditions
from policyeval.checks.subject import Condition, Entry, Subject
from policyeval.language.patterns import tokens_of
from policyeval.language.values import MALFORMED, read_network, read_number
from policyeval.operators import OperatorType

_VPC, _VPCE = re.compile(r"vpc-([0-9a-z]{8}|[0-9a-z]{17})"), re.compile(r"vpce-([0-9a-z]{8}|[0-9a-z]{17})")
_EPOCH = re.compile(r"[0-9]+(\.[0-9]+)?")
_LIST = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs"}


def _values(policy: Subject, type: OperatorType) -> Iterator[tuple[Condition, Entry]]:
    """Walk the values without variables under operators of a type."""
    for _, condition in conditions(policy):
        if condition.type is type:
            yield from ((condition, entry) for entry in condition.values if "${" not in entry.text)


def _is_malformed(condition: Condition, text: str) -> bool:
    row = condition.operator.row if condition.operator is not None else None
    if row is None or not row.can_be_malformed:
        return False
    return row.read_policy(tokens_of(text) if row.wildcards else (text,)) is MALFORMED


def _malformed(
    code: str,
    type: OperatorType,
    what: str,
    condition: tuple[str, str, str, str],
    action: dict[str, Any],
) -> Check:
    """Make the check of the values under operators of a type."""
    name, key, wrong, right = condition

    def run(policy: Subject) -> Iterator[Found]:
        for one, entry in _values(policy, type):
            if _is_malformed(one, entry.text):
                yield Found(
                    entry.path, f"`{entry.text}` is no {what}", f"see `policyeval explain {one.base}`"
                )

    return check(
        code, WARNING, f"a value that is no {what}",
        f"{name} compares {what}s. A value that is none never matches; in a Deny it closes the answer.",
        bad=action | {"Condition": {name: {key: wrong}}}, mark=f'"{wrong}"',
        good=action | {"Condition": {name: {key: right}}},
    )(run)  # fmt: skip


MALFORMED_VALUES = (
    _malformed("TYPE_MISMATCH_BOOLEAN", OperatorType.BOOLEAN, "boolean",
               ("Bool", "aws:SecureTransport", "yes", "true"), {}),
    _malformed("TYPE_MISMATCH_DATE", OperatorType.DATE, "date",
               ("DateLessThan", "aws:CurrentTime", "tomorrow", "2030-01-01T00:00:00Z"), {}),
    _malformed("TYPE_MISMATCH_IP_RANGE", OperatorType.IP_ADDRESS, "address range",
               ("IpAddress", "aws:SourceIp", "300.1.1.1/8", "203.0.113.0/24"), {}),
    _malformed("TYPE_MISMATCH_NUMBER", OperatorType.NUMERIC, "number",
               ("NumericLessThan", "s3:max-keys", "ten", "10"), _LIST),
    _malformed("TYPE_MISMATCH_STRING", OperatorType.BINARY, "base64 text",
               ("BinaryEquals", "aws:username", "@@", "QQ=="), {}),
)  # fmt: skip


@check(
    "TYPE_MISMATCH_NULL", WARNING, "a value of Null other than true and false",
    "Null takes `true`, the key is absent, or `false`, it is there.",
    bad={"Condition": {"Null": {"aws:TokenIssueTime": "yes"}}}, mark='"yes"',
    good={"Condition": {"Null": {"aws:TokenIssueTime": "true"}}}, origin=OURS,
)  # fmt: skip
def null_value(policy: Subject) -> Iterator[Found]:
    """C-40."""
    for _, entry in _values(policy, OperatorType.NULL):
        if entry.text.lower() not in ("true", "false"):
            yield Found(entry.path, f"`{entry.text}` is no boolean", "write `true` or `false`")


@check(
    "TYPE_MISMATCH_ARN", WARNING, "a value that is no ARN under an ARN operator",
    "The Arn operators compare the six parts of an ARN one by one; a text with fewer never matches.",
    bad={"Condition": {"ArnLike": {"aws:PrincipalArn": "role/app"}}}, mark='"role/app"',
    good={"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app*"}}}, origin=OURS,
)  # fmt: skip
def arn_value(policy: Subject) -> Iterator[Found]:
    """C-81."""
    for condition, entry in _values(policy, OperatorType.ARN):
        if _is_malformed(condition, entry.text):
            yield Found(
                entry.path, f"`{entry.text}` is no ARN", "write all six parts, with `*` where any will do"
            )


@check(
    "BARE_STAR_UNDER_ARN_OPERATOR", SUGGESTION, "any ARN under an ARN operator",
    "AWS does not say what a `*` alone means under an Arn operator, which wants six parts; policyeval takes it for any "
    "ARN. To ask for the key, write a Null condition.",
    bad={"Condition": {"ArnLike": {"aws:PrincipalArn": "*"}}}, mark='"*"',
    good={"Condition": {"Null": {"aws:PrincipalArn": "false"}}}, origin=OURS,
)  # fmt: skip
def bare_star(policy: Subject) -> Iterator[Found]:
    """C-83."""
    for condition, entry in _values(policy, OperatorType.ARN):
        if entry.text and not entry.text.strip("*"):
            help = f'write "Null": {{"{condition.key}": "false"}}'
            yield Found(entry.path, f"`{entry.text}` under {condition.name} asks for any ARN", help)


@check(
    "TIME_WITHOUT_ZONE", SUGGESTION, "a time without a time zone",
    "It is taken for UTC; say so with a `Z` at its end.",
    bad={"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T12:00:00"}}}, mark='"2030-01-01T12:00:00"',
    good={"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01T12:00:00Z"}}}, origin=OURS,
)  # fmt: skip
def time_without_zone(policy: Subject) -> Iterator[Found]:
    """C-61: it is read as UTC, so that saying it is safe."""
    for condition, entry in _values(policy, OperatorType.DATE):
        if re.search(r"T[0-9:.]+$", entry.text) and not _is_malformed(condition, entry.text):
            fix = Fix("say that it is UTC", (Change("replace", entry.path, f"{entry.text}Z"),), safe=True)
            yield Found(
                entry.path, f"the time `{entry.text}` names no zone", f"write `{entry.text}Z`", fix=fix
            )


# key type → operator types that fit it
_FITTING = {
    "String": (OperatorType.STRING, OperatorType.BINARY),
    "ARN": (OperatorType.ARN, OperatorType.STRING),
    "Bool": (OperatorType.BOOLEAN, OperatorType.STRING),
    "Date": (OperatorType.DATE, OperatorType.NUMERIC),
    "Numeric": (OperatorType.NUMERIC,),
    "IPAddress": (OperatorType.IP_ADDRESS,),
}
# How the names of operators start, where it is not as the type is called
_STARTS = {OperatorType.ARN: "Arn", OperatorType.IP_ADDRESS: "IpAddress or NotIpAddress"}


@check(
    "TYPE_MISMATCH", WARNING, "an operator of another type than the key",
    "Numbers, dates and addresses are compared as such only by the operators of their type; StringEquals compares "
    "the characters.",
    bad={"Condition": {"StringEquals": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}, mark='"StringEquals"',
    good={"Condition": {"DateEquals": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}},
)  # fmt: skip
def type_mismatch(policy: Subject) -> Iterator[Found]:
    """A text may stand in an ARN operator, and an ARN in a string operator (C-84); a number in a string key is text."""
    for _, condition in conditions(policy):
        kind = key_type(condition.lower)
        if condition.operator is None or kind is None or condition.base == "Null":
            continue
        fitting = _FITTING.get(kind.name, ())
        if fitting and condition.type not in fitting and not _is_lenient(kind.name, condition):
            message = (
                f"`{condition.key}` is of type {kind.name}, but {condition.name} is not an operator for it"
            )
            starts = " or ".join(_STARTS.get(type, type.value) for type in fitting)
            help = f"use an operator that starts with {starts}"
            yield Found(condition.operator_path, message, help, on_key=True)


def _is_lenient(kind: str, condition: Condition) -> bool:
    """Keys that the data calls String often hold something else: their values decide."""
    if kind != "String":
        return False
    return bool(condition.values) and not any(_is_malformed(condition, one.text) for one in condition.values)


@check(
    "INVALID_DATE_VALUE", WARNING, "a date written as a number",
    "Seconds since 1970 are read, but nobody can check them by eye.",
    bad={"Condition": {"DateLessThan": {"aws:CurrentTime": "1900000000"}}}, mark='"1900000000"',
    good={"Condition": {"DateLessThan": {"aws:CurrentTime": "2030-03-17T17:46:40Z"}}},
)  # fmt: skip
def date_as_number(policy: Subject) -> Iterator[Found]:
    """C-62; aws:EpochTime is meant to be a number."""
    for condition, entry in _values(policy, OperatorType.DATE):
        if _EPOCH.fullmatch(entry.text) and condition.lower != "aws:epochtime":
            iso = _iso(entry.text)
            fix = Fix(f"write {iso}", (Change("replace", entry.path, iso),), safe=True) if iso else None
            help = (
                f"write `{iso}`" if iso else "it looks like milliseconds: write it as `2030-01-01T00:00:00Z`"
            )
            yield Found(entry.path, f"the date `{entry.text}` is written as a number", help, fix=fix)


def _iso(text: str) -> str | None:
    from datetime import UTC, datetime

    seconds = float(text)
    if seconds >= 1e11 or "." in text:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# Addresses


def _is_private(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    ranges = _PRIVATE_4 if network.version == 4 else _PRIVATE_6
    return any(network.subnet_of(one) for one in ranges)  # type: ignore[arg-type]  # both of one version


_PRIVATE_4 = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"))
)
_PRIVATE_6 = tuple(map(ip_network, ("fc00::/7", "fe80::/10", "::1/128")))


def _private(code: str, base: str, *, all_of_them: bool, type: Any, result: str) -> Check:
    def run(policy: Subject) -> Iterator[Found]:
        for statement in policy.statements:
            for condition in statement.conditions_on("aws:sourceip"):
                private = [entry for entry in condition.values if _is_private(entry.text)]
                whole = len(private) == len(condition.values)
                if condition.base == base and private and whole is all_of_them:
                    where = condition.path if len(private) > 1 and whole else private[0].path
                    message = f"no request comes from `{private[0].text}`: {result}"
                    yield Found(where, message, "write public addresses, or test aws:VpcSourceIp")

    values = ["10.0.0.0/8"] if all_of_them else ["10.0.0.0/8", "203.0.113.0/24"]
    return check(
        code, type, f"private addresses in {base} on aws:SourceIp",
        "aws:SourceIp is the public address of the caller; behind a VPC endpoint it is absent. A private range matches "
        f"no request: {result}.",
        bad={"Effect": "Deny", "Condition": {base: {"aws:SourceIp": values}}}, mark='"10.0.0.0/8"',
        good={"Effect": "Deny", "Condition": {base: {"aws:SourceIp": "203.0.113.0/24"}}},
    )(run)  # fmt: skip


PRIVATE_ADDRESSES = (
    _private("PRIVATE_IP_ADDRESS", "IpAddress", all_of_them=True, type=ERROR, result="the condition never holds"),
    _private("PRIVATE_NOT_IP_ADDRESS", "NotIpAddress", all_of_them=True,
             type=ERROR, result="the condition always holds"),
    _private("PRIVATE_IP_ADDRESS_SUBSET", "IpAddress", all_of_them=False, type=SUGGESTION,
             result="the entry does nothing"),
    _private("PRIVATE_NOTIPADDRESS_SUBSET", "NotIpAddress", all_of_them=False, type=SUGGESTION,
             result="the entry does nothing"),
)  # fmt: skip


@check(
    "IMPROVE_IP_RANGE", SUGGESTION, "an address range with bits behind its mask",
    "The bits behind the mask do not count; the network's own address says what is meant.",
    bad={"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.5/24"}}}, mark='"203.0.113.5/24"',
    good={"Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
)  # fmt: skip
def improve_ip_range(policy: Subject) -> Iterator[Found]:
    """C-70: the range stays the same, so that writing it plainly is safe."""
    for _, entry in _values(policy, OperatorType.IP_ADDRESS):
        if "/" not in entry.text or read_network(entry.text) is MALFORMED:
            continue
        plain = str(ip_network(entry.text, strict=False))
        if ip_network(plain) is not None and plain.split("/")[0] != _address(entry.text):
            fix = Fix(f"write {plain}", (Change("replace", entry.path, plain),), safe=True)
            yield Found(entry.path, f"`{entry.text}` means `{plain}`", f"write `{plain}`", fix=fix)


def _address(text: str) -> str:
    from ipaddress import ip_address

    return str(ip_address(text.split("/")[0]))


@check(
    "INVALID_VPC_FORMAT", ERROR, "a VPC id of the wrong form",
    "The id of a VPC is `vpc-` and 8 or 17 letters and digits.",
    bad={"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-123"}}}, mark='"vpc-123"',
    good={"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}},
)  # fmt: skip
def invalid_vpc(policy: Subject) -> Iterator[Found]:
    """6.3."""
    yield from _ids(policy, "aws:sourcevpc", _VPC, "VPC")


@check(
    "INVALID_VPCE_FORMAT", ERROR, "the id of a VPC endpoint of the wrong form",
    "The id of a VPC endpoint is `vpce-` and 8 or 17 letters and digits.",
    bad={"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-xyz"}}}, mark='"vpce-xyz"',
    good={"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}},
)  # fmt: skip
def invalid_vpce(policy: Subject) -> Iterator[Found]:
    """6.3."""
    yield from _ids(policy, "aws:sourcevpce", _VPCE, "VPC endpoint")


def _ids(policy: Subject, key: str, form: re.Pattern[str], what: str) -> Iterator[Found]:
    for statement in policy.statements:
        for condition in statement.conditions_on(key):
            for entry in condition.values if condition.type is OperatorType.STRING else ():
                if not re.search(r"[*?]|\$\{", entry.text) and not form.fullmatch(entry.text):
                    yield Found(
                        entry.path,
                        f"`{entry.text}` is no id of a {what}",
                        "it has 8 or 17 letters and digits",
                    )


@check(
    "REDUNDANT_CONDITION_VALUE_NUM", SUGGESTION, "several limits of which one counts",
    "One of the values has to match: of several limits only the loosest counts.",
    bad=_LIST | {"Condition": {"NumericLessThan": {"s3:max-keys": ["10", "20"]}}}, mark='"10"',
    good=_LIST | {"Condition": {"NumericLessThan": {"s3:max-keys": "20"}}},
)  # fmt: skip
def redundant_number(policy: Subject) -> Iterator[Found]:
    """C-15."""
    for _, condition in conditions(policy):
        greater = condition.base.startswith("NumericGreater")
        if not greater and not condition.base.startswith("NumericLess"):
            continue
        numbers = [(number, entry) for entry in condition.values
                   if (number := read_number(entry.text)) is not MALFORMED]  # fmt: skip
        if len(numbers) > 1:
            loosest, kept = (min if greater else max)(numbers, key=itemgetter(0))
            for number, entry in numbers:
                if number != loosest:
                    yield Found(
                        entry.path, f"`{entry.text}` does not count beside `{kept.text}`", "remove it"
                    )
