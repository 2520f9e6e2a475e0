"""Which context keys can matter to a decision? All others need not tell two rows apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyeval.compiler import compile_policy
from policyeval.language.policy import Policy
from policyeval.matching.keys_read import keys_of
from policyeval.plan import tests_of
from policyeval.policy_set import FIELDS, PolicySet, RolePolicies
from policyeval.records import Record

# Keys of these services, and the keys below, are looked at without any statement that names them: by the
# services' own rules (authorizers/), by the names of service principals, by ACLs, or because another key is
# derived from them. INVARIANT: every key that the code itself names is here (tests/test_batch.py reads it).
_SERVICES_WITH_RULES = (
    "apigateway:", "dynamodb:", "execute-api:", "iam:", "kms:", "lambda:", "s3:", "sqs:", "sts:",
)  # fmt: skip
_FAMILIES = ("aws:calledvia", "aws:requesttag/")
_TIMES = frozenset({"aws:currenttime", "aws:epochtime"})
_READ_BY_RULES = _TIMES | {
    "aws:multifactorauthpresent", "aws:principalservicenameslist", "aws:principaltype", "aws:sourcearn",
    "aws:sourcevpc", "aws:tagkeys",
}  # fmt: skip


class ObservedKeys(Record):
    """The keys that statements read, in lower case; `rules_read` adds what is read besides."""

    of_statements: frozenset[str]

    @classmethod
    def of(cls, policies: PolicySet) -> ObservedKeys:
        """Collect the keys from every statement of a policy set."""
        return cls(
            frozenset(
                key.lower()
                for field in FIELDS
                for policy in _policies(getattr(policies, field))
                for statement in compile_policy(policy, policies.semantics).statements
                for test in tests_of(statement.without_action)
                for key in keys_of(test)
            )
        )

    def can_matter(self, lower: str) -> bool:
        """Can the value of a key change a decision? Rather yes than no."""
        return lower in self.of_statements or rules_read(lower)

    @property
    def follows_clock(self) -> bool:
        """Does a statement look at the time?"""
        return not self.of_statements.isdisjoint(_TIMES)


def rules_read(lower: str) -> bool:
    """Is a key looked at even if no statement names it?"""
    return lower in _READ_BY_RULES or lower.startswith((*_SERVICES_WITH_RULES, *_FAMILIES))


def _policies(value: Any) -> Iterator[Policy]:
    if isinstance(value, Policy):
        yield value
    elif isinstance(value, RolePolicies):
        yield from _policies((value.trust, value.identity, value.boundary))
    elif isinstance(value, (tuple, Mapping)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _policies(one)
