"""Is every input that cannot be used refused with an error of ours, and none able to hold the engine up?"""

import copy
import json
import os
import socket
import time
from pathlib import Path

import pytest

from policyeval import Engine, Policy, PolicyEvalError, PolicySet, load
from policyeval.cli import main
from policyeval.cli.requests import Overrides, asked_requests
from policyeval.language.documents import read_document
from policyeval.language.variables import template
from policyeval.source import Source
from policyeval.sources.denials import read_denial
from policyeval.sources.files import read_source
from policyeval.sources.requests import read_requests
from policyeval.testing.reading import read_cases
from tests.policies import ALICE, BUCKET, KEY, OBJECT, QUEUE, ROLE, SESSION, A, B

GRANTING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
FOR_ALL = {
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": ["*"]}]
}
TRUSTING = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["sts:AssumeRole"]}]}
VERSION = {"VersionId": "v1", "IsDefaultVersion": True, "Document": GRANTING}
POLICIES = {
    "identity": [GRANTING, {"name": "n", "policy": GRANTING}, {"name": "m", "versions": [VERSION]}],
    "resource": [FOR_ALL],
    "resources": {BUCKET: [FOR_ALL], KEY: FOR_ALL},
    "boundary": GRANTING,
    "session": [GRANTING],
    "scp": {A: [[GRANTING]]},
    "endpoint": FOR_ALL,
    "trust": TRUSTING,
    "roles": {
        ROLE: {"trust": TRUSTING, "identity": [GRANTING], "boundary": GRANTING, "tags": {"team": "red"}}
    },
    "settings": {
        "s3": {
            "block_public_access": {"ignore_public_acls": True},
            "object_ownership": "ObjectWriter",
            "object_owner": B,
            "bucket_acl": [{"grantee": "AllUsers", "permission": "READ"}],
            "access_points": {f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap": {"bucket": "b", "vpc": "vpc-1"}},
        },
        "kms": {
            "grants": [
                {
                    "key": KEY,
                    "grantee": ALICE,
                    "operations": ["Decrypt"],
                    "constraints": {"EncryptionContextSubset": {"k": "v"}, "SourceArn": QUEUE},
                    "retiring_principal": ALICE,
                }
            ]
        },
        "apigateway": {"authorizer": "IAM", "private": False},
    },
    "semantics": {"notprincipal_chain": "any"},
}
REQUEST = {
    "principal": {
        "arn": SESSION,
        "role_arn": ROLE,
        "unique_id": "AROAEXAMPLE",
        "tags": {"team": "red"},
        "session_tags": [{"Key": "cost", "Value": "1"}],
        "mfa": True,
        "organization": {"id": "o-1", "path": ["o-1/r-1/"], "management_account": B},
    },
    "action": ["s3:GetObject"],
    "resource": [OBJECT],
    "context": {"aws:SourceIp": "10.0.0.1", "aws:TagKeys": ["team"]},
    "resource_account": A,
    "resource_organization": {"id": "o-1", "path": "o-1/"},
    "resource_tags": {"team": "red"},
    "time": "2026-01-01",
    "via": [
        {
            "role": ROLE,
            "session_policy": GRANTING,
            "tags": {"a": "b"},
            "transitive_tags": ["a"],
            "context": {},
        }
    ],
    "also": [{"action": "kms:Decrypt", "resource": KEY, "context": {"a:b": "c"}, "resource_account": A}],
}
JUNK = [None, True, -1, 1.5, "", "x", "9" * 30, [], [None], [1], [[]], [{}], {}, {"x": 1}, "\ud800"]


def paths_in(value, at=()):
    """Walk the places in a value."""
    yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths_in(inner, (*at, step))


def with_junk(value, path, junk):
    """Put junk at a place."""
    if not path:
        return junk
    changed = copy.copy(value)
    changed[path[0]] = with_junk(value[path[0]], path[1:], junk)
    return changed


def decided_or_refused(policies, request):
    """Tell whether a decision or an error of ours comes out; any other error is raised."""
    try:
        decision = Engine(PolicySet.from_dict(policies)).decide(request)
    except PolicyEvalError as error:
        return bool(str(error))
    return decision.effect is not None


@pytest.mark.parametrize("path", list(paths_in(POLICIES)), ids=lambda path: ".".join(map(str, path)))
def test_policy_set_with_junk_anywhere_is_decided_or_refused(path):
    request = {**REQUEST, "via": []}

    assert all(decided_or_refused(with_junk(POLICIES, path, junk), request) for junk in JUNK)


@pytest.mark.parametrize("path", list(paths_in(REQUEST)), ids=lambda path: ".".join(map(str, path)))
def test_request_with_junk_anywhere_is_decided_or_refused(path):
    assert all(decided_or_refused(POLICIES, with_junk(REQUEST, path, junk)) for junk in JUNK)


def test_moment_that_no_calendar_has_is_decided_or_refused():
    before = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}
    policy = {"Statement": {**GRANTING["Statement"][0], "Condition": before}}
    request = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT, "time": "9" * 30}

    assert decided_or_refused({"identity": [policy]}, request)


def test_open_variable_of_many_colons_is_read_in_no_time():
    text = "${" + "a:" * 10_000
    start = time.perf_counter()

    template(text, variables=True, wildcards=True)

    assert time.perf_counter() - start < 1


# Hostile texts: every reader refuses them, or reads them, in bounded time


def laughs(levels):
    """Write YAML in which every line doubles the one before it."""
    lines = [f"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]" for level in range(1, levels)]
    return "a0: &a0 [ha, ha]\n" + "\n".join(lines)


def chained_aliases(count):
    """Write YAML that is nested deeper than any of its lines: each holds the list of the one before it."""
    lines = [f"a{index}: &a{index} {'[' * 50}*a{index - 1} {']' * 50}" for index in range(1, count)]
    return "a0: &a0 [ha]\n" + "\n".join(lines)


def on(resource):
    """Write a policy about this resource."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


MANY = 1_000_000
TEXTS = {
    "billion laughs": laughs(64),
    "levels hidden behind aliases": chained_aliases(40),
    "alias of itself": "a: &a [*a]",
    "merge keys": "a: &a {b: c}\n<<: *a",
    "deep JSON list": "[" * MANY,
    "deep JSON objects": '{"a":' * MANY,
    "deep and closed": "[" * 5000 + "]" * 5000,
    "deep YAML": "\n".join(" " * level + "a:" for level in range(2000)),
    "deep YAML in braces": "a: " + "{a: " * 50_000,
    "YAML of dashes": "- " * 100_000,
    "huge integer": '{"Statement": [], "Version": ' + "9" * MANY + "}",
    "huge exponent": '{"Version": 1e999999999}',
    "NaN": '{"Version": NaN}',
    "half of a character": '{"Version": "\\ud800"}',
    "raw surrogate": '{"Version": "\ud800"}',
    "bytes that are no UTF-8": b'{"Version": "\xff\xfe\x80"}'.decode("utf-8", "surrogateescape"),
    "NUL": '{"Version": "a\0b"}',
    "escaped NUL": '{"Version": "a\\u0000b"}',
    "control characters": '{"Version": "\x1b[31m\x07"}',
    "byte order mark": '\ufeff{"Statement": []}',
    "two documents": '{"Statement": []}{"Statement": []}',
    "key twice": '{"Statement": [], "Statement": []}',
    "key twice below": '{"Statement": [{"Action": 1, "Action": 2}]}',
    "key twice, written differently": '{"Statement": [], "\\u0053tatement": []}',
    "keys that are no text": "? [a, b]\n: c\n? {d: e}\n: f",
    "long string": on("x" * MANY),
    "long string of stars": on("*a" * MANY),
    "long string of variables": on("${a:b}" * 100_000),
    "open variables": on("${" * 100_000),
    "long key": '{"' + "x" * MANY + '": 1}',
    "open string": '{"' + "x" * MANY,
    "backslashes": '{"' + "\\" * MANY,
    "line feeds": "\n" * MANY + "{",
    "white space": " " * MANY,
    "commas": "[" + "," * MANY,
    "nothing": "",
    "tag that runs code": "!!python/object/apply:os.system [id]",
    "record with wrong fields": '{"eventSource": 1, "eventName": [], "userIdentity": "x", "resources": 5}',
    "record with wrong fields below": '{"eventSource": "a", "eventName": "b", "userIdentity": {"sessionContext": [1]}}',
    "decoded message that is a number": '{"DecodedMessage": 5}',
    "decoded message that is deep": json.dumps({"DecodedMessage": "[" * MANY}),
    "decoded message with wrong fields": '{"explicitDeny": true, "context": {"conditions": {"items": [3]}}}',
    "event with wrong fields": '{"methodArn": 1, "requestContext": []}',
    "no records": '{"Records": []}',
    "records of nothing": '{"Records": [null, 1, "x", []]}',
}  # fmt: skip
READERS = {
    "policy": lambda text: Policy.parse(text).to_json(),
    "policy, strict": lambda text: Policy.parse(text, "resource", strict=True),
    "policy set": lambda text: PolicySet.from_dict(read_document(Source.of("set", text))),
    "requests": lambda text: [Engine(GRANTING).decide(one) for one in read_requests(Source.of("r", text))],
    "case file": lambda text: [case.run() for case in read_cases(Source("cases.yaml", text, "yaml"))],
    "denial": read_denial,
}
REFUSED = (
    "billion laughs", "levels hidden behind aliases", "alias of itself", "deep JSON list", "deep YAML", "NUL",
    "half of a character", "raw surrogate", "escaped NUL", "byte order mark", "key twice", "key twice below",
    "key twice, written differently", "huge integer", "tag that runs code", "merge keys", "nothing",
)  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("reader", READERS)
def test_hostile_text_is_read_or_refused(reader, name):
    start = time.process_time()

    try:
        READERS[reader](TEXTS[name])
    except PolicyEvalError as error:
        str(error)
    assert time.process_time() - start < 20


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_policy_holds_is_refused_with_a_way_out(name):
    with pytest.raises(PolicyEvalError) as refused:
        Policy.parse(TEXTS[name])

    assert all(told.help for told in refused.value.diagnostics)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\r\n"])
def test_line_ends_do_not_matter(ends):
    lines = [
        '{"Version": "2012-10-17",',
        '"Statement": [',
        '{"Effect": "Deny", "Action": "*", "Resource": "*"}',
        "]}",
    ]

    assert Policy.parse(ends.join(lines)).document == Policy.parse("\n".join(lines)).document


def test_numbers_of_very_many_digits_are_decided_or_refused():
    before = {
        "NumericLessThan": {"s3:max-keys": "9" * 100_000},
        "DateLessThan": {"aws:CurrentTime": "9" * 100_000},
    }
    policy = {"Statement": {**GRANTING["Statement"][0], "Condition": before}}
    context = {"s3:max-keys": "1" * 100_000}
    request = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT, "context": context}

    assert decided_or_refused({"identity": [policy]}, request)


# Files that are none


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT}
    Path("policy.json").write_text(json.dumps(GRANTING))
    Path("request.json").write_text(json.dumps(request))
    Path("utf16.json").write_text(json.dumps(GRANTING), encoding="utf-16")
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("here").symlink_to("there")
    Path("there").symlink_to("here")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pipe", "`pipe` is a pipe, not a file"),
        ("socket", "`socket` is a socket, not a file"),
        ("/dev/zero", "`/dev/zero` is a device, not a file"),
        ("folder", "`folder` is a directory"),
        ("here", "`here` cannot be read: too many levels of symbolic links"),
        ("policy.json/x", "`policy.json/x` cannot be read: not a directory"),
        ("x" * 5000, "cannot be read: file name too long"),
        ("utf16.json", "`utf16.json` is UTF-16 text"),
        ("absent", "there is no file `absent`"),
        ("a\0b", "is no file name"),
    ],
)
def test_what_is_no_file_is_refused_at_once(folder, name, message):
    for read in (read_source, load, lambda one: asked_requests([one], Overrides())):
        with pytest.raises(PolicyEvalError) as refused:
            read(name)

        assert message in str(refused.value)
        assert refused.value.diagnostics[0].help


def test_a_file_that_may_not_be_read_is_told(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(PolicyEvalError) as refused:
        read_source("policy.json")
    assert (
        str(refused.value)
        == "`policy.json` cannot be read: permission denied\n   help: check its permissions"
    )


def test_a_folder_that_may_not_be_listed_is_no_trouble(folder, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(PolicyEvalError, match=r"there is no file `polcy.json`"):
        read_source("polcy.json")


@pytest.mark.parametrize(
    "command",
    [
        ["check", "pipe", "--request", "request.json"],
        ["check", "policy.json", "--request", "pipe"],
        ["lint", "pipe"],
        ["test", "pipe"],
    ],
)
def test_commands_do_not_wait_for_a_pipe(folder, command, capsys):
    assert main(command) == 2
    assert "`pipe` is a pipe, not a file" in capsys.readouterr().err


def test_what_the_shell_has_opened_is_read():
    """`policyeval check <(command)`: the name stands for a pipe that is open already."""
    reading, writing = os.pipe()
    os.write(writing, json.dumps(GRANTING).encode())
    os.close(writing)
    try:
        assert isinstance(load(f"/dev/fd/{reading}"), Policy)
    finally:
        os.close(reading)


@pytest.mark.parametrize("name", ["pipe", "-"])
def test_a_policy_set_names_files_only(folder, name):
    """Neither a pipe nor standard input: who writes the set does not choose what is waited for."""
    Path("set.json").write_text(json.dumps({"identity": [name]}))

    with pytest.raises(PolicyEvalError, match=r"`pipe` is a pipe, not a file|there is no file `-`"):
        load("set.json")


def test_a_policy_set_does_not_name_what_is_open(folder):
    reading, writing = os.pipe()
    Path("set.json").write_text(json.dumps({"identity": [f"/dev/fd/{reading}"]}))
    try:
        with pytest.raises(PolicyEvalError, match="is a pipe, not a file"):
            load("set.json")
    finally:
        os.close(reading)
        os.close(writing)


# Files of CloudTrail


RECORD = {
    "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "resources": [{"ARN": OBJECT}],
    "userIdentity": {"type": "IAMUser", "arn": ALICE}, "eventTime": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_a_file_of_records_is_many_requests(folder):
    Path("trail.json").write_text(json.dumps({"Records": [RECORD, {**RECORD, "eventName": "PutObject"}]}))

    asked = asked_requests(["trail.json"], Overrides())

    assert [one.request.action for one in asked] == ["s3:GetObject", "s3:PutObject"]
    assert [one.path for one in asked] == [("Records", 0), ("Records", 1)]
    assert len(read_requests(read_source("trail.json"))) == 2


@pytest.mark.parametrize("overrides", [Overrides(), Overrides(principal=ALICE)])
def test_a_record_that_cannot_be_used_is_told_at_its_place(folder, overrides):
    records = {"Records": [RECORD, {**RECORD, "userIdentity": 7}]}
    Path("trail.json").write_text(json.dumps(records, indent=1))

    with pytest.raises(PolicyEvalError, match=r"^trail.json:\d\d:20: `userIdentity` is an object"):
        asked_requests(["trail.json"], overrides)


def test_events_of_the_command_line_are_refused_with_a_way_out():
    events = json.dumps({"Events": [{"CloudTrailEvent": json.dumps(RECORD)}]})

    with pytest.raises(PolicyEvalError) as refused:
        read_requests(Source.of("events.json", events))
    assert "jq '[.Events[].CloudTrailEvent | fromjson]'" in str(refused.value)
