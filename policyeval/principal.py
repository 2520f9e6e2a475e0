"""Who calls? The kinds of principal, read from an ARN, an account id, a service name or an object (SEMANTICS 4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from policyeval.diagnostics import did_you_mean
from policyeval.errors import PolicyEvalError, RequestError
from policyeval.language.arn import Arn, is_account_id, parse_arn
from policyeval.records import Record, replace
from policyeval.shapes import a_text, scalar_text, texts

_SERVICE = re.compile(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|aws\.internal|amazon\.com)", re.IGNORECASE
)
UNKNOWN_SESSION = "*unknown*"
CLOUDFRONT_ACCOUNT = "cloudfront"


class PrincipalKind(Enum):
    """The kinds of caller that AWS tells apart."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "role-session"
    FEDERATED_USER = "federated-user"
    SERVICE = "service"
    SAML = "saml"
    WEB_IDENTITY = "web-identity"
    ANONYMOUS = "anonymous"


# aws:PrincipalType (SEMANTICS 6.1); service principals and identity providers have none.
_TYPE_NAMES = {
    PrincipalKind.ROOT: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ROLE_SESSION: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.ANONYMOUS: "Anonymous",
}

_ACCOUNT_MEMBERS = {
    PrincipalKind.ROOT,
    PrincipalKind.USER,
    PrincipalKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER,
}


class Organization(Record):
    """The organization of an account: its id, the paths (`o-x/r-y/ou-z/`), the management account."""

    id: str | None = None
    paths: tuple[str, ...] | None = None
    management_account: str | None = None

    @classmethod
    def from_dict(cls, value: Any, path: tuple[str | int, ...]) -> Organization:
        """Read `{id, path, management_account}`; `path` may be a list."""
        if not isinstance(value, Mapping):
            raise RequestError(
                "an organization is an object", path=path, help="write {id: o-…, path: o-…/r-…/}"
            )
        refuse_unknown(value, ("id", "path", "management_account"), "organization", path)
        paths = texts(value["path"], (*path, "path"), RequestError) if value.get("path") is not None else None
        id, management = (
            a_text(value.get(name), (*path, name), RequestError) for name in ("id", "management_account")
        )
        return cls(id, paths, management)


class Principal(Record):
    """A caller. `arn` is what it calls itself with; fields that do not apply are None or empty.

    `transitive_tags` are the session tags that a chained session passes on (ST-6, §11).
    """

    kind: PrincipalKind
    arn: str | None = None
    account: str | None = None
    partition: str = ""
    name: str | None = None
    role_arn: str | None = None
    session_name: str | None = None
    parent_user_arn: str | None = None
    unique_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    session_tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[tuple[str, str], ...] = ()
    source_identity: str | None = None
    mfa: bool | None = None
    service_linked: bool = False
    session_token: bool = False
    assumed_root: bool = False
    organization: Organization | None = None
    canonical_id: str | None = None
    service: str | None = None
    provider: str | None = None

    @property
    def is_anonymous(self) -> bool:
        """Is the request unsigned?"""
        return self.kind is PrincipalKind.ANONYMOUS

    @property
    def is_service(self) -> bool:
        """Does an AWS service call under its own name?"""
        return self.kind is PrincipalKind.SERVICE

    @property
    def is_root(self) -> bool:
        """Is it an account's root user?"""
        return self.kind is PrincipalKind.ROOT

    @property
    def is_identity_provider(self) -> bool:
        """Is it an identity of a SAML or OIDC provider, before it has a role?"""
        return self.kind in (PrincipalKind.SAML, PrincipalKind.WEB_IDENTITY)

    @property
    def is_account_member(self) -> bool:
        """Does it belong to an account (and carry AWS credentials)?"""
        return self.kind in _ACCOUNT_MEMBERS and not self.is_origin_access_identity

    @property
    def acts_as_root(self) -> bool:
        """Has it the root user's rights: as root user, or as a federated user of one (§11)?"""
        return self.is_root or (self.parent_user_arn or "").endswith(":root")

    @property
    def has_identity_policies(self) -> bool:
        """Do identity-based policies and a boundary bear on it (ROOT-2, PB-3)?"""
        return self.is_account_member and not self.acts_as_root

    @property
    def is_origin_access_identity(self) -> bool:
        """Is it a CloudFront origin access identity (P-11)?"""
        return self.account == CLOUDFRONT_ACCOUNT

    @property
    def is_service_linked_role(self) -> bool:
        """Is it a session of a service-linked role (SCP-9)?"""
        return self.service_linked or (
            self.role_arn is not None and ":role/aws-service-role/" in self.role_arn
        )

    @property
    def is_unknown_session(self) -> bool:
        """Was a role ARN given as the caller, meaning any session of that role?"""
        return self.session_name == UNKNOWN_SESSION

    @property
    def role_path_is_known(self) -> bool:
        """Was the role's ARN, with its path, given?"""
        return self.role_arn is not None

    @property
    def policy_arn(self) -> str | None:
        """The value of aws:PrincipalArn: a session's role, else the ARN itself (6.1, K-5)."""
        if self.kind is PrincipalKind.ROLE_SESSION:
            return self.role_arn or f"arn:{self.partition}:iam::{self.account}:role/{self.name}"
        return self.arn if self.kind in _ACCOUNT_MEMBERS else None

    @property
    def type_name(self) -> str | None:
        """The value of aws:PrincipalType."""
        return _TYPE_NAMES.get(self.kind)

    @property
    def user_name(self) -> str | None:
        """The value of aws:username."""
        return self.name if self.kind is PrincipalKind.USER else None

    @property
    def user_id(self) -> str | None:
        """The value of aws:userid (6.1)."""
        if self.kind is PrincipalKind.ROOT:
            return self.account
        if self.kind is PrincipalKind.FEDERATED_USER:
            return f"{self.account}:{self.name}"
        if self.kind is PrincipalKind.ROLE_SESSION and self.unique_id and ":" not in self.unique_id:
            return f"{self.unique_id}:{self.session_name}"
        return "anonymous" if self.is_anonymous else self.unique_id

    @property
    def session_policy_is_possible(self) -> bool:
        """Can the credentials carry a session policy (SP-3)?"""
        return self.kind in (PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER) or self.assumed_root

    @property
    def all_tags(self) -> dict[str, str]:
        """The principal's tags; a session tag replaces a tag of the same name in any case (§11)."""
        session = dict(self.session_tags)
        replaced = {key.lower() for key in session}
        return {key: value for key, value in self.tags if key.lower() not in replaced} | session

    def __hash__(self) -> int:
        return hash(self.arn)

    def __str__(self) -> str:
        return self.arn or self.service or self.provider or self.kind.value


@lru_cache(maxsize=16384)
def parse_principal(text: str) -> Principal:
    """Read a principal from its short form: an ARN, an account id, a service name or `anonymous`.

    Raises RequestError for any other text.
    """
    if text == "anonymous":
        return Principal(PrincipalKind.ANONYMOUS)
    if is_account_id(text):
        return Principal(PrincipalKind.ROOT, f"arn:aws:iam::{text}:root", text, "aws")
    arn = parse_arn(text)
    if arn is not None:
        return _from_arn(arn)
    if _SERVICE.fullmatch(text):
        return Principal(PrincipalKind.SERVICE, service=text)
    raise RequestError(
        f"`{text}` is no principal",
        path=("principal",),
        help="give an ARN, an account id, a service such as `lambda.amazonaws.com`, or `anonymous`; "
        "an identity provider by name as {provider: accounts.google.com}",
    )


def _from_arn(arn: Arn) -> Principal:
    kind, _, rest = arn.resource.partition("/")
    is_oai = arn.account == CLOUDFRONT_ACCOUNT
    if not is_account_id(arn.account) and not is_oai:
        raise RequestError(f"the account of the principal `{arn.text}` is no account id", path=("principal",),
                           help="an account id has 12 digits")  # fmt: skip
    read = _READERS.get((arn.service, kind))
    if read is None or bool(rest) is (kind == "root") or arn.resource.endswith("/"):
        raise RequestError(
            f"`{arn.text}` is no principal",
            path=("principal",),
            help="a principal is a user, role, assumed-role, federated-user, root, saml-provider or oidc-provider",
        )
    return read(arn, rest)


def _root(arn: Arn, _: str) -> Principal:
    return Principal(PrincipalKind.ROOT, arn.text, arn.account, arn.partition)


def _user(arn: Arn, rest: str) -> Principal:
    return Principal(PrincipalKind.USER, arn.text, arn.account, arn.partition, rest.rpartition("/")[2])


def _role(arn: Arn, rest: str) -> Principal:
    name = rest.rpartition("/")[2]
    session = f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{UNKNOWN_SESSION}"
    return Principal(
        PrincipalKind.ROLE_SESSION, session, arn.account, arn.partition, name, role_arn=arn.text,
        session_name=UNKNOWN_SESSION,
    )  # fmt: skip


def _assumed_role(arn: Arn, rest: str) -> Principal:
    name, _, session = rest.partition("/")
    if not session:
        raise RequestError(f"the session name is missing in `{arn.text}`", path=("principal",),
                           help="write `…:assumed-role/ROLE/SESSION`, or the role's own ARN")  # fmt: skip
    return Principal(
        PrincipalKind.ROLE_SESSION, arn.text, arn.account, arn.partition, name, session_name=session
    )  # fmt: skip


def _federated_user(arn: Arn, rest: str) -> Principal:
    return Principal(PrincipalKind.FEDERATED_USER, arn.text, arn.account, arn.partition, rest)


def _saml(arn: Arn, _: str) -> Principal:
    return Principal(PrincipalKind.SAML, partition=arn.partition, provider=arn.text)


def _oidc(arn: Arn, _: str) -> Principal:
    return Principal(PrincipalKind.WEB_IDENTITY, partition=arn.partition, provider=arn.text)


_READERS = {
    ("iam", "root"): _root,
    ("iam", "user"): _user,
    ("iam", "role"): _role,
    ("sts", "assumed-role"): _assumed_role,
    ("sts", "federated-user"): _federated_user,
    ("iam", "saml-provider"): _saml,
    ("iam", "oidc-provider"): _oidc,
}

_FIELDS = (
    "arn", "service", "provider", "role_arn", "parent_user_arn", "unique_id", "tags", "session_tags",
    "source_identity", "mfa", "service_linked", "session_token", "assumed_root", "organization", "canonical_id",
)  # fmt: skip


def read_principal(value: Any) -> Principal:
    """Read a principal from its short form or from an object (UX §1).

    Raises RequestError with the path of what is wrong.
    """
    if isinstance(value, Principal):
        return value
    if isinstance(value, str):
        return parse_principal(str(value))
    if not isinstance(value, Mapping):
        raise RequestError("a principal is a text or an object", path=("principal",), help="give its ARN")
    refuse_unknown(value, _FIELDS, "principal", ("principal",))
    return _with_details(_named(value), value)


def _named(value: Mapping[str, Any]) -> Principal:
    names = [name for name in ("arn", "service", "provider") if value.get(name) is not None]
    if len(names) != 1:
        raise RequestError(
            "a principal object has one of `arn`, `service` and `provider`",
            path=("principal",),
            help="keep one",
        )
    text = str(value[names[0]])
    if names[0] == "service":
        return Principal(PrincipalKind.SERVICE, service=text)
    if names[0] == "provider" and not text.startswith("arn:"):
        return Principal(PrincipalKind.WEB_IDENTITY, provider=text)
    return parse_principal(text)


def _with_details(principal: Principal, value: Mapping[str, Any]) -> Principal:
    organization = value.get("organization")
    given: dict[str, Any] = {name: _text(value, name) for name in _TEXTS if value.get(name) is not None}
    given |= {name: _flag(value, name) for name in _FLAGS if name in value}
    mfa = None if value.get("mfa") in (None, "absent") else _flag(value, "mfa")
    detailed = replace(
        principal,
        tags=read_tags(value.get("tags"), ("principal", "tags")) or principal.tags,
        session_tags=read_tags(value.get("session_tags"), ("principal", "session_tags")),
        mfa=mfa,
        organization=Organization.from_dict(organization, ("principal", "organization"))
        if organization
        else None,
        **given,
    )
    _refuse_contradictions(detailed)
    return detailed


_FLAGS = ("service_linked", "session_token", "assumed_root")
_TEXTS = ("role_arn", "parent_user_arn", "unique_id", "source_identity", "canonical_id")


# field → what alone has it (4.1)
_OWNERS = {
    "role_arn": PrincipalKind.ROLE_SESSION,
    "service_linked": PrincipalKind.ROLE_SESSION,
    "parent_user_arn": PrincipalKind.FEDERATED_USER,
    "assumed_root": PrincipalKind.ROOT,
}


def _refuse_contradictions(principal: Principal) -> None:
    for name, kind in _OWNERS.items():
        if getattr(principal, name) and principal.kind is not kind:
            message = f"only a {kind.value.replace('-', ' ')} has a `{name}`"
            raise RequestError(message, path=("principal", name), help="remove it")
    if principal.role_arn is not None:
        _refuse_other_role(principal, principal.role_arn)
    if principal.parent_user_arn is not None:
        _refuse_other_parent(principal, principal.parent_user_arn)


def _refuse_other_role(principal: Principal, text: str) -> None:
    role = parse_arn(text)
    if role is None or not role.resource.startswith("role/"):
        raise RequestError(f"`{text}` is no role ARN", path=("principal", "role_arn"),
                           help="write `arn:aws:iam::ACCOUNT:role/PATH/NAME`")  # fmt: skip
    own = (principal.partition, principal.account, principal.name)
    if (role.partition, role.account, role.resource.rpartition("/")[2]) != own:
        message = f"`{text}` is not the role of `{principal.arn}`"
        help = "partition, account and role name are the same in both"
        raise RequestError(message, path=("principal", "role_arn"), help=help)


def _refuse_other_parent(principal: Principal, text: str) -> None:
    """A federated user has the rights of a user, or of the root user, of its own account."""
    parent = parse_arn(text)
    is_parent = (
        parent is not None
        and (parent.partition, parent.service, parent.account)
        == (principal.partition, "iam", principal.account)
        and (parent.resource == "root" or parent.resource.startswith("user/"))
    )
    if not is_parent:
        message = f"`{text}` is no user who can have made `{principal.arn}`"
        help = "write the ARN of a user, or of the root user, of the same account"
        raise RequestError(message, path=("principal", "parent_user_arn"), help=help)


def _text(value: Mapping[str, Any], name: str) -> str:
    if not isinstance(value[name], str):
        raise RequestError(f"`{name}` is a string", path=("principal", name), help="put it in quotes")
    return str(value[name])


def _flag(value: Mapping[str, Any], name: str) -> bool:
    text = str(value[name]).lower()
    if text not in ("true", "false"):
        raise RequestError(f"`{name}` is true or false", path=("principal", name), help="write true or false")
    return text == "true"


def read_tags(
    value: Any, path: tuple[str | int, ...], error: type[PolicyEvalError] = RequestError
) -> tuple[tuple[str, str], ...]:
    """Read tags from an object, or from AWS's list of {Key, Value}; numbers and booleans as context keys have them.

    Raises the error with the path of what is wrong.
    """
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(_listed_tag(tag, (*path, index), error) for index, tag in enumerate(value))
    if not isinstance(value, Mapping):
        raise error("tags are an object", path=path, help="write {key: value}")
    return tuple((str(key), _tag_text(text, (*path, str(key)), error)) for key, text in value.items())


def _listed_tag(tag: Any, path: tuple[str | int, ...], error: type[PolicyEvalError]) -> tuple[str, str]:
    if not isinstance(tag, Mapping) or not {"Key", "Value"} <= tag.keys():
        raise error("a tag in a list is an object with `Key` and `Value`", path=path,
                    help="write {Key: team, Value: red}")  # fmt: skip
    return _tag_text(tag["Key"], (*path, "Key"), error), _tag_text(tag["Value"], (*path, "Value"), error)


def _tag_text(value: Any, path: tuple[str | int, ...], error: type[PolicyEvalError]) -> str:
    text = scalar_text(value)
    if text is None:
        help = "give a string, number or boolean; leave out a tag that is not there"
        raise error(f"`{path[-1]}` of the tags is no text", path=path, help=help)
    return text


def refuse_unknown(
    value: Mapping[str, Any], known: tuple[str, ...], what: str, path: tuple[str | int, ...]
) -> None:
    """Raise RequestError for a field that the object does not have, with the nearest that it has."""
    for name in value:
        if name not in known:
            near = did_you_mean(str(name), known)
            help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(known)}"
            raise RequestError(
                f"unknown {what} field `{name}`", path=(*path, str(name)), on_key=True, help=help
            )
