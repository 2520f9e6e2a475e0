"""Are the condition keys known, and can a request for these actions carry them? (SEMANTICS §6)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from policyeval.catalog.global_keys import GLOBAL_KEYS, global_key
from policyeval.catalog.services import (
    action_details,
    action_keys,
    action_names,
    condition_key_names,
    data_version,
    is_service,
    key_type,
    service_names,
)
from policyeval.checks.actions import KNOWN_PREFIXES, resembling
from policyeval.checks.check import (
    ERROR,
    SECURITY_WARNING,
    SUGGESTION,
    WARNING,
    Change,
    Fix,
    Found,
    check,
)
from policyeval.checks.operators import conditions, renamed_operator
from policyeval.checks.resources import SHARED_PREFIXES, is_region_pattern
from policyeval.checks.subject import Condition, StatementView, Subject
from policyeval.diagnostics import did_you_mean
from policyeval.operators import OperatorType, SetOperator

_TAG_FAMILIES = ("aws:principaltag", "aws:requesttag", "aws:resourcetag")
_FORMAT = re.compile(r"[^\s:]+:\S.*")
_LIST = {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs"}
_NAMED = {"Condition": {"StringEquals": {"aws:username": "ana"}}}


def _federated(key: str) -> bool:
    """Is it a key of an identity provider, whose names are host names?"""
    prefix = key.rpartition(":")[0]
    return "." in prefix or prefix == "saml" or "/" in prefix


@check(
    "INVALID_CONDITION_KEY_FORMAT", ERROR, "a condition key without prefix",
    "A condition key is `prefix:name`: `aws:` for the global ones, else the prefix of a service.",
    bad={"Condition": {"StringEquals": {"username": "ana"}}}, mark='"username"', good=_NAMED,
)  # fmt: skip
def invalid_key_format(policy: Subject) -> Iterator[Found]:
    """C-7."""
    for _, condition in conditions(policy):
        if not _FORMAT.fullmatch(condition.key) and condition.lower not in _TAG_FAMILIES:
            near = did_you_mean(f"aws:{condition.key}", [row.name for row in GLOBAL_KEYS])
            help = f"did you mean `{near}`?" if near else "write `prefix:name`"
            yield Found(condition.path, f"`{condition.key}` is no condition key", help, on_key=True)


@check(
    "MISSING_TAG_KEY_IN_CONDITION", ERROR, "a tag condition that does not name the tag",
    "aws:PrincipalTag, aws:RequestTag and aws:ResourceTag are followed by a slash and the tag's key.",
    bad={"Condition": {"StringEquals": {"aws:PrincipalTag/": "red"}}}, mark='"aws:PrincipalTag/"',
    good={"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}},
)  # fmt: skip
def missing_tag_key(policy: Subject) -> Iterator[Found]:
    """6.1, 6.4, 6.5."""
    for _, condition in conditions(policy):
        if condition.lower.removesuffix("/") in _TAG_FAMILIES:
            message = f"`{condition.key}` does not name the tag"
            yield Found(condition.path, message, f"write `{condition.key.rstrip('/')}/KEY`", on_key=True)


@check(
    "INVALID_GLOBAL_CONDITION_KEY", ERROR, "a global condition key that does not exist",
    "No request carries the key: a positive operator never holds, a negated one always does.",
    bad={"Condition": {"StringEquals": {"aws:UserNam": "ana"}}}, mark='"aws:UserNam"', good=_NAMED,
)  # fmt: skip
def invalid_global_key(policy: Subject) -> Iterator[Found]:
    """C-7."""
    for _, condition in conditions(policy):
        key = condition.lower
        if not key.startswith("aws:") or key in ("aws:arn", "aws:") or key.rstrip("/") in _TAG_FAMILIES:
            continue
        if global_key(key) is None and _is_unknown_anywhere(key):
            near = did_you_mean(condition.key, [row.name for row in GLOBAL_KEYS])
            fix = Fix(f"rename it {near}", (Change("rename", condition.path, near),)) if near else None
            help = f"did you mean `{near}`?" if near else "see the list of global condition keys"
            yield Found(
                condition.path, f"there is no global key `{condition.key}`", help, on_key=True, fix=fix
            )


def _is_unknown_anywhere(key: str) -> bool:
    return key_type(key) is None and key not in _UNDOCUMENTED


@check(
    "UNSUPPORTED_GLOBAL_CONDITION_KEY", ERROR, "the old key aws:ARN where no policy may have it",
    "aws:ARN is not supported: use aws:PrincipalArn for the caller, or aws:SourceArn for the resource on whose "
    "behalf a service calls.",
    bad={"Condition": {"ArnLike": {"aws:ARN": "arn:aws:iam::111122223333:user/ana"}}}, mark='"aws:ARN"',
    good={"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/ana"}}}, on="scp",
    layers=("trust", "scp", "rcp", "endpoint", "resource"),
)  # fmt: skip
def unsupported_global_key(policy: Subject) -> Iterator[Found]:
    """AWS lists aws:ARN twice: we read the error for policies that came later than the key."""
    for _, condition in conditions(policy):
        if condition.lower == "aws:arn":
            help = "use aws:PrincipalArn, or aws:SourceArn"
            yield Found(condition.path, "`aws:ARN` is not supported", help, on_key=True)


@check(
    "DEPRECATED_GLOBAL_CONDITION_KEY", WARNING, "the old key aws:ARN",
    "aws:ARN is the old name of aws:PrincipalArn.",
    bad={"Condition": {"ArnLike": {"aws:ARN": "arn:aws:iam::111122223333:user/ana"}}}, mark='"aws:ARN"',
    good={"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/ana"}}},
    layers=("identity", "boundary", "session"),
)  # fmt: skip
def deprecated_global_key(policy: Subject) -> Iterator[Found]:
    """C-8."""
    for _, condition in conditions(policy):
        if condition.lower == "aws:arn":
            fix = Fix("rename it aws:PrincipalArn", (Change("rename", condition.path, "aws:PrincipalArn"),))
            yield Found(
                condition.path, "`aws:ARN` is an old key", "use aws:PrincipalArn", on_key=True, fix=fix
            )


@check(
    "INVALID_SERVICE", ERROR, "a condition key of a service that does not exist",
    "The prefix of a condition key is `aws`, that of a service, or the name of an identity provider.",
    bad={"Condition": {"StringEquals": {"s4:prefix": "home"}}} | _LIST, mark='"s4:prefix"',
    good={"Condition": {"StringEquals": {"s3:prefix": "home"}}} | _LIST,
)  # fmt: skip
def invalid_service(policy: Subject) -> Iterator[Found]:
    """C-7."""
    for _, condition in conditions(policy):
        prefix, colon, name = condition.lower.partition(":")
        known = (
            prefix == "aws" or is_service(prefix) or _federated(condition.lower) or key_type(condition.lower)
        )
        if colon and name and not known and _FORMAT.fullmatch(condition.key):
            near = resembling(prefix, service_names())
            if near is not None and prefix not in KNOWN_PREFIXES:
                help = f"did you mean `{near}:{name}`?"
                yield Found(condition.path, f"there is no service `{prefix}`", help, on_key=True)


@check(
    "INVALID_SERVICE_CONDITION_KEY", ERROR, "a condition key that the service does not have",
    "No request carries the key: a positive operator never holds, a negated one always does.",
    bad={"Condition": {"StringEquals": {"s3:prefixes": "home"}}} | _LIST, mark='"s3:prefixes"',
    good={"Condition": {"StringEquals": {"s3:prefix": "home"}}} | _LIST,
)  # fmt: skip
def invalid_service_key(policy: Subject) -> Iterator[Found]:
    """C-7."""
    for _, condition in conditions(policy):
        service, _, name = condition.lower.partition(":")
        if not is_service(service) or service == "aws" or not name or key_type(condition.lower) is not None:
            continue
        if not condition_key_names(service)[len(GLOBAL_KEYS) :] and not _FORMAT.fullmatch(condition.key):
            continue
        near = did_you_mean(condition.key, condition_key_names(service)[len(GLOBAL_KEYS) :])
        fix = (
            Fix(f"rename it {near}", (Change("rename", condition.path, near),))
            if near and "$" not in near
            else None
        )
        help = f"did you mean `{near}`?" if near else f"the data is that of {data_version()}"
        yield Found(
            condition.path, f"{service} has no condition key `{condition.key}`", help, on_key=True, fix=fix
        )


@check(
    "INVALID_REGION", ERROR, "a condition on a region that does not exist",
    "aws:RequestedRegion is the region of the endpoint that was called; no request has this one.",
    bad={"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-9"}}}, mark='"us-east-9"',
    good={"Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}},
)  # fmt: skip
def invalid_region(policy: Subject) -> Iterator[Found]:
    """6.5; the list of regions is dated in catalog/regions.py."""
    for statement in policy.statements:
        for condition in statement.conditions_on("aws:requestedregion"):
            for entry in condition.values if condition.type is OperatorType.STRING else ():
                if "${" not in entry.text and not is_region_pattern(entry.text) and "*" not in entry.text:
                    yield Found(entry.path, f"there is no region `{entry.text}`", "write the region's code")


# One value or several?


@check(
    "MISSING_QUALIFIER", ERROR, "a key with several values without a set operator",
    "A request carries a list of values for this key. Without ForAllValues or ForAnyValue the condition never holds "
    "for it, not even a negated one: a Deny is lost.",
    bad={"Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"aws:TagKeys": ["team"]}}},
    mark='"aws:TagKeys"',
    good={"Action": "ec2:CreateTags", "Resource": "*",
          "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}},
)  # fmt: skip
def missing_qualifier(policy: Subject) -> Iterator[Found]:
    """C-34."""
    for statement, condition in conditions(policy):
        kind = key_type(condition.lower)
        if condition.operator is None or condition.base == "Null" or kind is None or not kind.multi_valued:
            continue
        if condition.operator.set_operator is SetOperator.NONE:
            name = f"ForAnyValue:{condition.name}"
            fix = renamed_operator(statement, condition, name)
            help = f"write `{name}`, or `ForAllValues:` with a Null condition"
            holds = "holds only without it" if condition.negated or condition.if_exists else "never holds"
            message = f"`{condition.key}` has several values: {condition.name} {holds}"
            yield Found(condition.path, message, help, on_key=True, fix=fix)


@check(
    "FORALLVALUES_WITH_SINGLE_VALUED_KEY", SECURITY_WARNING, "ForAllValues on a key with one value",
    "ForAllValues holds when the key is absent; for a key with one value that is never what is meant.",
    bad={"Condition": {"ForAllValues:StringEquals": {"aws:username": "ana"}}}, mark='"aws:username"', good=_NAMED,
)  # fmt: skip
def for_all_values_single(policy: Subject) -> Iterator[Found]:
    """C-30, C-35."""
    for statement, condition in conditions(policy):
        operator, kind = condition.operator, key_type(condition.lower)
        if operator is None or kind is None or kind.multi_valued is not False or condition.base == "Null":
            continue
        if condition.lower in _SETS_BY_CUSTOM:
            continue
        if operator.set_operator is SetOperator.FOR_ALL_VALUES and not _requires(statement, condition.lower):
            plain = condition.name.partition(":")[2]
            fix = renamed_operator(statement, condition, plain)
            message = f"`{condition.name}` also holds when `{condition.key}` is absent"
            yield Found(
                condition.path, message, f"the key has one value: write `{plain}`", on_key=True, fix=fix
            )


def _requires(statement: StatementView, key: str) -> bool:
    """Does another condition of the statement make sure that the key is there?"""
    return any(
        one.base == "Null" and one.values and one.values[0].text.lower() == "false"
        for one in statement.conditions_on(key)
    )


@check(
    "MISSING_PAIRED_CONDITION_KEYS", SECURITY_WARNING, "a key that says little without its partner",
    "aws:VpcSourceIp is an address within a VPC; the same addresses are used in every VPC. Only together with "
    "aws:SourceVpc or aws:SourceVpce it says where a request comes from.",
    bad={"Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}}, mark='"aws:VpcSourceIp"',
    good={"Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"},
                        "StringEquals": {"aws:SourceVpc": "vpc-1a2b3c4d"}}},
)  # fmt: skip
def missing_paired_keys(policy: Subject) -> Iterator[Found]:
    """6.3."""
    for statement in policy.statements:
        partners = any(
            True for _ in statement.conditions_on("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn")
        )
        for condition in () if partners else statement.conditions_on("aws:vpcsourceip"):
            help = "add a condition on aws:SourceVpc or aws:SourceVpce"
            yield Found(condition.path, "`aws:VpcSourceIp` says nothing about the VPC", help, on_key=True)


# Which actions supply the key?


def named_actions(statement: StatementView) -> list[tuple[str, str, str]]:
    """List the actions that are named without wildcard and known: text, service, name."""
    found = []
    for entry in statement.action.entries if statement.action and not statement.action.negated else ():
        service, _, name = entry.text.lower().partition(":")
        if "*" not in name and "?" not in name and action_details(service, name) is not None:
            found.append((entry.text, service, name))
    return found


def supplies(service: str, name: str, key: str) -> bool:
    """Can a request for this action carry the key (lower case)?"""
    known = action_keys(service, name) or frozenset()
    if key in known:
        return True
    # A family is written `s3:BucketTag/${TagKey}`, `dms:task-tag/tag-key` …: what counts stands in front of the slash.
    family = key.partition("/")[0] + "/"
    starts = (re.split(r"\$\{|<", one)[0] for one in known if "${" in one or "<" in one)
    return any(key.startswith(start) for start in starts) or (
        "/" in key and any(one.startswith(family) for one in known)
    )


# Keys of the session, which requests of every service carry (SEMANTICS 6.2), and those of all KMS and S3 requests.
_SESSION_KEYS = (
    "ec2:sourceinstancearn", "ec2:roledelivery", "lambda:sourcefunctionarn", "ssm:sourceinstancearn",
    "glue:roleassumedby", "glue:credentialissuingservice", "identitystore:userid", "s3:resourceaccount",
    "kms:calleraccount", "kms:viaservice",
)  # fmt: skip
_UNDOCUMENTED = ("aws:principalorgmasteraccountid",)
_SETS_BY_CUSTOM = ("events:source", "events:detail-type")


@cache
def _is_carried(key: str) -> bool:
    """Does the data know an action that supplies the key? Of some keys it does not say which actions do."""
    service = key.partition(":")[0]
    return any(supplies(service, name.lower(), key) for name in action_names(service))


def _is_checked(condition: Condition) -> bool:
    service = condition.lower.partition(":")[0]
    return (
        service not in ("aws", *SHARED_PREFIXES)
        and key_type(condition.lower) is not None and _is_carried(condition.lower)
        and condition.operator is not None and not condition.if_exists and condition.base != "Null"
        and condition.operator.set_operator is not SetOperator.FOR_ALL_VALUES and not condition.negated
        and condition.lower not in _SESSION_KEYS
    )  # fmt: skip


@check(
    "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", ERROR, "an action whose requests never carry the condition key",
    "The key is absent from every request for the action, so that the statement never applies to it. Put the "
    "action into a statement of its own. Only actions that are named without wildcard are checked.",
    bad={"Action": ["s3:ListBucket", "s3:GetBucketAcl"], "Resource": "arn:aws:s3:::logs",
         "Condition": {"StringEquals": {"s3:prefix": "home"}}}, mark='"s3:GetBucketAcl"',
    good={"Condition": {"StringEquals": {"s3:prefix": "home"}}} | _LIST,
)  # fmt: skip
def unsupported_action_for_key(policy: Subject) -> Iterator[Found]:
    """Negated operators and IfExists hold for an absent key, and are left out."""
    for statement in policy.statements:
        checked = [condition for condition in statement.conditions if _is_checked(condition)]
        named = named_actions(statement) if checked else []
        for text, service, name in named:
            lacking = next((one for one in checked if not supplies(service, name, one.lower)), None)
            if lacking is not None and statement.action is not None:
                path = next(entry.path for entry in statement.action.entries if entry.text == text)
                message = f"no request for `{text}` carries `{lacking.key}`"
                yield Found(path, message, "put it into a statement without this condition")


_PARTNERS = {
    "sts:sourceidentity": ("sts:setsourceidentity", "sts:assumerole"),
    "sts:rolesessionname": ("sts:assumerole",),
    "sts:transitivetagkeys": ("sts:tagsession",),
}


@check(
    "MISSING_ACTION_FOR_CONDITION_KEY", ERROR, "a condition key without the action that sets it",
    "The key is evaluated together with its action: sts:SourceIdentity with sts:SetSourceIdentity, "
    "sts:TransitiveTagKeys with sts:TagSession, sts:RoleSessionName with sts:AssumeRole.",
    bad={"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:SourceIdentity": "ana"}}},
    mark='"sts:SourceIdentity"',
    good={"Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
          "Condition": {"StringEquals": {"sts:SourceIdentity": "ana"}}},
    on="trust",
)  # fmt: skip
def missing_action_for_key(policy: Subject) -> Iterator[Found]:
    """ST rules of 7.14."""
    for statement in policy.statements:
        listed = statement.action
        if listed is None or listed.negated or not statement.allows:
            continue
        for condition in statement.conditions_on(*_PARTNERS):
            partner = _PARTNERS[condition.lower][0]
            if not any(covers(text, partner) for text in listed.texts) and not condition.if_exists:
                help = "add the action that sets the key"
                message = f"`{condition.key}` needs the action `{partner}`"
                yield Found(condition.path, message, help, on_key=True)


def covers(pattern: str, action: str) -> bool:
    from policyeval.matching.actions import action_pattern

    found = action_pattern(pattern)
    matches = found is not None and found.matches(action)
    return matches or (action == "sts:assumerole" and pattern.lower().startswith("sts:assumerole"))


_CALLER_KEYS = (
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:principaltag/",
    "aws:principaltype", "aws:username", "aws:multifactorauthpresent", "aws:multifactorauthage",
)  # fmt: skip


@check(
    "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", ERROR, "a key about the caller in a statement for a service",
    "A service principal has no account, organization, tags or MFA: the condition never holds for it. Use "
    "aws:SourceAccount, aws:SourceArn or aws:SourceOrgID.",
    bad={"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid",
                                        "aws:SourceAccount": "111122223333"}}},
    mark='"aws:PrincipalOrgID"',
    good={"Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
          "Condition": {"StringEquals": {"aws:SourceOrgID": "o-exampleorgid"}}},
    on="resource:bucket", layers=("resource", "trust"),
)  # fmt: skip
def key_for_service_principal(policy: Subject) -> Iterator[Found]:
    """7.12."""
    for statement in policy.statements:
        principal = statement.principal
        if (
            principal is None
            or principal.negated
            or {entry.kind for entry in principal.entries} != {"Service"}
        ):
            continue
        for condition in statement.conditions_on(*_CALLER_KEYS):
            if (
                not condition.negated
                and not condition.if_exists
                and condition.base != "Null"
                and statement.allows
            ):
                message = f"a service has no `{condition.key}`: the condition never holds"
                help = "use aws:SourceAccount, aws:SourceArn or aws:SourceOrgID"
                yield Found(condition.path, message, help, on_key=True)


@check(
    "IRRELEVANT_CONDITION_KEY_IN_POLICY", SUGGESTION, "a key about the resource in the resource's own policy",
    "The policy is attached to that very resource: its account is always the same.",
    bad={"Condition": {"StringEquals": {"s3:ResourceAccount": "111122223333"}}}, mark='"s3:ResourceAccount"',
    good={"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}, on="resource:bucket",
    layers=("resource",),
)  # fmt: skip
def irrelevant_key(policy: Subject) -> Iterator[Found]:
    """6.4."""
    for statement in policy.statements:
        for condition in statement.conditions_on(
            "s3:resourceaccount", "aws:resourceaccount", "aws:resourceorgid"
        ):
            message = f"`{condition.key}` is always that of the resource itself"
            yield Found(condition.path, message, "remove the condition, or test the caller", on_key=True)
