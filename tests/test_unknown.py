"""Is what is said about a request with unknown keys true for every value that they may have?"""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policyeval import Engine, PolicySet, Request
from policyeval.cli import main
from policyeval.explain.unknown import answer_unknown
from tests.policies import ALICE, CONTEXT_VALUES, ROLE, A, situations
from tests.worlds import at_least, decisive, keys_read

MANY = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
VALUES = {
    **{key: [None, *values] for key, values in CONTEXT_VALUES.items()},
    "aws:TagKeys": [None, ["team"], ["cost"], ["team", "cost"], ["x", "team"]],
    "aws:PrincipalArn": [None, ALICE, ROLE, "arn:aws:iam::111111111111:user/x"],
    "aws:username": [None, "alice", "bob", "", "*"],
    "aws:SourceVpce": [None, "vpce-1", "vpce-2"],
    "aws:RequestTag/team": [None, "red", "x"],
}
TEAM, VPCE = "aws:PrincipalTag/team", "aws:SourceVpce"


def asked(policies, request, keys):
    return answer_unknown(Engine(PolicySet.from_dict(policies)).situation, Request.from_dict(request), keys)


def completed(request, values):
    given_context = {k: v for k, v in request.get("context", {}).items() if k not in values}
    return {**request, "context": given_context | values}


# Every completion agrees


@at_least(16)
@MANY
@given(situations(), st.data())
def test_every_completion_is_decided_as_its_branch_says(situation, data):
    """Of keys that the policies read, and at times one more."""
    policies, request = situation
    read = sorted(key for key in VALUES if key.lower() in keys_read(policies))
    assume(read)
    keys = data.draw(st.lists(st.sampled_from(read), min_size=1, max_size=2, unique=True))
    keys += data.draw(st.lists(st.sampled_from(sorted(set(VALUES) - set(keys))), max_size=1))
    answer = asked(policies, request, keys)
    for _ in range(4):
        values = {key: data.draw(st.sampled_from(VALUES[key])) for key in keys}
        decision = Engine(PolicySet.from_dict(policies)).decide(completed(request, values))
        assert_agreement(answer, branch_for(answer, request, values), decision)


def assert_agreement(answer, branch, decision):
    """Hold what was said against the decision for some values; it is decisive where values make a difference."""
    if branch is not None and branch.decision is not None:
        assert branch.decision.allowed == decision.allowed
        assert answer.search.has_loose_reasons or branch.decision is decision
        assert answer.decided is None or answer.decided.allowed == decision.allowed
        decisive(len(answer.branches) > 1)


def branch_for(answer, request, values):
    """Find the branch; none only for values that cannot be."""
    try:
        return answer.branch_for(values)
    except LookupError:
        assert is_impossible(values, completed(request, values)["context"]), values
        return None


NOT_OF_ITS_TYPE = {"aws:SourceIp": "nowhere", "aws:MultiFactorAuthAge": "soon", "aws:SourceArn": "no arn"}


def is_impossible(values, context):
    """AWS gives no other type than the key's, no address through an endpoint (K-1), no tags unlike the tag keys."""
    tag, names = context.get("aws:RequestTag/team"), context.get("aws:TagKeys") or []
    return (
        any(values.get(key) == text for key, text in NOT_OF_ITS_TYPE.items())
        or bool(context.get("aws:SourceIp") and context.get("aws:SourceVpce"))
        or ("aws:TagKeys" in context and ("team" in names) != (tag is not None))
    )


@MANY
@given(situations())
def test_every_branch_is_verified(situation):
    answer = asked(*situation, ["all"])

    assert [True] * len(answer.branches) == [one.verified or one.decision is None for one in answer.branches]
    assert answer.effect == json.loads(json.dumps(answer.to_dict()))["decision"]
    assert answer.text().startswith(answer.headline)


SMALL = st.text(alphabet="ab", max_size=2)
SMALL_PATTERNS = st.text(alphabet="ab*?", max_size=3) | st.sampled_from(
    [
        "${aws:PrincipalTag/x}",
        "${aws:ResourceTag/x}",
        "${aws:username}",
        "a${aws:PrincipalTag/x}",
        "${aws:PrincipalTag/y, 'a'}",
    ]
)
SMALL_VALUES = {
    "aws:PrincipalTag/x": st.none() | SMALL,
    "aws:ResourceTag/x": st.none() | SMALL,
    "aws:TagKeys": st.none() | st.lists(SMALL, max_size=3),
    "aws:PrincipalTag/y": st.none() | SMALL,
    "s3:max-keys": st.none() | st.sampled_from(["1", "2", "2.5", "30"]),
    "aws:SourceIp": st.none() | st.sampled_from(["10.0.0.1", "10.1.0.1", "8.8.8.8", "2001:db8::1"]),
}
TEXT_OPERATORS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"]


@st.composite
def small_conditions(draw):
    """Give conditions in which short texts, and variables, meet each other."""
    found = {}
    for _ in range(draw(st.integers(1, 2))):
        key = draw(st.sampled_from(sorted(SMALL_VALUES)))
        if key == "s3:max-keys":
            values = st.sampled_from(["1", "2", "7"])
            names = ["NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"]
        elif key == "aws:SourceIp":
            values, names = (
                st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "::/0"]),
                ["IpAddress", "NotIpAddress"],
            )
        else:
            values, names = SMALL_PATTERNS, TEXT_OPERATORS
        qualifier = draw(st.sampled_from(["ForAllValues:", "ForAnyValue:"])) if key == "aws:TagKeys" else ""
        operator = qualifier + draw(st.sampled_from(names)) + draw(st.sampled_from(["", "", "IfExists"]))
        if not qualifier and draw(st.integers(0, 9)) == 0:
            operator, values = "Null", st.sampled_from(["true", "false"])
        found.setdefault(operator, {})[key] = draw(st.lists(values, min_size=1, max_size=2))
    return found


SMALL_STATEMENTS = st.builds(
    lambda effect, condition, tail: statement(effect, condition, resource=f"arn:aws:s3:::b/{tail}"),
    st.sampled_from(["Allow", "Allow", "Deny"]),
    small_conditions(),
    st.sampled_from(["*", "*", "${aws:PrincipalTag/x}b", "*${aws:ResourceTag/x}*"]),
)


@at_least(80)
@MANY
@given(st.lists(SMALL_STATEMENTS, min_size=1, max_size=3), st.fixed_dictionaries(SMALL_VALUES), st.data())
def test_short_texts_are_told_apart_exactly(statements, values, data):
    keys = data.draw(st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=4, unique=True))
    known = {key: value for key, value in values.items() if key not in keys}
    policies = {"identity": [{"Version": "2012-10-17", "Statement": statements}]}
    request = {
        "principal": ALICE,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/ab",
        "context": known,
    }
    answer = asked(policies, request, keys)
    for _ in range(3):
        completion = {key: data.draw(SMALL_VALUES[key]) for key in keys}
        decision = Engine(PolicySet.from_dict(policies)).decide(completed(request, completion))

        assert_agreement(answer, branch_for(answer, request, completion), decision)


# How it is told


def statement(effect="Allow", condition=None, action="s3:*", resource="*"):
    found = {"Effect": effect, "Action": action, "Resource": resource}
    return found | ({"Condition": condition} if condition else {})


def told(*statements, keys=("all",), context=None, resource="arn:aws:s3:::b/k", **policies):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    request = {"principal": ALICE, "action": "s3:GetObject", "resource": resource, "context": context or {}}
    return asked({"identity": [document], **policies}, request, keys)


ALLOW = statement()
CASES = {
    "texts of two keys": (
        [statement(condition={"StringEquals": {TEAM: ["red", "blue"], VPCE: "vpce-1"}})],
        f"allowed if {TEAM} is red or blue and {VPCE} is vpce-1; denied otherwise",
    ),
    "a pattern without part of it": (
        [statement(condition={"StringLike": {TEAM: "r*"}}), statement("Deny", {"StringLike": {TEAM: "re?"}})],
        f"allowed if {TEAM} matches r* but does not match re?; denied if {TEAM} matches re?; denied otherwise",
    ),
    "addresses": (
        [ALLOW, statement("Deny", {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}})],
        "allowed if aws:SourceIp is in 10.0.0.0/8 or 2001:db8::/32; denied otherwise",
    ),
    "a Deny that spares the absent key": (
        [ALLOW, statement("Deny", {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})],
        "allowed if aws:SourceIp is absent or an address outside 10.0.0.0/8; denied otherwise",
    ),
    "numbers and booleans": (
        [statement(condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
                              "Bool": {"aws:MultiFactorAuthPresent": "true"}})],
        "allowed if aws:MultiFactorAuthAge is less than 3600 and aws:MultiFactorAuthPresent is true; denied otherwise",
    ),
    "a range of numbers": (
        [statement(condition={"NumericGreaterThanEquals": {"s3:max-keys": "10"},
                              "NumericLessThan": {"S3:Max-Keys": "20"}})],
        "allowed if S3:Max-Keys is at least 10 and less than 20; denied otherwise",
    ),
    "dates": (
        [statement(condition={"DateGreaterThan": {"aws:TokenIssueTime": "2026-01-01"}})],
        "allowed if aws:TokenIssueTime is after 2026-01-01T00:00:00Z; denied otherwise",
    ),
    "every value of a set": (
        [statement(condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})],
        "allowed if every value of aws:TagKeys is a or b, if there is any; denied otherwise",
    ),
    "some value of a set": (
        [statement(condition={"ForAnyValue:StringLike": {"aws:TagKeys": ["a*", "b"]}})],
        "allowed if some value of aws:TagKeys is b or matches a*; denied otherwise",
    ),
    "a key compared with a key": (
        [statement(condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})],
        "allowed if aws:ResourceTag/team equals aws:PrincipalTag/team; denied otherwise",
    ),
    "a variable in the resource": (
        [statement(resource="arn:aws:s3:::b/${aws:PrincipalTag/team}/*")],
        f"allowed if {TEAM} is red; denied otherwise",
    ),
    "ARNs": (
        [statement(condition={"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:t*"}})],
        "allowed if aws:SourceArn is absent or does not match arn:aws:sns:*:111111111111:t*; denied otherwise",
    ),
    "presence": (
        [statement(condition={"Null": {VPCE: "false"}})],
        f"allowed if {VPCE} is present and not empty; denied otherwise",
    ),
    "keys that exclude each other": (
        [statement(condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
         statement(condition={"StringEquals": {VPCE: "vpce-1"}})],
        f"allowed if aws:SourceIp is in 10.0.0.0/8; or {VPCE} is vpce-1; denied otherwise",
    ),
    "keys that imply each other": (
        [statement(condition={"StringEquals": {"aws:RequestTag/a": "x"},
                              "ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}})],
        "allowed if aws:RequestTag/a is x, and aws:TagKeys has values and each is a; denied otherwise",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_branches_read_well(name):
    statements, expected = CASES[name]

    assert expected == told(*statements, resource="arn:aws:s3:::b/red/k").message


@pytest.mark.parametrize(
    ("key", "is_allowed"),
    [
        (VPCE, False),
        ("aws:SourceVpc", False),
        ("aws:SourceVpcArn", False),
        ("aws:VpceAccount", False),
        ("aws:VpceOrgID", False),
        ("aws:Ec2InstanceSourceVpc", True),
    ],
)
def test_address_and_endpoint_never_come_together(key, is_allowed):
    """K-1."""
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringLike": {key: "a"}}

    assert is_allowed is told(statement(condition=condition)).message.startswith("allowed if")


def test_text_of_an_undecided_answer():
    expected = """\
UNDECIDED  needs aws:PrincipalTag/team

  who   arn:aws:iam::111111111111:user/alice
  what  s3:GetObject
  on    arn:aws:s3:::b/k

  allowed    if aws:PrincipalTag/team is red
  denied     otherwise
             identity-based policy, identity-no-allow

  note: each branch was checked by evaluating a sample request"""

    assert expected == told(statement(condition={"StringEquals": {TEAM: "red"}})).text()


# Decided all the same


def test_unknown_key_that_cannot_matter_leaves_the_request_decided():
    answer = told(ALLOW, statement(condition={"StringEquals": {TEAM: "red"}}), keys=[TEAM])

    assert (answer.effect, answer.headline) == ("allow", f"ALLOWED  whatever {TEAM} is")


def test_branches_that_agree_make_a_decision():
    red, others = {"StringEquals": {TEAM: "red"}}, {"StringNotEquals": {TEAM: "red"}}

    assert told(statement(condition=red), statement(condition=others)).decided.allowed


def test_statement_about_another_resource_needs_no_key():
    answer = told(statement(condition={"StringEquals": {TEAM: "red"}}, resource="arn:aws:s3:::other/*"))

    assert (answer.effect, len(answer.branches)) == ("implicit-deny", 1)


def test_unknown_counts_more_than_given():
    answer = told(statement(condition={"StringEquals": {TEAM: "red"}}), keys=[TEAM], context={TEAM: "red"})

    assert answer.effect == "undecided"


def test_all_leaves_given_and_derived_keys_alone():
    conditions = {"StringEquals": {TEAM: "red"}, "Bool": {"aws:SecureTransport": "true"}}

    assert told(statement(condition=conditions), context={TEAM: "red"}).effect == "allow"


# What is malformed, hidden or too much stays sound


def test_malformed_value_beside_an_unknown_key_closes_the_answer_only_where_it_counts():
    """C-18: the Deny cannot be judged when its other condition holds."""
    deny = statement("Deny", {"NumericLessThan": {"s3:max-keys": "10"}, "StringEquals": {TEAM: "red"}})
    answer = told(ALLOW, deny, keys=[TEAM], context={"s3:max-keys": "many"})

    assert [(one.effect, one.reason) for one in answer.branches] == [
        ("allow", "allowed"), ("implicit-deny", "invalid-value"),
    ]  # fmt: skip


def test_key_that_the_service_looks_at_is_tried():
    """S3-4: BlockPublicAcls refuses public canned ACLs without any condition."""
    policies = {"settings": {"s3": {"block_public_access": {"block_public_acls": True}}}}
    document = {"Version": "2012-10-17", "Statement": [ALLOW]}
    request = {"principal": ALICE, "action": "s3:PutObject", "resource": "arn:aws:s3:::b/k",
               "resource_account": A}  # fmt: skip
    answer = asked({"identity": [document], **policies}, request, ["s3:x-amz-acl"])

    assert [one.reason for one in answer.branches] == ["allowed", "s3-bpa"]
    assert (
        "s3:x-amz-acl is absent or none of public-read, public-read-write, authenticated-read"
        in answer.message
    )


def test_check_that_a_key_brings_about_is_made():
    """ST-6: session tags need sts:TagSession."""
    role, allow = f"arn:aws:iam::{A}:role/r", statement(action="sts:AssumeRole", resource="*")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    request = {"principal": ALICE, "action": "sts:AssumeRole", "resource": role}
    policies = {"identity": [{"Version": "2012-10-17", "Statement": [allow]}], "trust": [trust]}
    answer = asked(policies, request, ["aws:RequestTag/team"])

    assert [one.effect for one in answer.branches] == ["allow", "implicit-deny"]
    assert answer.message.startswith("allowed if aws:RequestTag/team is absent")


def test_comparison_that_cannot_be_enumerated_stays_open():
    condition = {"StringLike": {"aws:ResourceTag/path": "x/${aws:PrincipalTag/team}/*"}}
    answer = told(statement(condition=condition))

    assert (answer.effect, answer.branches[-1].effect) == ("undecided", "undecided")
    assert "aws:ResourceTag/path is compared with aws:principaltag/team" in answer.notes[0]


def test_comparison_that_cannot_be_enumerated_may_not_matter():
    condition = {"StringLike": {"aws:ResourceTag/path": "x/${aws:PrincipalTag/team}/*"}}

    assert told(ALLOW, statement(condition=condition)).effect == "allow"


def test_too_many_values_stay_open():
    patterns = [{"ForAnyValue:StringLike": {"aws:TagKeys": f"*{letter}*"}} for letter in "abcdefgh"]
    answer = told(*(statement(condition=one) for one in patterns))

    assert (answer.effect, [one.effect for one in answer.branches]) == ("undecided", ["undecided"])
    assert answer.notes == ("the policies tell too many values of aws:TagKeys apart",)


# On the command line


@pytest.fixture
def check(tmp_path, monkeypatch, capsys):
    """Give a function that runs `check` on a policy that needs a tag."""
    monkeypatch.chdir(tmp_path)
    document = {"Version": "2012-10-17", "Statement": [statement(condition={"StringEquals": {TEAM: "red"}})]}
    (tmp_path / "policy.json").write_text(json.dumps(document))

    def run(*options):
        status = main(["check", "policy.json", "--principal", ALICE, "--action", "s3:GetObject", "--resource",
                       "arn:aws:s3:::b/k", *options])  # fmt: skip
        return status, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--unknown", TEAM], 3),
        (["--unknown", "all", "--action", "s3:PutObject"], 3),
        (["--unknown", TEAM, "--resource", "*", "--action", "ec2:DescribeInstances"], 1),
        (["--unknown", VPCE], 1),
        (["--unknown", VPCE, "--context", f"{TEAM}=red"], 0),
        (["--unknown", TEAM, "--expect", "allow"], 1),
        (["--unknown", TEAM, "--fix"], 2),
        (["--unknown", "team"], 2),
        (["--unknown", TEAM, "-f", "html"], 2),
    ],
)
def test_exit_status_tells_undecided(check, options, status):
    assert status == check(*options)[0]


def test_text_and_json_hold_the_branches(check):
    text, found = check("--unknown", TEAM)[1], json.loads(check("--unknown", TEAM, "-f", "json")[1])

    assert text.startswith(f"UNDECIDED  needs {TEAM}\n")
    assert (found["decision"], found["allowed"], found["keys"]) == ("undecided", None, [TEAM])
    assert [(one["decision"], one["conditions"], one["verified"]) for one in found["branches"]] == [
        ("allow", f"{TEAM} is red", True), ("implicit-deny", f"{TEAM} is absent or not red", True),
    ]  # fmt: skip


def test_quiet_prints_nothing(check):
    assert check("--unknown", TEAM, "-q") == (3, "", "")


def test_a_key_that_the_access_point_looks_at_is_noticed():
    """S3-6: the VPC decides, although no policy names it."""
    point = "arn:aws:s3:eu-west-1:111111111111:accesspoint/ap"
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    settings = {"s3": {"access_points": {point: {"bucket": "b", "vpc": "vpc-1"}}}}
    engine = Engine({"identity": everything, "settings": settings})
    request = {
        "principal": "arn:aws:iam::111111111111:user/a", "action": "s3:GetObject", "resource": f"{point}/object/k"
    }  # fmt: skip

    answer = engine.explain_unknown(request, ["aws:SourceVpc"])

    assert engine.decide({**request, "context": {"aws:SourceVpc": "vpc-1"}}).allowed
    assert not engine.decide(request).allowed
    assert answer.effect == "undecided"
