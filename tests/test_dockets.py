"""Are answers that are found again the answers that a full decision gives? No memory and no index may change one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyeval import Engine, PolicyEvalError, PolicySet, Request
from policyeval.names import parse_resource
from policyeval.plan import trace
from policyeval.request_context import Check
from policyeval.slices import Attached
from policyeval.testing.cases import load_cases
from tests.strategies import families

FIXTURES = Path(__file__).parent.parent / "fixtures"
FILES = sorted([*FIXTURES.glob("decisions/*.yaml"), *FIXTURES.glob("notes/*.yaml")])
ALICE = "arn:aws:iam::111111111111:user/alice"
NOW = 1_790_000_000


def outcome(decide, request):
    """An answer in full; an input that is refused is an answer, too."""
    try:
        decision = decide(request)
    except PolicyEvalError as error:
        return str(error)
    return decision.effect, decision.reason.code, decision.layer


def in_full(policies, request):
    return Engine(policies, now=NOW).situation.in_full(Request.from_dict(request))


def agree(policies, requests):
    """One engine that has seen all other requests, in one order and in the other, and an engine that has seen none."""
    engine = Engine(policies, now=NOW)
    expected = [outcome(lambda one: in_full(policies, one), request) for request in requests]
    for _ in range(2):
        assert [outcome(engine.decide, request) for request in requests] == expected
    assert [outcome(engine.decide, request) for request in reversed(requests)] == expected[::-1]
    explained = [outcome(lambda one: engine.explain(one).decision, request) for request in requests]
    assert explained == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_requests_of_the_fixtures_are_answered_alike_the_second_time(path):
    for case in load_cases(path):
        if case.expect == "invalid":
            continue
        policies, request = case.policy_set(), case.request
        agree(policies, [request, {**request, "context": {}}, request])


@settings(max_examples=300)
@given(families())
def test_requests_are_answered_alike_whatever_was_asked_before(family):
    policies, requests = family
    try:
        made = PolicySet.from_dict(policies)
    except PolicyEvalError:
        return
    agree(made, requests)


@settings(max_examples=100)
@given(families())
def test_many_requests_are_decided_like_each_one(family):
    policies, requests = family
    try:
        made = PolicySet.from_dict(policies)
        asked = [Request.from_dict(request) for request in requests] * 3
        expected = [in_full(made, request) for request in asked]
    except PolicyEvalError:
        return

    assert list(Engine(made, now=NOW).decide_many(asked)) == expected


def test_a_request_is_decided_anew_when_time_goes_on(monkeypatch):
    from policyeval import request_context

    clock = iter([1000.0, 3000.0, 1000.0, 3000.0])
    monkeypatch.setattr(request_context.clock, "time", lambda: next(clock))
    until = {"DateLessThan": {"aws:EpochTime": "2000"}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": until}
    engine = Engine({"identity": {"Version": "2012-10-17", "Statement": statement}})
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k")

    assert [engine.decide(request).allowed for _ in range(2)] == [True, False]
    assert [decision.allowed for decision in engine.decide_many([request, request])] == [True, False]


def test_requests_do_not_change():
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k")

    with pytest.raises(AttributeError, match="does not change"):
        request.context = None


@pytest.mark.parametrize("first", ["p", "P"])
def test_encryption_contexts_that_differ_in_letter_case_are_told_apart(first):
    """KMS-5: what stands behind `kms:EncryptionContext:` is compared as it is written."""
    key, grantee = "arn:aws:kms:eu-west-1:222222222222:key/k1", "arn:aws:iam::111111111111:user/alice"
    grant = {"key": key, "grantee": grantee, "operations": ["Decrypt"]}
    constraint = {"constraints": {"EncryptionContextSubset": {"p": "1"}}}
    engine = Engine(PolicySet.from_dict({"settings": {"kms": {"grants": [grant | constraint]}}}))

    for name in (first, first.swapcase()):
        request = Request(grantee, "kms:Decrypt", key, {f"kms:EncryptionContext:{name}": "1"})
        assert engine.decide(request).allowed == (name == "p")


def test_tags_whose_names_differ_in_letter_case_are_told_apart():
    """C-3, also for what was derived before."""
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "red", "aws:PrincipalTag/team": "blue"}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    engine = Engine({"identity": {"Version": "2012-10-17", "Statement": statement}})
    caller = {"arn": ALICE, "tags": {"Team": "red", "team": "blue"}}

    assert engine.decide(Request(caller, "s3:GetObject", "arn:aws:s3:::b/k")).allowed


# The index over resources

BUCKETS = st.sampled_from(["a", "ab", "a-b", "A"])
ENTRIES = st.one_of(
    st.just("*"),
    st.builds("arn:aws:s3:::{}".format, BUCKETS),
    st.builds("arn:aws:s3:::{}*".format, st.sampled_from(["", "a", "a/", "a/b/", "ab"])),
    st.builds("arn:aws:s3:::{}/{}".format, BUCKETS, st.sampled_from(["", "*", "b/*", "b/c", "b/c*", "?/c", "*c"])),
    st.builds("arn:{}:s3:{}::{}".format, st.sampled_from(["aws", "*", "AWS"]), st.sampled_from(["", "*"]), BUCKETS),
    st.just("arn:aws:s3:::${aws:username}/*"),
    st.just("arn:aws:s3:::a/${aws:username}*"),
    st.just("arn:aws:dynamodb:*:*:table/a"),
)  # fmt: skip
STATEMENTS = st.builds(
    lambda effect, element, entries: {"Effect": effect, "Action": "s3:*", element: entries},
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
    st.lists(ENTRIES, min_size=1, max_size=3),
)
RESOURCES = st.one_of(
    st.builds("arn:aws:s3:::{}/{}".format, BUCKETS, st.sampled_from(["", "b", "b/c", "b/cd", "alice/x", "x/" * 200])),
    st.builds("arn:aws:s3:::{}".format, BUCKETS),
    st.just("*"),
)  # fmt: skip


@settings(max_examples=400)
@given(
    st.lists(STATEMENTS, min_size=8, max_size=24),
    RESOURCES,
    st.sampled_from(["s3:GetObject", "s3:ListAllMyBuckets"]),
)
def test_an_index_leaves_out_only_what_does_not_apply(statements, resource, action):
    request = Request(ALICE, action, resource)
    engine = Engine({"identity": {"Version": "2012-10-17", "Statement": statements}}, now=NOW)
    (step,) = engine.situation.steps(request)
    for attached in step.attached.values():
        assert isinstance(attached, Attached)
        for statements_of_effect in (attached.slices(step.check)[0], *attached.slices(step.check)[1]):
            one_by_one = [trace(one.plan, step.check).outcome for one in statements_of_effect.statements]
            assert bool(statements_of_effect.applies(step.check)) is any(one_by_one)


def test_an_index_finds_resources_deeper_than_its_longest_key():
    deep = "arn:aws:s3:::b/" + "d/" * 300
    many = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::c{number}/*"} for number in range(20)
    ]
    wanted = [
        {"Effect": "Allow", "Action": "s3:*", "Resource": resource} for resource in (deep + "*", deep + "k")
    ]
    for statement in wanted:
        engine = Engine({"identity": {"Version": "2012-10-17", "Statement": [*many, statement]}})
        assert engine.decide(Request(ALICE, "s3:GetObject", deep + "k")).allowed
        assert not engine.decide(Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/d/k")).allowed


def test_a_check_of_another_request_of_the_call_is_the_check_that_it_would_have():
    first = Check(Request(ALICE, "s3:GetObject").principal, Request(ALICE, "s3:GetObject").actions[0],
                  parse_resource("arn:aws:s3:::b/k"), now=NOW)  # fmt: skip
    context = Request(ALICE, "s3:GetObject", context={"aws:SourceIp": "10.0.0.1"}).context
    second = first.of(parse_resource("arn:aws:s3:::c"), context, None)

    assert second.resource.text == "arn:aws:s3:::c"
    assert (second.value("aws:sourceip"), first.value("aws:sourceip")) == ("10.0.0.1", None)
    assert second.value("aws:username") == "alice"
