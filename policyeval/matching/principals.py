"""Whom is a statement of a resource-based policy about, and how does an entry bind the caller? (SEMANTICS §4)

Each kind of entry is a row of tests; the row says which binding a match gives. §7 decides by bindings:
a grant to the caller's own ARN bypasses what a grant to its account does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntFlag
from functools import partial

from policyeval.language.arn import is_account_id, parse_arn
from policyeval.language.model import Effect, PrincipalMatcher
from policyeval.language.policy_types import PolicyType
from policyeval.plan import ALWAYS, NEVER, All, Any_, Closure, Not, Outcome, Plan, Subject, Test, always
from policyeval.principal import Principal, PrincipalKind
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.source import Path

_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{3,124}(:.+)?")


class Binding(IntFlag):
    """How a resource-based policy names the caller (4.2)."""

    NONE = 0
    ANY = 1
    ACCOUNT = 2
    ROOT = 4
    USER = 8
    PARENT_USER = 16
    ROLE = 32
    SESSION = 64
    SERVICE = 128
    IDP = 256


class PrincipalRow(Record):
    """One way in which an entry can name the caller."""

    name: str
    binding: Binding
    matches: Callable[[Check, str], bool]
    rule: str = "4.2"
    can_be_malformed: bool = False

    def read(self, test: Test, check: Check) -> Check:
        """The whole check: some entries look at the action or the endpoint, too."""
        return check

    def holds(self, test: Test, reading: Check) -> Outcome:
        """Does the entry name the caller in this way?"""
        return self.matches(reading, test.operand)

    def closures(self, tests: tuple[Test, ...]) -> Iterator[Closure]:
        """Everyone is certain to be named by `*`."""
        for test in tests:
            yield always if self.matches is _is_anyone else partial(_matches, self.matches, test.operand)


def _matches(matches: Callable[[Check, str], bool], entry: str, check: Check) -> Outcome:
    return matches(check, entry)


def _is_anyone(check: Check, entry: str) -> bool:
    return True


def _is_account_member(check: Check, entry: str) -> bool:
    caller = check.principal
    return caller.is_account_member and not caller.is_root and _is_account(caller, entry)


def _is_root_of(check: Check, entry: str) -> bool:
    return check.principal.is_root and _is_account(check.principal, entry)


def _is_account(caller: Principal, entry: str) -> bool:
    """P-8: the id and the root ARN mean the account; P-10: an ARN binds within its partition."""
    if is_account_id(entry):
        return caller.account == entry
    arn = parse_arn(entry)
    return arn is not None and (arn.partition, arn.account) == (caller.partition, caller.account)


def _is_user(check: Check, entry: str) -> bool:
    return check.principal.kind is PrincipalKind.USER and check.principal.arn == entry


def _is_child_of_user(check: Check, entry: str) -> bool:
    return check.principal.kind is PrincipalKind.FEDERATED_USER and check.principal.parent_user_arn == entry


def _is_session_of_role(check: Check, entry: str) -> bool:
    """4.1: by account and last path segment; by the whole path when the request tells it."""
    caller = check.principal
    if caller.kind is not PrincipalKind.ROLE_SESSION:
        return False
    if caller.role_arn is not None:
        return caller.role_arn == entry
    arn = parse_arn(entry)
    return (
        arn is not None
        and (arn.partition, arn.account) == (caller.partition, caller.account)
        and arn.resource.rpartition("/")[2] == caller.name
    )


def _is_session(check: Check, entry: str) -> bool:
    sessions = (PrincipalKind.ROLE_SESSION, PrincipalKind.FEDERATED_USER)
    return (
        check.principal.kind in sessions
        and check.principal.arn == entry
        and not check.principal.is_unknown_session
    )


def _has_user_id(check: Check, entry: str) -> bool:
    return check.principal.kind is PrincipalKind.USER and check.principal.unique_id == entry


def _has_role_id(check: Check, entry: str) -> bool:
    caller = check.principal
    is_role = caller.kind is PrincipalKind.ROLE_SESSION and caller.unique_id is not None
    return is_role and (caller.unique_id or "").partition(":")[0] == entry


def _has_session_id(check: Check, entry: str) -> bool:
    return check.principal.kind is PrincipalKind.ROLE_SESSION and check.principal.user_id == entry


def _is_service(check: Check, entry: str) -> bool:
    """P-12, and the service's other names (aws:PrincipalServiceNamesList)."""
    caller = check.principal
    if not caller.is_service:
        return False
    names = check.value("aws:principalservicenameslist") or ()
    listed = (names,) if isinstance(names, str) else names
    return entry == "*" or entry.lower() in {str(caller.service).lower(), *(name.lower() for name in listed)}


# P-13: which call an identity of a provider can make.
_FEDERATION_ACTIONS = {
    PrincipalKind.SAML: "sts:assumerolewithsaml",
    PrincipalKind.WEB_IDENTITY: "sts:assumerolewithwebidentity",
}
_SESSION_ACTIONS = ("sts:tagsession", "sts:setsourceidentity", "sts:setcontext")


def _is_identity_of_provider(check: Check, entry: str) -> bool:
    caller = check.principal
    action = _FEDERATION_ACTIONS.get(caller.kind)
    if action is None or (check.action.lower != action and check.action.lower not in _SESSION_ACTIONS):
        return False
    return entry == "*" or caller.provider == entry


def _owns_canonical_id(check: Check, entry: str) -> bool:
    caller = check.principal
    return caller.canonical_id == entry and caller.is_account_member


def _is_oai_with_canonical_id(check: Check, entry: str) -> bool:
    return check.principal.canonical_id == entry and check.principal.is_origin_access_identity


def _passes_gateway(check: Check, _: str) -> bool:
    return check.passes_gateway_endpoint


ANYONE = PrincipalRow("anyone", Binding.ANY, _is_anyone, "P-2")
ACCOUNT_MEMBER = PrincipalRow("member of the account", Binding.ACCOUNT, _is_account_member, "P-8")
ACCOUNT_ROOT = PrincipalRow("root user of the account", Binding.ROOT, _is_root_of, "P-8")
USER = PrincipalRow("user", Binding.USER, _is_user)
CHILD_OF_USER = PrincipalRow("federated user of the user", Binding.PARENT_USER, _is_child_of_user)
SESSION_OF_ROLE = PrincipalRow("session of the role", Binding.ROLE, _is_session_of_role, "4.1")
SESSION = PrincipalRow("session", Binding.SESSION, _is_session)
USER_ID = PrincipalRow("user with the unique id", Binding.USER, _has_user_id, "P-9")
ROLE_ID = PrincipalRow("role with the unique id", Binding.ROLE, _has_role_id, "P-9")
SESSION_ID = PrincipalRow("session with the unique id", Binding.SESSION, _has_session_id, "P-9")
SERVICE = PrincipalRow("service", Binding.SERVICE, _is_service, "P-12")
IDENTITY_PROVIDER = PrincipalRow("identity of the provider", Binding.IDP, _is_identity_of_provider, "P-13")
CANONICAL_USER = PrincipalRow("account with the canonical id", Binding.ACCOUNT, _owns_canonical_id)
CANONICAL_OAI = PrincipalRow("origin access identity", Binding.USER, _is_oai_with_canonical_id, "P-11")
GATEWAY_ENDPOINT = PrincipalRow("gateway endpoint", Binding.NONE, _passes_gateway, "VPCE-2")


def rows_of_entry(kind: str, entry: str) -> tuple[PrincipalRow, ...]:
    """Tell in which ways an entry can name a caller; () for one that names nobody (P-5, P-7)."""
    if kind == "Service":
        return (SERVICE,)
    if kind == "Federated":
        return (IDENTITY_PROVIDER,)
    if kind == "CanonicalUser":
        return (CANONICAL_USER, CANONICAL_OAI)
    if entry == "*":
        return (ANYONE,)
    if is_account_id(entry):
        return (ACCOUNT_MEMBER, ACCOUNT_ROOT)
    if not entry.startswith("arn:"):
        return _rows_of_unique_id(entry)
    return () if "*" in entry or "?" in entry else _rows_of_arn(entry)


def _rows_of_unique_id(entry: str) -> tuple[PrincipalRow, ...]:
    if not _UNIQUE_ID.fullmatch(entry):
        return ()
    if entry.startswith("AROA"):
        return (SESSION_ID,) if ":" in entry else (ROLE_ID,)
    return (USER_ID,)


def _rows_of_arn(entry: str) -> tuple[PrincipalRow, ...]:
    arn = parse_arn(entry)
    if arn is None:
        return ()
    if (arn.service, arn.resource) == ("iam", "root"):
        return (ACCOUNT_MEMBER, ACCOUNT_ROOT)
    return _ROWS_OF_ARN.get((arn.service, arn.resource.partition("/")[0]), ())


_ROWS_OF_ARN: dict[tuple[str, str], tuple[PrincipalRow, ...]] = {
    ("iam", "user"): (USER, CHILD_OF_USER),
    ("iam", "role"): (SESSION_OF_ROLE,),
    ("sts", "assumed-role"): (SESSION,),
    ("sts", "federated-user"): (SESSION,),
}


class ChainRow(Record):
    """Is the caller exempt from a Deny with NotPrincipal? Its whole chain must be listed (P-22, P-24)."""

    name: str = "exempt"
    rule: str = "P-22"
    can_be_malformed: bool = False

    def read(self, test: Test, check: Check) -> tuple[Principal, Binding]:
        """Collect the bindings that the list gives the caller."""
        found = Binding.NONE
        for entry in test.operand:
            if entry.row.holds(entry, check):
                found |= entry.row.binding
        return check.principal, found

    def holds(self, _: Test, reading: tuple[Principal, Binding]) -> Outcome:
        """Is everything that the caller's kind needs among them?"""
        principal, found = reading
        if found & Binding.ANY:
            return True
        needed = _chain_of(principal)
        return needed is not Binding.NONE and found & needed == needed


def _chain_of(principal: Principal) -> Binding:
    if principal.is_origin_access_identity:
        return Binding.USER
    if principal.is_unknown_session:
        return Binding.ROLE | Binding.ACCOUNT
    return {
        PrincipalKind.ROOT: Binding.ROOT,
        PrincipalKind.USER: Binding.USER | Binding.ACCOUNT,
        PrincipalKind.ROLE_SESSION: Binding.SESSION | Binding.ROLE | Binding.ACCOUNT,
        PrincipalKind.FEDERATED_USER: Binding.SESSION | Binding.ACCOUNT,
        PrincipalKind.SERVICE: Binding.SERVICE,
        PrincipalKind.SAML: Binding.IDP,
        PrincipalKind.WEB_IDENTITY: Binding.IDP,
    }.get(principal.kind, Binding.NONE)


class BoundaryRow(Record):
    """Has the caller a permissions boundary? Then a Deny with NotPrincipal always denies it (P-23)."""

    name: str = "has a permissions boundary"
    rule: str = "P-23"
    can_be_malformed: bool = False

    def read(self, _: Test, check: Check) -> bool:
        """Only IAM users and roles have one."""
        kinds = (PrincipalKind.USER, PrincipalKind.ROLE_SESSION)
        return (
            check.call.boundary_attached
            and check.principal.kind in kinds
            and check.principal.is_account_member
        )

    def holds(self, _: Test, reading: bool) -> Outcome:
        """Is one attached?"""
        return reading


CHAIN = ChainRow()
BOUNDARY = BoundaryRow()


def lower_principals(
    matcher: PrincipalMatcher | None, effect: Effect, path: Path, type: PolicyType, semantics: Semantics
) -> Plan:
    """Lower Principal or NotPrincipal; a resource-based statement without either never applies (L-40)."""
    if matcher is None:
        return NEVER if type.layer in ("resource", "trust", "endpoint", "rcp") else ALWAYS
    at = (*path, "NotPrincipal" if matcher.negated else "Principal")
    gateway_rule = type.layer == "endpoint" and not matcher.negated
    entries = tuple(
        plan
        for kind, values in matcher.entries
        for index, entry in enumerate(values.items)
        for plan in _entry(kind, entry, (*at, kind, index), gateway_rule and effect)
    )
    if not matcher.negated:
        return Any_(entries, at)
    if effect is Effect.ALLOW:
        return Not(Any_(entries, at), at)
    return Any_((Not(_exempt(entries, at, semantics), at), Test(at, Subject.PRINCIPAL, BOUNDARY)), at)


def _exempt(entries: tuple[Plan, ...], at: Path, semantics: Semantics) -> Plan:
    if semantics.notprincipal_chain == "any":
        return Any_(entries, at)
    return Test(at, Subject.PRINCIPAL, CHAIN, entries)


def _entry(kind: str, entry: str, path: Path, gateway_effect: Effect | bool) -> tuple[Plan, ...]:
    tests = tuple(Test(path, Subject.PRINCIPAL, row, entry) for row in rows_of_entry(kind, entry))
    if not gateway_effect or (kind, entry) == ("AWS", "*"):
        return tests
    # VPCE-2: through a gateway endpoint an account means its root user, other entries nobody (Deny: as usual).
    gateway = Test(path, Subject.PRINCIPAL, GATEWAY_ENDPOINT, entry)
    if gateway_effect is Effect.DENY and tests and tests[0].row is not ACCOUNT_MEMBER:
        return tests
    return tuple(
        test if test.row is ACCOUNT_ROOT else All((Not(gateway, path), test), path) for test in tests
    )
