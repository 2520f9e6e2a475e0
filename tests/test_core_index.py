"""Does an index leave out only what cannot apply? Policies with many statements, decided as if each stood alone."""

import pytest

from policyeval import Engine
from policyeval.compiler import compile_policy
from policyeval.context import Context
from policyeval.language.model import Matcher, Values
from policyeval.language.policy import Policy
from policyeval.matching.actions import ActionIndex, action_set
from policyeval.names import ANY_RESOURCE, parse_action, parse_resource
from policyeval.principal import parse_principal
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.slices import ResourceIndex, Slice

ALICE = "arn:aws:iam::111111111111:user/alice"
FEW, MANY = 3, 20


def statement(action, resource="*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def compiled(*statements, type="identity"):
    return compile_policy(
        Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)}, type), Semantics()
    )


def check(action="s3:GetObject", resource="arn:aws:s3:::b/k", context=None):
    made = ANY_RESOURCE if resource == "*" else parse_resource(resource)
    return Check(parse_principal(ALICE), parse_action(action), made, Context(context or {}))


@pytest.mark.parametrize("others", [FEW, MANY])
@pytest.mark.parametrize(
    ("entries", "action", "covered"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:*Object", "s3:GetObject", True),
        ("s3:G?tObject", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        (["ec2:*", "s3:Get*"], "s3:GetObject", True),
        ("s3:Put*", "s3:GetObject", False),
        ("s3:*Acl", "s3:GetObject", False),
        ("s3:GetObjec", "s3:GetObject", False),
        ("s3-outposts:*", "s3:GetObject", False),
        ("s3", "s3:GetObject", False),
    ],
)
def test_an_action_is_found_among_few_and_many(others, entries, action, covered):
    """A-1, A-2: also where whole names, beginnings and the rest are looked up in different ways."""
    many = [statement(["ec2:Run*", "ec2:*Instances", "sqs:SendMessage"]) for _ in range(others)]
    policy = compiled(*many, statement(entries), *many)

    found = [policy.statements.index(one) for one in policy.covering(check(action))]

    assert found == ([others] if covered else [])


@pytest.mark.parametrize("entry", ["s3*:*", "s*:GetObject", "?3:GetObject", "*:GetObject", "*:*", "**", "*"])
def test_an_entry_for_several_services_is_asked_about_all_of_them(entry):
    """Parsing refuses some of these; the index does not rely on that."""
    sets = [action_set(Matcher(Values((text,)), False)) for text in ("ec2:*", entry, "s3:Put*")]

    assert ActionIndex(sets).covering(parse_action("s3:GetObject")) == [1]
    assert ActionIndex([None, *sets]).covering(parse_action("s3:GetObject")) == [2]


@pytest.mark.parametrize("others", [FEW, MANY])
@pytest.mark.parametrize(
    ("entries", "covered"), [("s3:Get*", False), ("s3:Put*", True), ("*", False), ("ec2:*", True)]
)
def test_what_is_not_listed_is_found_among_few_and_many(others, entries, covered):
    """A-8."""
    many = [statement("ec2:*") for _ in range(others)]
    policy = compiled(*many, {"Effect": "Allow", "NotAction": entries, "Resource": "*"})

    assert len(policy.covering(check())) == covered


def test_statements_that_cover_an_action_keep_their_order():
    listed = ["s3:GetObject", "ec2:*", "*", "s3:Get*", "s3:*Object", "ec2:*", "s3:GetObject", "s3:*", "ec2:*"]
    policy = compiled(*(statement(entry) for entry in listed))

    assert [policy.statements.index(one) for one in policy.covering(check())] == [0, 2, 3, 4, 6, 7]


RESOURCES = (
    "*", "arn:aws:s3:::b/k", "arn:aws:s3:::b/*", "arn:aws:s3:::b*", "arn:aws:s3:::*", "arn:aws:s3:::b/a/*",
    "arn:aws:s3:::c/*", "arn:aws:s3:::b/a/${aws:username}", "arn:aws:s3:::${aws:username}/k", "arn:*:s3:::b/k",
    "arn:aws:s3:::b/a/k*", "arn:aws:s3:::*/k", "arn:aws:s3:::", "arn:aws:ec2:*:*:instance/*", "ARN:aws:s3:::b/k",
)  # fmt: skip
ASKED = (
    "arn:aws:s3:::b/k", "arn:aws:s3:::b/a/k", "arn:aws:s3:::b/a/alice", "arn:aws:s3:::alice/k", "arn:aws:s3:::b",
    "arn:aws:s3:::c/k", "arn:aws-cn:s3:::b/k", f"arn:aws:s3:::b/a/k{'x' * 300}", "*",
)  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
def test_a_resource_is_found_among_many(asked):
    """Every statement that applies alone is among the candidates, and most others are not."""
    statements = tuple(one for text in RESOURCES for one in compiled(statement("s3:*", text)).statements)
    one_check = check(resource=asked)

    candidates = list(ResourceIndex(statements).candidates(one_check.resource))

    assert {one for one in statements if one.applies(one_check)} <= set(candidates)
    assert asked == "*" or len(candidates) < len(statements)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("text", RESOURCES)
def test_some_of_many_applies_when_one_does(asked, text):
    alone = compiled(statement("s3:*", text)).statements
    others = compiled(
        *(statement("s3:*", f"arn:aws:s3:::other/{number}") for number in range(MANY))
    ).statements

    applies = Slice(others + alone).applies(check(resource=asked))

    assert applies is alone[0].applies(check(resource=asked))


HIDDEN = {"NumericLessThan": {"s3:max-keys": "ten"}}


@pytest.mark.parametrize("count", [1, 2, FEW, MANY])
def test_a_malformed_value_is_neither_true_nor_false_among_few_and_many(count):
    """C-18."""
    others = [statement("s3:*", f"arn:aws:s3:::other/{number}") for number in range(count)]
    hidden = statement("s3:*", Condition=HIDDEN)
    asked = check(context={"s3:max-keys": "10"})

    assert Slice(compiled(*others, hidden, *others).statements).applies(asked) is None
    assert Slice(compiled(*others, hidden, statement("s3:*")).statements).applies(asked) is True
    assert Slice(compiled(statement("s3:*"), hidden, *others).statements).applies(asked) is True
    assert Slice(compiled(*others).statements).applies(asked) is False


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_call_without_resource_is_decided_alike_among_few_and_many(count):
    """R-40."""
    others = [statement("ec2:*", f"arn:aws:ec2:*:*:instance/i-{number}") for number in range(count)]

    def decide(*statements):
        policies = {"identity": {"Version": "2012-10-17", "Statement": [*others, *statements]}}
        return Engine(policies).allowed(ALICE, "ec2:DescribeInstances")

    assert decide(statement("ec2:*"))
    assert not decide(statement("ec2:*", "arn:aws:ec2:*:*:*"))
    assert not decide(statement("ec2:*"), statement("ec2:Describe*", effect="Deny"))


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_slice_tells_whether_it_follows_the_clock(count):
    others = [statement("s3:*", f"arn:aws:s3:::other/{number}") for number in range(count)]
    until = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}

    assert not Slice(compiled(*others).statements).reads_clock
    assert Slice(compiled(*others, statement("s3:*", Condition=until)).statements).reads_clock
