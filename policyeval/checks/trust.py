"""Is a role's trust policy one that roles can have, and does it trust only whom it should? (SEMANTICS 7.14)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyeval.checks.check import ERROR, OURS, SECURITY_WARNING, SUGGESTION, WARNING, Found, check
from policyeval.checks.keys import covers
from policyeval.checks.subject import Entry, StatementView, Subject
from policyeval.language.arn import parse_arn
from policyeval.operators import SetOperator

_TRUST = ("trust",)
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/\S*)?")
_PROVIDER = re.compile(r"arn:[^:]+:iam::[0-9]{12}:(saml-provider|oidc-provider)/\S+")
_GITHUB = "token.actions.githubusercontent.com"
_GITHUB_ARN = f"arn:aws:iam::111122223333:oidc-provider/{_GITHUB}"
_SAML_ARN = "arn:aws:iam::111122223333:saml-provider/corp"
_WEB = {"Principal": {"Federated": _GITHUB_ARN}, "Action": "sts:AssumeRoleWithWebIdentity"}
_ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
_SESSION = "arn:aws:sts::111122223333:assumed-role/app/ana"
_ROLE = "arn:aws:iam::111122223333:role/app"


def _with(**keys: dict[str, str]) -> dict[str, Any]:
    return {**_WEB, "Condition": keys}


_AUDIENCE = {f"{_GITHUB}:aud": "sts.amazonaws.com"}
_BRANCH = {f"{_GITHUB}:sub": "repo:acme/app:ref:refs/heads/main"}


@check(
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", ERROR, "NotPrincipal in a trust policy",
    "A trust policy names whom it trusts.",
    bad={"Principal": None, "NotPrincipal": {"AWS": "111122223333"}}, mark='"NotPrincipal"',
    good={}, on="trust", layers=_TRUST,
)  # fmt: skip
def not_principal(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        if "NotPrincipal" in statement.value:
            help = "name the principals in `Principal`"
            yield Found(
                statement.at("NotPrincipal"), "a role trust policy has no `NotPrincipal`", help, on_key=True
            )


@check(
    "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", ERROR, "a trust policy that trusts everybody",
    "With `*` as principal everybody in every account may assume the role, unless conditions keep them out.",
    bad={"Principal": "*"}, mark='"*"', good={}, on="trust", layers=_TRUST,
)  # fmt: skip
def wildcard_principal(policy: Subject) -> Iterator[Found]:
    """D-13."""
    for statement in policy.statements:
        if statement.principal is not None and statement.principal.is_bare and not statement.denies:
            yield Found(
                statement.principal.path, "the role trusts everybody", "name accounts, roles or users"
            )


@check(
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", ERROR, "a resource in a trust policy",
    "A trust policy is about the role that it belongs to; it names no resource.",
    bad={"Resource": "*"}, mark='"Resource"', good={}, on="trust", layers=_TRUST,
)  # fmt: skip
def resource(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        for name in ("Resource", "NotResource"):
            if name in statement.value:
                yield Found(
                    statement.at(name), f"a role trust policy has no `{name}`", "remove it", on_key=True
                )


def _federated(policy: Subject) -> Iterator[tuple[StatementView, Entry]]:
    for statement in policy.statements:
        for entry in statement.principal.of("Federated") if statement.principal else ():
            yield statement, entry


@check(
    "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", ERROR, "an identity provider that is none",
    "An identity provider is named by its domain, such as accounts.google.com, or by the ARN of the provider in IAM.",
    bad=_WEB | {"Principal": {"Federated": "foo bar"}}, mark='"foo bar"', good=_with(StringEquals=_AUDIENCE | _BRANCH),
    on="trust", layers=_TRUST,
)  # fmt: skip
def invalid_federated(policy: Subject) -> Iterator[Found]:
    """P-13."""
    for _, entry in _federated(policy):
        if not _HOST.fullmatch(entry.text) and not _PROVIDER.fullmatch(entry.text) and "*" not in entry.text:
            help = "write a domain, or the ARN of the provider"
            yield Found(entry.path, f"`{entry.text}` is no identity provider", help)


@check(
    "MISMATCHED_ACTION_FOR_PRINCIPAL", ERROR, "an action that the principal cannot take",
    "Identities of a SAML provider call sts:AssumeRoleWithSAML, those of an OIDC provider "
    "sts:AssumeRoleWithWebIdentity, all others sts:AssumeRole.",
    bad={"Principal": {"Federated": _SAML_ARN}, "Action": "sts:AssumeRoleWithWebIdentity"},
    mark='"sts:AssumeRoleWithWebIdentity"',
    good={"Principal": {"Federated": _SAML_ARN}, "Action": "sts:AssumeRoleWithSAML"}, on="trust", layers=_TRUST,
)  # fmt: skip
def mismatched_action(policy: Subject) -> Iterator[Found]:
    """P-13."""
    for statement in policy.statements:
        principal, listed = statement.principal, statement.action
        if principal is None or listed is None or listed.negated or principal.is_bare:
            continue
        possible = {_action_of(entry) for entry in principal.entries}
        for entry in listed.entries if possible else ():
            wanted = entry.text.lower()
            if wanted.startswith("sts:assumerole") and wanted in _ASSUMING and wanted not in possible:
                names = " or ".join(sorted(_ASSUMING[one] for one in possible))
                yield Found(entry.path, f"the principals cannot call `{entry.text}`", f"they call {names}")


_ASSUMING = {
    "sts:assumerole": "sts:AssumeRole",
    "sts:assumerolewithsaml": "sts:AssumeRoleWithSAML",
    "sts:assumerolewithwebidentity": "sts:AssumeRoleWithWebIdentity",
}


def _action_of(entry: Entry) -> str:
    if entry.kind != "Federated":
        return "sts:assumerole"
    return "sts:assumerolewithsaml" if ":saml-provider/" in entry.text else "sts:assumerolewithwebidentity"


@check(
    "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", ERROR, "IAM Roles Anywhere without all of its actions",
    "The service assumes the role, sets the source identity and tags the session: it needs sts:AssumeRole, "
    "sts:SetSourceIdentity and sts:TagSession.",
    bad={"Principal": {"Service": _ROLES_ANYWHERE}}, mark='"Action"',
    good={"Principal": {"Service": _ROLES_ANYWHERE},
          "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]},
    on="trust", layers=_TRUST,
)  # fmt: skip
def roles_anywhere(policy: Subject) -> Iterator[Found]:
    """7.14."""
    for statement in policy.statements:
        principal, listed = statement.principal, statement.action
        if principal is None or listed is None or listed.negated or not statement.allows:
            continue
        if any(entry.text.lower() == _ROLES_ANYWHERE for entry in principal.of("Service")):
            needed = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
            missing = [one for one in needed if not any(covers(text, one.lower()) for text in listed.texts)]
            if missing:
                message = f"IAM Roles Anywhere also needs {' and '.join(missing)}"
                yield Found(listed.path, message, "add them to `Action`", on_key=True)


# Identity providers of the web


def _web_identities(policy: Subject) -> Iterator[tuple[StatementView, Entry, str]]:
    """Walk the OIDC providers that an Allow trusts, with the prefix of their keys."""
    for statement, entry in _federated(policy):
        arn = parse_arn(entry.text)
        if arn is not None and not arn.resource.startswith("oidc-provider/"):
            continue
        if statement.allows and (arn is not None or _HOST.fullmatch(entry.text)):
            host = arn.resource.removeprefix("oidc-provider/") if arn is not None else entry.text
            yield statement, entry, host.lower()


def _tests(statement: StatementView, prefix: str) -> list[str]:
    start = {"accounts.google.com": ("accounts.google.com:",)}.get(prefix, (f"{prefix}:",))
    return [one.lower for one in statement.conditions if one.lower.startswith(start)]


@check(
    "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", SECURITY_WARNING, "an OIDC provider that is trusted for anybody",
    "Whoever has an account at the provider can assume the role, until a condition on the provider's keys says who: "
    "`PROVIDER:aud` for the application, `PROVIDER:sub` for the identity.",
    bad={"Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity"},
    mark='"accounts.google.com"',
    good={"Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {"StringEquals": {"accounts.google.com:aud": "app", "accounts.google.com:sub": "123"}}},
    on="trust", layers=_TRUST,
)  # fmt: skip
def missing_oidc_key(policy: Subject) -> Iterator[Found]:
    """7.14."""
    for statement, entry, prefix in _web_identities(policy):
        if not _tests(statement, prefix) and prefix != _GITHUB:
            help = f"add conditions on `{prefix}:aud` and `{prefix}:sub`"
            yield Found(entry.path, "everybody with an account at the provider can assume the role", help)


@check(
    "MISSING_GITHUB_REPO_CONDITION_KEY", SECURITY_WARNING, "GitHub Actions of every repository are trusted",
    "Without a condition on `token.actions.githubusercontent.com:sub` any workflow of anybody's repository can "
    "assume the role.",
    bad=_with(StringEquals=_AUDIENCE), mark=f'"{_GITHUB_ARN}"', good=_with(StringEquals=_AUDIENCE | _BRANCH),
    on="trust", layers=_TRUST,
)  # fmt: skip
def missing_github_repo(policy: Subject) -> Iterator[Found]:
    """7.14."""
    for statement, entry, prefix in _web_identities(policy):
        if prefix == _GITHUB and f"{_GITHUB}:sub" not in _tests(statement, prefix):
            help = f"add a condition on `{_GITHUB}:sub`, such as `repo:OWNER/REPO:ref:refs/heads/main`"
            yield Found(entry.path, "workflows of every repository can assume the role", help)


@check(
    "MISSING_SUB_FOR_OIDC_PRINCIPAL", SECURITY_WARNING, "an OIDC provider without a condition on the identity",
    "`aud` names the application, the same for all who use it; `sub` names the identity that may assume the role.",
    bad={"Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {"accounts.google.com:aud": "app"}}}, mark='"accounts.google.com"',
    good={"Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {"StringEquals": {"accounts.google.com:aud": "app", "accounts.google.com:sub": "123"}}},
    on="trust", layers=_TRUST, origin=OURS,
)  # fmt: skip
def missing_sub(policy: Subject) -> Iterator[Found]:
    """Cognito identifies its users by `amr` and the pool's id in `aud`."""
    for statement, entry, prefix in _web_identities(policy):
        tests = _tests(statement, prefix)
        if tests and all(key.endswith(":aud") for key in tests) and prefix != _GITHUB:
            help = f"add a condition on `{prefix}:sub`"
            yield Found(entry.path, "every identity of the application can assume the role", help)


@check(
    "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", WARNING, "GitHub Actions of more than one repository are trusted",
    "A wildcard in the owner or the repository of `sub` trusts repositories that do not exist yet.",
    bad=_with(StringEquals=_AUDIENCE, StringLike={f"{_GITHUB}:sub": "repo:acme/*"}), mark='"repo:acme/*"',
    good=_with(StringEquals=_AUDIENCE, StringLike={f"{_GITHUB}:sub": "repo:acme/app:*"}), on="trust", layers=_TRUST,
)  # fmt: skip
def specific_github_repo(policy: Subject) -> Iterator[Found]:
    """7.14."""
    for statement in policy.statements:
        for condition in statement.conditions_on(f"{_GITHUB}:sub") if statement.allows else ():
            for entry in condition.values if condition.base in ("StringLike", "ArnLike") else ():
                name = entry.text.split(":", 2)
                if "*" in entry.text and ("*" in "".join(name[:2]) or len(name) < 2):
                    help = "write `repo:OWNER/REPO:ref:refs/heads/BRANCH`"
                    yield Found(entry.path, f"`{entry.text}` trusts more than one repository", help)


@check(
    "CONFIRM_AUDIENCE_CLAIM_TYPE", SUGGESTION, "a set operator on the audience",
    "`aud` is one value for most providers and a list for some: confirm which. On one value ForAllValues also holds "
    "when it is absent.",
    bad=_with(**{"ForAnyValue:StringEquals": _AUDIENCE, "StringEquals": _BRANCH}), mark=f'"{_GITHUB}:aud"',
    good=_with(StringEquals=_AUDIENCE | _BRANCH), on="trust", layers=_TRUST,
)  # fmt: skip
def confirm_audience(policy: Subject) -> Iterator[Found]:
    """6.6."""
    for statement in policy.statements:
        for condition in statement.conditions:
            operator = condition.operator
            if (
                operator is None
                or operator.set_operator is SetOperator.NONE
                or not condition.lower.endswith(":aud")
            ):
                continue
            message = f"{condition.name} on `{condition.key}`, which usually is one value"
            yield Found(condition.path, message, "confirm that the provider sends a list", on_key=True)


@check(
    "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", SUGGESTION, "a session whose role is trusted anyway",
    "A role covers all of its sessions.",
    bad={"Principal": {"AWS": [_ROLE, _SESSION]}}, mark=f'"{_SESSION}"', good={"Principal": {"AWS": _ROLE}},
    on="trust", layers=_TRUST,
)  # fmt: skip
def redundant_principal(policy: Subject) -> Iterator[Found]:
    """4.2."""
    for statement in policy.statements:
        principal = statement.principal
        if principal is None or principal.negated or not statement.allows:
            continue
        roles = {(arn.account, arn.resource.rpartition("/")[2]) for entry in principal.of("AWS")
                 if (arn := parse_arn(entry.text)) and arn.resource.startswith("role/")}  # fmt: skip
        for entry in principal.of("AWS"):
            arn = parse_arn(entry.text)
            if (
                arn
                and arn.resource.startswith("assumed-role/")
                and (arn.account, arn.resource.split("/")[1]) in roles
            ):
                yield Found(entry.path, "the role of this session is listed as well", "remove the session")
