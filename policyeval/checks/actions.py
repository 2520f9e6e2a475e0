"""Are the actions of a statement ones that AWS services have? (SEMANTICS §2)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from policyeval.catalog.services import (
    action_details,
    action_names,
    data_version,
    is_service,
    key_type,
    service_names,
)
from policyeval.checks.check import ERROR, OURS, SUGGESTION, WARNING, Change, Fix, Found, check
from policyeval.checks.subject import Condition, Entry, StatementView, Subject
from policyeval.diagnostics import did_you_mean

_ACTION = re.compile(r"\*+(:\*+)?|[A-Za-z0-9.-]+:[^:]*")
_WILDCARD_PREFIX = re.compile(r"[^:]*[*?][^:]*:")
KNOWN_PREFIXES = ("catalog", "identitycenter")  # of AWS Marketplace and of IAM Identity Center
_ALL = re.compile(r"\*+(:\*+)?")


def action_entries(policy: Subject) -> Iterator[tuple[StatementView, Entry]]:
    """Walk every entry of Action and NotAction."""
    for statement in policy.statements:
        for entry in statement.action.entries if statement.action else ():
            yield statement, entry


def is_padded(text: str) -> bool:
    """Does white space or a comma keep the entry from matching anything (A-6, A-7)?"""
    return bool(re.search(r"[\s,]", text))


def _named(policy: Subject) -> Iterator[tuple[Entry, str, str]]:
    """Walk the entries that are `service:name` in form: the entry, the lower-case prefix, the name."""
    for _, entry in action_entries(policy):
        if (
            entry.text.count(":") == 1
            and not is_padded(entry.text)
            and not _WILDCARD_PREFIX.match(entry.text)
        ):
            prefix, _, name = entry.text.partition(":")
            yield entry, prefix.lower(), name


def _replaced(entry: Entry, text: str) -> Fix:
    return Fix(f"write {text}", (Change("replace", entry.path, text),))


@check(
    "INVALID_ACTION", ERROR, "an action that the service does not have",
    "IAM stores the policy, but the name matches no action, so the statement does nothing for it. Under NotAction it "
    "excludes nothing. A wildcard that matches no action of the service is the same.",
    bad={"Action": "s3:GetObjekt"}, mark="GetObjekt", good={"Action": "s3:GetObject"},
)  # fmt: skip
def invalid_action(policy: Subject) -> Iterator[Found]:
    """A-11."""
    for entry, service, name in _named(policy):
        if not is_service(service) or "${" in name or is_known_name(service, name):
            continue
        near = did_you_mean(name.replace("*", "").replace("?", ""), action_names(service))
        wild = "*" in name or "?" in name
        fix = _replaced(entry, f"{service}:{near}") if near and not wild else None
        help = f"did you mean `{service}:{near}`?" if near else f"the data is that of {data_version()}"
        message = f"no action of {service} matches `{name}`" if wild else f"{service} has no action `{name}`"
        yield Found(entry.path, message, help, part=(len(service) + 1, len(entry.text)), fix=fix)


def is_known_name(service: str, name: str) -> bool:
    """Is this the name of an action, or a pattern that matches one?"""
    if "*" not in name and "?" not in name:
        return action_details(service, name.lower()) is not None
    return any(True for _ in matching_actions(service, name))


def matching_actions(service: str, pattern: str) -> Iterator[str]:
    """List the lower-case names of the actions that a pattern matches."""
    from policyeval.language.patterns import ascii_lower, glob

    matches = glob(ascii_lower(pattern)).matches
    return (name for name in map(str.lower, action_names(service)) if matches(name))


@check(
    "INVALID_SERVICE_IN_ACTION", ERROR, "a service prefix that does not exist, and resembles one that does",
    "The text in front of the colon is the prefix of an AWS service.",
    bad={"Action": "s33:GetObject"}, mark="s33", good={"Action": "s3:GetObject"},
)  # fmt: skip
def invalid_service_in_action(policy: Subject) -> Iterator[Found]:
    """A-11."""
    for entry, service, name in _named(policy):
        near = near_service(service, name)
        if near is not None:
            help = f"did you mean `{near}:{name}`?"
            yield Found(entry.path, f"there is no service `{service}`", help, part=(0, len(service)),
                        fix=_replaced(entry, f"{near}:{name}"))  # fmt: skip


def near_service(service: str, name: str) -> str | None:
    """Name the service that was probably meant: it resembles the prefix, and has the action."""
    if not service or is_service(service) or "${" in service:
        return None
    near = resembling(service, service_names())
    return near if near is not None and is_known_name(near, name) else None


@cache
def resembling(word: str, known: frozenset[str]) -> str | None:
    """Name what differs from a word in one letter that is missing, added, wrong or swapped with the next."""
    return next((one for one in sorted(known) if is_one_mistake(word, one)), None)


def is_one_mistake(word: str, other: str) -> bool:
    """Do two texts differ in one typing mistake?"""
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) > 1 or word == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[:at] + short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or swapped == long


@check(
    "UNKNOWN_SERVICE", WARNING, "a service that the data does not know",
    "The prefix is none of those in the service data, whose date the message tells. It may be newer than the data, "
    "or retired; its actions are not checked.",
    bad={"Action": "quantumteleport:Beam"}, mark="quantumteleport",
    good={"Action": "braket:GetDevice", "Resource": "*"}, origin=OURS,
)  # fmt: skip
def unknown_service(policy: Subject) -> Iterator[Found]:
    """A-11. What resembles a service is INVALID_SERVICE_IN_ACTION."""
    for entry, service, name in _named(policy):
        if (
            service
            and not is_service(service)
            and near_service(service, name) is None
            and "${" not in service
        ):
            message = f"the service `{service}` is not in the data ({data_version()})"
            help = "it is newer than the data, or there is no such service: check the prefix"
            yield Found(entry.path, message, help, part=(0, len(service)))
    for statement in policy.statements:
        for condition in statement.conditions:
            yield from _unknown_key_service(condition)


def _unknown_key_service(condition: Condition) -> Iterator[Found]:
    prefix, colon, name = condition.lower.partition(":")
    if (
        not colon
        or not name
        or "." in prefix
        or "/" in prefix
        or prefix in ("aws", "saml")
        or is_service(prefix)
    ):
        return
    if (
        key_type(condition.lower) is None
        and resembling(prefix, service_names()) is None
        and prefix not in KNOWN_PREFIXES
    ):
        message = f"the service `{prefix}` is not in the data ({data_version()})"
        yield Found(
            condition.path, message, "it is newer than the data, or there is no such service", on_key=True
        )


@check(
    "MALFORMED_ACTION", ERROR, "an entry that is no action at all",
    "An action is `service:Name` or `*`. Only the name may hold wildcards: `s*:Get*` is refused.",
    bad={"Action": "s3.GetObject"}, mark='"s3.GetObject"', good={"Action": "*"}, origin=OURS,
)  # fmt: skip
def malformed_action(policy: Subject) -> Iterator[Found]:
    """A-4, A-5."""
    for _, entry in action_entries(policy):
        text = entry.text
        if _WILDCARD_PREFIX.match(text) and not _ALL.fullmatch(text):
            help = "name one service, or write `*` for all actions of all services"
            yield Found(
                entry.path, f"a wildcard in the service prefix of `{text}`", help, part=(0, text.index(":"))
            )
        elif not _ACTION.fullmatch(text) and not is_padded(text):
            yield Found(entry.path, f"`{text}` is no action", "write `service:ActionName`")


@check(
    "PADDED_OR_JOINED_ACTION", ERROR, "an action with white space or a comma in it",
    "AWS stores such an entry, but it never equals an action: it grants, denies and excludes nothing.",
    bad={"Action": "s3:GetObject, s3:PutObject"}, mark='"s3:GetObject, s3:PutObject"',
    good={"Action": ["s3:GetObject", "s3:PutObject"]}, origin=OURS,
)  # fmt: skip
def padded_or_joined_action(policy: Subject) -> Iterator[Found]:
    """A-6, A-7."""
    for _, entry in action_entries(policy):
        if not is_padded(entry.text):
            continue
        parts = [part.strip() for part in re.split(r"[,\s]+", entry.text) if part.strip()]
        if len(parts) == 1:
            help, fix = f"write `{parts[0]}`", _replaced(entry, parts[0])
        else:
            help, fix = "write each action as a string of its own", None
        yield Found(entry.path, f"`{entry.text}` matches no action", help, fix=fix)


@check(
    "EMPTY_ARRAY_ACTION", SUGGESTION, "an empty list of actions",
    "The statement is about no action: it does nothing. An empty NotAction is about all of them.",
    bad={"Action": []}, mark="[]", good={"Action": ["s3:GetObject"]},
)  # fmt: skip
def empty_array_action(policy: Subject) -> Iterator[Found]:
    """L-14."""
    for statement in policy.statements:
        for name in ("Action", "NotAction"):
            if statement.value.get(name) == []:
                help = "name at least one, or remove the statement"
                yield Found(statement.at(name), f"`{name}` is an empty list", help)


@check(
    "ROUNDABOUT_WILDCARD", SUGGESTION, "all actions of all services, written in a roundabout way",
    "`*:*` means the same as `*`, which everyone recognises.",
    bad={"Effect": "Deny", "Action": "*:*"}, mark='"*:*"', good={"Effect": "Deny", "Action": "*"}, origin=OURS,
)  # fmt: skip
def roundabout_star(policy: Subject) -> Iterator[Found]:
    """A-4."""
    for _, entry in action_entries(policy):
        if _ALL.fullmatch(entry.text) and entry.text != "*":
            fix = Fix("write *", (Change("replace", entry.path, "*"),), safe=True)
            yield Found(entry.path, f"`{entry.text}` means `*`", "write `*`", fix=fix)
