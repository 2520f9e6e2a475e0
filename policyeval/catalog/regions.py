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


# AWS: the regions of all partitions, dated 2026-09; add a row when AWS does.
REGIONS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "me-west-1",
        "mx-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "cn-north-1",
        "cn-northwest-1",
        "us-gov-east-1",
        "us-gov-west-1",
        "eusc-de-east-1",
        "us-iso-east-1",
        "us-iso-west-1",
        "us-isob-east-1",
        "us-isob-west-1",
        "eu-isoe-west-1",
        "us-isof-east-1",
        "us-isof-south-1",
    ]
)
