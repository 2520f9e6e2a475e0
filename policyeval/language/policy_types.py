"""Which kinds of policy are there, and which elements does each require, allow and forbid?

One row per policy type (SEMANTICS 1.4, AWS: reference_policies_grammar and the services' guides).
"""

from __future__ import annotations

from enum import Enum

from policyeval.errors import UsageError
from policyeval.records import Record


class Need(Enum):
    """Whether a policy type has an element."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class ShortArn(Enum):
    """What an ARN with fewer than six parts means in a policy type (SEMANTICS R-10)."""

    PADDED = "padded"
    PADDED_IF_WILDCARD = "padded if it holds a *"
    PADDED_IF_LAST_IS_WILDCARD = "padded if its last part ends with *"
    INVALID = "invalid"


class PolicyType(Record):
    """A kind of policy.

    `structural` says whether a missing or forbidden element makes the document unusable (0.4), or
    only keeps the statement from applying. `iam_managed`: IAM's rules for characters and Sids hold.
    `deny_only`: it filters with Deny statements, without NotAction. `services`: whose actions a
    resource-based policy of this kind is about.
    """

    name: str
    title: str
    principal: Need
    resource: Need
    short_arn: ShortArn
    not_principal: bool = True
    deny_only: bool = False
    structural: bool = True
    iam_managed: bool = False
    checks_arns: bool = False
    services: tuple[str, ...] = ()

    @property
    def article(self) -> str:
        """`a` or `an`, as the title needs it."""
        return "an" if self.title[0] in "aeiouS" and not self.title.startswith("Secrets") else "a"

    @property
    def layer(self) -> str:
        """The layer that a policy of this type belongs to."""
        return self.name.partition(":")[0]


_R, _O, _F = Need.REQUIRED, Need.OPTIONAL, Need.FORBIDDEN
_PAD, _STAR, _LAST, _NEVER = (
    ShortArn.PADDED,
    ShortArn.PADDED_IF_WILDCARD,
    ShortArn.PADDED_IF_LAST_IS_WILDCARD,
    ShortArn.INVALID,
)


def _resource(name: str, title: str, resource: Need, *services: str) -> PolicyType:
    return PolicyType(f"resource:{name}", title, _R, resource, _STAR, structural=False, services=services)


# fmt: off
POLICY_TYPES: tuple[PolicyType, ...] = (
    PolicyType("identity", "identity-based policy",    _F, _R, _PAD, iam_managed=True, checks_arns=True),
    PolicyType("boundary", "permissions boundary",     _F, _R, _PAD, iam_managed=True, checks_arns=True),
    PolicyType("session",  "session policy",           _F, _R, _PAD, iam_managed=True, checks_arns=True),
    PolicyType("trust",    "role trust policy",        _R, _F, _STAR, not_principal=False, iam_managed=True),
    PolicyType("scp",      "service control policy",   _F, _R, _LAST),
    PolicyType("rcp",      "resource control policy",  _R, _R, _NEVER, not_principal=False, deny_only=True),
    PolicyType("endpoint", "VPC endpoint policy",      _R, _R, _STAR, structural=False),
    PolicyType("resource", "resource-based policy",    _R, _O, _STAR, structural=False),
    _resource("bucket",       "S3 bucket policy",              _R, "s3"),
    _resource("access-point", "S3 access point policy",        _R, "s3"),
    _resource("key",          "KMS key policy",                _R, "kms"),
    _resource("queue",        "SQS queue policy",              _O, "sqs"),
    _resource("topic",        "SNS topic policy",              _O, "sns"),
    _resource("function",     "Lambda function policy",        _R, "lambda"),
    _resource("api",          "API Gateway resource policy",   _R, "execute-api"),
    _resource("vault",        "Glacier vault policy",          _R, "glacier"),
    _resource("repository",   "ECR repository policy",         _O, "ecr"),
    _resource("secret",       "Secrets Manager secret policy", _O, "secretsmanager"),
    _resource("table",        "DynamoDB table policy",         _R, "dynamodb"),
    _resource("bus",          "EventBridge bus policy",        _R, "events"),
)
# fmt: on

_BY_NAME = {row.name: row for row in POLICY_TYPES}

IDENTITY = _BY_NAME["identity"]
RESOURCE = _BY_NAME["resource"]
TRUST = _BY_NAME["trust"]


def policy_type(name: str) -> PolicyType:
    """Find a policy type by name.

    Raises UsageError for a name that is none.
    """
    row = _BY_NAME.get(name)
    if row is None:
        raise UsageError(f"unknown policy type `{name}`", help=f"the types are {', '.join(_BY_NAME)}")
    return row
