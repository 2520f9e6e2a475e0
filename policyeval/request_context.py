"""What is a policy evaluated against? One action on one resource by one caller, with every context key.

Keys are looked up, or derived from what the request says (SEMANTICS R-40..R-47, K-3..K-5).
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping

from policyeval.catalog.global_keys import Origin, Value, global_key
from policyeval.catalog.services import resource_types
from policyeval.context import NO_CONTEXT, NOT_GIVEN, Context
from policyeval.errors import RequestError
from policyeval.language.values import MALFORMED, read_date
from policyeval.names import ActionName, ResourceName
from policyeval.principal import Organization, Principal

_YEAR_10000 = 253_402_300_800
GATEWAY_ENDPOINT_SERVICES = ("s3", "dynamodb")


class Check:
    """One action on one resource by one caller: what a policy is evaluated against.

    `value` answers for every context key; a key that is neither given nor derived is None. Some
    readers see only certain keys: `visible` names them, None stands for all.
    """

    __slots__ = (
        "_derived", "_now", "action", "boundary_attached", "context", "endpoint", "endpoint_type", "given_resource",
        "owner", "owner_is_guessed", "owner_organization", "principal", "resource", "resource_tags", "time",
        "visible",
    )  # fmt: skip

    def __init__(
        self,
        principal: Principal,
        action: ActionName,
        resource: ResourceName,
        context: Context = NO_CONTEXT,
        *,
        owner: str | None = None,
        owner_organization: Organization | None = None,
        resource_tags: tuple[tuple[str, str], ...] = (),
        time: str | None = None,
        now: float | None = None,
        endpoint: str | None = None,
        endpoint_type: str | None = None,
        boundary_attached: bool = False,
        visible: frozenset[str] | None = None,
    ) -> None:
        self.visible = visible
        self.principal = principal
        self.action = action
        self.given_resource = resource
        self.resource = _resource_of(action, resource)
        self.context = context
        self.owner, self.owner_is_guessed = _owner(principal, resource, owner)
        self.owner_organization = owner_organization or (
            principal.organization if self.owner is not None and self.owner == principal.account else None
        )
        self.resource_tags = resource_tags
        self.time = time
        self.endpoint = endpoint
        self.endpoint_type = endpoint_type
        self.boundary_attached = boundary_attached
        self._now = now
        self._derived: dict[str, Value | None] = {}

    def about(
        self,
        action: ActionName | None = None,
        *,
        resource: ResourceName | None = None,
        principal: Principal | None = None,
        context: Context | None = None,
        visible: frozenset[str] | None = None,
    ) -> Check:
        """Make a check that differs in the given parts only."""
        return Check(
            principal or self.principal, action or self.action, resource or self.given_resource,
            self.context if context is None else context,
            owner=self.owner, owner_organization=self.owner_organization, resource_tags=self.resource_tags,
            time=self.time, now=self._now, endpoint=self.endpoint, endpoint_type=self.endpoint_type,
            boundary_attached=self.boundary_attached, visible=visible or self.visible,
        )  # fmt: skip

    @property
    def service(self) -> str:
        """The service prefix of the action, in lower case."""
        return self.action.service

    @property
    def is_same_account(self) -> bool:
        """Does the caller belong to the account that owns the resource (7.1)?"""
        return self.principal.is_account_member and self.principal.account == self.owner

    @property
    def crosses_partitions(self) -> bool:
        """Are caller and resource in different partitions (X-8)?"""
        partition, own = self.resource.partition, self.principal.partition
        return bool(partition) and bool(own) and partition != own

    @property
    def passes_gateway_endpoint(self) -> bool:
        """Is the VPC endpoint a gateway endpoint (VPCE-2)? Unknown counts as gateway for S3 and DynamoDB."""
        if self.endpoint_type is not None:
            return self.endpoint_type == "gateway"
        return self.service in GATEWAY_ENDPOINT_SERVICES

    def value(self, lower: str, written: str | None = None) -> Value | None:
        """Look up a context key by its lower-case name; None means absent, or not visible to the reader."""
        if self.visible is not None and lower not in self.visible:
            return None
        given = self.context.get(lower, written)
        if given is not NOT_GIVEN:
            return given  # type: ignore[return-value]  # NOT_GIVEN is the only other case
        if lower not in self._derived:
            self._derived[lower] = self._derive(lower, written)
        return self._derived[lower]

    def _derive(self, lower: str, written: str | None) -> Value | None:
        row = global_key(lower)
        if row is None:
            return None
        if row.derive is not None:
            return row.derive(self)
        if lower.startswith("aws:principaltag/"):
            return _tag(self.principal.all_tags, lower, written)
        if lower.startswith("aws:resourcetag/"):
            return _tag(dict(self.resource_tags), lower, written)
        return None

    def origin(self, lower: str) -> Origin:
        """Tell where the value of a key comes from."""
        if self.context.get(lower) is not NOT_GIVEN:
            return Origin.GIVEN
        row = global_key(lower)
        return row.origin if row is not None else Origin.DERIVED

    @property
    def time_epoch(self) -> str:
        """The time of the request in seconds since 1970."""
        seconds = read_date(self._time_text) if self._time_text else MALFORMED
        if seconds is MALFORMED:
            return str(int(clock.time() if self._now is None else self._now))
        return format(seconds, "f")

    @property
    def time_iso(self) -> str:
        """The time of the request in ISO 8601."""
        text = self._time_text
        if text and "-" in text:
            return text
        seconds = float(self.time_epoch)
        if seconds >= _YEAR_10000:
            return self.time_epoch  # no calendar date is written with four digits
        return clock.strftime("%Y-%m-%dT%H:%M:%SZ", clock.gmtime(seconds))

    @property
    def _time_text(self) -> str | None:
        for given in (self.time, self.context.get("aws:currenttime"), self.context.get("aws:epochtime")):
            if isinstance(given, str):
                return given
        return None


def _tag(tags: Mapping[str, str], lower: str, written: str | None) -> str | None:
    """Find a tag by its key: the exact one, else the first that differs in letter case only (C-3)."""
    name = (written or lower).partition("/")[2]
    if name in tags:
        return tags[name]
    return next((value for key, value in tags.items() if key.lower() == name.lower()), None)


_ANY_BUCKET = ResourceName("*", None, is_any_bucket=True)
_ANY = ResourceName("*", None)


def _resource_of(action: ActionName, resource: ResourceName) -> ResourceName:
    """R-47: an action without resource type is evaluated against `*`; D-5 for s3:ListAllMyBuckets."""
    if resource_types(action.service, action.name) != ():
        return resource
    return _ANY_BUCKET if action.lower == "s3:listallmybuckets" else _ANY


def _owner(principal: Principal, resource: ResourceName, given: str | None) -> tuple[str | None, bool]:
    """R-43: who owns the resource, and was that guessed?"""
    written = resource.arn.account_id if resource.arn else None
    if given and written and given != written:
        raise RequestError(
            f"`resource_account` is {given}, the ARN says {written}",
            path=("resource_account",),
            help="leave `resource_account` out",
        )
    owner = given or written
    if owner is None and principal.is_account_member:
        return principal.account, resource.arn is not None and resource.arn.account != "aws"
    return owner, False
