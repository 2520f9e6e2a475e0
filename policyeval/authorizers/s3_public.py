"""Is a bucket policy public in the sense of S3 Block Public Access? (SEMANTICS S3-5)

A policy is public when one of its Allow statements is; a statement is non-public when it grants only
to fixed values, without wildcard or variable, of its principals or of certain condition keys.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from policyeval.language.arn import is_account_id, parse_arn
from policyeval.language.model import ConditionBlock, Effect, PrincipalMatcher, Statement
from policyeval.language.policy import Policy
from policyeval.language.values import MALFORMED, read_network
from policyeval.operators import ConditionOperator, Operator, OperatorType, SetOperator

Fixed = Callable[[Operator, str], bool]


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
    return arn is not None and is_account_id(arn.account) and _has_no_variable(text)


def _is_text(row: Operator, text: str) -> bool:
    return row.type is OperatorType.STRING and _has_no_wildcard(text)


def _is_pattern(row: Operator) -> bool:
    return row.type is OperatorType.STRING and row.wildcards


def _is_service_name(row: Operator, text: str) -> bool:
    """Any value; wildcards as well."""
    return row.type is OperatorType.STRING and _has_no_variable(text)


def _is_access_point(row: Operator, text: str) -> bool:
    """An ARN in full."""
    return row.type in (OperatorType.STRING, OperatorType.ARN) and _has_no_wildcard(text)


def _is_arn(row: Operator, text: str) -> bool:
    """A fixed ARN, or one whose account is fixed."""
    return _is_access_point(row, text) or (row.type is OperatorType.ARN and _has_fixed_account(text))


def _is_access_point_arn(row: Operator, text: str) -> bool:
    """Any access point of a fixed account."""
    return _is_arn(row, text) or (_is_pattern(row) and _has_fixed_account(text))


def _is_narrow_range(row: Operator, text: str) -> bool:
    """No broader than /8 for IPv4 and /32 for IPv6; private ranges are fine."""
    network = read_network(text)
    if row.type is not OperatorType.IP_ADDRESS or network is MALFORMED:
        return False
    version, _, host_bits = network
    prefix = (32 if version == 4 else 128) - host_bits
    return prefix >= (8 if version == 4 else 32)


def _is_below_organization(row: Operator, text: str) -> bool:
    """A fixed path, or `o-id/` first and wildcards only behind it."""
    head, slash, _ = text.partition("/")
    is_below = bool(slash) and head.startswith("o-") and _has_no_wildcard(head) and _has_no_variable(text)
    return _is_text(row, text) or (_is_pattern(row) and is_below)


def _is_true(row: Operator, text: str) -> bool:
    return row.type is OperatorType.BOOLEAN and text.lower() == "true"


# key → when its values are fixed
_FIXED_KEYS: dict[str, Fixed] = {
    "aws:principalorgid": _is_text,
    "aws:principalaccount": _is_text,
    "aws:principalarn": _is_arn,
    "aws:sourceip": _is_narrow_range,
    "aws:sourcearn": _is_arn,
    "aws:sourcevpc": _is_text,
    "aws:sourcevpce": _is_text,
    "aws:sourceowner": _is_text,
    "aws:sourceaccount": _is_text,
    "aws:userid": _is_text,  # AROLEID:* has one
    "s3:x-amz-server-side-encryption-aws-kms-key-id": _is_text,
    "s3:dataaccesspointarn": _is_access_point_arn,
    "s3:dataaccesspointaccount": _is_text,
    "aws:principalorgpaths": _is_below_organization,
    "aws:vpceorgpaths": _is_below_organization,
    "aws:principalisawsservice": _is_true,
    "aws:principalservicename": _is_service_name,
    "aws:principalservicenameslist": _is_service_name,
    "aws:sourcevpcarn": _is_arn,
    "aws:vpceaccount": _is_text,
    "aws:vpceorgid": _is_text,
}


def _is_fixed(block: ConditionBlock, key: str, values: tuple[str, ...], at_access_point: bool) -> bool:
    """Does this condition limit the grant to fixed values? An access point must name an access point in full."""
    fixed = _FIXED_KEYS.get(key)
    if at_access_point and key == "s3:dataaccesspointarn":
        fixed = _is_access_point
    if fixed is None or block.operator is None or not _limits(block.operator):
        return False
    row = block.operator.row
    return bool(values) and all(fixed(row, value) for value in values)


def _limits(operator: ConditionOperator) -> bool:
    """Positive operators only: `…IfExists` and ForAllValues also hold without the key."""
    return (
        not operator.row.negated
        and not operator.if_exists
        and operator.set_operator is not SetOperator.FOR_ALL_VALUES
    )
