"""On which resource was a call denied? ARNs from what AWS and the tools around it print instead of one."""

from __future__ import annotations

import re

from policyeval.catalog.operations import is_bucket_action
from policyeval.language.arn import parse_arn
from policyeval.sources.denial_facts import Facts


def resource_of(facts: Facts, action: str | None) -> str | None:
    """Find the resource: what is stated, else an address around the message."""
    if facts.entity is not None:
        return _iam_entity(facts.entity, facts.caller)
    if facts.target is not None:
        return facts.target
    arns = [arn for arn in map(_arn_of_address, facts.addresses) if arn]
    if not arns:
        return None
    arn = arns[-1] if action == "s3:PutObject" else arns[0]
    return arn.partition("/")[0] if action and is_bucket_action(action) else arn


def _iam_entity(entity: str, caller: str | None) -> str:
    """Write `user ana`, as IAM prints it, as the ARN in the caller's account."""
    kind, _, name = entity.rpartition(" ")
    arn = parse_arn(caller or "")
    if name.startswith("arn:"):
        return name
    if arn is None or arn.account_id is None:
        return entity
    return f"arn:{arn.partition}:iam::{arn.account}:{kind.replace(' ', '-').lower()}/{name.lstrip('/')}"


_BUCKET_URL = re.compile(r"https://([a-z0-9.-]+)\.s3[.-][^/]*/?(.*)", re.DOTALL)
_QUEUE_URL = re.compile(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com[a-z.]*/([0-9]{12})/(.+)")


def _arn_of_address(address: str) -> str | None:
    if address.startswith("s3://"):
        return f"arn:aws:s3:::{address.removeprefix('s3://').rstrip('/')}"
    queue = _QUEUE_URL.fullmatch(address)
    if queue:
        return f"arn:aws:sqs:{queue[1]}:{queue[2]}:{queue[3]}"
    bucket = _BUCKET_URL.fullmatch(address)
    return f"arn:aws:s3:::{bucket[1]}/{bucket[2].partition('?')[0]}".rstrip("/") if bucket else None
