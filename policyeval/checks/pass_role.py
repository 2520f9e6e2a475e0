"""Does a statement let its principal pass roles, or create service-linked roles, without limit?

Two actions, six ways of writing it each: the action named, covered by a wildcard or left over by NotAction;
the resource all of them, or all but some. Each statement has at most one of a family.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from policyeval.checks.check import SECURITY_WARNING, WARNING, Check, FindingType, Found, check
from policyeval.checks.subject import StatementView, Subject
from policyeval.matching.actions import action_pattern
from policyeval.records import Record


class Family(Record):
    """An action that is dangerous without limit, how its codes start, and the condition key that limits it."""

    action: str
    start: str
    type: FindingType
    kind: str
    limit: str
    why: str


_PASS_ROLE = Family(
    "iam:PassRole", "PASS_ROLE", SECURITY_WARNING, "role/", "iam:passedtoservice",
    "Whoever may pass a role to a service can act with that role's permissions.",
)  # fmt: skip
_CREATE_SLR = Family(
    "iam:CreateServiceLinkedRole", "CREATE_SLR", WARNING, "role/", "iam:awsservicename",
    "A service-linked role gives a service the permissions that it asks for.",
)  # fmt: skip


def how(statement: StatementView, action: str) -> str:
    """Tell how a statement covers an action: `named`, `wildcard`, `left over`, or empty for not at all."""
    listed = statement.action
    if listed is None:
        return ""
    return _how(listed.texts, listed.negated, action.lower())


@lru_cache(maxsize=1024)
def _how(texts: tuple[str, ...], negated: bool, lower: str) -> str:
    start = lower.partition(":")[0]
    near = (text for text in texts if text[:1] == "*" or text.lower().startswith(start))
    matching = [text for text in near if (found := action_pattern(text)) and found.matches(lower)]
    if negated:
        return "" if matching else "left over"
    if any(text.lower() == lower for text in matching):
        return "named"
    return "wildcard" if matching else ""


def where(statement: StatementView, family: Family) -> str:
    """Tell whether the statement is about every role: `all`, `all but some`, or empty."""
    listed = statement.resource
    if listed is None or not listed.entries:
        return ""
    if listed.negated:
        return "all but some"
    return "all" if any(_is_every_role(text) for text in listed.texts) else ""


def _is_every_role(text: str) -> bool:
    """Is the role's name nothing but wildcards? A name that tells the service is tolerated."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        return not text.strip("*")
    return parts[2] in ("iam", "*") and parts[5].removeprefix("role").strip("*/") == ""


def _is_limited(statement: StatementView, family: Family) -> bool:
    return any(True for _ in statement.conditions_on(family.limit, "iam:associatedresourcearn"))


def _other(family: Family) -> Family:
    """Give the other family: a sample of one shows nothing of the other."""
    return _CREATE_SLR if family is _PASS_ROLE else _PASS_ROLE


def _samples(family: Family, means: str, place: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    actions: dict[str, dict[str, Any]] = {
        "named": {"Action": family.action},
        "wildcard": {"Action": f"{family.action[:9]}*"},
        "left over": {"Action": None, "NotAction": _other(family).action},
    }
    action = actions[means]
    resource: dict[str, Any] = {"Resource": "*"}
    if place == "all but some":
        resource = {"Resource": None, "NotResource": "arn:aws:iam::111122223333:role/admin"}
    good = {"Action": family.action, "Resource": "arn:aws:iam::111122223333:role/app"}
    mark = '"NotResource"' if place == "all but some" else '"*"'
    return action | resource, good, mark


def _member(family: Family, suffix: str, means: str, place: str) -> Check:
    bad, good, mark = _samples(family, means, place)

    def run(policy: Subject) -> Iterator[Found]:
        for statement in policy.statements:
            if (
                not statement.allows
                or how(statement, family.action) != means
                or where(statement, family) != place
            ):
                continue
            if place == "all" and _is_limited(statement, family):
                continue
            yield _found(statement, family, means, place)

    means_words = {"named": "", "wildcard": " through a wildcard", "left over": " through NotAction"}[means]
    title = f"{family.action}{means_words} on {'every role' if place == 'all' else 'every role but some'}"
    text = f"{family.why} Name the roles, or limit the services with a condition on {_limit_name(family)}."
    return check(f"{family.start}_WITH_{suffix}", family.type, title, text, bad=bad, mark=mark, good=good,
                 layers=("identity", "session", "boundary"))(run)  # fmt: skip


def _limit_name(family: Family) -> str:
    return "iam:PassedToService" if family is _PASS_ROLE else "iam:AWSServiceName"


def _found(statement: StatementView, family: Family, means: str, place: str) -> Found:
    listed = statement.resource
    help = f"name the roles, or add a condition on {_limit_name(family)}"
    message = f"the statement allows {family.action} on every role"
    if listed is None or place == "all but some":
        return Found(statement.at("NotResource"), f"{message} but some", help, on_key=True)
    entry = next(one for one in listed.entries if _is_every_role(one.text))
    return Found(entry.path, message, help)


_MEMBERS = (
    ("NOTRESOURCE", "named", "all but some"),
    ("STAR_IN_ACTION_AND_NOTRESOURCE", "wildcard", "all but some"),
    ("NOTACTION_AND_NOTRESOURCE", "left over", "all but some"),
    ("STAR_IN_RESOURCE", "named", "all"),
    ("STAR_IN_ACTION_AND_RESOURCE", "wildcard", "all"),
    ("STAR_IN_RESOURCE_AND_NOTACTION", "left over", "all"),
)

PASS_ROLE = tuple(_member(_PASS_ROLE, *member) for member in _MEMBERS)
CREATE_SLR = tuple(_member(_CREATE_SLR, *member) for member in _MEMBERS)
