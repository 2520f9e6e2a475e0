"""Principal and NotPrincipal (SEMANTICS 4)."""

from __future__ import annotations

import re
from typing import Any

from .callers import UNKNOWN_SESSION, Caller
from .documents import as_list
from .semantics import Semantics
from .text import is_account, split_arn, words

ANY, ACCOUNT, ROOT, USER, PARENT_USER, ROLE, SESSION, SERVICE, IDP = words(
    "ANY ACCOUNT ROOT USER PARENT_USER ROLE SESSION SERVICE IDP"
)
UNIQUE_ID = re.compile(r"[A-Z0-9]{4}[A-Za-z0-9]+\Z")
ASSUME = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
ASSUME_HELPERS = ("sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


def entries_of(value: Any) -> list[tuple[str, str]]:
    """4.2: `"*"` and `{"AWS": "*"}` are the same thing."""
    if value == "*":
        return [("AWS", "*")]
    return [(kind, entry) for kind, entries in value.items() for entry in as_list(entries)]


def bindings(value: Any, caller: Caller, action: str, services: Any) -> set[str]:
    """P-1: the bindings of every entry that matches the caller."""
    found = {binding(kind, entry, caller, action, services) for kind, entry in entries_of(value)}
    return {each for each in found if each is not None}


def binding(kind: str, entry: str, caller: Caller, action: str, services: Any) -> str | None:
    """4.2: how one entry matches the caller."""
    if kind == "AWS":
        return aws_binding(entry, caller)
    if kind == "Service":
        return service_binding(entry, caller, services)
    if kind == "Federated":
        return federated_binding(entry, caller, action)
    return canonical_binding(entry, caller)


def aws_binding(entry: str, caller: Caller) -> str | None:
    """4.2, P-2, P-3, P-5, P-7 to P-11: an entry under AWS."""
    if entry == "*":
        return ANY
    if "*" in entry or "?" in entry:
        return None  # P-5
    if is_account(entry):
        return account_binding(caller) if caller.account == entry else None
    parts = split_arn(entry)
    if parts is None:
        return unique_binding(entry, caller)
    if parts[1] != caller.partition:
        return None  # P-10
    if parts[2] == "iam" and parts[5] == "root" and is_account(parts[4]):
        return account_binding(caller) if caller.account == parts[4] else None
    if parts[2] == "iam" and parts[5].startswith("user/"):
        return user_binding(entry, caller)
    if parts[2] == "iam" and parts[5].startswith("role/"):
        return ROLE if caller.kind == "role-session" and is_role(entry, caller) else None
    if parts[2] == "sts" and caller.kind in ("role-session", "federated-user"):
        known = caller.session_name != UNKNOWN_SESSION
        return SESSION if known and caller.arn == entry else None
    return None


def account_binding(caller: Caller) -> str | None:
    """4.2, P-8: the account, which for its root user is a direct grant."""
    if caller.kind == "root":
        return ROOT
    return ACCOUNT if caller.kind in ("user", "role-session", "federated-user") else None


def user_binding(entry: str, caller: Caller) -> str | None:
    """4.2, P-6, P-11: an IAM user, or the parent of a federated user."""
    if caller.kind == "user" and caller.arn == entry:
        return USER
    return PARENT_USER if caller.kind == "federated-user" and caller.parent_user_arn == entry else None


def is_role(entry: str, caller: Caller) -> bool:
    """4.1: partition, account and last path segment; the full path when it is known."""
    if caller.role_arn is not None:
        return caller.role_arn == entry
    parts = split_arn(entry)
    assert parts is not None
    return parts[3] == "" and parts[4] == caller.account and parts[5].split("/")[-1] == caller.role_name


def unique_binding(entry: str, caller: Caller) -> str | None:
    """4.2, P-9: a unique id matches only one that the request supplies."""
    if caller.unique_id is None:
        return None
    own, _, name = caller.unique_id.partition(":")
    if ":" in entry:
        full = f"{own}:{name or caller.session_name}"
        return SESSION if caller.kind == "role-session" and entry == full else None
    if entry != own or not UNIQUE_ID.match(entry):
        return None
    return {"user": USER, "role-session": ROLE, "federated-user": PARENT_USER}.get(caller.kind)


def service_binding(entry: str, caller: Caller, services: Any) -> str | None:
    """4.2, P-4, P-12: an AWS service, by name or by one of its names."""
    if caller.kind != "service":
        return None
    names = [str(caller.service)] + (services if isinstance(services, list) else [])
    return SERVICE if entry == "*" or entry.lower() in [name.lower() for name in names] else None


def federated_binding(entry: str, caller: Caller, action: str) -> str | None:
    """4.2, P-4, P-13: an identity provider, only with the action of its kind."""
    fitting = {"saml": ASSUME[1], "web-identity": ASSUME[2]}.get(caller.kind)
    if fitting is None or action.lower() not in (fitting, *ASSUME_HELPERS):
        return None
    return IDP if entry in ("*", caller.provider) else None


def canonical_binding(entry: str, caller: Caller) -> str | None:
    """4.2, P-11: the canonical id of an account, or of an OAI."""
    if caller.canonical_id is None or caller.canonical_id != entry:
        return None
    return USER if caller.is_oai else account_binding(caller)


def excluded(
    value: Any, caller: Caller, action: str, services: Any, effect: str, semantics: Semantics
) -> bool:
    """P-21, P-22: NotPrincipal takes the caller out of the statement."""
    found = bindings(value, caller, action, services)
    if effect == "Allow" or ANY in found or semantics.notprincipal_chain == "any":
        return bool(found)
    return chain(caller) <= {ACCOUNT if each == ROOT else each for each in found} and bool(found)


def chain(caller: Caller) -> set[str]:
    """P-22: what a Deny with NotPrincipal must list to spare the caller."""
    if caller.kind == "role-session":
        session = set() if caller.session_name == UNKNOWN_SESSION else {SESSION}
        return session | {ROLE, ACCOUNT}
    if caller.is_oai:
        return {USER}
    return {
        "user": {USER, ACCOUNT},
        "federated-user": {SESSION, ACCOUNT},
        "root": {ACCOUNT},
        "service": {SERVICE},
        "saml": {IDP},
        "web-identity": {IDP},
    }.get(caller.kind, {ANY})


def gateway_bindings(value: Any, caller: Caller, action: str, services: Any, effect: str) -> set[str]:
    """VPCE-2: in a gateway endpoint's policy an account is its root user, and other entries allow nothing."""
    found = set()
    for kind, entry in entries_of(value):
        how = binding(kind, entry, caller, action, services)
        named = kind == "AWS" and how in (ACCOUNT, ROOT)
        if how is not None and (how == ANY or (named and how == ROOT) or (effect == "Deny" and not named)):
            found.add(how)
    return found
