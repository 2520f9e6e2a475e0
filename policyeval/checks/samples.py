"""What is a sample of a check as a whole document? An ordinary statement of the type, with what differs put in."""

from __future__ import annotations

import json
from typing import Any

from policyeval.checks.check import Sample
from policyeval.language.parse import VERSIONS

_ROOT = "arn:aws:iam::111122223333:root"
_S3 = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}

# policy type → an ordinary statement of it
_ORDINARY: dict[str, dict[str, Any]] = {
    "identity": _S3,
    "boundary": _S3,
    "session": _S3,
    "trust": {"Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "sts:AssumeRole"},
    "scp": {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
    "rcp": {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
    "endpoint": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"},
    "resource:bucket": {
        "Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
    },
    "resource:key": {"Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "kms:*", "Resource": "*"},
    "resource:topic": {
        "Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "sns:Publish",
        "Resource": "arn:aws:sns:us-east-1:111122223333:alerts",
    },
    "resource:queue": {
        "Effect": "Allow", "Principal": {"AWS": _ROOT}, "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs",
    },
}  # fmt: skip


def sample_text(sample: Sample, on: str) -> str:
    """Write a sample out; None in the place of an element removes it."""
    if isinstance(sample, str):
        return sample
    if "Statement" in sample or "Version" in sample:
        document = {"Version": VERSIONS[0], "Statement": [_ORDINARY[on]], **sample}
    else:
        document = {"Version": VERSIONS[0], "Statement": [_ORDINARY[on] | sample]}
    return json.dumps(_without_removed(document), indent=2, ensure_ascii=False)


def _without_removed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_removed(member) for key, member in value.items() if member is not None}
    return [_without_removed(item) for item in value] if isinstance(value, list) else value
