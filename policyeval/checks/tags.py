"""Do the requests of these actions carry the tags of their resource? (SEMANTICS 6.4)"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.catalog.services import is_service
from policyeval.checks.actions import matching_actions
from policyeval.checks.check import OURS, SECURITY_WARNING, SUGGESTION, WARNING, Found, check
from policyeval.checks.keys import named_actions, supplies
from policyeval.checks.subject import StatementView, Subject


def _services_without_tags(statement: StatementView) -> list[str]:
    """Name the services of the statement none of whose covered actions carry aws:ResourceTag."""
    covered: dict[str, list[str]] = {}
    for entry in statement.action.entries if statement.action else ():
        service, _, name = entry.text.lower().partition(":")
        if is_service(service):
            covered.setdefault(service, []).extend(matching_actions(service, name))
    return [
        service for service, names in covered.items()
        if names and not any(supplies(service, one, "aws:resourcetag/x") for one in names)
    ]  # fmt: skip


def _unsupported_tags(policy: Subject, effect: str, *, negated: bool) -> Iterator[Found]:
    for statement in policy.statements:
        listed = statement.action
        if statement.effect != effect or listed is None or listed.negated is not negated:
            continue
        tags = [
            one for one in statement.conditions_on("aws:resourcetag/")
            if not one.negated and not one.if_exists and one.base != "Null"
        ]  # fmt: skip
        if not tags:
            continue
        if negated:
            message = f"many of the actions left over never carry `{tags[0].key}`"
            yield Found(tags[0].path, message, "name the actions that do", on_key=True)
            continue
        for service in _services_without_tags(statement):
            what = "the Deny never fires for them" if effect == "Deny" else "none is allowed"
            message = f"the {service} actions of the statement never carry `{tags[0].key}`: {what}"
            yield Found(tags[0].path, message, "use another condition for it", on_key=True)


_TAGGED = {"Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}
_TAG_WORDS = (
    "Requests carry aws:ResourceTag only for resources whose service supports it. For the others the key is absent, "
    "and the condition never holds: an Allow grants nothing, a Deny does not fire."
)

TAG_CHECKS = (
    check(
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", SECURITY_WARNING,
        "a Deny on a resource tag that the service does not supply", _TAG_WORDS,
        bad=_TAGGED | {"Effect": "Deny", "Action": "sts:GetCallerIdentity"}, mark='"aws:ResourceTag/team"',
        good=_TAGGED | {"Effect": "Deny", "Action": "ec2:TerminateInstances"},
    )(lambda policy: _unsupported_tags(policy, "Deny", negated=False)),
    check(
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", SECURITY_WARNING,
        "a Deny with NotAction on a resource tag", _TAG_WORDS,
        bad=_TAGGED | {"Effect": "Deny", "Action": None, "NotAction": "ec2:DescribeInstances"},
        mark='"aws:ResourceTag/team"', good=_TAGGED | {"Effect": "Deny", "Action": "ec2:TerminateInstances"},
    )(lambda policy: _unsupported_tags(policy, "Deny", negated=True)),
    check(
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", SUGGESTION,
        "an Allow on a resource tag that the service does not supply", _TAG_WORDS,
        bad=_TAGGED | {"Action": "sts:GetCallerIdentity"}, mark='"aws:ResourceTag/team"',
        good=_TAGGED | {"Action": "ec2:TerminateInstances"},
    )(lambda policy: _unsupported_tags(policy, "Allow", negated=False)),
    check(
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", SUGGESTION,
        "an Allow with NotAction on a resource tag", _TAG_WORDS,
        bad=_TAGGED | {"Action": None, "NotAction": ["iam:*", "sts:*", "organizations:*"]},
        mark='"aws:ResourceTag/team"', good=_TAGGED | {"Action": "ec2:TerminateInstances"},
    )(lambda policy: _unsupported_tags(policy, "Allow", negated=True)),
)  # fmt: skip


@check(
    "PASS_ROLE_BY_TAG", WARNING, "iam:PassRole by the tags of the role",
    "AWS advises against it: whether a request for iam:PassRole carries the tags of the role is not reliable.",
    bad={"Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}, mark='"aws:ResourceTag/team"',
    good={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:role/app",
          "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}, origin=OURS,
)  # fmt: skip
def pass_role_by_tag(policy: Subject) -> Iterator[Found]:
    """6.4."""
    for statement in policy.statements:
        if any(service == "iam" and name == "passrole" for _, service, name in named_actions(statement)):
            for condition in statement.conditions_on("aws:resourcetag/", "iam:resourcetag/"):
                message = f"iam:PassRole does not reliably carry `{condition.key}`"
                yield Found(condition.path, message, "name the roles in Resource", on_key=True)
