"""Which policies does AWS itself write? Its managed policies, as moto ships them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

Document = dict[str, Any]


class MotoMissing(Exception):
    """moto, which has the managed policies, is not installed."""


@cache
def managed_policies() -> dict[str, Document]:
    """Read the documents, by the policies' names.

    Raises MotoMissing.
    """
    try:
        from moto.iam.aws_managed_policies import aws_managed_policies_data
    except ImportError:
        raise MotoMissing("needs moto (the extra `test`)") from None
    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: policy["Document"] for name, policy in found.items()}


def managed(name: str) -> Document:
    """Read one managed policy."""
    return managed_policies()[name]
