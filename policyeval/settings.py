"""Which settings of services bear on a decision, although they are no policies? (UX §1, `settings`)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policyeval.diagnostics import did_you_mean
from policyeval.errors import PolicyError
from policyeval.language.arn import same_case
from policyeval.records import Record
from policyeval.shapes import a_list, an_object, an_object_by_arn, texts
from policyeval.source import Path

BLOCK_PUBLIC_ACCESS = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
OBJECT_OWNERSHIP = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")
ACL_PERMISSIONS = ("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")
AUTHORIZERS = ("NONE", "IAM", "COGNITO", "LAMBDA")


class AclGrant(Record):
    """A grant of an S3 access control list: AllUsers, AuthenticatedUsers, a canonical id or an account id."""

    grantee: str
    permission: str


class AccessPoint(Record):
    """An S3 access point: the bucket behind it, and the VPC that it is confined to."""

    arn: str
    bucket: str
    vpc: str | None = None


class S3Settings(Record):
    """Block Public Access, object ownership, ACLs, ABAC and access points of the bucket at hand."""

    block_public_access: frozenset[str] = frozenset()
    object_ownership: str = OBJECT_OWNERSHIP[0]
    object_owner: str | None = None
    bucket_acl: tuple[AclGrant, ...] = ()
    object_acl: tuple[AclGrant, ...] = ()
    abac: bool = False
    access_points: tuple[AccessPoint, ...] = ()

    @property
    def acls_are_enabled(self) -> bool:
        """Do ACLs count (S3-1)?"""
        return self.object_ownership != OBJECT_OWNERSHIP[0]


class KmsGrant(Record):
    """A grant on a KMS key (KMS-5). `constraints` holds name → text or mapping, as KMS shows them."""

    key: str
    grantee: str
    operations: tuple[str, ...]
    constraints: tuple[tuple[str, Any], ...] = ()
    retiring_principal: str | None = None


class ApiGatewaySettings(Record):
    """How an API authorizes its callers (7.17)."""

    authorizer: str = "IAM"
    private: bool = False


class Settings(Record):
    """The settings of all services."""

    s3: S3Settings = S3Settings()
    kms_grants: tuple[KmsGrant, ...] = ()
    apigateway: ApiGatewaySettings = ApiGatewaySettings()

    @classmethod
    def from_dict(cls, value: Any) -> Settings:
        """Read the settings of UX §1.

        Raises PolicyError with the path of what is wrong.
        """
        path: Path = ("settings",)
        given = _object(value, ("s3", "kms", "apigateway"), path)
        kms = _object(given.get("kms"), ("grants",), (*path, "kms"))
        grants = a_list(kms.get("grants"), (*path, "kms", "grants"), PolicyError)
        return cls(
            _s3(given.get("s3"), (*path, "s3")),
            tuple(_kms_grant(one, (*path, "kms", "grants", i)) for i, one in enumerate(grants)),
            _apigateway(given.get("apigateway"), (*path, "apigateway")),
        )


def _object(value: Any, known: tuple[str, ...], path: Path) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise PolicyError("settings are objects", path=path, help=f"the fields are {', '.join(known)}")
    for name in value:
        if name not in known:
            near = did_you_mean(str(name), known)
            help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(known)}"
            raise PolicyError(f"unknown setting `{name}`", path=(*path, str(name)), on_key=True, help=help)
    return value


def _one_of(value: Any, known: tuple[str, ...], path: Path) -> str:
    if str(value) not in known:
        raise PolicyError(
            f"`{value}` is not one of the choices", path=path, help=f"it is one of {', '.join(known)}"
        )
    return str(value)


def _flag(value: Any, path: Path) -> bool:
    return _one_of(str(value).lower(), ("true", "false"), path) == "true"


_S3_FIELDS = (
    "block_public_access", "object_ownership", "object_owner", "bucket_acl", "object_acl", "abac", "access_points",
)  # fmt: skip


def _s3(value: Any, path: Path) -> S3Settings:
    given = _object(value, _S3_FIELDS, path)
    public = _object(given.get("block_public_access"), BLOCK_PUBLIC_ACCESS, (*path, "block_public_access"))
    points = an_object_by_arn(given.get("access_points"), (*path, "access_points"), PolicyError)
    owner = given.get("object_owner")
    ownership = given.get("object_ownership", OBJECT_OWNERSHIP[0])
    return S3Settings(
        frozenset(name for name, on in public.items() if _flag(on, (*path, "block_public_access", name))),
        _one_of(ownership, OBJECT_OWNERSHIP, (*path, "object_ownership")),
        None if owner is None else str(owner),
        _acl(given.get("bucket_acl"), (*path, "bucket_acl")),
        _acl(given.get("object_acl"), (*path, "object_acl")),
        _flag(given.get("abac", False), (*path, "abac")),
        tuple(_access_point(arn, one, at) for arn, (one, at) in points.items()),
    )


def _acl(value: Any, path: Path) -> tuple[AclGrant, ...]:
    grants = []
    for index, one in enumerate(a_list(value, path, PolicyError)):
        given = _object(one, ("grantee", "permission"), (*path, index))
        permission = _one_of(given.get("permission"), ACL_PERMISSIONS, (*path, index, "permission"))
        grants.append(AclGrant(str(given.get("grantee")), permission))
    return tuple(grants)


def _access_point(arn: str, value: Any, path: Path) -> AccessPoint:
    given = _object(value, ("bucket", "vpc"), path)
    if not given.get("bucket"):
        raise PolicyError("an access point has a `bucket`", path=path, help="add the bucket's name")
    vpc = given.get("vpc")
    return AccessPoint(arn, str(given["bucket"]), None if vpc is None else str(vpc))


def _kms_grant(value: Any, path: Path) -> KmsGrant:
    given = _object(value, ("key", "grantee", "operations", "constraints", "retiring_principal"), path)
    for name in ("key", "grantee", "operations"):
        if not given.get(name):
            raise PolicyError(f"the grant has no `{name}`", path=path, help="add it")
    constraints = an_object(given.get("constraints"), (*path, "constraints"), PolicyError)
    retiring = given.get("retiring_principal")
    return KmsGrant(
        same_case(str(given["key"])),
        str(given["grantee"]),
        texts(given["operations"], (*path, "operations"), PolicyError),
        tuple(constraints.items()),
        None if retiring is None else str(retiring),
    )


def _apigateway(value: Any, path: Path) -> ApiGatewaySettings:
    given = _object(value, ("authorizer", "private"), path)
    authorizer = _one_of(given.get("authorizer", "IAM"), AUTHORIZERS, (*path, "authorizer"))
    return ApiGatewaySettings(authorizer, _flag(given.get("private", False), (*path, "private")))
