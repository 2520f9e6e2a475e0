"""Does the command line do what UX §2 says? In-process for speed; as real processes where the shell matters."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from policyeval.cli import COMMANDS
from policyeval.decision import REASONS
from policyeval.operators import OPERATORS
from policyeval.semantics import CHOICES

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "first"
USER = "arn:aws:iam::111122223333:user/ana"
OBJECT = "arn:aws:s3:::logs/a.txt"
STATEMENT = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
REQUEST = {
    "principal": USER,
    "action": "s3:GetObject",
    "resource": OBJECT,
    "resource_account": "111122223333",
}


def policy(**changes) -> dict:
    """Write a policy of one statement; an element that is None is left out."""
    statement = {name: value for name, value in (STATEMENT | changes).items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def request(**changes) -> dict:
    return {name: value for name, value in (REQUEST | changes).items() if value is not None}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Work in a folder that holds a policy and two requests, one allowed and one denied."""
    monkeypatch.chdir(tmp_path)
    write("policy.json", policy())
    write("allowed.json", request())
    write("denied.json", request(action="s3:PutObject"))
    return tmp_path


def write(name: str, content: object) -> str:
    """Write text or bytes as they are, everything else as JSON."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(
            content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8"
        )
    return name


def process(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Run a command line as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    command = [sys.executable, "-m", "policyeval", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, **options)


# Answers and exit statuses


def test_an_allowed_request_is_one_line(run):
    assert run("check", "policy.json", "--request", "allowed.json") == (
        0,
        "ALLOWED  policy.json:4 Read\n",
        "",
    )


def test_verbose_adds_the_layers(run):
    status, out, _ = run("check", "policy.json", "--request", "allowed.json", "-v")

    assert status == 0
    assert out.startswith("ALLOWED")
    assert "boundary" in out


def test_a_denied_request_is_explained(run):
    status, out, err = run("check", "policy.json", "--request", "denied.json")

    assert (status, err) == (1, "")
    assert out.startswith("DENIED  implicit deny")
    assert "policy.json:7:17" in out


def test_the_example_of_the_readme_is_denied(run):
    status, out, _ = run("check", str(EXAMPLE / "policy.json"), "--request", str(EXAMPLE / "request.json"))

    assert status == 1
    assert "identity-no-allow" in out


@pytest.mark.parametrize(
    ("request_file", "expected", "status"),
    [
        ("allowed.json", "allow", 0),
        ("allowed.json", "deny", 1),
        ("denied.json", "allow", 1),
        ("denied.json", "deny", 0),
        ("denied.json", "implicit-deny", 0),
        ("denied.json", "explicit-deny", 1),
    ],
)
def test_expect_decides_the_status(run, request_file, expected, status):
    found, _, err = run("check", "policy.json", "--request", request_file, "--expect", expected)

    assert found == status
    assert bool(err) is bool(status)


def test_quiet_prints_nothing(run):
    assert run("check", "policy.json", "--request", "denied.json", "-q") == (1, "", "")
    assert run("check", "policy.json", "--request", "denied.json", "-q", "--expect", "allow") == (1, "", "")


def test_one_denied_request_of_several_counts(run):
    write("many.json", [request(name="first one"), request(action="s3:PutObject")])

    status, out, _ = run("check", "policy.json", "--request", "many.json")

    assert status == 1
    assert out.startswith(
        "request 1 of 2: first one\nALLOWED  policy.json:4 Read\n\nrequest 2 of 2: s3:PutObject on "
    )
    assert out.endswith("\n2 requests: 1 allowed, 1 denied\n")


def test_unmet_expectations_name_their_request(run):
    write("many.json", [request(), request(action="s3:PutObject")])

    status, _, err = run("check", "policy.json", "--request", "many.json", "--expect", "allow")

    assert (status, err) == (1, "request 2 of 2: expected allow, got implicit-deny (identity-no-allow)\n")


# Where requests come from


def test_json_lines_hold_a_request_each(run):
    write("many.jsonl", f"{json.dumps(request())}\n\n{json.dumps(request(action='s3:PutObject'))}\n")

    status, out, _ = run("check", "policy.json", "--request", "many.jsonl", "-f", "jsonl")

    assert status == 1
    assert [json.loads(line)["decision"] for line in out.splitlines()] == ["allow", "implicit-deny"]


def test_a_bad_line_is_named_by_its_number_and_nothing_is_printed(run):
    write("many.jsonl", f"{json.dumps(request())}\n\n{json.dumps(request(principal='bob'))}\n")

    status, out, err = run("check", "policy.json", "--request", "many.jsonl")

    assert (status, out) == (2, "")
    assert err.startswith("many.jsonl:3:15: `bob` is no principal\n")


def test_options_alone_make_a_request(run):
    status, out, _ = run(
        "check", "policy.json", "--principal", USER, "--action", "s3:GetObject", "--resource", OBJECT
    )  # fmt: skip

    assert (status, out) == (0, "ALLOWED  policy.json:4 Read\n")


def test_options_override_the_request(run):
    write("bare.json", request(action=None, principal=None))

    status, _, _ = run(
        "check", "policy.json", "--request", "bare.json", "--principal", USER, "--action", "s3:GetObject"
    )

    assert status == 0


def test_context_options_replace_keys_in_any_case_and_repeat_for_several_values(run):
    condition = {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
    }
    write("policy.json", policy(Condition=condition))
    write("request.json", request(context={"AWS:sourceip": "192.0.2.1"}))
    tags = ("--context", "aws:TagKeys=a", "--context", "aws:TagKeys=b")

    assert run("check", "policy.json", "--request", "request.json", *tags)[0] == 1
    assert (
        run("check", "policy.json", "--request", "request.json", *tags, "--context", "aws:SourceIp=10.1.1.1")[
            0
        ]
        == 0
    )


@pytest.mark.parametrize("place", ["policy", "request"])
def test_standard_input_is_a_policy_or_a_request(folder, place):
    text = (folder / ("policy.json" if place == "policy" else "allowed.json")).read_text()
    names = ("-", "allowed.json") if place == "policy" else ("policy.json", "-")

    done = process("check", names[0], "--request", names[1], input=text)

    assert (done.returncode, done.stderr) == (0, "")


def test_standard_input_is_read_once(run):
    status, out, err = run("check", "-", "--request", "-")

    assert (status, out) == (2, "")
    assert err.startswith("standard input is named twice\n")


# Where policies come from


def test_layer_options_and_named_kinds_mean_the_same(run):
    write("boundary.json", policy(Action="sqs:*"))

    by_option = run("check", "policy.json", "--boundary", "boundary.json", "--request", "allowed.json")
    by_name = run("check", "policy.json", "boundary:boundary.json", "--request", "allowed.json")

    assert by_option == by_name
    assert "boundary-no-allow" in by_option[1]


def test_a_resource_policy_is_recognised_by_its_principal(run):
    write("bucket.json", policy(Principal={"AWS": USER}))

    assert run("check", "bucket.json", "--request", "allowed.json")[:2] == (
        0,
        "ALLOWED  bucket.json:4 Read\n",
    )


def test_a_policy_set_and_documents_are_merged(run):
    write("set.yaml", "identity: [policy.json]\nsemantics: {malformed: false-condition}\n")
    write("boundary.json", policy(Action="sqs:*"))

    status, out, _ = run("check", "set.yaml", "--boundary", "boundary.json", "--request", "allowed.json")

    assert status == 1
    assert "boundary-no-allow" in out


@pytest.mark.parametrize(
    "given", [["--scp", "org"], ["scp:org"], ["--scp", "org/1-root.json", "--scp", "org/2-ou/a.json"]]
)
def test_scps_are_levels(run, given):
    """Every level has to allow; a directory is a level per entry, a directory in it one level."""
    write("org/1-root.json", policy(Action="*", Resource="*"))
    write("org/2-ou/a.json", policy(Action="sqs:*", Resource="*"))
    write("org/.hidden", "not a policy")

    status, out, _ = run("check", "policy.json", *given, "--request", "allowed.json", "-f", "json")
    layers = {layer["layer"]: layer for layer in json.loads(out)["layers"]}

    assert status == 1
    assert [level["allows"] for level in layers["scp"]["levels"]] == [True, False]


def test_policies_of_one_level_add_up(run):
    write("org/1-root/a.json", policy(Action="sqs:*", Resource="*"))
    write("org/1-root/b.json", policy(Action="s3:*", Resource="*"))

    assert run("check", "policy.json", "--scp", "org", "--request", "allowed.json")[0] == 0


def test_semantics_can_be_chosen(run):
    write("policy.json", {"Statement": [STATEMENT, STATEMENT | {
        "Effect": "Deny", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "many"}}}]})  # fmt: skip
    write("request.json", request(context={"aws:MultiFactorAuthAge": "5"}))

    assert run("check", "policy.json", "--request", "request.json")[0] == 1
    assert (
        run("check", "policy.json", "--request", "request.json", "--semantics", "malformed=false-condition")[
            0
        ]
        == 0
    )


def test_now_is_the_time_of_the_request(run):
    write("policy.json", policy(Condition={"DateLessThan": {"aws:CurrentTime": "2024-01-01"}}))

    assert run("check", "policy.json", "--request", "allowed.json", "--now", "2023-06-01T00:00:00Z")[0] == 0
    assert run("check", "policy.json", "--request", "allowed.json", "--now", "2025-06-01")[0] == 1


# Where answers go


def test_one_request_gives_an_object_and_several_an_array(run):
    write("many.json", [request(), request()])

    one = json.loads(run("check", "policy.json", "--request", "allowed.json", "-f", "json")[1])
    many = json.loads(run("check", "policy.json", "--request", "many.json", "-f", "json")[1])

    assert one["decision"] == "allow"
    assert [answer["decision"] for answer in many] == ["allow", "allow"]


def test_the_same_input_gives_the_same_bytes(run):
    arguments = ("check", "policy.json", "--request", "denied.json", "-f", "json", "--now", "2026-01-01")

    assert run(*arguments) == run(*arguments)


def test_formats_go_to_files_of_their_own(run, folder):
    status, out, _ = run(
        "check", "policy.json", "--request", "allowed.json", "-f", "text", "-f", "json=out.json"
    )

    assert (status, out) == (0, "ALLOWED  policy.json:4 Read\n")
    assert json.loads((folder / "out.json").read_text())["allowed"] is True


def test_output_replaces_a_file_whole_and_leaves_nothing_else(run, folder):
    (folder / "answer.txt").write_text("old")
    (folder / "answer.txt").chmod(0o600)
    before = sorted(folder.iterdir())

    assert run("check", "policy.json", "--request", "allowed.json", "-o", "answer.txt") == (0, "", "")
    assert (folder / "answer.txt").read_text() == "ALLOWED  policy.json:4 Read\n"
    assert (folder / "answer.txt").stat().st_mode & 0o777 == 0o600
    assert sorted(folder.iterdir()) == before


def test_bad_input_leaves_an_output_file_alone(run, folder):
    (folder / "answer.txt").write_text("old")

    assert run("check", "policy.json", "--request", "none.json", "-o", "answer.txt")[0] == 2
    assert (folder / "answer.txt").read_text() == "old"


# Colours


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("request_file", ["allowed.json", "denied.json"])
def test_colors_are_asked_for(run, monkeypatch, request_file, arguments, environment, colored):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    out = run("check", "policy.json", "--request", request_file, *arguments)[1]

    assert ("\x1b[" in out) is colored


def test_colors_change_nothing_but_colors(run):
    import re

    plain = run("check", "policy.json", "--request", "denied.json")[1]
    colored = run("check", "policy.json", "--request", "denied.json", "--color", "always")[1]

    assert [
        line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", colored).splitlines()
    ] == plain.splitlines()


def test_escape_sequences_of_a_policy_do_not_reach_the_terminal(run):
    write("policy.json", policy(Sid="\x1b[31mred", Action="s3:Put\x1b[2J"))

    for color in ("never", "always"):
        out = run("check", "policy.json", "--request", "denied.json", "--color", color)[1]
        assert "\x1b[2J" not in out
        assert "\x1b[31mred" not in out


# Bad input: a message with its place and a way out, status 2, nothing on standard output

TEXT = json.dumps(policy(), indent=2)
DOCUMENTS = [
    ("", ":1:1: the document is empty"),
    ("hello", ":1:1: the document is not JSON"),
    ('{\n "a": 1,\n}', ":2:8: a comma before the closing `}`"),
    ("// why\n{}", ":1:1: a comment, which JSON does not have"),
    (b"\xef\xbb\xbf{}", ":1:1: the file starts with a byte order mark (BOM)"),
    ('{"a": NaN}', ":1:7: `NaN` is no number of JSON"),
    ('{"a": "\\ud800"}', r":1:8: `\ud800` is half of a character"),
    (b'{"a": "\xe9"}', ":1:8: the document is not UTF-8 text"),
    ('{"a": 1, "a": 2}', ":1:10: key `a` stands twice"),
    ("[" * 10_000 + "]" * 10_000, ":1:101: lists and objects are nested deeper than 100 levels"),
]
POLICIES = [
    ([], ":1:1: a policy is an object, not a list"),
    (policy(Resource=None, Resources="*"), ":8:7: unknown statement element `Resources`"),
    (policy(Effect=None, effect="Allow"), ":8:7: unknown statement element `effect`"),
    (policy(Effect="allow"), ":6:17: `Effect` is Allow or Deny, not `allow`"),
    (policy(NotAction="s3:*"), ":9:7: a statement has `Action` or `NotAction`, not both"),
    (policy(Effect=None), ":4:5: the statement has no `Effect`"),
    (policy(Action=None), ":4:5: the statement has no `Action`"),
    (policy(Resource=None), ":4:5: the statement has no `Resource`"),
    (
        policy(Condition={"StringMatch": {"aws:username": "x"}}),
        ":10:9: unknown condition operator `StringMatch`",
    ),
    (policy() | {"Version": "2020-01-01"}, ":2:14: unknown policy version `2020-01-01`"),
]
REQUESTS = [
    ([], ":1:1: the list of requests is empty"),
    ([1], ":1:1: a request is an object"),
    (request(action=None), ":1:1: the request has no `action`"),
    (request(principal=None), ":1:1: the request has no `principal`"),
    (request(action="s3:*"), ":3:13: the action of a request has no wildcard: `s3:*`"),
    (request(resources="*"), ":6:3: unknown request field `resources`"),
    (request(principal="bob"), ":2:16: `bob` is no principal"),
    (request(resource="b/k"), ":4:15: `b/k` is no resource"),
    (request(resource="arn:aws:sqs:eu-west-1:444455556666:q", action="sqs:SendMessage"),
     ":5:23: `resource_account` is 111122223333, the ARN says 444455556666"),
]  # fmt: skip


def ids(value: object) -> str | None:
    return value.partition(": ")[2][:40] if isinstance(value, str) and value.startswith(":") else ""


def refused(answer: tuple[int, str, str], start: str) -> None:
    """Assert that input is refused as it must be."""
    status, out, err = answer

    assert (status, out) == (2, "")
    assert err.startswith(start)
    assert "\n   help: " in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("content", "message"), DOCUMENTS + POLICIES, ids=ids)
def test_a_bad_policy_is_refused(run, content, message):
    write("bad.json", content)

    refused(run("check", "bad.json", "--request", "allowed.json"), f"bad.json{message}")


@pytest.mark.parametrize(("content", "message"), DOCUMENTS + REQUESTS, ids=ids)
def test_a_bad_request_is_refused(run, content, message):
    if content == [1]:
        message = message.replace(":1:1:", ":2:3:")
    write("bad.json", content)

    refused(run("check", "policy.json", "--request", "bad.json"), f"bad.json{message}")


def test_a_principal_in_an_identity_policy_is_refused(run):
    write("bad.json", policy(Principal="*"))

    refused(run("check", "identity:bad.json", "--request", "allowed.json"), "bad.json:9:7: ")


@pytest.mark.parametrize("place", ["policy", "request"])
def test_files_that_cannot_be_read_are_refused(run, folder, place):
    def ask(name: str) -> tuple[int, str, str]:
        names = (name, "allowed.json") if place == "policy" else ("policy.json", name)
        return run("check", names[0], "--request", names[1])

    write("big.json", b'{"a": "' + b"x" * 50_000_000 + b'"}')
    write("a-directory/x.json", {})
    refused(ask("big.json"), "`big.json` is larger than ")
    refused(ask("none.json"), "there is no file `none.json`")
    refused(ask("a-directory"), "`a-directory` is a directory")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_refused(run, folder):
    (folder / "policy.json").chmod(0)

    refused(
        run("check", "policy.json", "--request", "allowed.json"),
        "`policy.json` cannot be read: permission denied",
    )


KEY = policy(Principal="*", Action="kms:Decrypt", Resource="*")
TRUST = policy(Principal={"AWS": USER}, Action="sts:AssumeRole", Resource=None)


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({"a.json": policy(Principal="*"), "b.json": KEY}, ["a.json", "b.json"],
         "b.json:1:1: `a.json` is an S3 bucket policy, `b.json` a KMS key policy, but a request is about one resource"),
        ({"a.json": policy(Principal="*"), "b.json": TRUST}, ["a.json", "b.json"],
         "b.json:1:1: `a.json` is an S3 bucket policy, `b.json` a role trust policy"),
        ({"a.json": KEY, "b.json": KEY}, ["--resource-policy", "a.json", "--resource-policy", "b.json"],
         "b.json:1:1: `a.json` and `b.json` both are KMS key policies"),
        ({"a.json": policy(), "b.json": policy()}, ["--boundary", "a.json", "boundary:b.json"],
         "a.json:1:1: `b.json` and `a.json` contradict: a principal has one permissions boundary"),
        ({"s.yaml": "boundary: policy.json\n"}, ["s.yaml", "--boundary", "policy.json"],
         "policy.json:1:1: `s.yaml` and `policy.json` contradict: a principal has one permissions boundary"),
        ({"s.yaml": "scp: [policy.json]\n"}, ["s.yaml", "--scp", "policy.json"],
         "policy.json:1:1: `s.yaml` gives the service control policy levels already"),
        ({"s.yaml": "boundary: policy.json\n", "t.yaml": "boundary: policy.json\n"}, ["s.yaml", "t.yaml"],
         "t.yaml:1:1: `s.yaml` and `t.yaml` both give `boundary`"),
        ({"s.yaml": "identity: []\n"}, ["boundary:s.yaml"],
         "s.yaml:1:1: a policy set, where a permissions boundary is expected"),
        ({}, ["bondary:policy.json"], "unknown policy kind `bondary`"),
        ({}, ["resource:buket:policy.json"], "unknown policy kind `resource:buket`"),
        ({"org/notes.txt": "x"}, ["--scp", "org"], "`org/notes.txt` is no policy file"),
        ({"org/1/2/a.json": policy()}, ["--scp", "org"], "`org/1/2` is a directory in the level `org/1`"),
    ],
)  # fmt: skip
def test_policies_that_contradict_each_other_are_refused(run, files, arguments, message):
    for name, content in files.items():
        write(name, content)

    refused(run("check", *arguments, "--request", "allowed.json"), message)


def test_a_vault_has_an_access_policy_and_a_lock(run):
    write("a.json", policy(Principal={"AWS": USER}, Action="glacier:InitiateJob", Resource="*"))
    write("b.json", policy(Principal="*", Action="glacier:DeleteArchive", Resource="*", Effect="Deny"))
    vault = "arn:aws:glacier:eu-west-1:111122223333:vaults/v"

    status, _, err = run(
        "check", "a.json", "b.json", "--principal", USER, "--action", "glacier:InitiateJob", "--resource", vault
    )  # fmt: skip

    assert (status, err) == (0, "")


# Wrong usage

CHECK = ["check", "policy.json", "--request", "allowed.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no command is given"),
        (["chek"], "unknown command `chek`\n   help: did you mean `check`?"),
        (["policy.json"], "unknown command `policy.json`\n   help: did you mean `policyeval check policy.json`?"),
        (["--verbose"], "unknown option `--verbose`"),
        (["check"], "no policy is given"),
        (["check", "policy.json"], "no request is given"),
        (["check", "policy.json", "--request"], "`--request` needs a value"),
        ([*CHECK, "--bondary", "x"], "unknown option `--bondary`\n   help: did you mean `--boundary`?"),
        ([*CHECK, "--expect", "alow"], "`--expect` cannot be `alow`\n   help: did you mean `allow`?"),
        ([*CHECK, "--color", "no"], "`--color` cannot be `no`"),
        ([*CHECK, "--now", "yesterday"], "`--now` cannot be `yesterday`"),
        ([*CHECK, "--context", "x"], "`--context x` has no `=`"),
        ([*CHECK, "--semantics", "malformd=x"],
         "unknown semantics option `malformd`\n   help: did you mean `malformed`?"),
        ([*CHECK, "--action", "s3:*"], "--action: the action of a request has no wildcard: `s3:*`"),
        ([*CHECK, "--principal", "bob"], "--principal: `bob` is no principal"),
        ([*CHECK, "-f", "jsn"], "unknown format `jsn`\n   help: did you mean `json`?"),
        ([*CHECK, "-f", "json", "-f", "text"], "`json` and `text` both go to standard output"),
        ([*CHECK, "-f", "json=a", "-f", "text=a"], "`json` and `text` both go to `a`"),
        ([*CHECK, "-f", "json=a", "-o", "b"], "nothing is left for `-o b`"),
        ([*CHECK, "-f", "json="], "no file is named in `-f json=`"),
        ([*CHECK, "-o", "no/such/folder"], "`no/such/folder` cannot be written: no such file or directory"),
        (["explain", "bondary-no-allow"],
         "unknown code `bondary-no-allow`\n   help: did you mean `boundary-no-allow`?"),
        (["schema", "reqest"], "unknown schema `reqest`\n   help: did you mean `request`?"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_usage_is_refused(run, arguments, message):
    refused(run(*arguments), message)


# Processes


def test_bare_words_may_stand_behind_options(run):
    assert run("check", "--request", "allowed.json", "policy.json")[0] == 0


@pytest.mark.parametrize("arguments", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help_has_examples(run, arguments):
    status, out, err = run(*arguments)

    assert (status, err) == (0, "")
    assert out.startswith("usage: policyeval")
    assert "examples:\n  policyeval " in out


def test_the_version_is_told(run):
    status, out, _ = run("--version")

    assert (status, out.split()[0]) == (0, "policyeval")


@pytest.mark.parametrize("library", ["pydantic", "rich", "lark", "yaml"])
def test_an_allowed_answer_needs_no_large_library(folder, library):
    """From JSON to `ALLOWED` nothing slow is imported, so that the command can be used anywhere."""
    program = (
        "import sys; from policyeval.cli import main; "
        "status = main(['check', 'policy.json', '--request', 'allowed.json']); "
        f"sys.exit(3 if {library!r} in sys.modules else status)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )

    assert done.returncode == 0


def test_only_the_module_of_the_command_is_imported(folder):
    program = (
        "import sys; from policyeval.cli import main; main(['explain', 'reasons', '-q']); "
        "sys.exit('policyeval.cli.check' in sys.modules or 'policyeval.cli.schema' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )

    assert done.returncode == 0


def test_a_reader_that_leaves_early_is_no_error(folder):
    write("many.jsonl", "".join(f"{json.dumps(request())}\n" for _ in range(200)))
    command = [
        sys.executable,
        "-m",
        "policyeval",
        "check",
        "policy.json",
        "--request",
        "many.jsonl",
        "-f",
        "json",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    running.stdout.read(10)
    running.stdout.close()
    error = running.stderr.read()
    running.stderr.close()

    assert (running.wait(60), error) == (0, b"")


def test_an_interrupt_ends_with_130(folder):
    command = [sys.executable, "-m", "policyeval", "check", "-", "--request", "allowed.json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, restore_signals=True, **pipes) as running:
        deadline = time.monotonic() + 30
        while not waits_for_input(running.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, error = running.communicate(timeout=60)

    assert (running.returncode, out, error) == (130, b"", b"")


def waits_for_input(pid: int) -> bool:
    """Has the process come to reading? Elsewhere than on Linux, give it a while."""
    try:
        return "pipe_read" in Path(f"/proc/{pid}/wchan").read_text()
    except OSError as problem:
        time.sleep(2)
        return problem.errno in (errno.ENOENT, errno.EACCES, errno.EPERM)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
def test_a_full_disk_is_told(folder):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "policyeval", "check", "policy.json", "--request", "allowed.json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment, timeout=60
        )

    assert done.returncode == 2
    assert done.stderr.startswith("standard output cannot be written: no space left on device\n")


def test_signs_that_the_terminal_lacks_are_replaced(folder):
    done = process("check", "policy.json", "--request", "denied.json", env={"PYTHONIOENCODING": "ascii"})

    assert done.returncode == 1
    assert done.stdout.startswith("DENIED  implicit deny - ")
    assert "Traceback" not in done.stderr


def test_an_internal_error_is_one_line_and_no_decision(run, monkeypatch):
    from policyeval.engine import Engine

    def broken(*_: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr(Engine, "explain", broken)
    status, out, err = run("check", "policy.json", "--request", "allowed.json")

    assert (status, out) == (70, "")
    assert err.count("\n") == 1
    assert err.startswith("policyeval: internal error in test_cli.py:")
    assert "please report it" in err


def test_the_traceback_is_shown_to_those_who_ask(run, monkeypatch):
    from policyeval.engine import Engine

    monkeypatch.setattr(Engine, "explain", lambda *_: 1 / 0)
    monkeypatch.setenv("POLICYEVAL_TRACEBACK", "1")

    status, out, err = run("check", "policy.json", "--request", "allowed.json")

    assert (status, out) == (70, "")
    assert err.startswith("Traceback (most recent call last):")
    assert "ZeroDivisionError: division by zero" in err


# explain


@pytest.mark.parametrize("row", REASONS, ids=str)
def test_every_reason_is_explained(run, row):
    status, out, _ = run("explain", row.code)

    assert status == 0
    assert row.advice.split()[0] in out
    assert row.page in out


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_every_operator_is_explained_with_its_examples(run, row):
    status, out, _ = run("explain", row.name.lower())

    assert status == 0
    assert out.count("  example") == len(row.examples)


@pytest.mark.parametrize("name", CHOICES)
def test_every_option_is_explained(run, name):
    assert f"--semantics {name}={CHOICES[name][0][1]}" in run("explain", name)[1]


def test_everything_is_listed(run):
    status, out, _ = run("explain")

    assert status == 0
    assert all(
        code in out for code in [*(row.code for row in REASONS), *(row.name for row in OPERATORS), *CHOICES]
    )


def test_explanations_are_json_too(run):
    found = json.loads(run("explain", "operators", "-f", "json")[1])

    assert [one["operator"] for one in found] == [row.name for row in OPERATORS]
