"""What is a policy evaluated against? One action on one resource by one caller, with every context key.

Keys are looked up, or derived from what the request says (SEMANTICS R-40..R-47, K-3..K-5).
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from policyeval.catalog.global_keys import GlobalKey, Origin, Value, global_key
from policyeval.catalog.services import resource_types
from policyeval.context import NO_CONTEXT, NOT_GIVEN, Context
from policyeval.language.values import MALFORMED, is_epoch, read_date
from policyeval.names import ANY_BUCKET, ANY_RESOURCE, ActionName, ResourceName
from policyeval.principal import Organization, Principal

GATEWAY_ENDPOINT_SERVICES = ("s3", "dynamodb")
_NOTHING: Mapping[str, Any] = {}
_new = object.__new__

T = TypeVar("T")


class Call:
    """Who does what, and who owns it: what all requests of one caller, for one action, on one owner's resources share.

    `stands_for` replaces the resource of an action that has none (R-47). Some readers see only certain
    keys: `visible` names them, None stands for all. `settled` and `derived` remember what was found out
    about the call and holds for each of its requests.
    """

    __slots__ = (
        "action", "boundary_attached", "crosses_partitions", "derived", "endpoint", "endpoint_type", "now", "owner",
        "owner_is_guessed", "owner_organization", "principal", "resource_tags", "settled", "stands_for", "visible",
    )  # fmt: skip

    def __init__(
        self,
        principal: Principal,
        action: ActionName,
        resource: ResourceName,
        *,
        owner: str | None = None,
        owner_organization: Organization | None = None,
        resource_tags: tuple[tuple[str, str], ...] = (),
        now: float | None = None,
        endpoint: str | None = None,
        endpoint_type: str | None = None,
        boundary_attached: bool = False,
        visible: frozenset[str] | None = None,
    ) -> None:
        self.principal = principal
        self.action = action
        self.stands_for = _stands_for(action)
        self.owner, self.owner_is_guessed = _owner(principal, resource, owner)
        self.owner_organization = owner_organization or (
            principal.organization if self.owner is not None and self.owner == principal.account else None
        )
        self.crosses_partitions = _crosses_partitions(principal, self.stands_for or resource)
        self.resource_tags = resource_tags
        self.now = now
        self.endpoint = endpoint
        self.endpoint_type = endpoint_type
        self.boundary_attached = boundary_attached
        self.visible = visible
        self.settled: dict[object, Any] = {}
        self.derived: dict[str, Value | None] = {}


class Check:
    """One action on one resource by one caller: what a policy is evaluated against.

    `value` answers for every context key; a key that is neither given nor derived is None. `given`
    holds the keys that the request gives, by lower-case name; AMBIGUOUS ones are for `value` to find.
    """

    __slots__ = ("_clock", "call", "context", "given", "given_resource", "resource", "time")

    def __init__(
        self,
        principal: Principal,
        action: ActionName,
        resource: ResourceName,
        context: Context = NO_CONTEXT,
        *,
        time: str | None = None,
        **details: Any,
    ) -> None:
        self.call = call = Call(principal, action, resource, **details)
        self.given_resource = resource
        self.resource = call.stands_for or resource
        self.context = context
        self.given = context.plain if call.visible is None else _NOTHING
        self.time = time
        self._clock: float | None = call.now

    def of(self, resource: ResourceName, context: Context, time: str | None) -> Check:
        """Make the check of another request of the same call: its resource has the same head."""
        made = _new(Check)
        made.call = call = self.call
        made.given_resource = resource
        made.resource = call.stands_for or resource
        made.context = context
        made.given = context.plain if call.visible is None else _NOTHING
        made.time = time
        made._clock = call.now
        return made

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
        call = self.call
        return Check(
            principal or call.principal, action or call.action, resource or self.given_resource,
            self.context if context is None else context, time=self.time,
            owner=call.owner, owner_organization=call.owner_organization, resource_tags=call.resource_tags,
            now=call.now, endpoint=call.endpoint, endpoint_type=call.endpoint_type,
            boundary_attached=call.boundary_attached, visible=visible or call.visible,
        )  # fmt: skip

    def ask(self, question: Callable[[Check], T]) -> T:
        """Answer a question about the request; whoever watches the check notes which are asked (dockets.py)."""
        return question(self)

    @property
    def principal(self) -> Principal:
        """The caller."""
        return self.call.principal

    @property
    def action(self) -> ActionName:
        """What the caller wants to do."""
        return self.call.action

    @property
    def service(self) -> str:
        """The service prefix of the action, in lower case."""
        return self.call.action.service

    @property
    def owner(self) -> str | None:
        """The account that owns the resource."""
        return self.call.owner

    @property
    def is_same_account(self) -> bool:
        """Does the caller belong to the account that owns the resource (7.1)?"""
        principal = self.call.principal
        return principal.is_account_member and principal.account == self.call.owner

    @property
    def passes_gateway_endpoint(self) -> bool:
        """Is the VPC endpoint a gateway endpoint (VPCE-2)? Unknown counts as gateway for S3 and DynamoDB."""
        if self.call.endpoint_type is not None:
            return self.call.endpoint_type == "gateway"
        return self.service in GATEWAY_ENDPOINT_SERVICES

    def value(self, lower: str, written: str | None = None) -> Value | None:
        """Look up a context key by its lower-case name; None means absent, or not visible to the reader."""
        call = self.call
        if call.visible is not None and lower not in call.visible:
            return None
        given = self.context.get(lower, written)
        if given is not NOT_GIVEN:
            return given  # type: ignore[return-value]  # NOT_GIVEN is the only other case
        name = written or lower  # C-3: letter case chooses between tags
        if name in call.derived:
            return call.derived[name]
        return self._derive(lower, name)

    def _derive(self, lower: str, name: str) -> Value | None:
        row = global_key(lower)
        value = None if row is None else self._derived_by(row, lower, name)
        if row is None or not row.varies:
            self.call.derived[name] = value
        return value

    def _derived_by(self, row: GlobalKey, lower: str, name: str) -> Value | None:
        if row.derive is not None:
            return row.derive(self)
        if lower.startswith("aws:principaltag/"):
            return _tag(self.principal.all_tags, name)
        if lower.startswith("aws:resourcetag/"):
            return _tag(dict(self.call.resource_tags), name)
        return None

    def origin(self, lower: str) -> Origin:
        """Tell where the value of a key comes from."""
        if self.context.get(lower) is not NOT_GIVEN:
            return Origin.GIVEN
        row = global_key(lower)
        return row.origin if row is not None else Origin.DERIVED

    @property
    def now(self) -> float:
        """The clock, read once for a check; in seconds since 1970."""
        if self._clock is None:
            self._clock = clock.time()
        return self._clock

    @property
    def time_epoch(self) -> str:
        """The time of the request in seconds since 1970, with its whole fraction."""
        from policyeval.language.exact import plain

        text = self._time_text
        seconds = MALFORMED if is_epoch(text) else read_date(text)
        return text if seconds is MALFORMED else plain(seconds)

    @property
    def time_iso(self) -> str:
        """The same moment in ISO 8601; where no calendar date has four digits, in seconds since 1970."""
        from policyeval.language.exact import date_text

        text = self._time_text
        seconds = read_date(text) if is_epoch(text) else MALFORMED
        return text if seconds is MALFORMED else date_text(seconds) or text

    @property
    def _time_text(self) -> str:
        """The time as the request tells it, else the clock (K-5)."""
        for given in (self.time, self.context.get("aws:currenttime"), self.context.get("aws:epochtime")):
            if isinstance(given, str):
                return given if read_date(given) is not MALFORMED else str(int(self.now))
        return str(int(self.now))


def _tag(tags: Mapping[str, str], key: str) -> str | None:
    """Find a tag by its key: the exact one, else the first that differs in letter case only (C-3)."""
    name = key.partition("/")[2]
    if name in tags:
        return tags[name]
    return next((value for key, value in tags.items() if key.lower() == name.lower()), None)


def _stands_for(action: ActionName) -> ResourceName | None:
    """R-47: an action without resource type is evaluated against `*`; D-5 for s3:ListAllMyBuckets."""
    if resource_types(action.service, action.name) != ():
        return None
    return ANY_BUCKET if action.lower == "s3:listallmybuckets" else ANY_RESOURCE


def _crosses_partitions(principal: Principal, resource: ResourceName) -> bool:
    """Are caller and resource in different partitions (X-8)?"""
    partition, own = resource.partition, principal.partition
    return bool(partition) and bool(own) and partition != own


def _owner(principal: Principal, resource: ResourceName, given: str | None) -> tuple[str | None, bool]:
    """R-43: who owns the resource, and was that guessed?"""
    head = resource.head
    owner = given or (head.account_id if head else None)
    if owner is None and principal.is_account_member:
        return principal.account, head is not None and head.account != "aws"
    return owner, False
