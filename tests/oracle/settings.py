"""The settings of a policy set (UX 1): refuse what they cannot mean."""

from __future__ import annotations

from typing import Any

from .errors import require
from .text import words

FIELDS = {
    "s3": words("block_public_access object_ownership object_owner bucket_acl object_acl abac access_points"),
    "kms": ["grants"],
    "apigateway": ["authorizer", "private"],
}
SWITCHES = words("block_public_acls block_public_policy ignore_public_acls restrict_public_buckets")
GRANT_FIELDS = words("key grantee operations constraints retiring_principal")
AUTHORIZERS = (None, "NONE", "IAM", "COGNITO", "LAMBDA")
OWNERSHIP = (None, "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")


def read_settings(value: Any) -> dict[str, Any]:
    """Check the shape of `settings`."""
    settings = mapping(value, list(FIELDS), "settings")
    for name, fields in FIELDS.items():
        mapping(settings.get(name), fields, name)
    check_s3(mapping(settings.get("s3"), FIELDS["s3"], "s3"))
    for grant in entries((settings.get("kms") or {}).get("grants"), "grants"):
        mapping(grant, GRANT_FIELDS, "a grant")
        entries(grant.get("operations"), "operations", plain=True)
        mapping(grant.get("constraints"), None, "constraints")
    api = settings.get("apigateway") or {}
    require(one_of(api.get("authorizer"), AUTHORIZERS), "unknown authorizer")
    require(one_of(api.get("private"), (None, True, False)), "`private` is neither true nor false")
    return settings


def check_s3(s3: dict[str, Any]) -> None:
    """Check the S3 part."""
    require(one_of(s3.get("object_ownership"), OWNERSHIP), "unknown object ownership")
    for name in ("bucket_acl", "object_acl"):
        for grant in entries(s3.get(name), name):
            mapping(grant, ["grantee", "permission"], "an ACL grant")
    switches = mapping(s3.get("block_public_access"), SWITCHES, "block_public_access")
    for switch in (*switches.values(), s3.get("abac")):
        require(one_of(switch, (None, True, False)), "a switch is neither true nor false")
    for point in mapping(s3.get("access_points"), None, "access_points").values():
        mapping(point, ["bucket", "vpc"], "an access point")
        require(
            isinstance(point, dict) and isinstance(point.get("bucket"), str), "an access point has a bucket"
        )


def mapping(value: Any, fields: list[str] | None, name: str) -> dict[str, Any]:
    """A mapping with known fields; absent is empty."""
    if value is None:
        return {}
    require(isinstance(value, dict), f"`{name}` is no mapping")
    for key in value:
        require(fields is None or key in fields, f"unknown field `{key}` of `{name}`")
    return dict(value)


def entries(value: Any, name: str, plain: bool = False) -> list[Any]:
    """A list of mappings, or of strings; absent is empty."""
    if value is None:
        return []
    require(isinstance(value, list), f"`{name}` is no list")
    require(all(isinstance(each, str if plain else dict) for each in value), f"`{name}` holds something else")
    return list(value)


def one_of(value: Any, allowed: tuple[Any, ...]) -> bool:
    """Equality and type with one of a few values."""
    return any(value is each or (isinstance(value, str) and value == each) for each in allowed)
