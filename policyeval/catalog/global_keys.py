"""Which global condition keys are there, of what type, and how are they derived from a request?

One row per key, in the order of SEMANTICS §6 (AWS: reference_policies_condition-keys). A row's
`derive` reads the parts of one check (principal, resource, owner, time) and returns the value, or
None for absent. A derived value never replaces one that the request gives (K-3).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from policyeval.catalog.exceptions import ROLE_ASSUMPTIONS, tells_resource_account
from policyeval.catalog.regions import global_service_region
from policyeval.records import Record

if TYPE_CHECKING:
    from policyeval.request_context import Check

Value = str | tuple[str, ...]
Derive = Callable[["Check"], Value | None]


class Origin(Enum):
    """Where the value of a context key comes from."""

    GIVEN = "given"
    DERIVED = "derived"
    DEFAULT = "default"


class KeyType(Record):
    """The data type of a condition key and whether a request may carry several values; None: as it is given."""

    name: str
    multi_valued: bool | None = False

    @classmethod
    def parse(cls, text: str) -> KeyType:
        """Read the catalogue's spelling, such as `ArrayOfString`."""
        if text.startswith("ArrayOf"):
            return cls(text.removeprefix("ArrayOf"), multi_valued=True)
        return cls(text)


class GlobalKey(Record):
    """One global condition key: its type, when a request carries it, and how it is derived.

    `varies`: the value follows from the time or from other keys, not from the call alone.
    """

    name: str
    type: KeyType
    present: str
    derive: Derive | None = None
    origin: Origin = Origin.DERIVED
    varies: bool = False

    @property
    def is_tag_family(self) -> bool:
        """Does the name stand for a family such as `aws:PrincipalTag/…`?"""
        return self.name.endswith("/")


def _principal_arn(check: Check) -> Value | None:
    return check.principal.policy_arn


def _principal_account(check: Check) -> Value | None:
    principal = check.principal
    if principal.is_anonymous:
        return "anonymous"
    return None if principal.is_service else principal.account


def _principal_org_id(check: Check) -> Value | None:
    organization = check.principal.organization
    return organization.id if organization and check.principal.is_account_member else None


def _principal_org_paths(check: Check) -> Value | None:
    organization = check.principal.organization
    return organization.paths if organization and check.principal.is_account_member else None


def _principal_type(check: Check) -> Value | None:
    return check.principal.type_name


def _principal_is_service(check: Check) -> Value | None:
    if check.principal.is_anonymous or check.principal.is_identity_provider:
        return None  # nobody signed the request
    return "true" if check.principal.is_service else "false"


def _principal_service_name(check: Check) -> Value | None:
    return check.principal.service


def _userid(check: Check) -> Value | None:
    if check.principal.is_anonymous and check.service not in _NAMING_ANONYMOUS:
        return None
    return check.principal.user_id


# Services that give anonymous callers a user id (6.1)
_NAMING_ANONYMOUS = ("s3", "sqs", "sns")


def _username(check: Check) -> Value | None:
    return check.principal.user_name


def _mfa_present(check: Check) -> Value | None:
    mfa = check.principal.mfa
    return None if mfa is None else ("true" if mfa else "false")


def _source_identity(check: Check) -> Value | None:
    return check.principal.source_identity


def _assumed_root(check: Check) -> Value | None:
    return "true" if check.principal.assumed_root else None


def _source_vpce(check: Check) -> Value | None:
    return check.call.endpoint


def _resource_account(check: Check) -> Value | None:
    return check.owner if tells_resource_account(check.action.lower) else None


def _resource_org_id(check: Check) -> Value | None:
    organization = check.call.owner_organization
    return organization.id if organization and tells_resource_account(check.action.lower) else None


def _resource_org_paths(check: Check) -> Value | None:
    organization = check.call.owner_organization
    return organization.paths if organization and tells_resource_account(check.action.lower) else None


def _current_time(check: Check) -> Value | None:
    return check.time_iso


def _epoch_time(check: Check) -> Value | None:
    return check.time_epoch


def _requested_region(check: Check) -> Value | None:
    partition = check.resource.partition or check.principal.partition
    return check.resource.region or global_service_region(partition, check.service)


def _tag_keys(check: Check) -> Value | None:
    return check.context.tag_keys("aws:requesttag/")


def _called_via_first(check: Check) -> Value | None:
    chain = check.value("aws:calledvia")
    return chain[0] if chain else None


def _called_via_last(check: Check) -> Value | None:
    chain = check.value("aws:calledvia")
    return chain[-1] if chain else None


def _caller_account_of_kms(check: Check) -> Value | None:
    return _principal_account(check) if check.service == "kms" else None


def _source_identity_of_sts(check: Check) -> Value | None:
    return check.principal.source_identity if check.action.lower in ROLE_ASSUMPTIONS else None


def _resource_account_of_s3(check: Check) -> Value | None:
    return check.owner if check.service == "s3" else None


def _true(_: Check) -> Value | None:
    return "true"


def _false(_: Check) -> Value | None:
    return "false"


_ARN, _STRING, _BOOL, _DATE = KeyType("ARN"), KeyType("String"), KeyType("Bool"), KeyType("Date")
_IP, _NUMERIC, _STRINGS = KeyType("IPAddress"), KeyType("Numeric"), KeyType("String", multi_valued=True)

_SIGNED = "every signed request"
_ENDPOINT = "requests through a VPC endpoint"
_TEMPORARY = "temporary credentials only"
_DIRECT_SERVICE = "calls of an AWS service principal"
_ON_BEHALF = "calls of an AWS service principal on behalf of a resource"
_FORWARDED = "calls that a service makes with the caller's credentials"

# fmt: off
GLOBAL_KEYS: tuple[GlobalKey, ...] = (
    GlobalKey("aws:PrincipalArn", _ARN, _SIGNED + " but service principals'", _principal_arn),
    GlobalKey("aws:PrincipalAccount", _STRING, "all requests but service principals'", _principal_account),
    GlobalKey("aws:PrincipalOrgID", _STRING, "principals of an organization's accounts", _principal_org_id),
    GlobalKey("aws:PrincipalOrgPaths", _STRINGS, "principals of an organization's accounts", _principal_org_paths),
    GlobalKey("aws:PrincipalTag/", _STRING, "principals that carry the tag"),
    GlobalKey("aws:PrincipalType", _STRING, "all requests but service principals'", _principal_type),
    GlobalKey("aws:PrincipalIsAWSService", _BOOL, _SIGNED, _principal_is_service),
    GlobalKey("aws:PrincipalServiceName", _STRING, _DIRECT_SERVICE, _principal_service_name),
    GlobalKey("aws:PrincipalServiceNamesList", _STRINGS, _DIRECT_SERVICE),
    GlobalKey("aws:userid", _STRING, "all requests (needs the principal's unique id)", _userid),
    GlobalKey("aws:username", _STRING, "IAM users only", _username),
    GlobalKey("aws:TokenIssueTime", _DATE, _TEMPORARY),
    GlobalKey("aws:MultiFactorAuthPresent", _BOOL, _TEMPORARY, _mfa_present),
    GlobalKey("aws:MultiFactorAuthAge", _NUMERIC, "requests authenticated with MFA"),
    GlobalKey("aws:FederatedProvider", _STRING, "role sessions issued through SAML or OIDC"),
    GlobalKey("aws:SourceIdentity", _STRING, "sessions with a source identity", _source_identity),
    GlobalKey("aws:AssumedRoot", _BOOL, "sessions of sts:AssumeRoot", _assumed_root),
    GlobalKey("aws:ChatbotSourceArn", _ARN, "sessions of AWS chat applications"),
    GlobalKey("aws:Ec2InstanceSourceVpc", _STRING, "EC2 instance role credentials"),
    GlobalKey("aws:Ec2InstanceSourcePrivateIPv4", _IP, "EC2 instance role credentials"),
    GlobalKey("aws:SourceIp", _IP, "requests that do not pass a VPC endpoint"),
    GlobalKey("aws:VpcSourceIp", _IP, _ENDPOINT),
    GlobalKey("aws:SourceVpc", _STRING, _ENDPOINT),
    GlobalKey("aws:SourceVpce", _STRING, _ENDPOINT, _source_vpce),
    GlobalKey("aws:SourceVpcArn", _ARN, _ENDPOINT),
    GlobalKey("aws:VpceAccount", _STRING, _ENDPOINT),
    GlobalKey("aws:VpceOrgID", _STRING, _ENDPOINT),
    GlobalKey("aws:VpceOrgPaths", _STRINGS, _ENDPOINT),
    GlobalKey("aws:ResourceAccount", _STRING, "most actions", _resource_account),
    GlobalKey("aws:ResourceOrgID", _STRING, "resources of an organization's accounts", _resource_org_id),
    GlobalKey("aws:ResourceOrgPaths", _STRINGS, "resources of an organization's accounts", _resource_org_paths),
    GlobalKey("aws:ResourceTag/", _STRING, "resources that carry the tag"),
    GlobalKey("aws:CurrentTime", _DATE, "always", _current_time, Origin.DEFAULT, varies=True),
    GlobalKey("aws:EpochTime", _DATE, "always", _epoch_time, Origin.DEFAULT, varies=True),
    GlobalKey("aws:RequestedRegion", _STRING, "always: the endpoint's region", _requested_region),
    GlobalKey("aws:SecureTransport", _BOOL, "always", _true, Origin.DEFAULT),
    GlobalKey("aws:UserAgent", _STRING, "always"),
    GlobalKey("aws:referer", _STRING, "requests of browsers"),
    GlobalKey("aws:RequestTag/", _STRING, "requests that pass the tag"),
    GlobalKey("aws:TagKeys", _STRINGS, "operations that pass tags", _tag_keys, varies=True),
    GlobalKey("aws:CalledVia", _STRINGS, _FORWARDED),
    GlobalKey("aws:CalledViaFirst", _STRING, _FORWARDED, _called_via_first, varies=True),
    GlobalKey("aws:CalledViaLast", _STRING, _FORWARDED, _called_via_last, varies=True),
    GlobalKey("aws:ViaAWSService", _BOOL, "always", _false, Origin.DEFAULT),
    GlobalKey("aws:SourceArn", _ARN, _ON_BEHALF),
    GlobalKey("aws:SourceAccount", _STRING, _ON_BEHALF),
    GlobalKey("aws:SourceOrgID", _STRING, _ON_BEHALF),
    GlobalKey("aws:SourceOrgPaths", _STRINGS, _ON_BEHALF),
    GlobalKey("aws:SourceOwner", _STRING, "calls of SNS and SES (legacy)"),
    GlobalKey("aws:ViaAWSMCPService", _BOOL, "calls through AWS-managed MCP servers"),
    GlobalKey("aws:CalledViaAWSMCP", _STRING, "calls through AWS-managed MCP servers"),
    GlobalKey("aws:IsMcpServiceAction", _BOOL, "calls through AWS-managed MCP servers"),
    GlobalKey("kms:CallerAccount", _STRING, "KMS requests", _caller_account_of_kms),
    GlobalKey("s3:ResourceAccount", _STRING, "S3 requests", _resource_account_of_s3),
    GlobalKey("sts:SourceIdentity", _STRING, "calls that assume a role, when one is set or inherited",
              _source_identity_of_sts),
)
# fmt: on

_BY_NAME = {row.name.lower(): row for row in GLOBAL_KEYS}
_TAG_FAMILIES = tuple((row.name.lower(), row) for row in GLOBAL_KEYS if row.is_tag_family)


def global_key(key: str) -> GlobalKey | None:
    """Find the row of a key by its lower-case name; a tag key belongs to its family's row."""
    row = _BY_NAME.get(key)
    if row is not None or "/" not in key:
        return row
    return next((row for start, row in _TAG_FAMILIES if key.startswith(start)), None)
