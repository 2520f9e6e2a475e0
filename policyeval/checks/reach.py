"""Can the statement ever apply, and does it reach no further than it looks? What AWS does not check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyeval.catalog.services import key_type
from policyeval.checks.check import OURS, SECURITY_WARNING, SUGGESTION, WARNING, Change, Fix, Found, check
from policyeval.checks.operators import conditions, renamed_operator
from policyeval.checks.subject import Condition, StatementView, Subject
from policyeval.language.patterns import glob
from policyeval.operators import OperatorType, SetOperator

_MFA = "aws:multifactorauthpresent"
_PLAIN = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
_OFTEN_ABSENT = (
    "aws:sourcevpce", "aws:sourcevpc", "aws:sourceip", "aws:principalorgid", "aws:principaltag/", "aws:resourcetag/",
    "aws:requesttag/", "aws:username", "aws:sourcearn", "aws:sourceaccount", "aws:vpcsourceip",
)  # fmt: skip
_EVERYTHING = {"Action": "*", "Resource": "*"}


@check(
    "CONTRADICTING_CONDITIONS", WARNING, "conditions that exclude each other",
    "All conditions of a statement must hold at once. These two ask for values of one key that no request has both "
    "of, so the statement never applies.",
    bad={"Condition": {"StringEquals": {"aws:username": "ana"}, "StringLike": {"aws:username": "ben*"}}},
    mark='["ben*"]'[1:-1], good={"Condition": {"StringEquals": {"aws:username": ["ana", "ben"]}}}, origin=OURS,
)  # fmt: skip
def contradicting_conditions(policy: Subject) -> Iterator[Found]:
    """C-1: keys with one value, and literal texts against texts or patterns."""
    for statement in policy.statements:
        for index, condition in enumerate(statement.conditions):
            for other in statement.conditions[:index]:
                if other.lower == condition.lower and _excludes(other, condition) and condition.values:
                    where = condition.values[0].path if len(condition.values) == 1 else condition.path
                    help = "join them, or remove one"
                    message = f"{condition.name} and {other.name} on `{condition.key}` exclude each other"
                    yield Found(where, message, help)


def _is_plain(condition: Condition) -> bool:
    operator, kind = condition.operator, key_type(condition.lower)
    single = kind is None or not kind.multi_valued
    return (
        operator is not None and single and operator.set_operator is SetOperator.NONE and not operator.if_exists
        and bool(condition.values) and not any("${" in entry.text for entry in condition.values)
    )  # fmt: skip


def _excludes(one: Condition, other: Condition) -> bool:
    if not _is_plain(one) or not _is_plain(other):
        return False
    if "Null" in (one.base, other.base):
        null, rest = (one, other) if one.base == "Null" else (other, one)
        absent = [entry.text.lower() for entry in null.values] == ["true"]
        return absent and rest.base != "Null" and not rest.negated
    if one.base in _PLAIN and other.base in _PLAIN:
        return not any(_meet(one, a.text, other, b.text) for a in one.values for b in other.values)
    return _denied(one, other) or _denied(other, one)


def _meet(one: Condition, a: str, other: Condition, b: str) -> bool:
    """Can one text pass both? Two patterns are taken to meet."""
    like = (one.base != "StringEquals", other.base != "StringEquals")
    if like == (True, True):
        return "*" in a + b or "?" in a + b or a == b
    if like == (False, False):
        return a == b
    return glob(a).matches(b) if like[0] else glob(b).matches(a)


def _denied(wanted: Condition, unwanted: Condition) -> bool:
    """Is every value that one asks for among those that the other forbids?"""
    if wanted.base != "StringEquals" or unwanted.base not in ("StringNotEquals", "StringNotLike"):
        return False
    if unwanted.base == "StringNotEquals":
        return {entry.text for entry in wanted.values} <= {entry.text for entry in unwanted.values}
    return all(any(glob(b.text).matches(a.text) for b in unwanted.values) for a in wanted.values)


@check(
    "BOOL_ON_ABSENT_KEY", SECURITY_WARNING, "a Deny that callers with long-term keys pass by",
    "aws:MultiFactorAuthPresent is absent from requests that are signed with long-term access keys. `Bool … false` "
    "does not hold for them, so the Deny does not fire: BoolIfExists does.",
    bad=_EVERYTHING | {"Effect": "Deny", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}, mark='"Bool"',
    good=_EVERYTHING | {"Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    origin=OURS,
)  # fmt: skip
def bool_on_absent_key(policy: Subject) -> Iterator[Found]:
    """C-12."""
    for statement in policy.statements:
        for condition in statement.conditions_on(_MFA) if statement.denies else ():
            if condition.name == "Bool" and [one.text.lower() for one in condition.values] == ["false"]:
                fix = renamed_operator(statement, condition, "BoolIfExists")
                message = "the Deny does not fire for long-term access keys, whose requests lack the key"
                yield Found(condition.operator_path, message, "write `BoolIfExists`", on_key=True, fix=fix)


@check(
    "ALLOW_WITH_MFA_IF_EXISTS", SECURITY_WARNING, "an Allow that asks for MFA only sometimes",
    "With IfExists the condition also holds for long-term access keys, whose requests lack the key: they need no MFA.",
    bad=_EVERYTHING | {"Action": "s3:GetObject", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}},
    mark='"BoolIfExists"',
    good={"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, origin=OURS,
)  # fmt: skip
def allow_with_mfa_if_exists(policy: Subject) -> Iterator[Found]:
    """C-20."""
    for statement in policy.statements:
        for condition in statement.conditions_on(_MFA) if statement.allows else ():
            if condition.if_exists and [one.text.lower() for one in condition.values] == ["true"]:
                fix = renamed_operator(statement, condition, "Bool")
                message = "the Allow also grants to long-term access keys, without MFA"
                yield Found(condition.operator_path, message, "write `Bool`", on_key=True, fix=fix)


@check(
    "ALLOW_WITH_NEGATED_ABSENT_KEY", WARNING, "an Allow on what a key is not, where the key may be absent",
    "A negated operator holds when the key is absent: the Allow also grants to requests that do not carry it. Add a "
    "Null condition that asks for the key, or list what is allowed.",
    bad={"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "guest"}}}, mark='"StringNotEquals"',
    good={"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "guest"},
                        "Null": {"aws:PrincipalTag/team": "false"}}}, origin=OURS,
)  # fmt: skip
def allow_with_negated_key(policy: Subject) -> Iterator[Found]:
    """C-11."""
    for statement in policy.statements:
        for condition in statement.conditions_on(*_OFTEN_ABSENT) if statement.allows else ():
            if condition.negated and not _is_required(policy, statement, condition):
                message = f"the Allow also grants when `{condition.key}` is absent"
                help = f'add "Null": {{"{condition.key}": "false"}}'
                yield Found(condition.operator_path, message, help, on_key=True)


# A request that carries a key of the family carries the set of their names as well.
_NAMES_OF = {"aws:tagkeys": "aws:requesttag/", "kms:encryptioncontextkeys": "kms:encryptioncontext:"}
# The actions whose requests cannot do without the key: they have nothing to do without it.
_ALWAYS_CARRIED = {
    "aws:tagkeys": re.compile(r"[\w-]+:(tag\w*|createtags|addtags\w*)"),
    "kms:grantoperations": re.compile("kms:creategrant"),
    "route53:changeresourcerecordsetsnormalizedrecordnames": re.compile("route53:changeresourcerecordsets"),
}


def _is_required(policy: Subject, statement: StatementView, condition: Condition) -> bool:
    """Does something else in the statement ask for the key, so that it does not apply without it?"""
    key, family = condition.lower, _NAMES_OF.get(condition.lower, "")
    others = [one for one in statement.conditions if one is not condition and not one.negated and _asks(one)]
    return (
        any(one.lower == key or (family and one.lower.startswith(family)) for one in others)
        or (policy.resolves_variables and _is_read(statement, others, key))
        or _is_always_carried(statement, key)
    )


def _asks(condition: Condition) -> bool:
    """Does the condition hold only when the key is there?"""
    if condition.base == "Null":
        return [entry.text.lower() for entry in condition.values] == ["false"]
    operator = condition.operator
    return (
        operator is not None
        and not condition.if_exists
        and operator.set_operator is not SetOperator.FOR_ALL_VALUES
    )


def _is_read(statement: StatementView, others: list[Condition], key: str) -> bool:
    """Does a resource or a condition hold the key as a variable? Without a value it matches nothing (R-22, C-94)."""
    listed = statement.resource
    texts = [listed.texts] if listed is not None and not listed.negated else []
    texts += [tuple(entry.text for entry in one.values) for one in others]
    variable = f"${{{key}}}"
    return any(bool(entries) and all(variable in text.lower() for text in entries) for entries in texts)


def _is_always_carried(statement: StatementView, key: str) -> bool:
    listed, names = statement.action, _ALWAYS_CARRIED.get(key)
    if listed is None or listed.negated or names is None:
        return False
    return all(names.fullmatch(text.lower()) for text in listed.texts)


@check(
    "DENY_WITH_POSITIVE_ABSENT_KEY", SUGGESTION, "a Deny that requests without the key pass by",
    "A positive operator does not hold when the key is absent: the Deny is silent then. With IfExists, or a negated "
    "operator, it also denies requests without the key.",
    bad=_EVERYTHING | {"Effect": "Deny", "Condition": {"StringEquals": {"aws:RequestTag/public": "true"}}},
    mark='"StringEquals"',
    good=_EVERYTHING | {"Effect": "Deny", "Condition": {"StringEqualsIfExists": {"aws:RequestTag/public": "true"}}},
    origin=OURS, default=False,
)  # fmt: skip
def deny_with_positive_key(policy: Subject) -> Iterator[Found]:
    """C-10."""
    for statement in policy.statements:
        for condition in statement.conditions_on(*_OFTEN_ABSENT) if statement.denies else ():
            if not condition.negated and not condition.if_exists and condition.base not in ("Null", ""):
                message = f"the Deny is silent when `{condition.key}` is absent"
                yield Found(condition.operator_path, message, "say so with a Null condition, or write IfExists",
                            on_key=True)  # fmt: skip


@check(
    "FORALLVALUES_WITHOUT_NULL", WARNING, "an Allow under ForAllValues that also grants without any value",
    "ForAllValues holds when the key is absent, or has no values: the Allow grants then. Add a Null condition that "
    "asks for the key. In a Deny it is the other way round: it denies requests without the key.",
    bad={"Action": "ec2:RunInstances", "Resource": "*",
         "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}},
    mark='"ForAllValues:StringEquals"',
    good={"Action": "ec2:RunInstances", "Resource": "*",
          "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}, "Null": {"aws:TagKeys": "false"}}},
    origin=OURS,
)  # fmt: skip
def for_all_values_without_null(policy: Subject) -> Iterator[Found]:
    """C-30; keys with one value are FORALLVALUES_WITH_SINGLE_VALUED_KEY."""
    for statement, condition in conditions(policy):
        operator, kind = condition.operator, key_type(condition.lower)
        if (
            operator is None
            or operator.set_operator is not SetOperator.FOR_ALL_VALUES
            or not statement.allows
        ):
            continue
        multi = kind is not None and kind.multi_valued and condition.base != "Null" and bool(condition.values)
        if multi and not _is_required(policy, statement, condition):
            help = f'add "Null": {{"{condition.key}": "false"}}'
            message = f"the Allow also grants when `{condition.key}` is absent"
            yield Found(condition.operator_path, message, help, on_key=True)


@check(
    "ALLOW_WITH_NOTACTION", WARNING, "an Allow of everything but some actions, on every resource",
    "Allow with NotAction on `*` grants every action of every service that is not listed, also of services that AWS "
    "will add.",
    bad={"Action": None, "NotAction": ["iam:*", "organizations:*", "sts:*"], "Resource": "*"}, mark='"NotAction"',
    good={"Effect": "Deny", "Action": None, "NotAction": ["iam:*", "sts:*"], "Resource": "*"}, origin=OURS,
)  # fmt: skip
def allow_with_not_action(policy: Subject) -> Iterator[Found]:
    """A-9. In SCPs and boundaries an Allow is a filter; PASS_ROLE_WITH_…NOTACTION says the same of what it covers."""
    from policyeval.checks.pass_role import how

    for statement in policy.statements if policy.layer in ("identity", "resource", "session") else ():
        listed, where = statement.action, statement.resource
        if not statement.allows or listed is None or not listed.negated or statement.conditions:
            continue
        if (
            where is not None
            and not where.negated
            and "*" in where.texts
            and not (how(statement, "iam:PassRole") or how(statement, "iam:CreateServiceLinkedRole"))
        ):
            message = "the Allow covers every action that is not listed, of every service"
            yield Found(listed.path, message, "name the actions that are allowed", on_key=True)


@check(
    "ALLOW_WITH_NOTRESOURCE", WARNING, "an Allow on everything but some resources",
    "Allow with NotResource grants on every resource that is not listed, also on those that do not exist yet, in every "
    "service that the actions are of.",
    bad={"Resource": None, "NotResource": "arn:aws:s3:::secret/*"}, mark='"NotResource"',
    good={"Effect": "Deny", "Resource": None, "NotResource": "arn:aws:s3:::logs/*"}, origin=OURS,
)  # fmt: skip
def allow_with_not_resource(policy: Subject) -> Iterator[Found]:
    """R-20. PassRole and CreateServiceLinkedRole have checks of their own."""
    from policyeval.checks.pass_role import how

    for statement in policy.statements if policy.layer in ("identity", "resource", "session") else ():
        listed = statement.resource
        dangerous = how(statement, "iam:PassRole") or how(statement, "iam:CreateServiceLinkedRole")
        if statement.allows and listed is not None and listed.negated and not dangerous:
            message = "the Allow is on every resource that is not listed"
            yield Found(listed.path, message, "name the resources that are meant", on_key=True)


@check(
    "RESOURCE_STAR", SUGGESTION, "every resource, though the actions take ARNs",
    "All actions of the statement can be limited to resources, but `*` stands there.",
    bad={"Resource": "*"}, mark='"*"', good={}, origin=OURS, default=False,
)  # fmt: skip
def resource_star(policy: Subject) -> Iterator[Found]:
    """R-40; off unless asked for."""
    from policyeval.catalog.services import resource_types

    for statement in policy.statements if policy.is_identity and policy.layer != "boundary" else ():
        action, resource = statement.action, statement.resource
        if not statement.allows or action is None or resource is None or action.negated or resource.negated:
            continue
        named = [text.lower().partition(":") for text in action.texts]
        star = next((entry for entry in resource.entries if entry.text == "*"), None)
        if star is not None and named and all(resource_types(service, name) for service, _, name in named):
            yield Found(star.path, "the actions can be limited to resources", "write their ARNs")


@check(
    "EMPTY_VALUE", WARNING, "an empty text as the value of a global key",
    "A request that carries the key carries a value for it, so that the empty text matches nothing. Tags, and keys of "
    "services such as s3:prefix, can be empty.",
    bad={"Condition": {"StringEquals": {"aws:username": ""}}}, mark='""',
    good={"Condition": {"StringEquals": {"aws:PrincipalTag/team": ""}}}, origin=OURS,
)  # fmt: skip
def empty_value(policy: Subject) -> Iterator[Found]:
    """C-33."""
    for _, condition in conditions(policy):
        positive = condition.type is OperatorType.STRING and not condition.negated
        never_empty = condition.lower.startswith("aws:") and "/" not in condition.lower
        for entry in condition.values if positive and never_empty else ():
            if entry.text == "":
                help = "to ask for the key, write a Null condition"
                yield Found(entry.path, f"the value of `{condition.key}` is empty", help)


@check(
    "PADDED_TEXT", WARNING, "white space around a resource, a principal or a value",
    "Texts are compared with their white space: this one matches nothing.",
    bad={"Resource": "arn:aws:s3:::logs/* "}, mark='"arn:aws:s3:::logs/* "', good={}, origin=OURS,
)  # fmt: skip
def padded_text(policy: Subject) -> Iterator[Found]:
    """A-7, for other elements than actions."""
    for statement in policy.statements:
        listed: list[Any] = [*(statement.resource.entries if statement.resource else ())]
        listed += statement.principal.entries if statement.principal else ()
        listed += [entry for condition in statement.conditions for entry in condition.values]
        for entry in listed:
            plain = entry.text.strip()
            if plain != entry.text and plain:
                fix = Fix("remove the space", (Change("replace", entry.path, plain),))
                yield Found(entry.path, f"white space around `{plain}`", f"write `{plain}`", fix=fix)


@check(
    "BUCKET_BY_ADDRESS", WARNING, "a bucket named by its web address",
    "A bucket is named by its ARN, `arn:aws:s3:::bucket`, not by `s3://bucket` or a web address within an ARN.",
    bad={"Resource": "arn:aws:s3:::logs.s3.amazonaws.com/*"}, mark="logs.s3.amazonaws.com", good={}, origin=OURS,
)  # fmt: skip
def bucket_by_address(policy: Subject) -> Iterator[Found]:
    """R-42."""
    for statement in policy.statements:
        for entry in statement.resource.entries if statement.resource else ():
            found = re.match(r"arn:[^:]+:s3:::([^/*]+\.s3[.-][^/*]*amazonaws\.com)", entry.text)
            if found:
                message = f"`{found[1]}` is a web address, not a bucket"
                yield Found(entry.path, message, "write the bucket's name", part=found.span(1))
