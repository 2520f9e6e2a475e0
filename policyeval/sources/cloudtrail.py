"""Which request does a CloudTrail record tell of? The record in the shape of UX §1 (6.3, K-1, K-2, SVC-4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from policyeval.errors import RequestError
from policyeval.shapes import a_list, a_text, an_object_in

Shape = Mapping[str, Any]

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")


def is_cloudtrail(value: Shape) -> bool:
    """Has the value the fields of a record?"""
    return {"eventSource", "eventName", "userIdentity"} <= value.keys()


def from_cloudtrail(record: Shape) -> dict[str, Any]:
    """Turn a record into a request; event names are those of the API, which mostly are the actions' (A-12)."""
    resources = a_list(record.get("resources"), ("resources",), RequestError)
    arns = [str(one["ARN"]) for one in resources if isinstance(one, Mapping) and one.get("ARN")]
    given = {
        "aws:UserAgent": record.get("userAgent"),
        "aws:RequestedRegion": record.get("awsRegion"),
        **_network(record),
        **_forwarding(record),
    }
    return {
        "principal": _caller(record),
        "action": f"{str(record['eventSource']).removesuffix('.amazonaws.com')}:{record['eventName']}",
        "resource": arns[0] if len(arns) == 1 else (arns or "*"),
        "time": record.get("eventTime"),
        "context": {key: value for key, value in given.items() if value},
    }


def caller_address(record: Shape) -> str | None:
    """Give the caller's address; None where the record has a service's name, or none at all."""
    text = a_text(record.get("sourceIPAddress"), ("sourceIPAddress",), RequestError) or ""
    try:
        ip_address(text)
    except ValueError:
        return None
    return text


def forwarding_service(record: Shape) -> str | None:
    """Name who called on the caller's behalf, as the record has it (SVC-4).

    None for a service that calls as itself or in its service-linked role (K-2). Forward access sessions and
    sessions of service roles look alike in a record.
    """
    identity = an_object_in(record, ("userIdentity",), RequestError)
    invoker = a_text(identity.get("invokedBy"), ("userIdentity", "invokedBy"), RequestError)
    is_linked = ":role/aws-service-role/" in str(_issuer(record).get("arn"))
    return None if identity.get("type") == "AWSService" or is_linked else invoker or None


def _network(record: Shape) -> dict[str, Any]:
    """6.3: aws:SourceIp is absent from a request through a VPC endpoint, which has aws:VpcSourceIp (K-1)."""
    endpoint = record.get("vpcEndpointId")
    key = "aws:VpcSourceIp" if endpoint else "aws:SourceIp"
    return {key: caller_address(record), "aws:SourceVpce": endpoint}


def _forwarding(record: Shape) -> dict[str, Any]:
    """K-2: `AWS Internal` hides which service it was."""
    service = forwarding_service(record)
    if service is None:
        return {}
    return {"aws:ViaAWSService": "true", "aws:CalledVia": [service] if _SERVICE.fullmatch(service) else None}


def _caller(record: Shape) -> dict[str, Any]:
    """Read who called out of `userIdentity`."""
    identity = an_object_in(record, ("userIdentity",), RequestError)
    principal: dict[str, Any] = {"arn": identity.get("arn")}
    if identity.get("type") == "AWSService":
        principal = {"service": identity.get("invokedBy")}
    issuer = _issuer(record)
    if issuer.get("type") == "Role":
        principal["role_arn"] = issuer.get("arn")
    session = ("userIdentity", "sessionContext", "attributes")
    mfa = an_object_in(record, session, RequestError).get("mfaAuthenticated")
    if mfa is not None:
        principal["mfa"] = str(mfa)
    return principal


def _issuer(record: Shape) -> Shape:
    """Give the role of a session."""
    return an_object_in(record, ("userIdentity", "sessionContext", "sessionIssuer"), RequestError)
