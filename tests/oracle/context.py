"""The request context: what was given, and what is derived from it (SEMANTICS 6, C-2, C-3, C-36)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import Any

from . import catalogue
from .callers import Caller, Organization
from .errors import Invalid, require
from .principals import ASSUME, ASSUME_HELPERS
from .text import lower_words, scalar_text, split_arn
from .values import date, fraction_text, is_epoch, seconds_text

Value = str | list[str] | None

REGIONS = {
    "iam": "us-east-1",
    "organizations": "us-east-1",
    "route53": "us-east-1",
    "cloudfront": "us-east-1",
    "support": "us-east-1",
    "chatbot": "us-west-2",
    "devicefarm": "us-west-2",
}
PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "federated-user": "FederatedUser",
    "role-session": "AssumedRole",
    "anonymous": "Anonymous",
}
NO_RESOURCE_ACCOUNT = lower_words(
    """
    ec2:AcceptTransitGatewayPeeringAttachment ec2:AcceptVpcEndpointConnections ec2:AcceptVpcPeeringConnection
    ec2:CopyFpgaImage ec2:CopyImage ec2:CopySnapshot ec2:CreateTransitGatewayPeeringAttachment
    ec2:CreateVolume ec2:CreateVpcEndpoint ec2:CreateVpcPeeringConnection
    ec2:DeleteTransitGatewayPeeringAttachment ec2:DeleteVpcPeeringConnection
    ec2:RejectTransitGatewayPeeringAttachment ec2:RejectVpcEndpointConnections ec2:RejectVpcPeeringConnection
    route53:AssociateVPCWithHostedZone route53:CreateVPCAssociationAuthorization
    route53:DeleteVPCAssociationAuthorization route53:DisassociateVPCFromHostedZone
    route53:ListHostedZonesByVPC workspaces:DescribeWorkspaceImages
    """
)


@dataclass
class Context:
    """Condition keys with their values; names in any case."""

    given: list[tuple[str, Value]] = field(default_factory=list)
    derived: list[tuple[str, Value]] = field(default_factory=list)

    def lookup(self, name: str) -> Value:
        """K-3: what was given wins; given as null it is absent."""
        found = entry(self.given, name) or entry(self.derived, name)
        return found[1] if found is not None else None

    def derive(self, name: str, value: Value) -> None:
        """K-3: fill in a key that was not given."""
        if value is not None and entry(self.given, name) is None:
            self.derived.append((name, by_cardinality(name, value)))

    def tails(self, prefix: str) -> list[tuple[str, str]]:
        """The keys that start with a prefix: rest of the name, value."""
        return [
            (name[len(prefix) :], value)
            for name, value in self.given + self.derived
            if name.lower().startswith(prefix.lower()) and isinstance(value, str)
        ]


def entry(pairs: list[tuple[str, Value]], name: str) -> tuple[str, Value] | None:
    """C-2, C-3: of tags that differ only in case the exact one first, else the first."""
    lower = name.lower()
    same = [pair for pair in pairs if pair[0].lower() == lower]
    exact = [pair for pair in same if pair[0].partition("/")[2] == name.partition("/")[2]]
    return (exact + same)[0] if same else None


def read_context(value: Any) -> list[tuple[str, Value]]:
    """UX 1: read `context`."""
    if value is None:
        return []
    require(isinstance(value, dict), "`context` is no mapping")
    pairs: list[tuple[str, Value]] = []
    for name, each in value.items():
        require(isinstance(name, str), "a context key is no string")
        read = read_value(name, each)
        same = [other for key, other in pairs if key.lower() == name.lower()]
        require("/" in name or all(other == read for other in same), f"`{name}` is given twice")  # C-2
        pairs.append((name, read))
    return pairs


def read_value(name: str, value: Any) -> Value:
    """L-11, C-36: a scalar, a list of scalars, or null."""
    if value is None:
        return None
    if not isinstance(value, list):
        text = scalar_text(value)
        if text is None:
            raise Invalid(f"the value of `{name}` is neither scalar nor list")
        return by_cardinality(name, text)
    texts = [scalar_text(each) for each in value]
    require(all(text is not None for text in texts), f"a value of `{name}` is no scalar")
    return by_cardinality(name, [text for text in texts if text is not None])


def by_cardinality(name: str, value: str | list[str]) -> Value:
    """C-36: the key decides whether it is single or multi valued."""
    kind = catalogue.cardinality(name)
    if kind == catalogue.MULTI and isinstance(value, str):
        return [value]
    if kind == catalogue.SINGLE and isinstance(value, list):
        require(len(value) < 2, f"several values for the single-valued key `{name}`")
        return value[0] if value else []
    return value


def merged(base: list[tuple[str, Value]], over: list[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """UX 1 `also`: one context over another."""
    names = {name.lower() for name, _ in over}
    return [pair for pair in base if pair[0].lower() not in names] + over


@dataclass(frozen=True)
class Facts:
    """What keys are derived from, beside the caller."""

    action: str
    resource: str
    owner: str | None
    resource_organization: Organization
    resource_tags: dict[str, str]
    tags_on_s3: bool
    endpoint: str | None
    time: str


def fill(context: Context, caller: Caller, facts: Facts) -> None:
    """K-5: derive what was not given."""
    derive_request(context, caller, facts)
    derive_principal(context, caller, facts)
    derive_resource(context, facts)
    derive_services(context, caller, facts)


def derive_request(context: Context, caller: Caller, facts: Facts) -> None:
    """6.3, 6.5: keys of the request itself."""
    context.derive("aws:SecureTransport", "true")
    context.derive("aws:ViaAWSService", "false")
    context.derive("aws:CurrentTime", iso(facts.time))
    context.derive("aws:EpochTime", seconds(facts.time))
    context.derive("aws:RequestedRegion", region(caller, facts))
    context.derive("aws:SourceVpce", facts.endpoint)
    tags = [name for name, _ in context.tails("aws:RequestTag/")]
    if tags:
        context.derive("aws:TagKeys", tags)
    called = context.lookup("aws:CalledVia")
    if isinstance(called, list) and called:
        context.derive("aws:CalledViaFirst", called[0])
        context.derive("aws:CalledViaLast", called[-1])


def iso(time: str) -> str:
    """6.5: aws:CurrentTime in ISO 8601."""
    value = date(time)
    assert value is not None
    if not is_epoch(time):
        return time
    whole = floor(value)
    try:
        moment = datetime(1970, 1, 1) + timedelta(seconds=whole)
    except OverflowError:  # no calendar date is written with four digits
        return time
    return f"{moment.isoformat()}{fraction_text(value - whole)}Z"


def seconds(time: str) -> str:
    """6.5: aws:EpochTime in seconds."""
    value = date(time)
    assert value is not None
    return time if is_epoch(time) else seconds_text(value)


def region(caller: Caller, facts: Facts) -> str | None:
    """6.5: the resource's region, else the one region of a global service."""
    parts = split_arn(facts.resource)
    if parts is not None and parts[3]:
        return parts[3]
    partition = parts[1] if parts is not None else caller.partition or "aws"
    return REGIONS.get(facts.action.partition(":")[0].lower()) if partition == "aws" else None


def derive_principal(context: Context, caller: Caller, facts: Facts) -> None:
    """6.1, 6.2: keys of the caller."""
    kind = caller.kind
    if kind in ("saml", "web-identity"):
        return
    if kind != "service":
        context.derive("aws:PrincipalType", PRINCIPAL_TYPES[kind])
        context.derive("aws:PrincipalAccount", "anonymous" if kind == "anonymous" else caller.account)
        context.derive("aws:userid", userid(caller, facts.action))
    if kind == "anonymous":
        return
    context.derive("aws:PrincipalIsAWSService", "true" if kind == "service" else "false")
    if kind == "service":
        context.derive("aws:PrincipalServiceName", caller.service)
        return
    context.derive("aws:PrincipalArn", caller.derived_role_arn if kind == "role-session" else caller.arn)
    if kind == "user":
        context.derive("aws:username", str(caller.arn).rsplit("/", 1)[-1])
    for name, value in principal_tags(caller).items():
        context.derive(f"aws:PrincipalTag/{name}", value)
    if caller.mfa is not None:
        context.derive("aws:MultiFactorAuthPresent", "true" if caller.mfa else "false")
    context.derive("aws:SourceIdentity", caller.source_identity)
    if caller.assumed_root:
        context.derive("aws:AssumedRoot", "true")
    if not caller.is_oai:
        context.derive("aws:PrincipalOrgID", caller.organization.id)
        context.derive("aws:PrincipalOrgPaths", path_list(caller.organization))


def path_list(organization: Organization) -> Value:
    """6.1: a path of an organization, as a list."""
    if organization.path is None:
        return None
    return read_value("aws:PrincipalOrgPaths", organization.path)


def userid(caller: Caller, action: str) -> str | None:
    """6.1: the formats of aws:userid."""
    if caller.kind == "anonymous":
        return "anonymous" if action.lower().startswith(("s3:", "sqs:", "sns:")) else None
    if caller.kind == "root":
        return caller.account
    if caller.kind == "federated-user":
        return f"{caller.account}:{caller.session_name}"
    if caller.unique_id is None:
        return None
    if caller.kind == "role-session" and ":" not in caller.unique_id:
        return f"{caller.unique_id}:{caller.session_name}"
    return caller.unique_id


def principal_tags(caller: Caller) -> dict[str, str]:
    """6.1, section 11: session tags override tags whatever the letter case."""
    session = {name.lower() for name in caller.session_tags}
    kept = {name: value for name, value in (caller.tags or {}).items() if name.lower() not in session}
    return kept | caller.session_tags


def derive_resource(context: Context, facts: Facts) -> None:
    """6.4: keys of the resource and its owner."""
    service, _, name = facts.action.lower().partition(":")
    if service not in ("ebs", "events") and facts.action.lower() not in NO_RESOURCE_ACCOUNT:
        context.derive("aws:ResourceAccount", facts.owner)
        context.derive("aws:ResourceOrgID", facts.resource_organization.id)
        context.derive("aws:ResourceOrgPaths", path_list(facts.resource_organization))
    if (service == "s3" and not facts.tags_on_s3) or (service, name) == ("iam", "passrole"):
        return
    for tag, value in facts.resource_tags.items():
        context.derive(f"aws:ResourceTag/{tag}", value)


def derive_services(context: Context, caller: Caller, facts: Facts) -> None:
    """K-5, ST-7: kms:CallerAccount, s3:ResourceAccount, an inherited sts:SourceIdentity."""
    service = facts.action.lower().partition(":")[0]
    if service == "kms":
        context.derive("kms:CallerAccount", caller.account)
    if service == "s3":
        context.derive("s3:ResourceAccount", facts.owner)
    if facts.action.lower() in (*ASSUME, *ASSUME_HELPERS):
        context.derive("sts:SourceIdentity", caller.source_identity)
