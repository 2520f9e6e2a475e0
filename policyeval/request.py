"""What is asked? A request as users give it: it may name several actions, resources, hops and further checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from policyeval.context import NO_CONTEXT, Context
from policyeval.errors import RequestError
from policyeval.language.arn import Arn, is_account_id, parse_arn
from policyeval.language.values import MALFORMED, read_date
from policyeval.names import ActionName, Head, ResourceName, parse_action, parse_resource
from policyeval.principal import (
    Organization,
    Principal,
    parse_principal,
    read_principal,
    read_tags,
    refuse_unknown,
)
from policyeval.records import Record
from policyeval.shapes import a_list, a_text, texts
from policyeval.source import Path


class Hop(Record):
    """A role that is assumed on the way (UX §1, `via`)."""

    arn: Arn
    session_name: str = "session"
    session_policy: Any = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    context: Context = NO_CONTEXT

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


_set = object.__setattr__

_FIELDS = (
    "principal", "action", "resource", "context", "resource_account", "resource_organization", "resource_tags",
    "time", "endpoint", "endpoint_type", "via", "also", "name",
)  # fmt: skip


class Details(Record):
    """What few requests say: the resource's owner and tags, the VPC endpoint, roles on the way, further checks."""

    resource_account: str | None = None
    resource_organization: Organization | None = None
    resource_tags: tuple[tuple[str, str], ...] = ()
    endpoint: str | None = None
    endpoint_type: str | None = None
    via: tuple[Hop, ...] = ()
    also: tuple[AlsoCheck, ...] = ()

    def __hash__(self) -> int:
        return hash((self.resource_account, self.endpoint))


_NO_DETAILS = Details()
_NOTHING = (None, None, None, None, None, (), ())


class CallKey(Record, eq=False):
    """What the requests of one call have in common; the same object for all of them, while it is remembered.

    The head of the resource tells its owner; `details` are about the owner and the endpoint only.
    """

    principal: Principal
    action: ActionName
    head: Head | None
    details: Details


@lru_cache(maxsize=16384)
def _plain_call(principal: Principal, action: ActionName, head: Head | None) -> CallKey:
    return CallKey(principal, action, head, _NO_DETAILS)


@lru_cache(maxsize=16384)
def _call_with_details(
    principal: Principal, action: ActionName, head: Head | None, details: Details
) -> CallKey:
    return CallKey(principal, action, head, details)


class Request:
    """A request in the shape of UX §1; it does not change.

    `principal` is a text, an object or a Principal; `action` and `resource` may be lists; `context`
    a mapping or a Context. Raises RequestError for what cannot be read.
    """

    __slots__ = ("_call", "actions", "context", "details", "name", "principal", "resources", "time")

    principal: Principal
    actions: tuple[ActionName, ...]
    resources: tuple[ResourceName, ...]
    context: Context
    details: Details
    time: str | None
    name: str | None
    _call: CallKey | None

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
        details = (resource_account, resource_organization, resource_tags, endpoint, endpoint_type, via, also)
        _set(
            self,
            "principal",
            parse_principal(principal) if type(principal) is str else read_principal(principal),
        )
        _set(self, "actions", (parse_action(action),) if type(action) is str else _actions(action))
        _set(
            self, "resources", (parse_resource(resource),) if type(resource) is str else _resources(resource)
        )
        _set(self, "context", NO_CONTEXT if context is None else _context(context))
        _set(self, "details", _NO_DETAILS if details == _NOTHING else _details(*details))
        if resource_account is not None:
            _refuse_other_owner(self.resources, self.details.resource_account, ("resource_account",))
        _set(self, "time", None if time is None else _time(time))
        _set(self, "name", name)
        _set(self, "_call", None)

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(
            f"`{name}` cannot be set: a request does not change; `changed` makes another one"
        )

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

    def changed(self, **parts: Any) -> Request:
        """Make a request in which some parts, given as this one holds them, are others."""
        made = Request.__new__(Request)
        for name in self.__slots__:
            _set(made, name, parts.pop(name) if name in parts else getattr(self, name))
        if parts:
            raise TypeError(f"a request has no `{next(iter(parts))}`")
        _set(made, "_call", None)
        return made

    @property
    def call(self) -> CallKey | None:
        """What this request shares with others; None when it consists of several checks."""
        if self._call is None and len(self.actions) == len(self.resources) == 1:
            parts, details = (self.principal, self.actions[0], self.resources[0].head), self.details
            if details is _NO_DETAILS:
                _set(self, "_call", _plain_call(*parts))
            elif not (details.via or details.also):
                _set(self, "_call", _call_with_details(*parts, details))
        return self._call

    @property
    def via(self) -> tuple[Hop, ...]:
        """The roles that are assumed on the way."""
        return self.details.via

    @property
    def also(self) -> tuple[AlsoCheck, ...]:
        """The further checks that AWS makes for the same call."""
        return self.details.also

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


def _actions(value: Any) -> tuple[ActionName, ...]:
    return tuple(parse_action(text) for text in _listed(value, "action"))


def _resources(value: Any) -> tuple[ResourceName, ...]:
    return tuple(parse_resource(text) for text in _listed(value, "resource"))


def _details(
    account: str | None,
    organization: Mapping[str, Any] | Organization | None,
    tags: Any,
    endpoint: str | None,
    endpoint_type: str | None,
    via: Iterable[Any],
    also: Iterable[Any],
) -> Details:
    return Details(
        _account(account),
        _organization(organization),
        read_tags(tags, ("resource_tags",)),
        endpoint,
        _endpoint_type(endpoint_type),
        tuple(_hop(one, index) for index, one in enumerate(_one_or_more(via, "via"))),
        tuple(_also(one, index) for index, one in enumerate(_one_or_more(also, "also"))),
    )


def _one_or_more(value: Any, name: str) -> Sequence[Any]:
    """One hop or check is as good as a list of one."""
    if value == ():
        return ()
    return (
        (value,)
        if isinstance(value, (str, Mapping, Hop, AlsoCheck))
        else a_list(value, (name,), RequestError)
    )


def _context(value: Any) -> Context:
    if value is None:
        return NO_CONTEXT
    if isinstance(value, Context):
        return value
    if not isinstance(value, Mapping):
        raise RequestError("`context` is an object", path=("context",), help="write {key: value}")
    return Context(value)


def _refuse_other_owner(resources: Iterable[ResourceName], account: str | None, path: Path) -> None:
    """R-43: an ARN that names its account has no other owner."""
    for one in resources:
        written = one.head.account_id if one.head else None
        if account and written and account != written:
            help = f"leave `{path[-1]}` out"
            raise RequestError(f"`{path[-1]}` is {account}, the ARN says {written}", path=path, help=help)


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
    path = ("also", index)
    check = value if isinstance(value, AlsoCheck) else _read_also(value, path)
    owned = (parse_resource(check.resource),)
    _refuse_other_owner(owned, check.resource_account, (*path, "resource_account"))
    return check


def _read_also(value: Any, path: Path) -> AlsoCheck:
    if not isinstance(value, Mapping) or "action" not in value:
        raise RequestError(
            "a further check is an object with `action`", path=path, help="write {action: …, resource: …}"
        )
    refuse_unknown(value, ("action", "resource", "context", "resource_account"), "check", path)
    parse_action(str(value["action"]))
    resource = str(value.get("resource") or "*")
    return AlsoCheck(
        str(value["action"]),
        resource,
        _context(value.get("context")),
        _account(value.get("resource_account")),
    )
