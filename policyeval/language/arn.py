"""What are the parts of an ARN? (SEMANTICS R-1; AWS: reference-arns)"""

from __future__ import annotations

import re
from functools import lru_cache

from policyeval.language.patterns import ascii_lower
from policyeval.records import Record

ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


class Arn(Record):
    """`arn:partition:service:region:account:resource`; the resource part may hold `:` and `/`."""

    text: str
    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def account_id(self) -> str | None:
        """The account when it is a 12-digit id."""
        return self.account if ACCOUNT.fullmatch(self.account) else None


@lru_cache(maxsize=16384)
def parse_arn(text: str) -> Arn | None:
    """Split an ARN at its first five colons; None when the text is no full ARN."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(text, *parts[1:])


def same_case(arn: str) -> str:
    """Write the first parts of an ARN, whose letter case does not count, in lower case (R-5)."""
    first, colon, rest = arn.partition(":")
    head = ":".join(rest.split(":", 4)[:4])
    return first + colon + ascii_lower(head) + rest[len(head) :]


def is_account_id(text: str) -> bool:
    """Is the text a 12-digit account id?"""
    return ACCOUNT.fullmatch(text) is not None
