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
_OBJECTS = "arn:*:s3:::*/*"
PUBLIC_GROUPS = ("AllUsers", "AuthenticatedUsers")


def acl_policy(settings: S3Settings) -> Policy | None:
    """Write the ACLs of a bucket and its object as a policy; None when ACLs do not count (S3-1) or are empty."""
    if not settings.acls_are_enabled:
        return None
    statements = [
        *(
            _statement(grant, _BUCKET_ACTIONS, "*")
            for grant in settings.bucket_acl
            if _counts(grant, settings)
        ),
        *(
            _statement(grant, _OBJECT_ACTIONS, _OBJECTS)
            for grant in settings.object_acl
            if _counts(grant, settings)
        ),
    ]
    if not statements:
        return None
    value: dict[str, Any] = {"Version": "2012-10-17", "Statement": statements}
    return Policy.from_value(value, "resource:bucket", name="access control list")


def _group(grant: AclGrant) -> str | None:
    name = grant.grantee.rpartition("/")[2]
    return name if name in PUBLIC_GROUPS else None


def _counts(grant: AclGrant, settings: S3Settings) -> bool:
    """S3-4: IgnorePublicAcls leaves out what is granted to the public groups."""
    return "ignore_public_acls" not in settings.block_public_access or _group(grant) is None


def _statement(grant: AclGrant, actions: dict[str, tuple[str, ...]], resource: str) -> Any:
    granted = actions.get(grant.permission, ())
    if grant.permission == "FULL_CONTROL":
        granted = tuple(action for listed in actions.values() for action in listed)
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": _principal(grant),
        "Action": list(granted),
        "Resource": resource,
    }
    if _group(grant) == "AuthenticatedUsers":
        statement["Condition"] = {"StringNotEquals": {"aws:PrincipalType": "Anonymous"}}
    return statement


def _principal(grant: AclGrant) -> Any:
    if _group(grant) is not None:
        return {"AWS": "*"}
    return {"AWS" if is_account_id(grant.grantee) else "CanonicalUser": grant.grantee}
