"""Is a bucket policy public in the sense of S3 Block Public Access? (SEMANTICS S3-5)

A policy is public when one of its Allow statements is; a statement is non-public when it grants only
to fixed values, without wildcard or variable, of its principals or of certain condition keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from policyeval.language.arn import parse_arn
from policyeval.language.model import ConditionBlock, Effect, PrincipalMatcher, Statement
from policyeval.language.policy import Policy
from policyeval.language.values import MALFORMED, read_network
from policyeval.operators import ConditionOperator, SetOperator

Fixed = Callable[[str], bool]


def is_public(policy: Policy, at_access_point: bool = False) -> bool:
    """Does one public Allow make the policy, of a bucket or of an access point, public?"""
    return any(_is_public_statement(statement, at_access_point) for statement in policy.statements)


@lru_cache(maxsize=1024)
def _is_public_statement(statement: Statement, at_access_point: bool) -> bool:
    if statement.effect is Effect.DENY or _names_fixed_principals(statement.principal):
        return False
    return not any(
        _is_fixed(block, key.lower(), values.items, at_access_point)
        for block in statement.conditions or ()
        for key, values in block.keys
    )


def _names_fixed_principals(principal: PrincipalMatcher | None) -> bool:
    if principal is None:
        return True  # L-40: it grants to nobody
    if principal.negated:
        return False
    return all(
        kind != "Federated" and all(_has_no_wildcard(entry) for entry in values.items)
        for kind, values in principal.entries
    )


def _has_no_wildcard(text: str) -> bool:
    return "*" not in text and "?" not in text and "${" not in text


def _has_no_variable(text: str) -> bool:
    return "${" not in text


def _has_fixed_account(text: str) -> bool:
    arn = parse_arn(text)
    return arn is not None and bool(arn.account) and _has_no_wildcard(arn.account) and _has_no_variable(text)


def _is_fixed_arn(text: str) -> bool:
    """A fixed ARN, or one whose account is fixed."""
    return _has_no_wildcard(text) or _has_fixed_account(text)


def _is_narrow_range(text: str) -> bool:
    """No broader than /8 for IPv4 and /32 for IPv6; private ranges are fine."""
    network = read_network(text)
    if network is MALFORMED:
        return False
    version, _, host_bits = network
    prefix = (32 if version == 4 else 128) - host_bits
    return prefix >= (8 if version == 4 else 32)


def _is_below_organization(text: str) -> bool:
    """`o-id/` first, wildcards only behind it."""
    head, slash, _ = text.partition("/")
    return bool(slash) and _has_no_wildcard(head) and _has_no_variable(text)


def _is_true(text: str) -> bool:
    return text.lower() == "true"


# key → when its values are fixed
_FIXED_KEYS: dict[str, Fixed] = {
    "aws:principalorgid": _has_no_wildcard,
    "aws:principalaccount": _has_no_wildcard,
    "aws:principalarn": _is_fixed_arn,
    "aws:sourceip": _is_narrow_range,
    "aws:sourcearn": _is_fixed_arn,
    "aws:sourcevpc": _has_no_wildcard,
    "aws:sourcevpce": _has_no_wildcard,
    "aws:sourceowner": _has_no_wildcard,
    "aws:sourceaccount": _has_no_wildcard,
    "aws:userid": _has_no_wildcard,  # AROLEID:* has one
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _has_no_wildcard,
    "s3:dataaccesspointarn": _is_fixed_arn,
    "s3:dataaccesspointaccount": _has_no_wildcard,
    "aws:principalorgpaths": _is_below_organization,
    "aws:vpceorgpaths": _is_below_organization,
    "aws:principalisawsservice": _is_true,
    "aws:principalservicename": _has_no_variable,
    "aws:principalservicenameslist": _has_no_variable,
    "aws:sourcevpcarn": _is_fixed_arn,
    "aws:vpceaccount": _has_no_wildcard,
    "aws:vpceorgid": _has_no_wildcard,
}

_LIMITING = {
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "ArnEquals",
    "ArnLike",
    "IpAddress",
    "Bool",
}


def _is_fixed(block: ConditionBlock, key: str, values: tuple[str, ...], at_access_point: bool) -> bool:
    """Does this condition limit the grant to fixed values? An access point must name an access point in full."""
    fixed = _FIXED_KEYS.get(key)
    if at_access_point and key == "s3:dataaccesspointarn":
        fixed = _has_no_wildcard
    if fixed is None or block.operator is None or not _limits(block.operator):
        return False
    return bool(values) and all(fixed(value) for value in values)


def _limits(operator: ConditionOperator) -> bool:
    """Positive operators only: `…IfExists` and ForAllValues also hold without the key."""
    return (
        operator.row.name in _LIMITING
        and not operator.if_exists
        and operator.set_operator is not SetOperator.FOR_ALL_VALUES
    )
