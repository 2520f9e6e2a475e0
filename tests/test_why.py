"""What does `policyeval why` make of what AWS prints? The cases are in fixtures/denials."""

import json
import shlex
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policyeval.cli import main
from policyeval.decision import REASONS, Effect, Layer
from policyeval.errors import PolicyEvalError, UsageError
from policyeval.explain.why import advice, check_command, suspects
from policyeval.grammars import parser
from policyeval.render.formats import Look
from policyeval.render.why import Why, as_dict, render_why
from policyeval.sources.denials import MAX_TEXT, Denial, Form, read_denial

FOLDER = Path(__file__).parent.parent / "fixtures" / "denials"
FILES = sorted(FOLDER.glob("*.yaml"))
CASES = [
    pytest.param(case, id=f"{file.stem}::{case['name']}")
    for file in FILES
    for case in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)["cases"]
]
RECOGNISED = [case for case in CASES if "expect" in case.values[0]]
REFUSED = [case for case in CASES if "error" in case.values[0]]
TEXTS = [case.values[0]["text"] for case in RECOGNISED]

FIELDS = (
    "principal",
    "action",
    "resource",
    "layer",
    "effect",
    "policy_arn",
    "operation",
    "encoded",
    "caller",
    "time",
)
DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/app/ci is not authorized to perform: s3:GetObject on resource: "
    '"arn:aws:s3:::logs/a" because no permissions boundary allows the s3:GetObject action'
)


def fields(denial: Denial) -> dict:
    """Give the fields that have a value, in the form of the case files."""
    found = {name: getattr(denial, name) for name in FIELDS if getattr(denial, name) is not None}
    found |= {name: found[name].value for name in ("layer", "effect") if name in found}
    found |= {"context": dict(denial.context)} if denial.context else {}
    return {"form": denial.form.value} | found


@pytest.mark.parametrize("case", RECOGNISED)
def test_a_denial_is_taken_apart(case):
    assert fields(read_denial(case["text"])) == case["expect"]


@pytest.mark.parametrize("case", [case for case in RECOGNISED if "note" in case.values[0]])
def test_a_reader_is_told_what_the_text_hides(case):
    assert case["note"] in " ".join(read_denial(case["text"]).notes)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_denial_is_refused_with_a_way_out(case):
    with pytest.raises(UsageError) as refused:
        read_denial(case["text"])

    assert case["error"] in str(refused.value)
    assert refused.value.diagnostics[0].help


def test_every_form_layer_and_effect_has_a_case():
    found = [case.values[0]["expect"] for case in RECOGNISED]
    layers = {(one.get("layer"), one.get("effect")) for one in found}
    named = {row.layer for row in REASONS if row.aws}

    assert {one["form"] for one in found} == {form.value for form in Form}
    assert {(layer.value, Effect.EXPLICIT_DENY.value) for layer in named} <= layers
    assert {(layer.value, Effect.IMPLICIT_DENY.value) for layer in named - {Layer.RCP}} <= layers


@pytest.mark.parametrize("row", [row for row in REASONS if row.aws], ids=str)
def test_what_we_print_as_aws_is_understood(row):
    text = f"User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:GetObject {row.aws}"
    denial = read_denial(text.format(action="s3:GetObject"))

    assert (denial.layer, denial.effect) == (row.layer, row.effect)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_is_cut_anywhere_gives_facts_or_a_message(text):
    for end in range(0, len(text), 7):
        readable(text[:end])


@given(st.lists(st.sampled_from([
    "User:", "arn:aws:iam::111122223333:user/ana", "is not authorized to perform:", "s3:GetObject", "on resource:",
    '"', "explicit deny", "in a", "no", "session policy", ":", "when calling the", "operation error", "Service:",
    "Encoded authorization failure message:", "Access Denied", "{", "}", "\\", "s3://", "https://sqs.", "AccessDenied",
    "user", "\n", "\x00", "é", "&quot;", "[", "role",
]), max_size=30).map(" ".join))  # fmt: skip
def test_any_order_of_words_gives_facts_or_a_message(text):
    parser("denial").parse(" ".join(text.split()))
    readable(text)


@given(st.recursive(
    st.none() | st.booleans() | st.text(max_size=5)
    | st.sampled_from(["AccessDenied", "arn:aws:iam::111122223333:user/a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "eventSource", "eventName", "userIdentity", "errorCode", "errorMessage", "resources", "requestParameters",
        "context", "explicitDeny", "principal", "conditions", "items", "key", "values", "DecodedMessage",
        "sessionContext", "arn",
        "action", "resource", "type", "sourceIPAddress", "bucketName", "eventTime", "matchedStatements",
    ]), inner, max_size=6),
    max_leaves=20,
))  # fmt: skip
def test_any_json_gives_facts_or_a_message(value):
    readable(json.dumps(value))


def readable(text: str) -> None:
    """Read a text and tell about it; the only errors are those for users."""
    try:
        denial = read_denial(text)
    except PolicyEvalError:
        return
    assert render_why(Why(denial), Look())
    assert json.dumps(as_dict(Why(denial)))


@pytest.mark.parametrize("piece", [
    "a", ":", '"', "<", "\\", "no ", "arn:", "User: ", "explicit deny in a ", 'on resource: "', "Service: a ",
    "https://a.", "s3://", "{", "[", '{"a":', "&amp;", "a-",
    "Encoded authorization failure message: aaaaaaaaaaaaaaaaaaaaaaaaa ", "é ",
])  # fmt: skip
def test_long_texts_take_little_time(piece):
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    start = time.process_time()

    readable(text)

    assert time.process_time() - start < 10


@pytest.mark.parametrize("text", ["x" * (MAX_TEXT + 1), '{"a": "' + "x" * 2_000_000 + '"}', "[" * 100_000])
def test_texts_that_are_too_long_are_refused(text):
    with pytest.raises(UsageError, match="the longest that is read"):
        read_denial(text)


def test_a_deep_document_is_no_record():
    with pytest.raises(UsageError):
        read_denial('{"a":' * 10_000 + "1" + "}" * 10_000)


# Advice


def told(text: str) -> str:
    return render_why(Why(read_denial(text)), Look())


def commands(text: str) -> list[str]:
    why = Why(read_denial(text))
    return [one.line for layer in why.layers for one in advice(layer, why.call).commands(why.call)]


@pytest.mark.parametrize("text", TEXTS)
def test_the_advice_names_places_owners_and_a_command_line(text):
    found = as_dict(Why(read_denial(text)))

    assert found["advice"]
    assert all(one["place"] and one["owner"] for one in found["advice"])
    assert shlex.split(found["check"])[:2] == ["policyeval", "check"]


@pytest.mark.parametrize("text", TEXTS)
def test_no_line_of_advice_runs_what_the_text_holds(text):
    """Names from the text are single words of the shell, whatever they hold."""
    why = Why(read_denial(text))
    words = [word for line in commands(text) for word in shlex.split(line)]

    assert not any(word in ("touch", "owned") for word in words)
    if why.denial.resource:
        assert why.denial.resource in shlex.split(check_command(why.call, why.layers))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p-abcd1234", "aws organizations describe-policy --policy-id p-abcd1234"),
        ("team-boundary.", "--policy-arn arn:aws:iam::111122223333:policy/team-boundary --version-id"),
        ("secret:db-a1B2c3", "aws secretsmanager get-resource-policy --secret-id arn:aws:secretsmanager:"),
        ("444455556666:role/deploy because", "aws iam get-role --role-name deploy"),
        ("federated-user/ana is", "aws cloudtrail lookup-events"),
        ("codecommit:ListRepositories", "aws iam list-groups-for-user --user-name ana"),
        ("no VPC endpoint policy", "com.amazonaws.eu-west-1.dynamodb"),
        ("no service control policy", "--filter SERVICE_CONTROL_POLICY --target-id 111122223333"),
        ('logs/a" with an explicit deny in a resource control policy', "RESOURCE_CONTROL_POLICY --target-id RES"),
        ("orders is denied", "--queue-url https://sqs.eu-west-1.amazonaws.com/111122223333/orders"),
        ("access this resource with", "aws apigateway test-invoke-authorizer"),
        ("a1b2c3/prod/GET/pets with", "--rest-api-id a1b2c3"),
    ],
)  # fmt: skip
def test_the_commands_fit_the_denial(text, expected):
    (whole,) = {one for one in map(squeezed, TEXTS) if text in one}

    assert expected in "\n".join(commands(whole))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_an_encoded_message_is_decoded_first():
    text = next(
        text for text in TEXTS if "RunInstances" in text and "Encoded" in text and "Terraform" not in text
    )

    assert "aws sts decode-authorization-message --encoded-message QXdP" in told(text)
    assert "| policyeval why -" in told(text)


@pytest.mark.parametrize(
    ("caller", "action", "layers"),
    [
        ("logs.amazonaws.com", "s3:PutObject", ["resource"]),
        ("anonymous", "s3:GetObject", ["resource"]),
        (None, "sts:AssumeRoleWithWebIdentity", ["trust"]),
        (None, "sts:AssumeRole", ["identity", "trust", "boundary", "scp"]),
        (None, "ec2:RunInstances", ["identity", "boundary", "scp"]),
        (None, "s3:GetObject", ["identity", "resource", "boundary", "scp"]),
    ],
)
def test_the_likeliest_layers_depend_on_caller_and_service(caller, action, layers):
    call = Why(Denial(Form.ERROR_CODE, caller, action)).call

    assert [layer.value for layer in suspects(call, None)] == layers


def test_the_text_reads_so():
    expected = """\
AWS DENIED  explicit deny · service control policy                          an access denied message
  A service control policy denies iam:ListRoles explicitly.
  who     arn:aws:iam::111122223333:user/ana
  what    iam:ListRoles
  on      arn:aws:iam::111122223333:role/*
  policy  arn:aws:organizations::777788889999:policy/o-a1b2c3d4e5/service_control_policy/p-abcd1234

  look    the service control policies of the caller's account, of each OU above it and of the root
  owner   the administrators of the organization; nobody in the account can change it
  help    change the Deny statement, or make one of its conditions not match
    # the policy that AWS named, with credentials of account 777788889999
    aws organizations describe-policy --policy-id p-abcd1234 --query Policy.Content --output text > scp.json

  then ask
    policyeval check --identity identity.json \\
      --scp scp.json \\
      --principal arn:aws:iam::111122223333:user/ana \\
      --action iam:ListRoles \\
      --resource 'arn:aws:iam::111122223333:role/*'

  note: AWS may say `explicit deny` of service control policies also where none of a level allows
        the action
  note: AWS names one kind of policy only, even if several deny
"""

    assert told(next(text for text in TEXTS if "p-abcd1234" in text)) == expected


# The command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A directory with policies that allow S3, a boundary for EC2, and a denial."""
    statements = {"id.json": "s3:*", "boundary.json": "ec2:*", "wide.json": "*"}
    for name, action in statements.items():
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        (tmp_path / name).write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    (tmp_path / "denial.txt").write_text(DENIED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def why(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(["why", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize(
    "arguments", [[DENIED], ["denial.txt"], shlex.split(DENIED)], ids=["text", "file", "words"]
)
def test_text_comes_from_an_argument_a_file_or_words(folder, capsys, arguments):
    status, out, _ = why(capsys, *arguments)

    assert status == 0
    assert out.startswith("AWS DENIED  implicit deny · permissions boundary")


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_text_comes_from_standard_input(folder, capsys, monkeypatch, arguments):
    with (folder / "denial.txt").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        status, out, _ = why(capsys, *arguments)

    assert (status, out.split("  ")[0]) == (0, "AWS DENIED")


def test_we_agree_when_the_layer_is_given(folder, capsys):
    status, out, _ = why(capsys, "denial.txt", "id.json", "--boundary", "boundary.json")

    assert status == 1
    assert "✓ AWS and policyeval agree: implicit deny, permissions boundary" in out
    assert "DENIED  implicit deny · permissions boundary" in out


def test_a_layer_that_aws_named_and_nobody_gave_is_asked_for(folder, capsys):
    status, out, _ = why(capsys, "denial.txt", "id.json")

    assert status == 0
    assert "✗ AWS denied the call, but the policies given here allow it" in out
    assert "AWS names a permissions boundary, and none was given" in out
    assert "aws iam get-role --role-name app" in out


@pytest.mark.parametrize(
    ("wording", "arguments", "agreement", "sentence"),
    [
        ("because no session policy allows the s3:GetObject action", ["--boundary", "boundary.json"], "differs",
         "AWS names a session policy, and none was given"),
        ("because no identity-based policy allows the s3:GetObject action", ["--boundary", "boundary.json"], "differs",
         "the identity-based policy given here does not deny"),
        ("because no session policy allows the s3:GetObject action",
         ["--boundary", "boundary.json", "--session-policy", "boundary.json"], "differs",
         "blocks the call here as well"),
        ("with an explicit deny in a permissions boundary", ["--boundary", "boundary.json"], "differs",
         "AWS says explicit deny, and policyeval finds: implicit deny"),
        ("with an explicit deny in a service control policy", ["--scp", "boundary.json"], "agrees",
         "where a level does not allow"),
        ("", ["--boundary", "boundary.json"], "agrees", "AWS does not name a layer"),
        ("with an explicit deny", ["--boundary", "boundary.json"], "agrees", "but AWS says explicit deny"),
        ("", [], "differs", "not given, and perhaps the cause: resource-based policy"),
        ("because no permissions boundary allows the s3:GetObject action", ["--boundary", "wide.json"], "differs",
         "is not the one that AWS evaluated"),
    ],
)  # fmt: skip
def test_the_answers_are_compared(folder, capsys, wording, arguments, agreement, sentence):
    text = f"{DENIED.partition(' because')[0]} {wording}"
    _, out, _ = why(capsys, text, "id.json", *arguments, "-f", "json")
    found = json.loads(out)

    assert found["agreement"] == agreement
    assert sentence in " · ".join(found["comparison"])
    assert found["explanation"]["decision"]


def test_what_the_text_hides_is_given_by_options(folder, capsys):
    arn = "arn:aws:execute-api:eu-west-1:********3333:a/b"
    hidden = f"User: *** is not authorized to perform: execute-api:Invoke on resource: {arn}"
    caller = ["--principal", "arn:aws:iam::111122223333:user/ana"]
    api = ["--resource", "arn:aws:execute-api:eu-west-1:111122223333:a/b"]

    assert why(capsys, hidden, "wide.json")[0] == 2
    assert "add `--resource ARN` with the whole ARN" in why(capsys, hidden, "wide.json", *caller)[2]
    assert why(capsys, hidden, "wide.json", *caller, *api)[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Access Denied", "does not say who called"),
        ("User: ANA is not authorized to perform: on resource: *", "what was asked for"),
        ("User: ANA is not authorized to perform: s3:GetObject on resource: a", "is no ARN"),
    ],
)
def test_what_is_missing_for_a_decision_is_named(folder, capsys, text, message):
    status, out, err = why(capsys, text.replace("ANA", "arn:aws:iam::111122223333:user/ana"), "id.json")

    assert (status, out) == (2, "")
    assert message in err
    assert "help: add `--" in err


def test_context_comes_from_records_and_options(folder, capsys):
    text = next(text for text in TEXTS if "DecodedMessage" in text)
    _, out, _ = why(capsys, text, "-f", "json", "--context", "aws:SourceIp=203.0.113.7")
    context = json.loads(out)["request"]["context"]

    assert context == {
        "ec2:InstanceType": "p5.48xlarge",
        "aws:TagKeys": ["a", "b"],
        "aws:SourceIp": "203.0.113.7",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hello"], "no denial is recognised in `hello`"),
        (["nofile.txt"], "there is no file `nofile.txt`"),
        (["id.json"], "this is a policy"),
        (["-", "--identity", "-"], "standard input is named twice"),
        (["denial.txt", "-f", "html"], "unknown format `html`"),
        (["denial.txt", "--principal", "nobody"], "`nobody` is no principal"),
    ],
)
def test_wrong_usage_ends_with_status_2(folder, capsys, arguments, message):
    status, out, err = why(capsys, *arguments)

    assert (status, out) == (2, "")
    assert message in err


def test_hostile_text_cannot_reach_the_terminal(folder, capsys):
    text = (
        "User: arn:aws:iam::111122223333:user/a\x1b]0;x\x07\u202e is not authorized to perform: s3:GetObject"
    )
    _, out, _ = why(capsys, json.dumps({"message": text}))

    assert all(character.isprintable() or character == "\n" for character in out)
