"""Who calls (SEMANTICS 4.1, UX 1 `principal`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import Invalid, require
from .text import is_account, scalar_text, split_arn, words

UNKNOWN_SESSION = "*unknown*"
FIELDS = words("""
arn service provider role_arn parent_user_arn unique_id tags session_tags source_identity mfa service_linked
session_token assumed_root organization canonical_id
""")
SERVICE_NAME = re.compile(
    r"[A-Za-z0-9_.-]+\.(amazonaws\.com(\.cn)?|aws\.internal|c2s\.ic\.gov|sc2s\.sgov\.gov)\Z"
)


@dataclass(frozen=True)
class Organization:
    """An organization as a request names it."""

    id: str | None = None
    path: Any = None
    management_account: str | None = None


@dataclass(frozen=True)
class Caller:
    """The principal of a request."""

    kind: str
    arn: str | None = None
    partition: str | None = None
    account: str | None = None
    role_arn: str | None = None
    role_name: str | None = None
    session_name: str | None = None
    parent_user_arn: str | None = None
    service: str | None = None
    provider: str | None = None
    is_oai: bool = False
    unique_id: str | None = None
    tags: dict[str, str] | None = None
    session_tags: dict[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    mfa: bool | None = None
    service_linked: bool = False
    session_token: bool = False
    assumed_root: bool = False
    organization: Organization = Organization()
    canonical_id: str | None = None

    @property
    def has_policies(self) -> bool:
        """7.1: whether identity policies and boundaries exist for the caller."""
        if self.is_oai or self.acts_for_root:
            return False
        return self.kind in ("user", "role-session", "federated-user")

    @property
    def acts_for_root(self) -> bool:
        """Section 11: a federated user whose parent is the root user."""
        return self.kind == "federated-user" and (self.parent_user_arn or "").endswith(":root")

    @property
    def is_service_linked(self) -> bool:
        """SCP-9: a service-linked role is known by its path."""
        arn = split_arn(self.role_arn or "")
        return self.service_linked or (arn is not None and arn[5].startswith("role/aws-service-role/"))

    @property
    def derived_role_arn(self) -> str:
        """6.1, K-5: the role of a session, without path when it is not given."""
        return self.role_arn or f"arn:{self.partition}:iam::{self.account}:role/{self.role_name}"


def read_caller(value: Any) -> Caller:
    """UX 1: read `principal`."""
    if not isinstance(value, dict):
        return read_name(scalar_text(value))
    for key in value:
        require(key in FIELDS, f"unknown field `{key}` of the principal")
    given = {key: each for key, each in value.items() if each is not None}
    names = [key for key in ("arn", "service", "provider") if key in given]
    require(len(names) == 1, "a principal has one of `arn`, `service` and `provider`")
    text = scalar_text(given[names[0]])
    caller = {"arn": read_name, "service": read_service, "provider": read_provider}[names[0]](text)
    return check_caller(replace(caller, **read_extras(given)))


def read_name(text: str | None) -> Caller:
    """Read a principal given as one string."""
    require(isinstance(text, str) and text != "", "no principal")
    assert text is not None
    if text == "anonymous":
        return Caller("anonymous")
    if is_account(text):
        return read_arn(f"arn:aws:iam::{text}:root")
    if text.startswith("arn:"):
        return read_arn(text)
    require(SERVICE_NAME.match(text) is not None, f"unknown principal `{text}`")
    return read_service(text)


def read_service(text: str | None) -> Caller:
    """An AWS service as caller."""
    require(isinstance(text, str) and "." in text, "a service is a name such as `ec2.amazonaws.com`")
    return Caller("service", service=text)


def read_provider(text: str | None) -> Caller:
    """P-13: an identity provider, by name or ARN."""
    require(isinstance(text, str) and text != "", "no provider")
    assert text is not None
    parts = split_arn(text)
    if parts is None:
        return Caller("web-identity", provider=text)
    if parts[5].startswith("saml-provider/"):
        return Caller("saml", provider=text, arn=text, partition=parts[1])
    require(parts[5].startswith("oidc-provider/"), f"unknown provider `{text}`")
    return Caller("web-identity", provider=text, arn=text, partition=parts[1])


def read_arn(text: str) -> Caller:
    """4.1: the kind of principal that an ARN names."""
    parts = split_arn(text)
    require(parts is not None, f"`{text}` is no ARN")
    assert parts is not None
    _, partition, service, _, account, name = parts
    if service == "iam" and name.startswith(("saml-provider/", "oidc-provider/")):
        return read_provider(text)
    if service == "iam" and account == "cloudfront" and name.startswith("user/"):
        return Caller("user", text, partition, account, is_oai=True)
    require(is_account(account), f"no account id in `{text}`")
    pieces = name.split("/")
    require(all(pieces), f"an empty name in `{text}`")
    if service == "iam" and name == "root":
        return Caller("root", text, partition, account)
    if service == "iam" and pieces[0] == "user" and len(pieces) > 1:
        return Caller("user", text, partition, account)
    if service == "iam" and pieces[0] == "role" and len(pieces) > 1:
        session = f"arn:{partition}:sts::{account}:assumed-role/{pieces[-1]}/{UNKNOWN_SESSION}"
        return Caller(
            "role-session",
            session,
            partition,
            account,
            role_arn=text,
            role_name=pieces[-1],
            session_name=UNKNOWN_SESSION,
        )
    if service == "sts" and pieces[0] == "assumed-role" and len(pieces) == 3:
        return Caller("role-session", text, partition, account, role_name=pieces[1], session_name=pieces[2])
    if service == "sts" and pieces[0] == "federated-user" and len(pieces) == 2:
        return Caller("federated-user", text, partition, account, session_name=pieces[1])
    raise Invalid(f"`{text}` names no principal")


def read_extras(given: dict[str, Any]) -> dict[str, Any]:
    """The further fields of a principal object."""
    extras: dict[str, Any] = {}
    for key in ("role_arn", "parent_user_arn", "unique_id", "source_identity", "canonical_id"):
        if key in given:
            extras[key] = scalar_text(given[key])
            require(extras[key] is not None, f"`{key}` is no string")
    for key in ("mfa", "service_linked", "session_token", "assumed_root"):
        if key in given:
            require(isinstance(given[key], bool), f"`{key}` is neither true nor false")
            extras[key] = given[key]
    for key in ("tags", "session_tags"):
        if key in given:
            extras[key] = read_tags(given[key])
    if "organization" in given:
        extras["organization"] = read_organization(given["organization"])
    return extras


def read_tags(value: Any) -> dict[str, str]:
    """Read a mapping of tags."""
    require(isinstance(value, dict), "tags are no mapping")
    tags = {str(key): scalar_text(each) for key, each in value.items()}
    require(all(each is not None for each in tags.values()), "a tag value is no string")
    return {key: each for key, each in tags.items() if each is not None}


def read_organization(value: Any) -> Organization:
    """Read `{id, path, management_account}`."""
    require(isinstance(value, dict), "an organization is no mapping")
    for key in value:
        require(key in ("id", "path", "management_account"), f"unknown field `{key}` of the organization")
    return Organization(
        scalar_text(value.get("id")), value.get("path"), scalar_text(value.get("management_account"))
    )


def check_caller(caller: Caller) -> Caller:
    """Refuse fields that contradict the ARN."""
    if caller.role_arn is not None:
        parts = split_arn(caller.role_arn)
        require(caller.kind == "role-session" and parts is not None, "`role_arn` belongs to a role session")
        assert parts is not None
        same = (parts[1], parts[4], parts[5].split("/")[-1]) == (
            caller.partition,
            caller.account,
            caller.role_name,
        )
        require(same and parts[5].startswith("role/"), "`role_arn` is another role than the session's")
    if caller.parent_user_arn is not None:
        parts = split_arn(caller.parent_user_arn)
        require(
            caller.kind == "federated-user" and parts is not None,
            "`parent_user_arn` belongs to a federated user",
        )
        assert parts is not None
        own = (parts[1], parts[2], parts[4]) == (caller.partition, "iam", caller.account)
        require(own, "`parent_user_arn` is of another account")
        require(parts[5] == "root" or parts[5].startswith("user/"), "`parent_user_arn` is no user")
    require(not caller.service_linked or caller.kind == "role-session", "only a role is service-linked")
    return caller
