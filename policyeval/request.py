"""What is asked? A request as users give it, and the single checks that AWS decides for it.

A `Request` may name several actions and resources; a `Check` is one action on one resource, with
every context key looked up or derived (SEMANTICS R-40..R-47, K-3..K-5).
"""

from __future__ import annotations

import re
import time as clock
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from policyeval.catalog.global_keys import Origin, Value, global_key
from policyeval.catalog.services import resource_types
from policyeval.context import NOT_GIVEN, Context
from policyeval.errors import RequestError
from policyeval.language.arn import Arn, is_account_id, parse_arn
from policyeval.language.patterns import ascii_lower
from policyeval.language.values import MALFORMED, read_date
from policyeval.principal import Organization, Principal, read_principal, read_tags, refuse_unknown
from policyeval.records import Record
from policyeval.shapes import a_list, a_text, texts

_ACTION = re.compile(r"[A-Za-z0-9.-]+:[A-Za-z0-9_.-]+", re.ASCII)
_YEAR_10000 = 253_402_300_800
GATEWAY_ENDPOINT_SERVICES = ("s3", "dynamodb")


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


_NO_CONTEXT = Context()


class Hop(Record):
    """A role that is assumed on the way (UX §1, `via`)."""

    arn: Arn
    session_name: str = "session"
    session_policy: Any = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    context: Context = _NO_CONTEXT

    @property
    def role(self) -> str:
        """The ARN of the role."""
        return self.arn.text

    @property
    def account(self) -> str:
        """The role's account."""
        return self.arn.account


class AlsoCheck(Record):
    """A further check that AWS makes for the same call (UX §1, `also`)."""

    action: str
    resource: str
    context: Context
    resource_account: str | None = None


_FIELDS = (
    "principal", "action", "resource", "context", "resource_account", "resource_organization", "resource_tags",
    "time", "endpoint", "endpoint_type", "via", "also", "name",
)  # fmt: skip


class Request:
    """A request in the shape of UX §1.

    `principal` is a text, an object or a Principal; `action` and `resource` may be lists; `context`
    a mapping or a Context. Raises RequestError for what cannot be read.
    """

    __slots__ = (
        "actions", "also", "context", "endpoint", "endpoint_type", "name", "principal", "resource_account",
        "resource_organization", "resource_tags", "resources", "time", "via",
    )  # fmt: skip

    def __init__(
        self,
        principal: Any,
        action: str | Iterable[str],
        resource: str | Iterable[str] = "*",
        context: Mapping[str, Any] | Context | None = None,
        *,
        resource_account: str | None = None,
        resource_organization: Mapping[str, Any] | Organization | None = None,
        resource_tags: Any = None,
        time: str | None = None,
        endpoint: str | None = None,
        endpoint_type: str | None = None,
        via: Iterable[Any] = (),
        also: Iterable[Any] = (),
        name: str | None = None,
    ) -> None:
        self.principal: Principal = read_principal(principal)
        self.actions = tuple(parse_action(text) for text in _listed(action, "action"))
        self.resources = tuple(parse_resource(text) for text in _listed(resource, "resource"))
        self.context = _context(context)
        self.resource_account = _account(resource_account)
        self.resource_organization = _organization(resource_organization)
        self.resource_tags = read_tags(resource_tags, ("resource_tags",))
        self.time = _time(time)
        self.endpoint = endpoint
        self.endpoint_type = _endpoint_type(endpoint_type)
        self.via = tuple(_hop(one, index) for index, one in enumerate(a_list(via, ("via",), RequestError)))
        self.also = tuple(
            _also(one, index) for index, one in enumerate(a_list(also, ("also",), RequestError))
        )
        self.name = name

    @classmethod
    def from_dict(cls, value: Any) -> Request:
        """Read a request from the file shape of UX §1.

        Raises RequestError with the path of what is wrong.
        """
        if isinstance(value, Request):
            return value
        if not isinstance(value, Mapping):
            raise RequestError(
                "a request is an object", path=(), help="write {principal: …, action: …, resource: …}"
            )
        refuse_unknown(value, _FIELDS, "request", ())
        for name in ("principal", "action"):
            if value.get(name) is None:
                raise RequestError(f"the request has no `{name}`", path=(), help=_HOW_TO_GIVE[name])
        return cls(**{str(name): given for name, given in value.items() if given is not None})

    def copy(self) -> Request:
        """Make a copy whose fields can be set without touching this one."""
        made = Request.__new__(Request)
        for name in self.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    @property
    def action(self) -> str:
        """The first action, as given."""
        return self.actions[0].text

    @property
    def resource(self) -> str:
        """The first resource, as given."""
        return self.resources[0].text

    def __repr__(self) -> str:
        return f"Request({str(self.principal)!r}, {self.action!r}, {self.resource!r}, {dict(self.context.items())!r})"


_HOW_TO_GIVE = {
    "principal": "add the caller's ARN, or give --principal",
    "action": "add `service:Action`, or give --action",
}


def _listed(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (str(value),)
    texts = tuple(value) if isinstance(value, Iterable) and not isinstance(value, Mapping) else ()
    if not texts or not all(isinstance(text, str) for text in texts):
        raise RequestError(
            f"`{name}` is a string or a list of strings", path=(name,), help="name at least one"
        )
    return texts


def _context(value: Any) -> Context:
    if value is None:
        return _NO_CONTEXT
    if isinstance(value, Context):
        return value
    if not isinstance(value, Mapping):
        raise RequestError("`context` is an object", path=("context",), help="write {key: value}")
    return Context(value)


def _account(value: Any) -> str | None:
    if value is None:
        return None
    if not is_account_id(str(value)):
        raise RequestError(
            f"`{value}` is no account id", path=("resource_account",), help="give 12 digits, in quotes"
        )
    return str(value)


def _organization(value: Any) -> Organization | None:
    if value is None or isinstance(value, Organization):
        return value
    return Organization.from_dict(value, ("resource_organization",))


def _time(value: Any) -> str | None:
    if value is None:
        return None
    if read_date(str(value)) is MALFORMED:
        raise RequestError(f"`{value}` is no time", path=("time",), help="write `2026-11-23T12:00:00Z`")
    return str(value)


def _endpoint_type(value: Any) -> str | None:
    if value not in (None, "gateway", "interface"):
        raise RequestError(
            f"`{value}` is no endpoint type", path=("endpoint_type",), help="gateway or interface"
        )
    return None if value is None else str(value)


_HOP_FIELDS = (
    "role",
    "session_name",
    "session_policy",
    "tags",
    "transitive_tags",
    "source_identity",
    "context",
)


def _hop(value: Any, index: int) -> Hop:
    if isinstance(value, Hop):
        return value
    given = {"role": value} if isinstance(value, str) else value
    path = ("via", index)
    if not isinstance(given, Mapping) or "role" not in given:
        raise RequestError(
            "a hop is a role ARN or an object with `role`", path=path, help="write the role's ARN"
        )
    refuse_unknown(given, _HOP_FIELDS, "hop", path)
    role = parse_arn(str(given["role"]))
    if role is None or not role.resource.startswith("role/"):
        raise RequestError(
            f"`{given['role']}` is no role ARN", path=path, help="write `arn:aws:iam::ACCOUNT:role/NAME`"
        )
    return Hop(
        role,
        str(given.get("session_name") or "session"),
        given.get("session_policy"),
        read_tags(given.get("tags"), (*path, "tags")),
        texts(given.get("transitive_tags"), (*path, "transitive_tags"), RequestError),
        a_text(given.get("source_identity"), (*path, "source_identity"), RequestError),
        _context(given.get("context")),
    )


def _also(value: Any, index: int) -> AlsoCheck:
    if isinstance(value, AlsoCheck):
        return value
    path = ("also", index)
    if not isinstance(value, Mapping) or "action" not in value:
        raise RequestError(
            "a further check is an object with `action`", path=path, help="write {action: …, resource: …}"
        )
    refuse_unknown(value, ("action", "resource", "context", "resource_account"), "check", path)
    parse_action(str(value["action"]))
    resource = str(value.get("resource") or "*")
    parse_resource(resource)
    return AlsoCheck(
        str(value["action"]),
        resource,
        _context(value.get("context")),
        _account(value.get("resource_account")),
    )


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
        context: Context = _NO_CONTEXT,
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
