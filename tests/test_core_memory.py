"""Does what is remembered stay small, and tell things apart that differ?"""

import pytest

from policyeval import Engine, Request, dockets
from policyeval.context import Context
from policyeval.dockets import Docket, WatchedCheck
from policyeval.matching import remembered
from policyeval.matching.remembered import Remembered
from policyeval.names import parse_action, parse_resource
from policyeval.policy_set import PolicySet
from policyeval.principal import parse_principal
from policyeval.request_context import Check
from policyeval.steps import Situation

ALICE = "arn:aws:iam::111111111111:user/alice"
SESSION = "arn:aws:sts::111111111111:assumed-role/app/s1"
TEAM = "aws:PrincipalTag/team"


def check(resource="arn:aws:s3:::b/k", **context):
    return Check(
        parse_principal(ALICE), parse_action("s3:GetObject"), parse_resource(resource), Context(context)
    )


def test_answers_are_remembered_until_there_are_too_many(monkeypatch):
    monkeypatch.setattr(remembered, "_MOST", 3)
    known = Remembered()

    for number in range(3):
        assert known.put(str(number), number * 10) == number * 10
    assert known == {"0": 0, "1": 10, "2": 20}

    assert known.put("3", 30) == 30
    assert known == {"3": 30}


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("abc", True),
        ("abcd", False),
        ("", True),
        (None, True),
        ((), True),
        (("a", "b"), False),
        (("ab",), True),
        (("abc",), False),
        (("a", None), True),
        ((None, None, None), True),
        ((None, None, None, None), False),
        ((("a",),), True),
        ((("ab",),), False),
    ],
)
def test_long_keys_are_not_remembered(monkeypatch, key, kept):
    """Characters count, and each part of a tuple once more."""
    monkeypatch.setattr(remembered, "_LONGEST", 3)
    known = Remembered()

    assert known.put(key, "answer") == "answer"
    assert (key in known) is kept


def test_memory_is_bounded_by_default():
    known = Remembered()

    for number in range(10_000):
        known.put(number, number)
    known.put("x" * 100_000, 0)

    assert 0 < len(known) <= 1_000
    assert "x" * 100_000 not in known


def test_a_docket_with_too_many_answers_starts_anew(monkeypatch):
    monkeypatch.setattr(dockets, "_MOST_ANSWERS", 3)
    statement = {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "s3:*", "Resource": "*"}
    policy, silent = (
        {"Version": "2012-10-17", "Statement": one} for one in (statement, {**statement, "Action": "ec2:*"})
    )
    buckets = [f"arn:aws:s3:::b{number}" for number in range(7)]
    policies = PolicySet.from_dict({"resources": dict.fromkeys(buckets, silent) | {buckets[1]: policy}})
    requests = [Request(ALICE, "s3:GetObject", f"{bucket}/k") for bucket in buckets]
    docket = Docket(Situation(policies), requests[0])

    counts = []
    for request in requests:
        assert docket.answer(request).decision.allowed is (request is requests[1])
        counts.append(docket._answers)

    assert counts == [1, 2, 3, 1, 2, 3, 1]
    again = docket.answer(requests[6])
    assert docket._answers == 1
    assert again is docket.answer(requests[6])


def test_a_watched_check_notes_what_it_is_asked():
    plain = check(**{TEAM: "red"})
    watched = WatchedCheck(plain)

    assert watched.resource is plain.resource
    assert watched.given_resource is plain.given_resource
    assert watched.context is plain.context
    assert watched.value(TEAM.lower(), TEAM) == "red"
    assert watched.value(TEAM.lower(), TEAM) == "red"
    assert watched.ask(lambda one: one is plain)

    assert list(watched.asked.values()) == [plain.resource, plain.given_resource, plain.context, "red", True]
    assert all(question(plain) == answer for question, answer in watched.asked.items())


def test_a_question_is_asked_once():
    asked = []
    watched = WatchedCheck(check())

    def question(one):
        asked.append(one)
        return len(asked)

    assert [watched.ask(question), watched.ask(question)] == [1, 1]


@pytest.mark.parametrize(
    "look",
    [lambda watched: watched.now, lambda watched: watched.about(), lambda watched: watched.of(1, 2, 3)],
)
def test_what_leads_beyond_the_request_is_decided_in_full(look):
    with pytest.raises(dockets._OfItsOwnError):
        look(WatchedCheck(check()))


def test_requests_that_lead_to_other_checks_are_decided_in_full():
    """LAM-6: a call through a URL is also a call of the function."""
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl", "Resource": "*"}
    policies = PolicySet.from_dict({"identity": {"Version": "2012-10-17", "Statement": statement}})
    function = "arn:aws:lambda:us-east-1:111111111111:function:f"
    request = Request(ALICE, "lambda:InvokeFunctionUrl", function)

    answer = Docket(Situation(policies), request).answer(request)

    assert answer.decision is None
    assert answer.follows_clock
    assert not Engine(policies).decide(request).allowed


def test_equal_contexts_are_the_same_answer():
    first, second = (
        Context({TEAM: "red", "aws:TagKeys": ["a"]}),
        Context({"aws:TagKeys": ["a"], TEAM: "red"}),
    )

    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second, Context({TEAM: "blue"})}) == 2
    assert first != {TEAM: "red"}


def test_contexts_that_are_spelled_otherwise_are_told_apart():
    """KMS-5: of an encryption context the letter case counts."""
    assert Context({"kms:EncryptionContext:p": "1"}) != Context({"kms:EncryptionContext:P": "1"})


def test_contexts_whose_names_differ_in_letter_case_are_told_apart():
    """C-3."""
    one, other = Context({TEAM: "red", TEAM.upper(): "blue"}), Context({TEAM: "red"})

    assert one != other
    assert one == Context({TEAM: "red", TEAM.upper(): "blue"})


def test_names_and_contexts_show_what_they_hold():
    assert repr(parse_resource("arn:aws:s3:::b/k")) == "ResourceName('arn:aws:s3:::b/k')"
    assert repr(Context({TEAM: "red"})) == f"Context({{'{TEAM}': 'red'}})"


def test_what_a_condition_says_is_remembered_with_its_variables():
    """Two callers ask the same statement about the same value."""
    condition = {"StringEquals": {"app:owner": "${aws:username}"}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    engine = Engine({"Version": "2012-10-17", "Statement": statement})
    bob = ALICE.replace("alice", "bob")

    asked = [(caller, owner) for owner in ("alice", "bob") for caller in (ALICE, bob)] * 2
    found = [
        engine.allowed(caller, "s3:GetObject", "arn:aws:s3:::b/k", {"app:owner": owner})
        for caller, owner in asked
    ]

    assert found == [True, False, False, True] * 2


def test_what_a_condition_says_of_names_that_differ_in_case_is_not_mixed_up():
    """C-3: the same statement is asked about other values of the same names."""
    condition = {"StringEquals": {"aws:RequestTag/Team": "red"}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    engine = Engine({"Version": "2012-10-17", "Statement": statement})
    tags = [{"aws:RequestTag/Team": one, "aws:RequestTag/team": other} for one, other in ("rb", "br", "rb")]
    names = {"r": "red", "b": "blue"}

    found = [
        engine.allowed(
            ALICE, "s3:GetObject", "arn:aws:s3:::b/k", {key: names[value] for key, value in given.items()}
        )
        for given in tags
    ]

    assert found == [True, False, True]


def test_what_a_resource_says_is_remembered_with_its_variables():
    """R-33."""
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    engine = Engine({"Version": "2012-10-17", "Statement": statement})
    bob = ALICE.replace("alice", "bob")

    asked = [(caller, name) for name in ("alice", "bob") for caller in (ALICE, bob, SESSION)] * 2
    found = [engine.allowed(caller, "s3:GetObject", f"arn:aws:s3:::b/{name}/k") for caller, name in asked]

    assert found == [True, False, False, False, True, False] * 2
