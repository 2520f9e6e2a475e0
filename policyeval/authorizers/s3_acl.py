"""What would a resource-based policy say that S3's ACLs say? (SEMANTICS S3-3)"""

from __future__ import annotations

from typing import Any

from policyeval.language.arn import is_account_id
from policyeval.language.policy import Policy
from policyeval.settings import AclGrant, S3Settings

_BUCKET_ACTIONS: dict[str, tuple[str, ...]] = {
    "READ": ("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
    "WRITE": ("s3:PutObject", "s3:DeleteObject"),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
_OBJECT_ACTIONS: dict[str, tuple[str, ...]] = {
    "READ": ("s3:GetObject", "s3:GetObjectVersion"),
    "READ_ACP": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "WRITE_ACP": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}
PUBLIC_GROUPS = ("AllUsers", "AuthenticatedUsers")


def bucket_acl_policy(settings: S3Settings) -> Policy | None:
    """Write the ACL of a bucket as a policy; None when ACLs do not count (S3-1) or it is empty."""
    return _policy(settings.bucket_acl, _BUCKET_ACTIONS, settings)


def object_acl_policy(settings: S3Settings) -> Policy | None:
    """Write the ACL of the object at hand as a policy; None when ACLs do not count (S3-1) or it is empty."""
    return _policy(settings.object_acl, _OBJECT_ACTIONS, settings)


def _policy(
    grants: tuple[AclGrant, ...], actions: dict[str, tuple[str, ...]], settings: S3Settings
) -> Policy | None:
    statements = [_statement(grant, actions) for grant in grants if _counts(grant, settings)]
    if not statements or not settings.acls_are_enabled:
        return None
    value: dict[str, Any] = {"Version": "2012-10-17", "Statement": statements}
    return Policy.from_value(value, "resource:bucket", name="access control list")


def _group(grant: AclGrant) -> str | None:
    name = grant.grantee.rpartition("/")[2]
    return name if name in PUBLIC_GROUPS else None


def _counts(grant: AclGrant, settings: S3Settings) -> bool:
    """S3-4: IgnorePublicAcls leaves out what is granted to the public groups."""
    return "ignore_public_acls" not in settings.block_public_access or _group(grant) is None


def _statement(grant: AclGrant, actions: dict[str, tuple[str, ...]]) -> Any:
    granted = actions.get(grant.permission, ())
    if grant.permission == "FULL_CONTROL":
        granted = tuple(action for listed in actions.values() for action in listed)
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": _principal(grant),
        "Action": list(granted),
        "Resource": "*",
    }
    if _group(grant) == "AuthenticatedUsers":
        statement["Condition"] = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
    return statement


def _principal(grant: AclGrant) -> Any:
    if _group(grant) is not None:
        return {"AWS": "*"}
    return {"AWS" if is_account_id(grant.grantee) else "CanonicalUser": grant.grantee}
