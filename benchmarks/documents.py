"""Which policies are decided? Documents as companies write them, one for every layer."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
ACCOUNT, ORGANIZATION = "111122223333", "o-a1b2c3d4e5"
BUCKET = "arn:aws:s3:::acme-logs"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ_LOGS = {
    "Sid": "ReadLogs",
    "Effect": "Allow",
    "Action": ["s3:Get*", "s3:List*"],
    "Resource": [BUCKET, f"{BUCKET}/*"],
}


def document(*statements: dict[str, Any]) -> Document:
    """Make a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    """Write an Allow statement; the operators of its condition are keywords."""
    return _statement("Allow", {"Action": action, "Resource": resource}, condition)


def deny(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    """Write a Deny statement."""
    return _statement("Deny", {"Action": action, "Resource": resource}, condition)


def deny_others(action: Any, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    """Write a Deny statement about every other action."""
    return _statement("Deny", {"NotAction": action, "Resource": resource}, condition)


def _statement(effect: str, about: dict[str, Any], condition: dict[str, Any]) -> dict[str, Any]:
    return {"Effect": effect, **about} | ({"Condition": condition} if condition else {})


SECURE_TRANSPORT = {"aws:SecureTransport": "false"}
TEAM = {"aws:PrincipalTag/team": "red"}
REGIONS = {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}
OFFICE = {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}
GLOBAL_SERVICES = ["iam:*", "organizations:*", "route53:*", "sts:*", "support:*", "budgets:*"]

FIVE_POLICIES = [
    document(allow(["s3:Get*", "s3:List*"], [BUCKET, f"{BUCKET}/*"], StringEquals=TEAM, IpAddress=OFFICE)),
    document(deny("s3:*", "*", Bool=SECURE_TRANSPORT), deny(["s3:PutBucketAcl", "s3:PutObjectAcl"])),
    document(deny_others(GLOBAL_SERVICES, StringNotEquals=REGIONS)),
    document(
        allow(["kms:Decrypt", "kms:DescribeKey"], StringLike={"kms:ViaService": "s3.*.amazonaws.com"}),
        allow(["ec2:StartInstances", "ec2:StopInstances"], StringEquals={"ec2:ResourceTag/team": "red"}),
    ),
    document(
        allow(["logs:Get*", "logs:Describe*", "cloudwatch:Get*", "cloudwatch:List*"]),
        deny(["s3:Delete*", "s3:PutLifecycleConfiguration"], BoolIfExists={"aws:MultiFactorAuthPresent": "false"}),
    ),
]  # fmt: skip

BUCKET_POLICY = document(
    {
        "Sid": "Readers",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [BUCKET, f"{BUCKET}/*"],
        "Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "internal"}},
    },
    {"Sid": "Tls", "Principal": "*", **deny("s3:*", [BUCKET, f"{BUCKET}/*"], Bool=SECURE_TRANSPORT)},
    {
        "Sid": "OurNetwork",
        "Principal": "*",
        **deny("s3:*", [BUCKET, f"{BUCKET}/*"], StringNotEqualsIfExists={"aws:SourceVpce": "vpce-0a1b2c3d"}),
    },
)
ENDPOINT_POLICY = document(
    {
        "Principal": "*",
        **allow("s3:*", "*", StringEquals={"aws:PrincipalOrgID": ORGANIZATION, "aws:ResourceOrgID": ORGANIZATION}),
    },
)  # fmt: skip
PERIMETER = document(
    {
        "Principal": "*",
        **deny(
            ["s3:*", "kms:*", "sqs:*", "secretsmanager:*"],
            StringNotEqualsIfExists={"aws:PrincipalOrgID": ORGANIZATION},
            BoolIfExists={"aws:PrincipalIsAWSService": "false"},
        ),
    },
    {"Principal": "*", **deny("s3:*", NumericLessThan={"s3:TlsVersion": "1.2"})},
)
RCP_FULL_ACCESS = document({"Principal": "*", **EVERYTHING})
REGION_SCP = document(EVERYTHING, deny_others(GLOBAL_SERVICES, StringNotEquals=REGIONS))
GUARD_RAILS = document(
    EVERYTHING,
    deny(["organizations:LeaveOrganization", "account:CloseAccount"]),
    deny(["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:Delete*", "guardduty:Delete*"]),
    deny("s3:*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/quarantine-*"}),
)
BOUNDARY = document(
    allow(["s3:*", "kms:*", "logs:*", "cloudwatch:*", "sqs:*"]),
    deny(["iam:*", "organizations:*"]),
)
SESSION_POLICY = document(allow(["s3:GetObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/2026/*"]))

SEVEN_LAYERS = {
    "identity": FIVE_POLICIES[:3],
    "boundary": BOUNDARY,
    "session": [SESSION_POLICY],
    "scp": [[document(EVERYTHING)], [REGION_SCP], [GUARD_RAILS]],
    "rcp": [[RCP_FULL_ACCESS], [PERIMETER]],
    "resource": BUCKET_POLICY,
    "endpoint": ENDPOINT_POLICY,
}


def about_other_resources(count: int) -> Document:
    """Write statements of which only the last one speaks of the requested resource."""
    return document(
        *(allow("s3:GetObject", f"arn:aws:s3:::acme-{index:06}/*") for index in range(count - 1)), READ_LOGS
    )


def about_other_actions(count: int) -> Document:
    """Write statements of which only the last one speaks of the requested action."""
    return document(
        *(allow(f"ec2:Act{index:06}", f"arn:aws:s3:::acme-{index:06}/*") for index in range(count - 1)), READ_LOGS
    )  # fmt: skip
