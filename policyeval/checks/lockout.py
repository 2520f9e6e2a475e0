"""Does a resource-based policy lock out those who would have to repair it, or let everybody in?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from policyeval.checks.check import OURS, SECURITY_WARNING, Found, check
from policyeval.checks.pass_role import how
from policyeval.checks.redundancy import covers_action, covers_resource
from policyeval.checks.subject import Listed, StatementView, Subject
from policyeval.language.documents import JsonValue
from policyeval.language.parse import parse_document
from policyeval.language.policy import Policy

_ROOT = "arn:aws:iam::111122223333:root"
_ADMIN = {"AWS": "arn:aws:iam::111122223333:role/admin"}
_DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
}


@check(
    "KMS_KEY_LOCKOUT", SECURITY_WARNING, "a key policy that nobody can change any more",
    "A KMS key has no other authority than its key policy. When no statement allows kms:PutKeyPolicy to the account or "
    "to a principal in it, only AWS support can rescue the key.",
    bad={"Principal": _ADMIN, "Action": ["kms:Decrypt", "kms:Encrypt"]}, mark='"Statement"',
    good={"Principal": {"AWS": _ROOT}, "Action": "kms:*"}, on="resource:key", layers=("resource",), origin=OURS,
)  # fmt: skip
def kms_lockout(policy: Subject) -> Iterator[Found]:
    """KMS-1 to KMS-3."""
    if policy.type.name != "resource:key" or not policy.statements:
        return
    if not any(
        one.allows and _is_for_somebody(one) and how(one, "kms:PutKeyPolicy") for one in policy.statements
    ):
        help = "allow `kms:*` to the account's root ARN"
        yield Found(
            (*policy.base, "Statement"), "nobody may change the key policy any more", help, on_key=True
        )


def _is_for_somebody(statement: StatementView) -> bool:
    principal = statement.principal
    return principal is not None and (principal.negated or bool(principal.of("AWS")))


@check(
    "BUCKET_POLICY_LOCKOUT", SECURITY_WARNING, "a bucket policy that denies its own repair",
    "The Deny is for everybody and covers s3:PutBucketPolicy and s3:DeleteBucketPolicy: when its condition is wrong, "
    "nobody but the account's root user can mend the policy. Leave the administrators out, or these actions.",
    bad={"Statement": [_DENY | {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}]},
    mark='"Deny"',
    good={"Statement": [_DENY | {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::logs/*",
                                 "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}]},
    on="resource:bucket", layers=("resource",), origin=OURS,
)  # fmt: skip
def bucket_lockout(policy: Subject) -> Iterator[Found]:
    """S3; conditions that name principals, or leave AWS services out, are taken for an exception for administrators."""
    if policy.type.name != "resource:bucket":
        return
    for statement in policy.statements:
        if not statement.denies or not how(statement, "s3:PutBucketPolicy") or not _is_for_all(statement):
            continue
        if not _has_exception(statement) and _covers_bucket(statement):
            help = "leave s3:PutBucketPolicy out, or add a condition on aws:PrincipalArn"
            yield Found(statement.at("Effect"), "the Deny also covers the repair of this policy", help)


def _is_for_all(statement: StatementView) -> bool:
    principal = statement.principal
    return (
        principal is not None and not principal.negated and any(one.text == "*" for one in principal.entries)
    )


_EXCEPTIONS = (
    "aws:principalarn", "aws:userid", "aws:principalaccount", "aws:principaltag/", "aws:principaltype",
    "aws:principalorgid", "aws:principalorgpaths", "aws:securetransport", "s3:tlsversion",
)  # fmt: skip


def _has_exception(statement: StatementView) -> bool:
    """A Deny of plain HTTP, or of another organization, locks no administrator out."""
    return any(True for _ in statement.conditions_on(*_EXCEPTIONS))


def _covers_bucket(statement: StatementView) -> bool:
    listed = statement.resource
    if listed is None or listed.negated:
        return listed is not None
    return any("/" not in text.split(":", 5)[-1] for text in listed.texts)


@check(
    "PUBLIC_ACCESS", SECURITY_WARNING, "everybody is let in",
    "The statement allows everybody, and no condition limits it to accounts, organizations, networks or resources: it "
    "is public in the sense of S3 Block Public Access. No Deny of the policy limits it so, either.",
    bad={"Principal": "*"}, mark='"*"',
    good={"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}},
    on="resource:bucket", layers=("resource",), origin=OURS,
)  # fmt: skip
def public_access(policy: Subject) -> Iterator[Found]:
    """S3-5, by the rule of authorizers/s3_public.py, for every resource."""
    for statement in policy.statements:
        principal = statement.principal
        if not statement.allows or principal is None or principal.negated:
            continue
        anyone = next((entry for entry in principal.entries if entry.text == "*"), None)
        if anyone is not None and _is_public(policy, statement):
            help = "name the principals, or add a condition on aws:PrincipalOrgID, for example"
            yield Found(anyone.path, "everybody is let in", help)


# A Deny under the operator leaves those alone for whom the other one holds.
_OPPOSITES = {
    "StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals", "ArnNotLike": "ArnLike",
}  # fmt: skip


def _is_public(policy: Subject, statement: StatementView) -> bool:
    """Is the Allow public, and does no Deny keep out all but those whom a condition names?"""
    if _names_callers(statement) or not _is_public_alone(policy, statement.value):
        return False
    written = statement.value.get("Condition")
    allowed = written if isinstance(written, dict) else {}
    return all(
        _is_public_alone(policy, {**statement.value, "Condition": {**allowed, **left_out}})
        for deny in policy.statements
        if (left_out := _left_out(deny)) and _covers(deny, statement)
    )


def _names_callers(statement: StatementView) -> bool:
    """KMS has a key of its own for the account of the caller, which S3's rule does not know (KMS-10)."""
    return any(
        not one.negated and not one.if_exists and not any(set(entry.text) <= {"*"} for entry in one.values)
        for one in statement.conditions_on("kms:calleraccount")
    )


def _left_out(statement: StatementView) -> dict[str, JsonValue] | None:
    """Turn the only condition of a Deny for everybody into the condition of those whom it leaves alone."""
    principal, conditions = statement.principal, statement.conditions
    if not statement.denies or principal is None or principal.negated or len(conditions) != 1:
        return None
    opposite = _OPPOSITES.get(conditions[0].name.removesuffix("IfExists"))
    if opposite is None or "*" not in [entry.text for entry in principal.entries]:
        return None
    return {opposite: {conditions[0].key: [entry.text for entry in conditions[0].values]}}


def _covers(deny: StatementView, allow: StatementView) -> bool:
    return _covers_all(deny.action, allow.action, covers_action) and _covers_all(
        deny.resource, allow.resource, covers_resource
    )


def _covers_all(wider: Listed | None, narrower: Listed | None, covers: Callable[[str, str], bool]) -> bool:
    if wider is None or narrower is None or wider.negated or narrower.negated:
        return False
    return all(
        text in wider.texts or any(covers(one, text) for one in wider.texts) for text in narrower.texts
    )


def _is_public_alone(policy: Subject, statement: dict[str, JsonValue]) -> bool:
    from policyeval.authorizers.s3_public import is_public
    from policyeval.errors import PolicyError

    alone: dict[str, JsonValue] = {"Version": policy.version, "Statement": [statement]}
    if not isinstance(policy.version, str):
        del alone["Version"]
    try:
        document = parse_document(alone, policy.type, policy.source)
    except PolicyError:
        return False
    return is_public(Policy(document, policy.type))
