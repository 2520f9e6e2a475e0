"""Which region does a global service answer from? (SEMANTICS 6.5, aws:RequestedRegion)

AWS: reference_policies_examples_aws_deny-requested-region. Dated 2026-09; add a row when AWS does.
"""

from __future__ import annotations

_GLOBAL_SERVICE_REGIONS = {
    "aws": {
        "iam": "us-east-1",
        "organizations": "us-east-1",
        "route53": "us-east-1",
        "cloudfront": "us-east-1",
        "support": "us-east-1",
        "chatbot": "us-west-2",
        "devicefarm": "us-west-2",
    },
}

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc")


def global_service_region(partition: str, service: str) -> str | None:
    """Give the region of a service with one endpoint per partition; None when it is not known."""
    return _GLOBAL_SERVICE_REGIONS.get(partition or "aws", {}).get(service)
