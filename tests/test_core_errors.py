"""Does every refusal of the core say what is wrong, where, and the way out?"""

import pytest

from policyeval import Engine, PolicyEvalError, Request
from policyeval.context import Context
from policyeval.names import parse_action, parse_resource

ALICE = "arn:aws:iam::111111111111:user/alice"
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:q"
READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}


def owned_by_another():
    return Request(ALICE, "sqs:SendMessage", QUEUE, resource_account="222222222222")


def session_of_a_user():
    return Engine({"identity": READ, "session": READ}).decide(
        Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k")
    )


REFUSALS = [
    (
        lambda: parse_action("GetObject"),
        "`GetObject` is no action",
        "write `service:Action`, for example `s3:GetObject`",
        ("action",),
    ),
    (
        lambda: parse_action("s3:Get*"),
        "the action of a request has no wildcard: `s3:Get*`",
        "name one action, or a list of them",
        ("action",),
    ),
    (
        lambda: parse_action("s3:Get?bject"),
        "the action of a request has no wildcard: `s3:Get?bject`",
        "name one action, or a list of them",
        ("action",),
    ),
    (
        lambda: parse_resource("bucket"),
        "`bucket` is no resource",
        "write a full ARN `arn:partition:service:region:account:resource`, or `*`",
        ("resource",),
    ),
    (
        lambda: Context({"aws:SourceIp": "1.2.3.4", "AWS:sourceip": "1.2.3.5"}),
        "`AWS:sourceip` is given twice, also as `aws:SourceIp`",
        "names of condition keys are the same in any letter case: keep one",
        ("context", "AWS:sourceip"),
    ),
    (
        lambda: Context({"aws:SourceIp": ["1.2.3.4", "1.2.3.5"]}),
        "`aws:SourceIp` is single-valued, the request gives 2 values",
        "give one value",
        ("context", "aws:SourceIp"),
    ),
    (
        lambda: Context({"app:team": {"name": "red"}}),
        "the value of `app:team` is no text",
        "give a string, number, boolean or a list",
        ("context", "app:team"),
    ),
    (
        owned_by_another,
        "`resource_account` is 222222222222, the ARN says 111111111111",
        "leave `resource_account` out",
        ("resource_account",),
    ),
    (
        session_of_a_user,
        f"a session policy is given, but {ALICE} has no session that could carry one",
        "remove it, or let a role session or a federated user call",
        None,
    ),
]


@pytest.mark.parametrize(
    ("refused", "message", "help", "path"), REFUSALS, ids=[row[1][:40] for row in REFUSALS]
)
def test_a_refusal_says_what_is_wrong_and_the_way_out(refused, message, help, path):
    with pytest.raises(PolicyEvalError) as raised:
        refused()

    (told,) = raised.value.diagnostics
    assert (told.message, told.help, told.path or None) == (message, help, path)


def test_a_key_given_twice_is_shown_at_its_name():
    with pytest.raises(PolicyEvalError) as raised:
        Context({"app:team": "red", "App:Team": "blue"})

    assert raised.value.diagnostics[0].on_key


@pytest.mark.parametrize("text", ["arn:aws:s3::b", "arn:aws::::b", "ARN:aws:s3:::b", "", "arn", "**"])
def test_what_is_no_arn_is_no_resource(text):
    with pytest.raises(PolicyEvalError, match="is no resource"):
        parse_resource(text)


@pytest.mark.parametrize(
    "text", ["arn:aws:s3:::b", "arn::s3:::", "arn:aws:iam::aws:policy/x", "arn:aws:s3:::a:b:c"]
)
def test_what_has_six_parts_and_a_service_is_a_resource(text):
    assert parse_resource(text).text == text


@pytest.mark.parametrize(
    "text", ["s3:", ":GetObject", "s3:Get Object", "s3:GetObject\n", "s3:a:b", "", "s3:Gét", "s3_x:Get"]
)
def test_what_is_no_action_is_refused(text):
    with pytest.raises(PolicyEvalError, match="is no action"):
        parse_action(text)


def test_an_action_is_read_in_its_parts():
    """A-1."""
    action = parse_action("S3-Outposts:GetObject.v_2-x")

    assert (action.text, action.lower) == ("S3-Outposts:GetObject.v_2-x", "s3-outposts:getobject.v_2-x")
    assert (action.service, action.name) == ("s3-outposts", "getobject.v_2-x")


def test_a_resource_is_read_in_its_parts():
    """R-5."""
    resource = parse_resource("arn:AWS:S3:EU-west-1:111111111111:Bucket:X/y")

    assert resource.canonical == "aws:s3:eu-west-1:111111111111:Bucket:X/y"
    assert resource.text == f"arn:{resource.canonical}"
    assert (resource.partition, resource.region, resource.part) == ("aws", "eu-west-1", "Bucket:X/y")
    assert resource.head.segments == ("aws", "s3", "eu-west-1", "111111111111")
    assert (resource.head.service, resource.head.account, resource.head.account_id) == (
        "s3", "111111111111", "111111111111",
    )  # fmt: skip
    assert resource.arn.resource == "Bucket:X/y"
    assert resource.cuts == (
        resource.canonical, "aws:", "aws:s3:", "aws:s3:eu-west-1:", "aws:s3:eu-west-1:111111111111:",
        "aws:s3:eu-west-1:111111111111:Bucket:", "aws:s3:eu-west-1:111111111111:Bucket:X/",
    )  # fmt: skip


def test_parts_that_are_missing_are_none():
    bucket, everything = parse_resource("arn:aws:s3:::b"), parse_resource("*")

    assert (bucket.region, bucket.head.account, bucket.head.account_id) == (None, "", None)
    assert (everything.arn, everything.region, everything.partition, everything.part) == (None, None, "", "")
    assert (everything.canonical, everything.is_any_bucket) == ("", False)
    assert parse_resource("arn:aws:iam::aws:policy/x").head.account_id is None
