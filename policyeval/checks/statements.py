"""Does each statement have the elements that its policy type wants, and no others? (SEMANTICS 1.4)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.checks.check import (
    ERROR,
    OURS,
    SECURITY_WARNING,
    SUGGESTION,
    WARNING,
    Change,
    Fix,
    Found,
    check,
)
from policyeval.checks.subject import StatementView, Subject, is_string
from policyeval.diagnostics import did_you_mean
from policyeval.language.parse import STATEMENT_ELEMENTS
from policyeval.language.policy_types import Need
from policyeval.records import Record

_SID = re.compile(r"[A-Za-z0-9]*")
_CHARACTERS = re.compile(r"[^\t\n\r\x20-\xff]")
_TWICE = [
    {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"},
    {"Sid": "A", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs"},
]
_ONCE = [_TWICE[0], _TWICE[1] | {"Sid": "B"}]
_ACCOUNT = {"Principal": {"AWS": "111122223333"}}


def _lacks(statement: StatementView, element: str) -> bool:
    """Is neither `Element` nor `NotElement` there, nor a name that was probably meant so?"""
    meant = (element, f"Not{element}")
    unknown = [name for name in statement.value if name not in STATEMENT_ELEMENTS]
    return not any(name in statement.value for name in meant) and not any(
        did_you_mean(name, STATEMENT_ELEMENTS) in meant for name in unknown
    )


@check(
    "MISSING_EFFECT", ERROR, "a statement without Effect",
    "Every statement says whether it allows or denies.",
    bad={"Effect": None, "Sid": "Read"}, mark="{", good={"Effect": "Allow"},
)  # fmt: skip
def missing_effect(policy: Subject) -> Iterator[Found]:
    """L-4."""
    for statement in policy.statements:
        if "Effect" not in statement.value and _lacks(statement, "Effect"):
            yield Found(statement.path, "the statement has no `Effect`", "add `Allow` or `Deny`", part=(0, 1))


@check(
    "INVALID_EFFECT", ERROR, "an effect other than Allow and Deny",
    "Effect is exactly `Allow` or `Deny`; letter case matters.",
    bad={"Effect": "allow"}, mark='"allow"', good={"Effect": "Allow"},
)  # fmt: skip
def invalid_effect(policy: Subject) -> Iterator[Found]:
    """L-4. Only a difference in letter case is surely what was meant."""
    for statement in policy.statements:
        effect = statement.value.get("Effect")
        if not is_string(effect) or not isinstance(effect, str) or statement.effect:
            continue
        near = did_you_mean(effect, ("Allow", "Deny"))
        path = statement.at("Effect")
        safe = near is not None and near.lower() == effect.lower()
        fix = Fix(f"write {near}", (Change("replace", path, near),), safe=safe) if near else None
        help = f"did you mean `{near}`? letter case matters" if near else "write `Allow` or `Deny`"
        yield Found(path, f"`Effect` is Allow or Deny, not `{effect}`", help, fix=fix)


@check(
    "MISSING_ACTION", ERROR, "a statement without Action and NotAction",
    "Every statement says which actions it is about.",
    bad={"Action": None}, mark="{", good={"Action": "s3:GetObject"},
)  # fmt: skip
def missing_action(policy: Subject) -> Iterator[Found]:
    """L-6."""
    for statement in policy.statements:
        if _lacks(statement, "Action"):
            help = "add `Action` with one or more actions"
            yield Found(statement.path, "the statement has no `Action`", help, part=(0, 1))


@check(
    "MISSING_RESOURCE", ERROR, "a statement without Resource and NotResource",
    "Identity-based policies, SCPs and RCPs, and most resource-based policies, say which resources each "
    "statement is about.",
    bad={"Resource": None}, mark="{", good={"Resource": "*", "Action": "s3:ListAllMyBuckets"},
)  # fmt: skip
def missing_resource(policy: Subject) -> Iterator[Found]:
    """L-41, 1.4."""
    needed = policy.type.resource is Need.REQUIRED
    for statement in policy.statements if needed else ():
        if _lacks(statement, "Resource"):
            help = "say which resources it is about, or write `*`"
            yield Found(statement.path, "the statement has no `Resource`", help, part=(0, 1))


@check(
    "MISSING_PRINCIPAL", ERROR, "a statement of a resource-based policy without Principal",
    "A resource-based policy, a trust policy, an RCP and an endpoint policy say whom each statement is about; "
    "without it the statement applies to nobody.",
    bad={"Principal": None}, mark="{", good=_ACCOUNT, on="resource:bucket",
)  # fmt: skip
def missing_principal(policy: Subject) -> Iterator[Found]:
    """L-40."""
    needed = policy.type.principal is Need.REQUIRED
    for statement in policy.statements if needed else ():
        if _lacks(statement, "Principal"):
            help = f"{policy.title} says whom it is about"
            yield Found(statement.path, "the statement has no `Principal`", help, part=(0, 1))


@check(
    "UNSUPPORTED_ELEMENT_COMBINATION", ERROR, "an element together with its negation",
    "A statement has Action or NotAction, Resource or NotResource, Principal or NotPrincipal, never both.",
    bad={"NotAction": "s3:PutObject"}, mark='"NotAction"', good={},
)  # fmt: skip
def unsupported_element_combination(policy: Subject) -> Iterator[Found]:
    """L-6, L-7."""
    for statement in policy.statements:
        for element in ("Action", "Resource", "Principal"):
            if element in statement.value and f"Not{element}" in statement.value:
                message = f"a statement has `{element}` or `Not{element}`, not both"
                yield Found(statement.at(f"Not{element}"), message, "remove one of the two", on_key=True)


@check(
    "UNSUPPORTED_PRINCIPAL", ERROR, "a principal in a policy that is attached to one",
    "An identity-based policy, a boundary or a session policy is about the principal that it is attached to, so it "
    "names none.",
    bad=_ACCOUNT, mark='"Principal"', good={}, layers=("identity", "boundary", "session"),
)  # fmt: skip
def unsupported_principal(policy: Subject) -> Iterator[Found]:
    """1.4."""
    for statement in policy.statements:
        for name in ("Principal", "NotPrincipal"):
            if name in statement.value:
                message = f"{policy.title} has no `{name}`"
                help = "remove it, or give the document as a resource-based policy"
                yield Found(statement.at(name), message, help, on_key=True)


@check(
    "ALLOW_WITH_NOT_PRINCIPAL", SECURITY_WARNING, "an Allow for everyone but some",
    "Allow with NotPrincipal grants to every principal that is not listed, anonymous callers included.",
    bad={"Principal": None, "NotPrincipal": {"AWS": "111122223333"}}, mark='"NotPrincipal"', good=_ACCOUNT,
    on="resource:bucket", layers=("resource", "endpoint"),
)  # fmt: skip
def allow_with_not_principal(policy: Subject) -> Iterator[Found]:
    """P-21."""
    for statement in policy.statements:
        if statement.allows and "NotPrincipal" in statement.value:
            message = "the Allow is for everyone but the principals listed"
            yield Found(
                statement.at("NotPrincipal"), message, "name the principals that are allowed", on_key=True
            )


# Sids


class _Repeated(Record):
    statement: StatementView
    sid: str


def _repeated_sids(policy: Subject) -> Iterator[_Repeated]:
    seen: set[str] = set()
    for statement in policy.statements:
        if statement.sid and statement.sid in seen:
            yield _Repeated(statement, statement.sid)
        seen.add(statement.sid or "")


@check(
    "UNIQUE_SIDS_REQUIRED", ERROR, "a Sid that stands twice",
    "In the policies that IAM stores every Sid is unique within the document.",
    bad={"Statement": _TWICE}, mark='"A"', good={"Statement": _ONCE},
)  # fmt: skip
def unique_sids_required(policy: Subject) -> Iterator[Found]:
    """L-31."""
    for repeated in _repeated_sids(policy) if policy.type.iam_managed else ():
        message = f"the Sid `{repeated.sid}` stands twice"
        yield Found(repeated.statement.at("Sid"), message, "Sids are unique within a policy")


@check(
    "UNIQUE_SIDS_RECOMMENDED", WARNING, "a Sid that stands twice where it may",
    "Some services accept a Sid twice; nobody can tell the statements apart by it then.",
    bad={"Statement": [one | _ACCOUNT for one in _TWICE]}, mark='"A"',
    good={"Statement": [one | _ACCOUNT for one in _ONCE]}, on="resource:bucket",
)  # fmt: skip
def unique_sids_recommended(policy: Subject) -> Iterator[Found]:
    """L-32."""
    for repeated in _repeated_sids(policy) if not policy.type.iam_managed else ():
        message = f"the Sid `{repeated.sid}` stands twice"
        yield Found(repeated.statement.at("Sid"), message, "give each statement a Sid of its own")


@check(
    "UNSUPPORTED_SID", ERROR, "a Sid with other characters than letters and digits",
    "In the policies that IAM stores a Sid consists of A-Z, a-z and 0-9.",
    bad={"Sid": "read logs"}, mark='"read logs"', good={"Sid": "ReadLogs"},
)  # fmt: skip
def unsupported_sid(policy: Subject) -> Iterator[Found]:
    """L-31. A Sid never changes a decision (L-33), so that renaming it is safe."""
    taken = {statement.sid for statement in policy.statements}
    for statement in policy.statements if policy.type.iam_managed else ():
        sid = statement.sid
        if sid is None or _SID.fullmatch(sid):
            continue
        plain = "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", sid))
        change = Change("replace", statement.at("Sid"), plain)
        fix = Fix(f"rename it {plain}", (change,), safe=True) if plain and plain not in taken else None
        message = f"the Sid `{sid}` holds other characters than letters and digits"
        yield Found(statement.at("Sid"), message, f"rename it `{plain}`" if fix else "rename it", fix=fix)


@check(
    "EMPTY_SID_VALUE", SUGGESTION, "an empty Sid",
    "An empty Sid names nothing.",
    bad={"Sid": ""}, mark='""', good={"Sid": "ReadLogs"},
)  # fmt: skip
def empty_sid_value(policy: Subject) -> Iterator[Found]:
    """L-31."""
    for statement in policy.statements:
        if statement.sid == "":
            path = statement.at("Sid")
            fix = Fix("remove it", (Change("remove", path),), safe=True)
            yield Found(path, "the `Sid` is empty", "name the statement, or remove the Sid", fix=fix)


@check(
    "UNSUPPORTED_CHARACTER", ERROR, "a character that IAM does not store",
    "IAM stores tab, line feed, carriage return and U+0020 to U+00FF; a policy with anything else, such as a "
    "typographic quote or dash, is refused.",
    bad={"Resource": "arn:aws:s3:::logs/\u2013*"}, mark="\u2013", good={}, origin=OURS,
)  # fmt: skip
def unsupported_character(policy: Subject) -> Iterator[Found]:
    """L-13."""
    for statement in policy.statements if policy.type.iam_managed else ():
        listed = [*(statement.action.entries if statement.action else ())]
        listed += statement.resource.entries if statement.resource else ()
        listed += [value for condition in statement.conditions for value in condition.values]
        for entry in listed:
            found = _CHARACTERS.search(entry.text)
            if found:
                message = f"`{found[0]}` (U+{ord(found[0]):04X}) is a character that IAM does not store"
                yield Found(entry.path, message, "use U+0020 to U+00FF only", part=found.span())
