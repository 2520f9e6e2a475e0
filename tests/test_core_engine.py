"""What does the engine remember, and what does it refuse?"""

import sys
from types import SimpleNamespace

import pytest

from policyeval import Engine, PolicyError, PolicySet, Request, RequestError, check, engine, steps
from policyeval.catalog.global_keys import Origin
from policyeval.context import Context
from policyeval.language.policy import Policy
from policyeval.names import parse_action, parse_resource
from policyeval.principal import parse_principal
from policyeval.request_context import Check
from policyeval.steps import overall

ALICE = "arn:aws:iam::111111111111:user/alice"
BUCKET = "arn:aws:s3:::b"
READ = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"{BUCKET}/a/*"},
}


def requests(count):
    """Requests of as many callers; every other one is allowed."""
    return [
        Request(f"arn:aws:iam::111111111111:user/u{number}", "s3:GetObject", f"{BUCKET}/{'ab'[number % 2]}/k")
        for number in range(count)
    ]


def allowed(decisions):
    return [decision.allowed for decision in decisions]


def test_memory_of_calls_and_callers_stays_small(monkeypatch):
    """Forgetting changes no answer."""
    monkeypatch.setattr(engine, "_MOST_DOCKETS", 3)
    monkeypatch.setattr(steps, "_MOST_CALLERS", 2)
    deciding = Engine({"identity": READ})

    decisions = []
    for request in requests(10):
        decisions.append(deciding.decide(request))
        assert 1 <= len(deciding._dockets) <= 3
        assert 1 <= len(deciding.situation._callers) <= 2

    assert allowed(decisions) == [True, False] * 5
    assert len(deciding._dockets) == 1


def test_memory_of_requests_stays_small(monkeypatch):
    monkeypatch.setattr(engine, "_MOST_REQUESTS", 2)
    asked = requests(4)

    assert allowed(Engine({"identity": READ}, now=0).decide_many(asked * 3)) == [True, False] * 6


def test_many_requests_are_each_decided_once(monkeypatch):
    """The same Request object is not asked about again while it is remembered."""
    deciding, (request, other) = Engine({"identity": READ}), requests(2)
    asked = []
    found = engine.Docket.answer
    monkeypatch.setattr(engine.Docket, "answer", lambda docket, one: asked.append(one) or found(docket, one))

    assert allowed(deciding.decide_many([request, other, request, other, request])) == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert asked == [request, other]


def test_many_requests_may_be_given_in_the_file_shape():
    given = {"principal": ALICE, "action": "s3:GetObject", "resource": f"{BUCKET}/a/k"}

    assert allowed(
        Engine({"identity": READ}).decide_many([given, {**given, "resource": f"{BUCKET}/b/k"}])
    ) == [True, False]


def test_a_policy_set_and_a_policy_are_both_policies():
    policy = Policy.parse(READ)
    given = (policy, READ, {"identity": [READ]}, PolicySet.from_dict({"identity": [READ]}))

    for policies in given:
        assert Engine(policies).allowed(ALICE, "s3:GetObject", f"{BUCKET}/a/k")
        assert not Engine(policies).allowed(ALICE, "s3:GetObject", f"{BUCKET}/b/k")


def test_a_policy_goes_to_the_layer_of_its_type():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statement})

    assert Engine(policy).policies.resource == (policy,)


@pytest.mark.parametrize("policies", [None, "s3:*", 7, [READ]])
def test_what_is_no_policy_is_refused(policies):
    with pytest.raises(PolicyError, match="these are no policies") as refused:
        Engine(policies)

    help = "give a PolicySet, a Policy, or the values of either; policyeval.load reads files"
    assert refused.value.diagnostics[0].help == help


def test_resource_and_context_may_be_left_out():
    statement = {
        "Effect": "Allow",
        "Action": "ec2:Describe*",
        "Resource": "*",
        "Condition": {"StringEquals": {"app:team": "red"}},
    }
    deciding = Engine({"Version": "2012-10-17", "Statement": statement})

    assert not deciding.allowed(ALICE, "ec2:DescribeInstances")
    assert deciding.allowed(ALICE, "ec2:DescribeInstances", context={"app:team": "red"})
    assert not deciding.allowed(ALICE, "ec2:DescribeInstances", "*", {"app:team": "blue"})


def test_check_explains_one_request_against_one_policy():
    explained = check(READ, {"principal": ALICE, "action": "s3:GetObject", "resource": f"{BUCKET}/a/k"})

    assert explained.allowed
    assert explained.request.resources[0].text == f"{BUCKET}/a/k"


def test_tables_are_decided_by_the_batch_reader(monkeypatch):
    told = []
    reader = SimpleNamespace(decide_table=lambda *given, **named: told.append((given, named)) or "decided")
    monkeypatch.setitem(sys.modules, "policyeval.batch", reader)
    deciding = Engine({"identity": READ})

    assert deciding.decide_table("table", carry=("id",), progress=print) == "decided"
    assert told == [((deciding, "table"), {"carry": ("id",), "progress": print})]


def test_nothing_is_no_decision():
    with pytest.raises(AssertionError, match="a request has at least one step"):
        overall(())


def test_a_request_of_another_shape_is_refused():
    with pytest.raises(RequestError):
        Engine({"identity": READ}).decide({"principal": ALICE, "action": "s3:*", "resource": "*"})


def test_unknown_keys_are_asked_about():
    condition = {"StringEquals": {"app:team": "red"}}
    policy = {"Version": "2012-10-17", "Statement": {**READ["Statement"], "Condition": condition}}
    given = {"principal": ALICE, "action": "s3:GetObject", "resource": f"{BUCKET}/a/k"}

    told = Engine(policy).explain_unknown(given, ["app:team"])

    assert told.keys == ("app:team",)
    assert {one.decision.allowed for one in told.branches} == {True, False}


def test_origin_of_a_key_is_told():
    """K-3: given, derived, or taken for granted."""
    made = Check(
        parse_principal(ALICE),
        parse_action("s3:GetObject"),
        parse_resource(BUCKET),
        Context({"aws:SourceIp": "1.2.3.4"}),
    )

    assert made.origin("aws:sourceip") is Origin.GIVEN
    assert made.origin("aws:username") is Origin.DERIVED
    assert made.origin("app:team") is Origin.DERIVED
    assert made.origin("aws:securetransport") is Origin.DEFAULT
