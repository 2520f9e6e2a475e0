"""Is the public surface what it says, and do the examples that users are shown run?"""

import json
import subprocess
import sys

import pytest

import policyeval as pe
from policyeval.decision import REASONS, reason

ALICE = "arn:aws:iam::111111111111:user/alice"
ACTION, RESOURCE = "s3:GetObject", "arn:aws:s3:::acme-logs/2026/a.json"
READ_LOGS = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "ReadLogs", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::acme-logs/*"}],
}  # fmt: skip
LIMIT = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}
REQUEST = {"principal": ALICE, "action": ACTION, "resource": RESOURCE}


@pytest.fixture
def files(tmp_path):
    """A folder with a policy, a boundary, and a set of both."""
    (tmp_path / "app-read.json").write_text(json.dumps(READ_LOGS))
    (tmp_path / "boundary.json").write_text(json.dumps(LIMIT))
    (tmp_path / "set.yaml").write_text("identity: [app-read.json]\nboundary: boundary.json\n")
    return tmp_path


# The names


@pytest.mark.parametrize("name", pe.__all__)
def test_public_name_can_be_imported(name):
    assert getattr(pe, name).__module__.startswith("policyeval.")


def test_public_names_are_sorted_and_documented():
    assert pe.__all__ == sorted(pe.__all__)
    assert [name for name in pe.__all__ if not getattr(pe, name).__doc__] == []


def test_public_names_are_listed_for_who_explores_the_package():
    assert set(pe.__all__) <= set(dir(pe))


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError, match="module `policyeval` has no `Parser`"):
        _ = pe.Parser


def test_package_is_imported_without_its_modules():
    program = (
        "import sys, policyeval; print([name for name in sys.modules if name.startswith('policyeval.')])"
    )

    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "[]"


# Decisions


def test_effects_are_three_words():
    assert [effect.value for effect in pe.Effect] == ["allow", "explicit-deny", "implicit-deny"]


def test_layers_are_named_as_everywhere():
    named = "identity resource trust boundary session scp rcp endpoint s3-bpa service grant none"

    assert named.split() == [layer.value for layer in pe.Layer]


def test_decision_is_neither_true_nor_false():
    decision = pe.Engine(READ_LOGS).decide(REQUEST)

    with pytest.raises(TypeError, match=r"ask for `decision\.allowed`"):
        bool(decision)


def test_decision_tells_effect_reason_and_layer():
    decision = pe.Engine(pe.PolicySet(identity=READ_LOGS, boundary=LIMIT)).decide(REQUEST)

    assert (decision.allowed, decision.effect, decision.layer) == (False, pe.Effect.IMPLICIT_DENY, "boundary")
    assert decision.reason == "boundary-no-allow"
    assert repr(decision) == "Decision(implicit-deny, boundary-no-allow)"


@pytest.mark.parametrize("row", REASONS, ids=str)
def test_reason_is_found_by_its_code_and_equals_it(row):
    assert row is reason(row.code)
    assert (row, row.code) == (str(row), row)


# Engines


def test_engine_takes_a_policy_a_document_a_set_and_the_shape_of_a_set(files):
    engines = [
        pe.Engine(one)
        for one in (
            READ_LOGS,
            pe.Policy.parse(READ_LOGS),
            pe.PolicySet(identity=[pe.Policy.parse(READ_LOGS)]),
            pe.PolicySet.from_dict({"identity": [READ_LOGS]}),
            {"identity": [READ_LOGS]},
            pe.load(files / "app-read.json"),
        )
    ]

    assert [engine.decide(REQUEST).allowed for engine in engines] == [True] * len(engines)


def test_engine_takes_a_request_or_its_shape_or_its_parts():
    engine = pe.Engine(READ_LOGS)
    request = pe.Request(principal=ALICE, action=ACTION, resource=RESOURCE, context={})

    answers = [
        engine.decide(request).allowed,
        engine.decide(REQUEST).allowed,
        engine.allowed(ALICE, ACTION, RESOURCE),
    ]

    assert answers == [True] * 3


def test_many_requests_are_answered_in_their_order():
    engine = pe.Engine(READ_LOGS)
    other = {**REQUEST, "action": "s3:PutObject"}

    effects = [decision.effect.value for decision in engine.decide_many([REQUEST, other, REQUEST])]

    assert effects == ["allow", "implicit-deny", "allow"]


def test_time_is_an_input():
    until = {"DateLessThan": {"aws:CurrentTime": "2026-01-01"}}
    policy = {"Statement": {**READ_LOGS["Statement"][0], "Condition": until}}
    before, after = 1767225599, 1767225600

    answers = [pe.Engine(policy, now=now).decide(REQUEST).allowed for now in (before, after)]

    assert answers == [True, False]


# What users are shown


def test_policies_of_files_decide_and_explain(files):
    policies = pe.PolicySet(
        identity=[pe.load(files / "app-read.json")], boundary=pe.load(files / "boundary.json")
    )
    engine = pe.Engine(policies)
    request = pe.Request(principal=ALICE, action=ACTION, resource=RESOURCE, context={})

    decision, explanation = engine.decide(request), engine.explain(request)

    assert explanation.decision is decision
    assert "boundary" in str(explanation)
    assert explanation.to_dict()["reason"] == "boundary-no-allow"


def test_policy_set_of_a_file_finds_its_policies_beside_it(files):
    decision = pe.Engine(pe.load(files / "set.yaml")).decide(REQUEST)

    assert decision.reason == "boundary-no-allow"


def test_check_explains_one_request_against_one_policy():
    explanation = pe.check(READ_LOGS, REQUEST)

    assert explanation.allowed
    assert explanation.decision == pe.Engine(READ_LOGS).decide(REQUEST)


def test_cases_of_a_file_run(tmp_path):
    cases = [
        {"name": "as expected", "request": REQUEST, "expect": "allow", "reason": "allowed"},
        {"name": "another effect", "request": REQUEST, "expect": "deny"},
        {
            "name": "another reason",
            "request": REQUEST,
            "expect": "allow",
            "reason": "no-authorization-needed",
        },
        {"name": "refused", "request": {**REQUEST, "action": "s3:*"}, "expect": "invalid"},
        {"name": "not refused", "request": REQUEST, "expect": "invalid"},
    ]
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps({"about": "reading", "policies": {"identity": [READ_LOGS]}, "cases": cases}))

    outcomes = [case.run() for case in pe.load_cases(file)]

    assert [outcome.passed for outcome in outcomes] == [True, False, False, True, False]
    assert str(outcomes[1]) == "another effect: expected deny, got allow allowed"


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"cases": {}},
        {"cases": [1]},
        {"cases": [{"name": "n", "request": REQUEST}]},
        {"cases": [{"name": "n", "request": REQUEST, "expect": "maybe"}]},
        {"cases": [{"name": "n", "request": REQUEST, "expect": "allow", "expected": "allow"}]},
        {"cases": [], "policies": [READ_LOGS]},
        {"cases": [], "policy": {}},
    ],
)
def test_file_that_holds_no_cases_is_refused(value, tmp_path):
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps(value))

    with pytest.raises(pe.CaseError):
        pe.load_cases(file)


# Errors


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda: pe.Policy.parse("{"), pe.PolicyError),
        (lambda: pe.Policy.parse(READ_LOGS, "nothing"), pe.UsageError),
        (lambda: pe.PolicySet.from_dict({"identities": []}), pe.PolicyError),
        (lambda: pe.PolicySet.from_dict({"boundary": [READ_LOGS, READ_LOGS]}), pe.PolicyError),
        (lambda: pe.PolicySet.from_dict({"identity": ["no-file.json"]}), pe.PolicyError),
        (lambda: pe.PolicySet.from_dict({"semantics": {"d1": "maybe"}}), pe.PolicyError),
        (lambda: pe.Request(ALICE, "s3:*"), pe.RequestError),
        (lambda: pe.load("no-file.json"), pe.UsageError),
        (lambda: pe.load_cases("no-file.yaml"), pe.CaseError),
        (lambda: pe.Engine({"session": [READ_LOGS]}).decide(REQUEST), pe.PolicyError),
    ],
)
def test_what_cannot_be_used_is_an_error_of_ours_with_a_way_out(act, error):
    with pytest.raises(error) as raised:
        act()

    assert isinstance(raised.value, pe.PolicyEvalError)
    assert all(told.help for told in raised.value.diagnostics)
