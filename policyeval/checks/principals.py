"""Are the principals of a statement ones that can exist there? (SEMANTICS §4)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.checks.check import (
    ERROR,
    OURS,
    SECURITY_WARNING,
    SUGGESTION,
    WARNING,
    Change,
    Check,
    Fix,
    Found,
    check,
)
from policyeval.checks.subject import Entry, StatementView, Subject
from policyeval.diagnostics import did_you_mean
from policyeval.language.arn import is_account_id
from policyeval.language.parse import PRINCIPAL_TYPES
from policyeval.operators import OperatorType

_PRINCIPAL = ("resource", "trust", "endpoint", "rcp")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal|eu|api\.aws)")
_VIA_SERVICE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}(:.+)?")
_BUCKET = {"AWS": "arn:aws:iam::111122223333:user/ana"}
_SOURCE_KEYS = (
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
)  # fmt: skip
_WEAK_KEYS = ("aws:referer", "aws:useragent", "aws:sourceip")
_SERVICE_NAME = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}


def principal_entries(policy: Subject) -> Iterator[tuple[StatementView, Entry]]:
    """Walk every principal that is listed."""
    for statement in policy.statements:
        for entry in statement.principal.entries if statement.principal else ():
            yield statement, entry


@check(
    "INVALID_PRINCIPAL_FORMAT", ERROR, "a principal that is neither `*` nor an object",
    'Principals stand in an object by their type: {"AWS": …}, {"Service": …}, {"Federated": …}, {"CanonicalUser": …}.',
    bad={"Principal": "111122223333"}, mark='"111122223333"', good={"Principal": {"AWS": "111122223333"}},
    on="resource:bucket", layers=_PRINCIPAL,
)  # fmt: skip
def invalid_principal_format(policy: Subject) -> Iterator[Found]:
    """0.4."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            value = statement.value.get(name, "*")
            if value == "*" or isinstance(value, dict):
                continue
            path = statement.at(name)
            kind = "Service" if isinstance(value, str) and _SERVICE.fullmatch(value) else "AWS"
            fix = Fix(f"write it under {kind}", (Change("replace", path, {kind: value}),))
            shown = f"`{value}`" if isinstance(value, str) else "this"
            help = f'write {{"{kind}": …}}'
            yield Found(path, f"`{name}` is `*` or an object, not {shown}", help, fix=fix)


@check(
    "INVALID_PRINCIPAL_KEY", ERROR, "a type of principals that does not exist",
    "The types of principals are AWS, Federated, Service and CanonicalUser, in exactly this letter case.",
    bad={"Principal": {"Aws": "111122223333"}}, mark='"Aws"', good={"Principal": {"AWS": "111122223333"}},
    on="resource:bucket", layers=_PRINCIPAL,
)  # fmt: skip
def invalid_principal_key(policy: Subject) -> Iterator[Found]:
    """0.4."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            kinds = statement.value.get(name)
            for kind in kinds if isinstance(kinds, dict) else ():
                if kind in PRINCIPAL_TYPES:
                    continue
                near = did_you_mean(kind, PRINCIPAL_TYPES)
                path = statement.at(name, kind)
                fix = Fix(f"rename it {near}", (Change("rename", path, near),)) if near else None
                help = f"did you mean `{near}`?" if near else f"the types are {', '.join(PRINCIPAL_TYPES)}"
                yield Found(path, f"unknown principal type `{kind}`", help, on_key=True, fix=fix)


@check(
    "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", ERROR, "a pattern in the place of a principal",
    "A principal is named whole, or is `*`; a wildcard within an ARN is refused. Test aws:PrincipalArn with ArnLike.",
    bad={"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}}, mark='"arn:aws:iam::111122223333:user/*"',
    good={"Principal": _BUCKET}, on="resource:bucket", layers=_PRINCIPAL,
)  # fmt: skip
def unsupported_wildcard(policy: Subject) -> Iterator[Found]:
    """P-5."""
    for _, entry in principal_entries(policy):
        if entry.text != "*" and re.search(r"[*?]", entry.text) and entry.kind in PRINCIPAL_TYPES:
            help = 'write {"AWS": "*"} and test aws:PrincipalArn with ArnLike'
            yield Found(entry.path, f"a wildcard in the principal `{entry.text}`", help)


@check(
    "UNKNOWN_PRINCIPAL", ERROR, "a principal that is no ARN, account or unique id",
    "Under AWS stand ARNs of users, roles, sessions and accounts, account ids, unique ids and `*`. Groups and "
    "instance profiles are no principals.",
    bad={"Principal": {"AWS": "ana"}}, mark='"ana"', good={"Principal": _BUCKET}, on="resource:bucket",
    layers=_PRINCIPAL, origin=OURS,
)  # fmt: skip
def unknown_principal(policy: Subject) -> Iterator[Found]:
    """P-5, P-7."""
    for _, entry in principal_entries(policy):
        text = entry.text
        if entry.kind != "AWS" or "*" in text or "?" in text or "${" in text:
            continue
        if re.search(r":iam::[^:]*:(group|instance-profile|policy)/", text):
            yield Found(entry.path, f"`{text}` is no principal", "name users or roles")
        elif not (text.startswith("arn:") or is_account_id(text) or _UNIQUE_ID.fullmatch(text)):
            service = _SERVICE.fullmatch(text) is not None
            help = 'write {"Service": …}' if service else "write an ARN, an account id or `*`"
            yield Found(entry.path, f"`{text}` is no principal", help)


@check(
    "FEDERATED_PRINCIPAL_NOT_SUPPORTED", ERROR, "an identity provider outside of a trust policy",
    "Identities of a provider call AWS through a role; only the role's trust policy names the provider.",
    bad={"Principal": {"Federated": "accounts.google.com"}}, mark='"accounts.google.com"', good={"Principal": _BUCKET},
    on="resource:bucket", layers=("resource", "endpoint"),
)  # fmt: skip
def federated_not_supported(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for _, entry in principal_entries(policy):
        if entry.kind == "Federated":
            message = f"{policy.title} names no identity provider"
            yield Found(entry.path, message, "name the role that the provider's identities assume")


@check(
    "INVALID_SERVICE_PRINCIPAL_FORMAT", ERROR, "a service that is not named by its principal",
    "The principal of a service is `service.amazonaws.com`; a few services have a region in it. A value of "
    "kms:ViaService is `service.region.amazonaws.com`.",
    bad={"Principal": {"Service": "ec2"}}, mark='"ec2"', good={"Principal": {"Service": "ec2.amazonaws.com"}},
    on="trust",
)  # fmt: skip
def invalid_service_principal(policy: Subject) -> Iterator[Found]:
    """P-12."""
    for _, entry in principal_entries(policy):
        text = entry.text
        if entry.kind != "Service" or "*" in text or "?" in text or _SERVICE.fullmatch(text.lower()):
            continue
        whole = f"{text.lower()}.amazonaws.com"
        plain = re.fullmatch(r"[a-z0-9-]+", text.lower())
        fix = Fix(f"write {whole}", (Change("replace", entry.path, whole),)) if plain else None
        help = f"write `{whole}`" if plain else "write `service.amazonaws.com`"
        yield Found(entry.path, f"`{text}` is no service principal", help, fix=fix)
    for statement in policy.statements:
        for condition in statement.conditions_on("kms:viaservice"):
            for entry in condition.values if condition.type is OperatorType.STRING else ():
                if not _VIA_SERVICE.fullmatch(entry.text) and not re.search(r"[*?$]", entry.text):
                    help = "write `service.region.amazonaws.com`"
                    yield Found(entry.path, f"`{entry.text}` names no service in a region", help)


def _reference(code: str, start: str, what: str, arn: str) -> Check:
    def run(policy: Subject) -> Iterator[Found]:
        for _, entry in principal_entries(policy):
            if entry.kind == "AWS" and entry.text.startswith(start) and _UNIQUE_ID.fullmatch(entry.text):
                message = f"`{entry.text}` is the unique id of a {what}, probably of one that was deleted"
                yield Found(entry.path, message, f"write the ARN: `{arn}`")

    return check(
        code, WARNING, f"a {what} named by its unique id",
        f"IAM turns the ARN of a {what} into its unique id when the policy is saved, and shows the id when the "
        f"{what} is gone. A new {what} of the same name has another id.",
        bad={"Principal": {"AWS": f"{start}EXAMPLEEXAMPLE123"}}, mark=f'"{start}EXAMPLEEXAMPLE123"',
        good={"Principal": {"AWS": arn}}, on="resource:bucket", layers=_PRINCIPAL,
    )(run)  # fmt: skip


REFERENCES = (
    _reference("INVALID_ROLE_REFERENCE", "AROA", "role", "arn:aws:iam::111122223333:role/app"),
    _reference("INVALID_USER_REFERENCE", "AIDA", "user", "arn:aws:iam::111122223333:user/ana"),
)


@check(
    "EMPTY_ARRAY_PRINCIPAL", SUGGESTION, "an empty list of principals",
    "The statement is about nobody; under NotPrincipal about everybody.",
    bad={"Principal": {"AWS": []}}, mark="[]", good={"Principal": _BUCKET}, on="resource:bucket", layers=_PRINCIPAL,
)  # fmt: skip
def empty_array_principal(policy: Subject) -> Iterator[Found]:
    """L-14."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            kinds = statement.value.get(name)
            for kind, listed in kinds.items() if isinstance(kinds, dict) else ():
                if listed == []:
                    path = statement.at(name, kind)
                    yield Found(
                        path, f"`{kind}` is an empty list", "name at least one, or remove the statement"
                    )


@check(
    "EMPTY_OBJECT_PRINCIPAL", SUGGESTION, "an empty object of principals",
    "The statement is about nobody; under NotPrincipal about everybody.",
    bad={"Principal": {}}, mark="{}", good={"Principal": _BUCKET}, on="resource:bucket", layers=_PRINCIPAL,
)  # fmt: skip
def empty_object_principal(policy: Subject) -> Iterator[Found]:
    """L-14."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            if statement.value.get(name) == {}:
                help = "name at least one, or remove the statement"
                yield Found(statement.at(name), f"`{name}` is an empty object", help)


# The confused deputy


def _services_allowed(policy: Subject) -> Iterator[tuple[StatementView, Entry]]:
    """Walk the service principals of Allow statements that no condition ties to an account or resource."""
    for statement in policy.statements:
        principal = statement.principal
        if principal is None or principal.negated or not statement.allows:
            continue
        if not any(True for _ in statement.conditions_on(*_SOURCE_KEYS)) and not _ties_otherwise(statement):
            yield from ((statement, entry) for entry in principal.of("Service") if entry.text != "*")


def _ties_otherwise(statement: StatementView) -> bool:
    """Keys of services that tell the caller as well: `lambda:EventSourceToken`, KMS's encryption context …"""
    return any(
        condition.lower.endswith((":eventsourcetoken", ":calleraccount", ":sourcearn", ":sourceaccount"))
        or condition.lower in ("sts:externalid", "aws:principalorgid", "aws:resourceaccount")
        or condition.lower.startswith("kms:encryptioncontext:")
        for condition in statement.conditions
    )


def _is_weakly_guarded(statement: StatementView) -> bool:
    return any(True for _ in statement.conditions_on(*_WEAK_KEYS))


@check(
    "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", SECURITY_WARNING, "a service that may act for anybody",
    "The statement lets an AWS service in, whoever makes it act: somebody else's bucket or trail can use the "
    "service to reach your resource (the confused deputy). aws:SourceArn or aws:SourceAccount say for whom it may act.",
    bad=_SERVICE_NAME | {"Action": "s3:PutObject"}, mark='"cloudtrail.amazonaws.com"',
    good=_SERVICE_NAME | {"Action": "s3:PutObject",
                          "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
    on="resource:bucket", layers=("resource",),
)  # fmt: skip
def restrict_access_to_service(policy: Subject) -> Iterator[Found]:
    """7.12."""
    for statement, entry in _services_allowed(policy):
        if not _is_weakly_guarded(statement):
            help = "add a condition on aws:SourceArn or aws:SourceAccount"
            yield Found(entry.path, f"`{entry.text}` may act for anybody's account", help)


@check(
    "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", SUGGESTION, "a service guarded by a weak condition key",
    "aws:Referer, aws:UserAgent and aws:SourceIp say little about for whom a service acts; aws:SourceArn and "
    "aws:SourceAccount say it.",
    bad=_SERVICE_NAME | {"Action": "s3:PutObject",
                         "Condition": {"StringEquals": {"aws:Referer": "111122223333"}}},
    mark='"cloudtrail.amazonaws.com"',
    good=_SERVICE_NAME | {"Action": "s3:PutObject",
                          "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}},
    on="resource:bucket", layers=("resource",),
)  # fmt: skip
def recommended_key_for_service(policy: Subject) -> Iterator[Found]:
    """7.12."""
    for statement, entry in _services_allowed(policy):
        if _is_weakly_guarded(statement):
            help = "add a condition on aws:SourceArn or aws:SourceAccount"
            yield Found(entry.path, f"`{entry.text}` is guarded by a weak condition key", help)
