"""How are the action and the resource of a request named? Read once, compared many times (SEMANTICS A-12, R-5)."""

from __future__ import annotations

import re
from functools import lru_cache

from policyeval.errors import RequestError
from policyeval.language.arn import Arn, parse_arn
from policyeval.language.patterns import ascii_lower
from policyeval.records import Record

_ACTION = re.compile(r"[A-Za-z0-9.-]+:[A-Za-z0-9_.-]+", re.ASCII)


class ActionName(Record):
    """A concrete action (A-12); compared in lower case (A-1)."""

    text: str
    lower: str
    service: str
    name: str


@lru_cache(maxsize=65536)
def parse_action(text: str) -> ActionName:
    """Read `service:Name`.

    Raises RequestError for a wildcard or any other text.
    """
    if not _ACTION.fullmatch(text):
        message = f"`{text}` is no action"
        help = "write `service:Action`, for example `s3:GetObject`"
        if "*" in text or "?" in text:
            message, help = (
                f"the action of a request has no wildcard: `{text}`",
                "name one action, or a list of them",
            )
        raise RequestError(message, path=("action",), help=help)
    lower = ascii_lower(text)
    service, _, name = lower.partition(":")
    return ActionName(text, lower, service, name)


class ResourceName(Record):
    """The resource of a check: an ARN, or `*` for actions without resource type.

    `segments` are partition, service, region and account in lower case (R-5).
    """

    text: str
    arn: Arn | None
    segments: tuple[str, ...] = ()
    is_any_bucket: bool = False

    @property
    def region(self) -> str | None:
        """The ARN's region, None when it has none."""
        return (self.arn.region or None) if self.arn else None

    @property
    def partition(self) -> str:
        """The ARN's partition, empty for `*`."""
        return self.arn.partition if self.arn else ""


@lru_cache(maxsize=65536)
def parse_resource(text: str) -> ResourceName:
    """Read an ARN or `*`.

    Raises RequestError for any other text.
    """
    if text == "*":
        return ResourceName(text, None)
    arn = parse_arn(text)
    if arn is None or not arn.service:
        help = "write a full ARN `arn:partition:service:region:account:resource`, or `*`"
        raise RequestError(f"`{text}` is no resource", path=("resource",), help=help)
    return ResourceName(
        text, arn, tuple(map(ascii_lower, (arn.partition, arn.service, arn.region, arn.account)))
    )
