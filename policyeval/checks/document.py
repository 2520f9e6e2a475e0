"""Is the document as a whole in order: its elements, its version, its size?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policyeval.checks.check import ERROR, OURS, WARNING, Change, Fix, Found, check
from policyeval.checks.shapes import shape_problems
from policyeval.checks.subject import Subject, is_string
from policyeval.diagnostics import did_you_mean
from policyeval.language.documents import write_json
from policyeval.language.parse import POLICY_ELEMENTS, STATEMENT_ELEMENTS, VERSIONS
from policyeval.source import Path

_STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
_MANY = [f"arn:aws:s3:::logs-of-department-{number:03}/*" for number in range(200)]
_TRUSTED = [f"arn:aws:iam::{111122220000 + number}:role/deployment" for number in range(60)]


@check(
    "JSON_SYNTAX_ERROR", ERROR, "the text is not a JSON document",
    "The document cannot be read: a bracket, comma or quote is missing or too many, or a key stands twice in "
    "one object. Nothing else is checked until it can be.",
    bad='{"Version": "2012-10-17", "Statement": [}', mark="}", good={},
)  # fmt: skip
def json_syntax_error(_: Subject) -> Iterator[Found]:
    """Documents that cannot be read are reported before there is a subject (checks/lint.py)."""
    return iter(())


@check(
    "DATA_TYPE_MISMATCH", ERROR, "an element holds a value of the wrong JSON type",
    "Version, Id, Sid and Effect are strings; Action, Resource and principals are strings or lists of strings; "
    "Statement is an object or a list of objects; Condition holds objects of keys with strings, numbers or booleans.",
    bad={"Action": 5}, mark="5", good={"Action": ["s3:GetObject"]},
)  # fmt: skip
def data_type_mismatch(policy: Subject) -> Iterator[Found]:
    """L-12, 0.4."""
    yield from shape_problems(policy)


@check(
    "INVALID_POLICY_ELEMENT", ERROR, "an element that policies do not have",
    "A policy has Version, Id and Statement; a statement has Sid, Effect, Principal, Action, Resource, their Not… "
    "forms, and Condition. The names are written in exactly this letter case.",
    bad={"Sid": "Read", "Conditions": {}}, mark='"Conditions"',
    good={"Sid": "Read", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
)  # fmt: skip
def invalid_policy_element(policy: Subject) -> Iterator[Found]:
    """L-1, L-2, L-3."""
    yield from _unknown(policy.elements, POLICY_ELEMENTS, policy.base, "policy")
    for statement in policy.statements:
        yield from _unknown(statement.value, STATEMENT_ELEMENTS, statement.path, "statement")


def _unknown(value: Mapping[str, object], known: tuple[str, ...], path: Path, where: str) -> Iterator[Found]:
    for name in value:
        if name in known:
            continue
        near = did_you_mean(name, known)
        help = f"did you mean `{near}`?" if near else f"the {where} elements are {', '.join(known)}"
        free = near is not None and near not in value
        fix = Fix(f"rename it `{near}`", (Change("rename", (*path, name), near),)) if free else None
        yield Found((*path, name), f"unknown {where} element `{name}`", help, on_key=True, fix=fix)


@check(
    "MISSING_STATEMENT", ERROR, "the policy has no statement",
    "A policy holds its statements in `Statement`; without any it says nothing and is not stored.",
    bad={"Statement": []}, mark="[]", good={},
)  # fmt: skip
def missing_statement(policy: Subject) -> Iterator[Found]:
    """L-5."""
    if not isinstance(policy.value, dict):
        return
    if "Statement" not in policy.elements and did_you_mean_statement(policy) is None:
        yield Found(policy.base, "the policy has no `Statement`", "add a list of statements")
    elif policy.elements.get("Statement") == []:
        yield Found((*policy.base, "Statement"), "the list of statements is empty", "add a statement")


def did_you_mean_statement(policy: Subject) -> str | None:
    """Name the element that was probably meant to be Statement."""
    return next(
        (name for name in policy.elements if did_you_mean(name, POLICY_ELEMENTS) == "Statement"), None
    )


@check(
    "INVALID_VERSION", ERROR, "a version of the policy language that does not exist",
    "Version is not the date of your policy but that of the language: 2012-10-17, or 2008-10-17 without variables.",
    bad={"Version": "2022-01-01"}, mark='"2022-01-01"', good={"Version": "2012-10-17"},
)  # fmt: skip
def invalid_version(policy: Subject) -> Iterator[Found]:
    """L-20."""
    version = policy.version
    if is_string(version) and version not in VERSIONS:
        path = (*policy.base, "Version")
        fix = Fix(f"write {VERSIONS[0]}", (Change("replace", path, VERSIONS[0]),))
        yield Found(path, f"unknown policy version `{version}`", f"write `{VERSIONS[0]}`", fix=fix)


@check(
    "MISSING_VERSION", WARNING, "the policy names no version",
    "Without Version the language is that of 2008-10-17, in which variables are plain text.",
    bad={"Version": None}, mark='"Statement"', good={"Version": "2012-10-17"},
)  # fmt: skip
def missing_version(policy: Subject) -> Iterator[Found]:
    """L-21, L-24. Adding it is safe as long as no text would become a variable."""
    if "Version" in policy.elements or "Statement" not in policy.elements:
        return
    path = policy.base
    safe = "${" not in write_json(policy.value)
    fix = Fix("add the version", (Change("member", path, VERSIONS[0], "Version"),), safe=safe)
    help = f'add "Version": "{VERSIONS[0]}"'
    yield Found((*path, "Statement"), "the policy names no `Version`", help, on_key=True, fix=fix)


@check(
    "ID_IN_IDENTITY_POLICY", WARNING, "an Id in a policy that has none",
    "By AWS's grammar only resource-based policies have an Id; IAM stores it and pays no heed.",
    bad={"Version": VERSIONS[0], "Id": "logs"}, mark='"Id"', good={}, layers=("identity", "boundary", "session"),
    origin=OURS,
)  # fmt: skip
def id_in_identity_policy(policy: Subject) -> Iterator[Found]:
    """L-30, L-33: removing it is safe."""
    if "Id" in policy.elements:
        path = (*policy.base, "Id")
        fix = Fix("remove it", (Change("remove", path),), safe=True)
        yield Found(
            path, f"{policy.title} has no `Id`", "remove it, or name the statements", on_key=True, fix=fix
        )


# Sizes (SEMANTICS 1.6): layer or type → how many characters, is white space counted
_LIMITS: dict[str, tuple[int, bool]] = {
    "identity": (6144, False),
    "boundary": (6144, False),
    "session": (2048, True),
    "trust": (2048, False),
    "scp": (5120, True),
    "rcp": (5120, True),
    "endpoint": (20480, True),
    "resource:bucket": (20480, True),
    "resource:access-point": (20480, True),
    "resource:queue": (8192, True),
    "resource:topic": (30720, True),
    "resource:key": (32768, True),
    "resource:function": (20480, True),
    "resource:api": (8192, True),
    "resource:table": (20480, True),
    "resource:secret": (20480, True),
    "resource:repository": (10240, True),
    "resource:bus": (10240, True),
    "resource:vault": (20480, True),
}


def too_long(policy: Subject) -> Iterator[Found]:
    limit, counts_spaces = _LIMITS.get(policy.type.name, (0, False))
    if not limit or "Statement" not in policy.elements:
        return
    # Formatting is ours to change: what AWS would store at least is the document without any.
    shortest = re.sub(r"\s", "", write_json(policy.value, None)) if not counts_spaces else _compact(policy)
    if len(shortest) > limit:
        message = f"the policy has {len(shortest):,} characters, {policy.title} has at most {limit:,}"
        yield Found(
            (*policy.base, "Statement"), message, "join statements, use wildcards, or split it", on_key=True
        )


def _compact(policy: Subject) -> str:
    import json

    return json.dumps(json.loads(write_json(policy.value, None)), separators=(",", ":"), ensure_ascii=False)


@check(
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", WARNING, "an identity-based policy longer than a managed one may be",
    "A managed policy has at most 6,144 characters, white space not counted; the inline policies of a user 2,048 "
    "together, of a group 5,120, of a role 10,240. A session policy has 2,048.",
    bad={"Resource": _MANY}, mark='"Statement"', good={"Resource": _MANY[:20]},
    layers=("identity", "boundary", "session"),
)  # fmt: skip
def identity_policy_size(policy: Subject) -> Iterator[Found]:
    """SEMANTICS 1.6."""
    yield from too_long(policy)


@check(
    "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", WARNING, "a resource-based policy longer than its service stores",
    "Each service has a quota of its own: 20 KB for a bucket policy, 8 KB for a queue policy, 32 KB for a key policy.",
    bad={"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject",
                        "Resource": [f"arn:aws:s3:::logs/{'d' * 60}/{n}/*" for n in range(300)]}]},
    mark='"Statement"', good={}, on="resource:bucket", layers=("resource", "endpoint"),
)  # fmt: skip
def resource_policy_size(policy: Subject) -> Iterator[Found]:
    """SEMANTICS 1.6."""
    yield from too_long(policy)


@check(
    "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", WARNING, "a trust policy longer than the default quota",
    "A role trust policy has at most 2,048 characters, white space not counted; the quota can be raised to 4,096.",
    bad={"Principal": {"AWS": _TRUSTED}}, mark='"Statement"', good={"Principal": {"AWS": _TRUSTED[:9]}},
    on="trust", layers=("trust",),
)  # fmt: skip
def trust_policy_size(policy: Subject) -> Iterator[Found]:
    """SEMANTICS 1.6."""
    yield from too_long(policy)


@check(
    "POLICY_SIZE_EXCEEDS_SCP_QUOTA", ERROR, "a service control policy longer than the quota",
    "A service control policy has at most 5,120 characters, white space counted as it is saved.",
    bad={"Action": "s3:GetObject", "Resource": _MANY}, mark='"Statement"', good={}, on="scp", layers=("scp",),
)  # fmt: skip
def scp_size(policy: Subject) -> Iterator[Found]:
    """SEMANTICS 1.6."""
    yield from too_long(policy)
