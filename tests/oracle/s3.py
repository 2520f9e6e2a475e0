"""S3: ACLs, object ownership, Block Public Access (SEMANTICS S3-2 to S3-5, S3-12)."""

from __future__ import annotations

from typing import Any

from .calls import Call
from .documents import ARN_BASES, Document, as_list, split_operator
from .principals import ACCOUNT, ANY, ROOT, USER, entries_of
from .restrictions import S3_BUCKET_POLICY, access_point, access_point_arn
from .text import is_account, lower_words, scalar_text, split_arn
from .values import network

BUCKET_ACL = {
    "READ": {"listbucket", "listbucketversions", "listbucketmultipartuploads"},
    "WRITE": {"putobject", "deleteobject"},
    "READ_ACP": {"getbucketacl"},
    "WRITE_ACP": {"putbucketacl"},
}
OBJECT_ACL = {
    "READ": {"getobject", "getobjectversion"},
    "WRITE": set[str](),
    "READ_ACP": {"getobjectacl", "getobjectversionacl"},
    "WRITE_ACP": {"putobjectacl", "putobjectversionacl"},
}
BUCKET_OWNER_DECIDES = {
    "putobject",
    "deleteobject",
    "deleteobjectversion",
    "abortmultipartupload",
    "listmultipartuploadparts",
    "replicateobject",
    "replicatedelete",
}


def settings(call: Call) -> dict[str, Any]:
    """The S3 part of the settings."""
    found = call.policies.settings.get("s3") or {}
    return found if isinstance(found, dict) else {}


def is_object(call: Call) -> bool:
    """R-42: the resource is an object of a bucket."""
    parts = split_arn(call.own_resource)
    return (
        call.service == "s3" and parts is not None and parts[2] == "s3" and parts[3] == "" and "/" in parts[5]
    )


def acls_on(call: Call) -> bool:
    """S3-1: ACLs count unless the bucket owner's ownership is enforced, which is the default."""
    return str(settings(call).get("object_ownership") or "BucketOwnerEnforced") != "BucketOwnerEnforced"


def object_owner(call: Call) -> str | None:
    """S3-2: the foreign owner of an existing object; None when the bucket owner's rules hold."""
    owner = scalar_text(settings(call).get("object_owner"))
    if not acls_on(call) or not is_object(call) or call.name in BUCKET_OWNER_DECIDES:
        return None
    return owner if owner is not None and owner != call.owner else None


def acl_bindings(call: Call) -> set[str]:
    """S3-3: ACL grants as Allow statements."""
    if call.service != "s3" or not acls_on(call) or access_point_arn(call.own_resource) is not None:
        return set()
    grants = [(grant, BUCKET_ACL) for grant in settings(call).get("bucket_acl") or []]
    if is_object(call):
        grants += [(grant, OBJECT_ACL) for grant in settings(call).get("object_acl") or []]
    found = set()
    for grant, meaning in grants:
        permission = str(grant.get("permission", "")).upper()
        names = (
            set.union(*meaning.values()) if permission == "FULL_CONTROL" else meaning.get(permission, set())
        )
        if call.name in names:
            found.add(grantee_binding(str(grant.get("grantee", "")), call))
    return {each for each in found if each is not None}


def grantee_binding(grantee: str, call: Call) -> str | None:
    """S3-3: AllUsers, AuthenticatedUsers, or an account by its canonical id."""
    if grantee.endswith(("AllUsers", "AuthenticatedUsers")):
        if block(call, "ignore_public_acls"):
            return None
        signed = call.caller.kind != "anonymous"
        return ANY if signed or grantee.endswith("AllUsers") else None
    if grantee not in (call.caller.canonical_id, call.caller.account) or grantee == "":
        return None
    if call.caller.is_oai:
        return USER
    return ROOT if call.caller.kind == "root" else ACCOUNT


def block(call: Call, name: str) -> bool:
    """S3-4: one of the four Block Public Access switches."""
    switches = settings(call).get("block_public_access") or {}
    return switches.get(name) is True


def owner_repairs(call: Call) -> bool:
    """S3-12, ROOT-4: the bucket owner's root repairs the bucket policy."""
    mine = call.caller.kind == "root" and call.same_account
    return mine and call.service == "s3" and call.name in S3_BUCKET_POLICY


ACL_WRITES = {"putobject", "putobjectacl", "putobjectversionacl", "putbucketacl", "createbucket"}
PUBLIC_ACLS = {"public-read", "public-read-write", "authenticated-read"}
GRANT_HEADERS = ("read", "write", "read-acp", "write-acp", "full-control")


def blocked(call: Call) -> bool:
    """S3-4: Block Public Access stops the call."""
    return writes_public_acl(call) or restricted_bucket(call)


def writes_public_acl(call: Call) -> bool:
    """S3-4: BlockPublicAcls refuses calls that write a public ACL."""
    if call.service != "s3" or call.name not in ACL_WRITES or not block(call, "block_public_acls"):
        return False
    headers = [call.context.lookup(f"s3:x-amz-grant-{name}") for name in GRANT_HEADERS]
    groups = any("AllUsers" in str(header) or "AuthenticatedUsers" in str(header) for header in headers)
    return any(call.context.lookup("s3:x-amz-acl") == acl for acl in PUBLIC_ACLS) or groups


def restricted_bucket(call: Call) -> bool:
    """S3-4: RestrictPublicBuckets keeps a public policy to services and the owner's account."""
    if call.service != "s3" or not block(call, "restrict_public_buckets"):
        return False
    if call.caller.kind == "service" or call.same_account:
        return False
    at_point = access_point_arn(call.own_resource) is not None
    point = access_point(call)
    if at_point and point is not None and point.get("vpc"):
        return False
    return any(is_public(document, at_point) for document in call.policies.resource or [])


# ---------------------------------------------------------------- public policies

ORGANIZATION_PATHS = {"aws:principalorgpaths", "aws:vpceorgpaths"}
SERVICE_NAMES = {"aws:principalservicename", "aws:principalservicenameslist"}
ARN_KEYS = {"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"}
FIXED_KEYS = lower_words(
    """
    aws:PrincipalOrgID aws:PrincipalAccount aws:SourceVpc aws:SourceVpce aws:SourceOwner aws:SourceAccount
    aws:userid s3:x-amz-server-side-encryption-aws-kms-key-id s3:DataAccessPointAccount aws:VpceAccount
    aws:VpceOrgID
    """
)


def is_public(document: Document, at_point: bool) -> bool:
    """S3-5: one public Allow makes the policy public."""
    allows = [statement for statement in document.statements if statement["Effect"] == "Allow"]
    return any(is_public_statement(statement, document, at_point) for statement in allows)


def is_public_statement(statement: dict[str, Any], document: Document, at_point: bool) -> bool:
    """S3-5: neither the principals nor a condition hold it to fixed values."""
    if "Principal" not in statement and "NotPrincipal" not in statement:
        return False
    if "Principal" in statement and fixed_principals(statement["Principal"]):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            texts = [str(scalar_text(value)) for value in as_list(values)]
            if texts and all(fixed(operator, key.lower(), text, at_point) for text in texts):
                return False
    return True


def fixed_principals(value: Any) -> bool:
    """S3-5: every entry names one principal; federated ones count as public."""
    return all(
        kind != "Federated" and not any(mark in entry for mark in ("*", "?", "${"))
        for kind, entry in entries_of(value)
    )


def fixed(operator: str, key: str, value: str, at_point: bool) -> bool:
    """S3-5: the test holds the request to a fixed value; what looks like a wildcard or a variable is none."""
    quantifier, base, if_exists = split_operator(operator)
    if if_exists or base is None or quantifier == "all" or "${" in value:
        return False
    if key == "aws:principalisawsservice":
        return base == "Bool" and value.lower() == "true"
    if key == "aws:sourceip":
        return base == "IpAddress" and narrow_network(value)
    if base in ARN_BASES:
        return base in ("ArnEquals", "ArnLike") and key in ARN_KEYS and fixed_arn(key, value, at_point)
    if base not in ("StringEquals", "StringEqualsIgnoreCase", "StringLike"):
        return False
    if key in SERVICE_NAMES:
        return True
    if "*" not in value and "?" not in value:
        return key in FIXED_KEYS | ARN_KEYS | ORGANIZATION_PATHS
    if base != "StringLike":
        return False
    if key in ORGANIZATION_PATHS:
        return fixed_organization(value)
    return key == "s3:dataaccesspointarn" and fixed_arn(key, value, at_point)


def narrow_network(value: str) -> bool:
    """S3-5: no broader than /8 for IPv4 and /32 for IPv6."""
    found = network(value)
    return found is not None and found[2] >= (8 if found[0] == 32 else 32)


def fixed_arn(key: str, value: str, at_point: bool) -> bool:
    """S3-5: no wildcard, or a fixed account; in an access point's policy its name must be fixed too."""
    if "*" not in value and "?" not in value:
        return True
    parts = split_arn(value)
    if key == "s3:dataaccesspointarn" and at_point:
        return False
    return parts is not None and is_account(parts[4])


def fixed_organization(value: str) -> bool:
    """S3-5: the wildcard comes after `o-id/`."""
    head, slash, _ = value.partition("/")
    return slash == "/" and head.startswith("o-") and "*" not in head and "?" not in head
