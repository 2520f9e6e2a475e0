"""What does AWS refuse to store, although it could be evaluated? (SEMANTICS 0.4, "save-time errors")

Evaluation uses the behaviour that each rule calls lenient; `Policy.parse(…, strict=True)` asks here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from policyeval.catalog.regions import PARTITIONS
from policyeval.diagnostics import Diagnostic
from policyeval.errors import PolicyError
from policyeval.language.arn import is_account_id
from policyeval.language.model import ConditionBlock, Effect, Matcher, PrincipalMatcher, Statement
from policyeval.language.patterns import tokens_of
from policyeval.language.policy_types import Need, PolicyType, ShortArn
from policyeval.language.values import MALFORMED
from policyeval.source import Path, Source

Problem = tuple[Path, str, str]

_CHARACTERS = re.compile(r"[\t\n\r\x20-\xff]*")
_SID = re.compile(r"[A-Za-z0-9]*")
_ACTION = re.compile(r"\*+(:\*+)?|[A-Za-z0-9.-]+:[^:]*")
_SERVICE_PRINCIPAL_OR_ID = re.compile(r"[A-Z0-9]{16,128}(:.+)?")
_IAM_RESOURCE = re.compile(
    r"\*|root|(user|federated-user|role|group|instance-profile|mfa|server-certificate|policy|sms-mfa|"
    r"saml-provider|oidc-provider|report|access-report|role-template)/.*"
)
# R-11 names access points; AWS managed policies have the others as well.
_S3_RESOURCES_OF_REGIONS = (
    "accesspoint/",
    "access-grants/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
    "*",
)


def refuse_unsavable(statements: tuple[Statement, ...], type: PolicyType, source: Source, base: Path) -> None:
    """Raise PolicyError with everything that AWS would refuse when the policy is saved."""
    problems = [problem for check in _CHECKS for problem in check(statements, type)]
    if problems:
        told = partial(Diagnostic, source=source)
        raise PolicyError.of(
            told(message, path=(*base, *path), help=help) for path, message, help in problems
        )


def _at(statement: Statement, *path: str | int) -> Path:
    return (*statement.path, *path)


def _matcher_items(statement: Statement, element: str, matcher: Matcher | None) -> Iterator[tuple[Path, str]]:
    if matcher is not None:
        name = f"Not{element}" if matcher.negated else element
        for index, text in enumerate(matcher.values.items):
            yield _at(statement, name, index), text


def _characters(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """L-13."""
    for statement in statements if type.iam_managed else ():
        for path, text in _texts(statement):
            if not _CHARACTERS.fullmatch(text):
                yield path, f"`{text}` holds a character that IAM does not store", "use U+0020 to U+00FF only"


def _texts(statement: Statement) -> Iterator[tuple[Path, str]]:
    yield _at(statement, "Sid"), statement.sid or ""
    yield from _matcher_items(statement, "Action", statement.action)
    yield from _matcher_items(statement, "Resource", statement.resource)
    for path, _, text in _condition_values(statement):
        yield path, text


def _condition_values(statement: Statement) -> Iterator[tuple[Path, ConditionBlock, str]]:
    for block in statement.conditions or ():
        for key, values in block.keys:
            for index, text in enumerate(values.items):
                yield _at(statement, "Condition", block.name, key, index), block, text


def _sids(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """L-31."""
    seen: set[str] = set()
    for statement in statements if type.iam_managed else ():
        sid = statement.sid
        if sid and not _SID.fullmatch(sid):
            yield (
                _at(statement, "Sid"),
                f"the Sid `{sid}` holds other characters than letters and digits",
                "rename it",
            )
        if sid and sid in seen:
            yield _at(statement, "Sid"), f"the Sid `{sid}` stands twice", "Sids are unique within a policy"
        seen.add(sid or "")


def _actions(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """A-5, and `*` alone in an RCP."""
    for statement in statements:
        for path, action in _matcher_items(statement, "Action", statement.action):
            if not _ACTION.fullmatch(action):
                yield path, f"`{action}` is no action", "write `service:ActionName`"
            if type.deny_only and action == "*" and statement.effect is Effect.DENY:
                yield path, "a resource control policy names a service", "write `s3:*`, for example"


def _empty_lists(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """L-14."""
    for statement in statements if type.iam_managed else ():
        for element, matcher in (("Action", statement.action), ("Resource", statement.resource)):
            if matcher is not None and not matcher.values.items:
                name = f"Not{element}" if matcher.negated else element
                yield (
                    _at(statement, name),
                    f"`{name}` is an empty list",
                    "name at least one, or remove the statement",
                )


def _resources(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """R-9, R-10, R-11."""
    for statement in statements:
        for path, text in _matcher_items(statement, "Resource", statement.resource):
            problem = _resource_problem(text, type)
            if problem:
                yield path, *problem


def _resource_problem(text: str, type: PolicyType) -> tuple[str, str] | None:
    if not text.strip("*") and text:
        return None
    parts = text.split(":", 5)
    if text.startswith("execute-api:/") and type.layer == "resource":
        return None
    if parts[0] != "arn":
        return f"`{text}` is no ARN", "write `arn:partition:service:region:account:resource`, or `*`"
    if len(parts) < 6 and not _short_arn_is_stored(text, parts, type.short_arn):
        return (
            f"{type.article} {type.title} does not take the short ARN `{text}`",
            "write all six parts of the ARN",
        )
    return _arn_problem(text, parts) if type.checks_arns else None


def _short_arn_is_stored(text: str, parts: list[str], rule: ShortArn) -> bool:
    if rule is ShortArn.PADDED_IF_LAST_IS_WILDCARD:
        return parts[-1].endswith("*")
    return rule is not ShortArn.INVALID


def _missing_resources(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """L-41."""
    for statement in statements:
        if statement.resource is None and type.layer == "endpoint":
            yield (
                _at(statement),
                "the statement has no `Resource`",
                "say which resources it is about, or write `*`",
            )


def _arn_problem(text: str, parts: list[str]) -> tuple[str, str] | None:
    """R-11: what IAM checks of the ARNs in identity policies, boundaries and session policies."""
    if len(parts) < 3 or not parts[2]:
        return f"the ARN `{text}` names no service", "write `arn:aws:service:…`"
    if parts[1] not in PARTITIONS and parts[1] != "*":
        return f"unknown partition `{parts[1]}`", f"the partitions are {', '.join(PARTITIONS)}"
    if len(parts) < 6:
        return (f"the short ARN `{text}` has an empty part", "write all six parts") if "::" in text else None
    service, region, resource = parts[2], parts[3], parts[5]
    has_no_region = service == "iam" or (
        service == "s3" and not resource.startswith(_S3_RESOURCES_OF_REGIONS)
    )
    if region and has_no_region:
        return f"an {service} ARN carries no region", "leave the region empty"
    if service == "iam" and not _IAM_RESOURCE.fullmatch(resource):
        return f"`{resource}` is no IAM resource", "start it with `user/`, `role/`, `group/`, `policy/` …"
    return None


def _principals(statements: tuple[Statement, ...], type: PolicyType) -> Iterator[Problem]:
    """P-5, P-7, P-21, L-40."""
    for statement in statements:
        principal = statement.principal
        if principal is None:
            if type.principal is Need.REQUIRED and not type.structural:
                yield (
                    _at(statement),
                    "the statement has no `Principal`",
                    f"{type.article} {type.title} says whom it is about",
                )
            continue
        if principal.negated and statement.effect is Effect.ALLOW:
            help = "name the principals that are allowed"
            yield _at(statement, "NotPrincipal"), "`NotPrincipal` stands in an Allow statement", help
        yield from _principal_entries(statement, principal)


def _principal_entries(statement: Statement, principal: PrincipalMatcher) -> Iterator[Problem]:
    name = "NotPrincipal" if principal.negated else "Principal"
    for kind, values in principal.entries:
        for index, text in enumerate(values.items):
            path = _at(statement, name, kind, index)
            if text != "*" and kind == "AWS" and ("*" in text or "?" in text):
                yield path, f"a wildcard in the principal `{text}`", "name it whole, or test aws:PrincipalArn"
            elif kind == "AWS" and ":group/" in text:
                yield path, f"the group `{text}` is no principal", "name users or roles"
            elif kind == "AWS" and not _is_aws_principal(text):
                yield path, f"`{text}` is no principal", "write an ARN, an account id or `*`"


def _is_aws_principal(text: str) -> bool:
    is_named = text == "*" or text.startswith("arn:") or is_account_id(text)
    return is_named or _SERVICE_PRINCIPAL_OR_ID.fullmatch(text) is not None


def _condition_keys(statements: tuple[Statement, ...], _: PolicyType) -> Iterator[Problem]:
    """L-10."""
    for statement in statements:
        for block in statement.conditions or ():
            seen: dict[str, str] = {}
            for key, _values in block.keys:
                if key.lower() in seen:
                    message = f"the key `{key}` stands twice, also as `{seen[key.lower()]}`"
                    yield (
                        _at(statement, "Condition", block.name, key),
                        message,
                        "join their values in one list",
                    )
                seen[key.lower()] = key


def _malformed_values(statements: tuple[Statement, ...], _: PolicyType) -> Iterator[Problem]:
    """C-18."""
    for statement in statements:
        for path, block, text in _condition_values(statement):
            row = block.operator.row if block.operator else None
            if row is None or not row.can_be_malformed or (row.variables and "${" in text):
                continue
            if row.read_policy(tokens_of(text) if row.wildcards else (text,)) is MALFORMED:
                yield path, f"`{text}` is no value for {block.name}", f"see `policyeval explain {row.name}`"


_CHECKS = (
    _characters,
    _sids,
    _actions,
    _empty_lists,
    _resources,
    _missing_resources,
    _principals,
    _condition_keys,
    _malformed_values,
)
