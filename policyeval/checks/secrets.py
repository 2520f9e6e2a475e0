"""Does a secret stand in the policy? Everybody who may read policies reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.checks.check import OURS, SECURITY_WARNING, Found, check
from policyeval.checks.subject import Entry, StatementView, Subject

# Access key ids of AWS's own examples end so.
_EXAMPLE = "EXAMPLE"
_SECRETS = (
    ("an access key id", re.compile(r"\b(AKIA|ASIA)[A-Z2-7]{16}\b")),
    ("a secret access key", re.compile(r"(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[a-z])"
                                       r"(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/]*\+)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(ghp|gho|ghs|ghr|github_pat)_[A-Za-z0-9_]{30,}\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
)  # fmt: skip


@check(
    "SECRET_IN_POLICY", SECURITY_WARNING, "a secret in the text of the policy",
    "A policy is read by many: everybody with iam:GetPolicyVersion, and whoever sees the repository. Remove the "
    "secret, and make a new one.",
    bad={"Condition": {"StringEquals": {"aws:UserAgent": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}}},
    mark="ghp_0123456789abcdefghijABCDEFGHIJ012345",
    good={"Condition": {"StringEquals": {"aws:UserAgent": "deployment"}}}, origin=OURS,
)  # fmt: skip
def secret_in_policy(policy: Subject) -> Iterator[Found]:
    """The secret itself is not repeated in the message."""
    for statement in policy.statements:
        for entry in _texts(statement):
            for what, pattern in _SECRETS:
                found = pattern.search(entry.text)
                if found and _EXAMPLE not in found[0]:
                    yield Found(
                        entry.path, f"{what} stands here", "remove it, and replace it", part=found.span()
                    )


def _texts(statement: StatementView) -> Iterator[Entry]:
    if statement.sid:
        yield Entry(statement.at("Sid"), statement.sid)
    yield from statement.resource.entries if statement.resource else ()
    for condition in statement.conditions:
        yield from condition.values
