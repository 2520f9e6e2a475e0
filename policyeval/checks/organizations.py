"""Is a policy of an organization one that Organizations stores? (SEMANTICS 1.4, 1.5)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.checks.check import ERROR, LATER, WARNING, Found, check
from policyeval.checks.subject import Listed, StatementView, Subject
from policyeval.language.parse import VERSIONS

_OLD = "This is refused only by the rules before September 2025; `--scp-dialect 2023` checks it."
_SECURE = {"Bool": {"aws:SecureTransport": "true"}}


def _allows_2023(policy: Subject) -> Iterator[StatementView]:
    if policy.scp_dialect == "2023":
        yield from (statement for statement in policy.statements if statement.allows)


@check(
    "SCP_SYNTAX_ERROR_PRINCIPAL", ERROR, "a principal in a service control policy",
    "An SCP is about every principal of the accounts below it: it names none. Test aws:PrincipalArn.",
    bad={"Principal": "*"}, mark='"Principal"', good={}, on="scp", layers=("scp",),
)  # fmt: skip
def scp_principal(policy: Subject) -> Iterator[Found]:
    """L-51."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            if name in statement.value:
                message = f"a service control policy has no `{name}`"
                yield Found(statement.at(name), message, "remove it, and test aws:PrincipalArn", on_key=True)


@check(
    "SCP_SYNTAX_ERROR_ACTION_WILDCARD", ERROR, "a wildcard within an action (rules of 2023)",
    f"A wildcard stands at the end of an action, or alone. {_OLD}",
    bad={"Action": "iam:*Role"}, mark='"iam:*Role"', good={"Action": "iam:Delete*"}, on="scp", layers=("scp",),
)  # fmt: skip
def scp_wildcard(policy: Subject) -> Iterator[Found]:
    """L-52."""
    for statement in policy.statements if policy.scp_dialect == "2023" else ():
        for entry in statement.action.entries if statement.action else ():
            if re.search(r"[*?].", entry.text):
                yield Found(
                    entry.path, f"`{entry.text}` has a wildcard in front of its end", "name the actions"
                )


@check(
    "SCP_SYNTAX_ERROR_ALLOW_CONDITION", ERROR, "a condition with Allow (rules of 2023)",
    f"Only Deny statements have conditions. {_OLD}",
    bad={"Effect": "Allow", "Condition": _SECURE}, mark='"Condition"',
    good={"Condition": _SECURE}, on="scp", layers=("scp",),
)  # fmt: skip
def scp_allow_condition(policy: Subject) -> Iterator[Found]:
    """L-50."""
    for statement in _allows_2023(policy):
        if "Condition" in statement.value:
            yield Found(
                statement.at("Condition"), "an Allow has no condition", "deny the opposite", on_key=True
            )


@check(
    "SCP_SYNTAX_ERROR_ALLOW_NOTACTION", ERROR, "NotAction with Allow (rules of 2023)",
    f"Only Deny statements have NotAction. {_OLD}",
    bad={"Effect": "Allow", "Action": None, "NotAction": "iam:*"}, mark='"NotAction"',
    good={"Action": None, "NotAction": "iam:*"}, on="scp", layers=("scp",),
)  # fmt: skip
def scp_allow_not_action(policy: Subject) -> Iterator[Found]:
    """L-50."""
    for statement in _allows_2023(policy):
        if "NotAction" in statement.value:
            yield Found(
                statement.at("NotAction"), "an Allow has no `NotAction`", "name the actions", on_key=True
            )


@check(
    "SCP_SYNTAX_ERROR_ALLOW_RESOURCE", ERROR, "a resource other than `*` with Allow (rules of 2023)",
    f"An Allow is about every resource. {_OLD}",
    bad={"Effect": "Allow", "Resource": "arn:aws:s3:::logs"}, mark='"arn:aws:s3:::logs"', good={"Effect": "Allow"},
    on="scp", layers=("scp",),
)  # fmt: skip
def scp_allow_resource(policy: Subject) -> Iterator[Found]:
    """L-50."""
    for statement in _allows_2023(policy):
        for entry in statement.resource.entries if statement.resource else ():
            if entry.text != "*" and "NotResource" not in statement.value:
                yield Found(entry.path, "an Allow is about every resource", "write `*`")


@check(
    "SCP_SYNTAX_ERROR_NOTRESOURCE", ERROR, "NotResource (rules of 2023)",
    f"An SCP has no NotResource. {_OLD}",
    bad={"Resource": None, "NotResource": "arn:aws:s3:::logs"}, mark='"NotResource"', good={},
    on="scp", layers=("scp",),
)  # fmt: skip
def scp_not_resource(policy: Subject) -> Iterator[Found]:
    """L-50."""
    for statement in policy.statements if policy.scp_dialect == "2023" else ():
        if "NotResource" in statement.value:
            yield Found(
                statement.at("NotResource"),
                "`NotResource` is not supported",
                "name the resources",
                on_key=True,
            )


@check(
    "ORGANIZATION_POLICY_VERSION", ERROR, "a policy of an organization with an old version, or none",
    "SCPs and RCPs carry Version 2012-10-17.",
    bad={"Version": "2008-10-17"}, mark='"2008-10-17"', good={"Version": VERSIONS[0]}, on="scp", layers=("scp", "rcp"),
    origin=LATER,
)  # fmt: skip
def organization_version(policy: Subject) -> Iterator[Found]:
    """L-24; a missing one is MISSING_VERSION."""
    if policy.version == VERSIONS[1]:
        path = (*policy.base, "Version")
        yield Found(path, f"{policy.title} has Version {VERSIONS[0]}", f"write `{VERSIONS[0]}`")


# RCPs


def _is_full_access(statement: StatementView) -> bool:
    """Is it the statement of the AWS managed policy RCPFullAWSAccess (RCP-2)?"""
    both: tuple[Listed | None, ...] = (statement.action, statement.resource)
    return (
        all(one is not None and not one.negated and "*" in one.texts for one in both)
        and not statement.conditions
    )


@check(
    "RCP_SYNTAX_ERROR_ALLOW", ERROR, "an Allow in a resource control policy",
    "An RCP only denies; the AWS managed RCPFullAWSAccess is the one that allows.",
    bad={"Effect": "Allow"}, mark='"Allow"', good={}, on="rcp", layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_allow(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        if statement.allows and not _is_full_access(statement):
            yield Found(statement.at("Effect"), "a resource control policy only denies", "write `Deny`")


@check(
    "RCP_SYNTAX_ERROR_PRINCIPAL", ERROR, "a principal other than `*` in a resource control policy",
    'An RCP is about every caller: its Principal is "*". Test aws:PrincipalArn.',
    bad={"Principal": {"AWS": "111122223333"}}, mark='{', good={}, on="rcp", layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_principal(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        principal = statement.principal
        if principal is not None and principal.negated:
            yield Found(
                principal.path, "a resource control policy has no `NotPrincipal`", 'write "*"', on_key=True
            )
        elif (
            principal is not None and not principal.is_bare and isinstance(statement.value["Principal"], dict)
        ):
            help = 'write "*", and test aws:PrincipalArn'
            message = "the `Principal` of a resource control policy is `*`"
            yield Found(principal.path, message, help, part=(0, 1))


@check(
    "RCP_SYNTAX_ERROR_NOTACTION", ERROR, "NotAction in a resource control policy",
    "An RCP names the actions that it denies.",
    bad={"Action": None, "NotAction": "s3:*"}, mark='"NotAction"', good={}, on="rcp", layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_not_action(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        if "NotAction" in statement.value:
            message = "a resource control policy has no `NotAction`"
            yield Found(statement.at("NotAction"), message, "name the actions", on_key=True)


@check(
    "RCP_SYNTAX_ERROR_ACTION", ERROR, "all actions of all services in a resource control policy",
    "A customer's RCP names the service: `s3:*`, not `*`.",
    bad={"Action": "*"}, mark='"*"', good={}, on="rcp", layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_action(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        for entry in statement.action.entries if statement.action and statement.denies else ():
            if entry.text == "*":
                yield Found(
                    entry.path, "a resource control policy names a service", "write `s3:*`, for example"
                )


@check(
    "RCP_UNSUPPORTED_SERVICE", WARNING, "a service that resource control policies do not reach",
    "Only some services ask RCPs; for the others the statement does nothing. The list is dated.",
    bad={"Action": "ec2:RunInstances"}, mark='"ec2:RunInstances"', good={"Action": "sqs:SendMessage"}, on="rcp",
    layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_service(policy: Subject) -> Iterator[Found]:
    """RCP-4."""
    from policyeval.catalog.rcp_services import AS_OF, RCP_SERVICES

    for statement in policy.statements:
        for entry in statement.action.entries if statement.action else ():
            service, colon, _ = entry.text.lower().partition(":")
            if colon and service not in RCP_SERVICES and "*" not in service:
                message = f"{service} does not ask resource control policies (as of {AS_OF.isoformat()})"
                yield Found(entry.path, message, "use a service control policy")


@check(
    "POLICY_SIZE_EXCEEDS_RCP_QUOTA", ERROR, "a resource control policy longer than the quota",
    "A resource control policy has at most 5,120 characters, white space counted as it is saved.",
    bad={"Resource": [f"arn:aws:s3:::logs-of-department-{number:03}/*" for number in range(200)]},
    mark='"Statement"', good={}, on="rcp", layers=("rcp",), origin=LATER,
)  # fmt: skip
def rcp_size(policy: Subject) -> Iterator[Found]:
    """SEMANTICS 1.6."""
    from policyeval.checks.document import too_long

    yield from too_long(policy)
