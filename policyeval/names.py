"""How are the action and the resource of a request named? Read once, compared many times (SEMANTICS A-12, R-5)."""

from __future__ import annotations

import re
from functools import lru_cache

from policyeval.errors import RequestError
from policyeval.language.arn import Arn, is_account_id, parse_arn, same_case
from policyeval.language.patterns import ascii_lower
from policyeval.records import Record

_ACTION = re.compile(r"[A-Za-z0-9.-]+:[A-Za-z0-9_.-]+", re.ASCII)
_CUT = re.compile("[:/]")
# Beginnings of resources are looked up in an index up to here: a longer key says no more.
LONGEST_CUT = 256


class ActionName(Record):
    """A concrete action (A-12); compared in lower case (A-1)."""

    text: str
    lower: str
    service: str
    name: str

    def __hash__(self) -> int:
        return hash(self.text)


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


class Head(Record, eq=False):
    """The part of an ARN up to its fifth colon: what all resources of one account and region share.

    All of it is in lower case (R-5); `segments` are partition, service, region and account, `lower` joins them.
    """

    text: str
    partition: str
    service: str
    region: str | None
    account: str
    account_id: str | None
    segments: tuple[str, ...]
    lower: str


@lru_cache(maxsize=4096)
def _head(text: str) -> Head:
    text = same_case(text)
    segments = partition, service, region, account = tuple(text.split(":")[1:5])
    return Head(
        text, partition, service, region or None, account, account if is_account_id(account) else None,
        segments, ":".join((*segments, "")),
    )  # fmt: skip


class ResourceName:
    """The resource of a check: an ARN, or `*` for actions without resource type.

    `part` is what stands behind the fifth colon, `canonical` the ARN without `arn:`; what is before `part`
    is in lower case, so that two texts are the same resource when they are equal (R-5).
    """

    __slots__ = ("_cuts", "canonical", "head", "is_any_bucket", "part", "text")

    def __init__(self, text: str, head: Head | None, part: str = "", is_any_bucket: bool = False) -> None:
        self.text = text
        self.head = head
        self.part = part
        self.canonical = part if head is None else head.lower + part
        self.is_any_bucket = is_any_bucket
        self._cuts: tuple[str, ...] | None = None

    @property
    def arn(self) -> Arn | None:
        """The ARN in its parts; None for `*`."""
        return None if self.head is None else parse_arn(self.text)

    @property
    def region(self) -> str | None:
        """The ARN's region, None when it has none."""
        return None if self.head is None else self.head.region

    @property
    def partition(self) -> str:
        """The ARN's partition, empty for `*`."""
        return "" if self.head is None else self.head.partition

    @property
    def cuts(self) -> tuple[str, ...]:
        """The canonical text, and every beginning of it that ends with `:` or `/`."""
        if self._cuts is None:
            text = self.canonical
            self._cuts = (text, *(text[: found.end()] for found in _CUT.finditer(text, 0, LONGEST_CUT)))
        return self._cuts

    def __repr__(self) -> str:
        return f"ResourceName({self.text!r})"


ANY_RESOURCE = ResourceName("*", None)
ANY_BUCKET = ResourceName("*", None, is_any_bucket=True)


@lru_cache(maxsize=16384)
def parse_resource(text: str) -> ResourceName:
    """Read an ARN or `*`.

    Raises RequestError for any other text.
    """
    if text == "*":
        return ANY_RESOURCE
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[2]:
        help = "write a full ARN `arn:partition:service:region:account:resource`, or `*`"
        raise RequestError(f"`{text}` is no resource", path=("resource",), help=help)
    part = parts[5]
    head = _head(text[: len(text) - len(part)])
    return ResourceName(head.text + part, head, part)
