"""What is asked? Requests are read in every shape, refused with a place, and filled with what follows from them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import Engine, PolicyError, PolicyEvalError, PolicySet, Request, RequestError
from policyeval.context import NO_CONTEXT
from policyeval.names import parse_action, parse_resource
from policyeval.request import AlsoCheck
from policyeval.request_context import Check
from policyeval.source import Source
from policyeval.sources.requests import read_request, read_requests
from tests.policies import CALLERS, CONTEXT_VALUES, TARGETS

A = "111111111111"
ALICE = f"arn:aws:iam::{A}:user/alice"
OBJECT = "arn:aws:s3:::b/k"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:q"
ROLE = f"arn:aws:iam::{A}:role/app"
POINT = f"arn:aws:s3:eu-west-1:{A}:accesspoint/ap"
POINT_IN_CAPITALS = f"arn:aws:S3:EU-WEST-1:{A}:accesspoint/ap"
ASKED = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT}


def check_of(principal=ALICE, action="s3:GetObject", resource=OBJECT, context=None, **details):
    request = Request(principal, action, resource, context, time=details.pop("time", None))
    return Check(
        request.principal,
        request.actions[0],
        request.resources[0],
        request.context,
        time=request.time,
        **details,
    )


# Reading


def test_request_is_read_from_an_object():
    request = Request.from_dict({**ASKED, "context": {"aws:SourceIp": "10.0.0.1"}})

    assert (str(request.principal), request.action, request.resource) == (ALICE, "s3:GetObject", OBJECT)
    assert request.context.get("aws:sourceip") == "10.0.0.1"


def test_request_is_taken_as_it_is():
    request = Request(**ASKED)

    assert request is Request.from_dict(request)


def test_request_without_resource_is_about_everything():
    assert Request(ALICE, "ec2:DescribeInstances").resource == "*"


def test_several_actions_and_resources_are_kept_in_order():
    request = Request(ALICE, ["s3:GetObject", "s3:PutObject"], [OBJECT, "*"])

    assert [one.text for one in request.actions] == ["s3:GetObject", "s3:PutObject"]
    assert [one.text for one in request.resources] == [OBJECT, "*"]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"principal": None}, ()),
        ({"action": None}, ()),
        ({"action": "s3:*"}, ("action",)),
        ({"action": "GetObject"}, ("action",)),
        ({"action": "s3:Get Object"}, ("action",)),
        ({"action": "a:b:c"}, ("action",)),
        ({"action": []}, ("action",)),
        ({"action": {"s3": "GetObject"}}, ("action",)),
        ({"action": ["s3:GetObject", 1]}, ("action",)),
        ({"resource": "bucket"}, ("resource",)),
        ({"resource": ""}, ("resource",)),
        ({"resource": "arn:aws:s3"}, ("resource",)),
        ({"resource": "arn:aws::::x"}, ("resource",)),
        ({"resource": []}, ("resource",)),
        ({"context": []}, ("context",)),
        ({"context": {"aws:SourceIp": ["a", "b"]}}, ("context", "aws:SourceIp")),
        ({"resource_account": "alice"}, ("resource_account",)),
        ({"resource_organization": "o-1"}, ("resource_organization",)),
        ({"time": "yesterday"}, ("time",)),
        ({"endpoint_type": "other"}, ("endpoint_type",)),
        ({"via": ["alice"]}, ("via", 0)),
        ({"via": [{"session_name": "x"}]}, ("via", 0)),
        ({"via": [{"role": f"arn:aws:iam::{A}:role/r", "name": "x"}]}, ("via", 0, "name")),
        ({"also": [{}]}, ("also", 0)),
        ({"also": [{"action": "kms:Decrypt", "key": "x"}]}, ("also", 0, "key")),
        ({"also": [{"action": "kms:*"}]}, ("action",)),
        ({"principle": ALICE}, ("principle",)),
    ],
)
def test_request_that_cannot_be_read_is_refused_at_its_place(fields, path):
    with pytest.raises(RequestError) as raised:
        Request.from_dict({**ASKED, **fields})

    assert raised.value.diagnostics[0].path == path


@pytest.mark.parametrize("value", [None, [], "s3:GetObject", 1])
def test_value_that_is_no_request(value):
    with pytest.raises(RequestError, match="a request is an object"):
        Request.from_dict(value)


def test_misspelt_field_comes_with_the_nearest_one():
    with pytest.raises(RequestError) as raised:
        Request.from_dict({**ASKED, "resourceAccount": A})

    assert raised.value.diagnostics[0].help == "did you mean `resource_account`?"


@given(st.text() | st.text("s3:Get*?.-_", max_size=12))
def test_any_text_is_an_action_or_refused(text):
    try:
        action = parse_action(text)
    except RequestError:
        return

    assert f"{action.service}:{action.name}" == text.lower()


@given(st.text() | st.text("arn:aws3/*", max_size=20))
def test_any_text_is_a_resource_or_refused(text):
    try:
        resource = parse_resource(text)
    except RequestError:
        return

    assert text == resource.text


# Files of requests


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (json.dumps(ASKED), 1),
        (json.dumps(ASKED, indent=2), 1),
        (json.dumps([ASKED, ASKED]), 2),
        (f"{json.dumps(ASKED)}\n\n{json.dumps(ASKED)}\n{json.dumps(ASKED)}\n", 3),
        (f"principal: {ALICE}\naction: s3:GetObject\nresource: {OBJECT}\n", 1),
        (f"- {{principal: {ALICE!r}, action: s3:GetObject}}\n", 1),
    ],
)
def test_file_holds_one_request_or_many(text, count):
    assert count == len(read_requests(Source.of("requests", text)))


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("[]", 1), ('{"principal": 1}', 1), (f"[{json.dumps(ASKED)},\n {{}}]", 2), ("{}\n{", 2)],
)
def test_file_without_requests_is_refused_with_the_line(text, line):
    with pytest.raises(RequestError) as raised:
        read_requests(Source.of("requests.json", text))

    assert f":{line}:" in str(raised.value) or f"line {line}" in str(raised.value)


def test_record_of_cloudtrail_is_a_request():
    record = {
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventTime": "2026-01-01T00:00:00Z",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "10.0.0.1",
        "userIdentity": {"type": "IAMUser", "arn": ALICE},
        "resources": [{"ARN": OBJECT}],
    }
    request = read_request(record)

    assert (str(request.principal), request.action, request.resource) == (ALICE, "s3:GetObject", OBJECT)
    assert request.context.get("aws:requestedregion") == "eu-west-1"


SERVICE_LINKED = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{A}:assumed-role/AWSServiceRoleForX/s",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "arn": f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
        }
    },
}
USER = {"type": "IAMUser", "arn": ALICE}


def record_of(identity=USER, **fields):
    return {
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "userIdentity": identity,
        "resources": [{"ARN": OBJECT}],
        **fields,
    }


@pytest.mark.parametrize(
    ("fields", "context"),
    [
        ({}, {}),
        ({"sourceIPAddress": "203.0.113.7"}, {"aws:SourceIp": "203.0.113.7"}),
        ({"sourceIPAddress": "2001:db8::1"}, {"aws:SourceIp": "2001:db8::1"}),
        ({"sourceIPAddress": "athena.amazonaws.com"}, {}),
        ({"sourceIPAddress": "AWS Internal"}, {}),
        ({"sourceIPAddress": ""}, {}),
        ({"vpcEndpointId": "vpce-1"}, {"aws:SourceVpce": "vpce-1"}),
        (
            {"vpcEndpointId": "vpce-1", "sourceIPAddress": "10.0.0.5"},
            {"aws:SourceVpce": "vpce-1", "aws:VpcSourceIp": "10.0.0.5"},
        ),
        (
            {"vpcEndpointId": "vpce-1", "sourceIPAddress": "athena.amazonaws.com"},
            {"aws:SourceVpce": "vpce-1"},
        ),
    ],
)
def test_record_says_where_the_call_came_from(fields, context):
    """6.3, K-1."""
    assert context == dict(read_request(record_of(**fields)).context.items())


@pytest.mark.parametrize(
    ("identity", "context"),
    [
        (USER, {}),
        (
            {**USER, "invokedBy": "athena.amazonaws.com"},
            {"aws:ViaAWSService": "true", "aws:CalledVia": ("athena.amazonaws.com",)},
        ),
        ({**USER, "invokedBy": "AWS Internal"}, {"aws:ViaAWSService": "true"}),
        ({"type": "AWSService", "invokedBy": "delivery.logs.amazonaws.com"}, {}),
        ({**SERVICE_LINKED, "invokedBy": "x.amazonaws.com"}, {}),
    ],
)
def test_record_says_who_called_on_whose_behalf(identity, context):
    """K-2, SVC-4."""
    assert context == dict(read_request(record_of(identity)).context.items())


@pytest.mark.parametrize(
    ("fields", "condition", "effect", "reason"),
    [
        (
            {"sourceIPAddress": "x.amazonaws.com", "identity": {**USER, "invokedBy": "x.amazonaws.com"}},
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}},
            "Deny",
            "allowed",
        ),
        (
            {"sourceIPAddress": "198.51.100.1"},
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}},
            "Deny",
            "identity-explicit-deny",
        ),
        (
            {"sourceIPAddress": "10.0.0.5", "vpcEndpointId": "vpce-1"},
            {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            "Allow",
            "identity-no-allow",
        ),
        (
            {"sourceIPAddress": "10.0.0.5", "vpcEndpointId": "vpce-1"},
            {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}},
            "Allow",
            "allowed",
        ),
    ],
)
def test_record_is_decided_by_its_network(fields, condition, effect, reason):
    statement = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition}
    others = [{"Effect": "Allow", "Action": "*", "Resource": "*"}] if effect == "Deny" else []
    policies = PolicySet(identity=[{"Version": "2012-10-17", "Statement": [*others, statement]}])

    assert reason == Engine(policies).decide(read_request(record_of(**fields))).reason


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"sourceIPAddress": 7}, ("sourceIPAddress",)),
        ({"identity": {**USER, "invokedBy": ["x"]}}, ("userIdentity", "invokedBy")),
    ],
)
def test_record_with_other_fields_than_those_of_aws_is_refused(fields, path):
    with pytest.raises(RequestError) as raised:
        read_request(record_of(**fields))

    assert path == raised.value.diagnostics[0].path


# Requests that contradict themselves


THROUGH_ENDPOINT = {
    "aws:SourceVpce": "vpce-1",
    "aws:SourceVpc": "vpc-1",
    "aws:SourceVpcArn": f"arn:aws:ec2:eu-west-1:{A}:vpc/vpc-1",
    "aws:VpcSourceIp": "10.0.0.5",
    "aws:VpceAccount": A,
}


@pytest.mark.parametrize(
    "fields",
    [{"endpoint": "vpce-1"}, *({"context": {key: value}} for key, value in THROUGH_ENDPOINT.items())],
    ids=["endpoint", *THROUGH_ENDPOINT],
)
@pytest.mark.parametrize("has_address", [True, False])
def test_address_and_endpoint_together_are_warned_of(fields, has_address):
    """K-1."""
    address = {"aws:SourceIp": "203.0.113.7"} if has_address else {}
    request = Request.from_dict({**ASKED, **fields, "context": {**fields.get("context", {}), **address}})

    assert has_address is any(
        "aws:SourceIp, or comes through a VPC endpoint" in note
        for note in Engine(PolicySet(identity=[])).explain(request).notes
    )


def test_address_alone_is_not_warned_of():
    request = Request.from_dict({**ASKED, "context": {"aws:SourceIp": "203.0.113.7"}})

    assert not any("VPC endpoint" in note for note in Engine(PolicySet(identity=[])).explain(request).notes)


# Tags


@pytest.mark.parametrize(
    ("value", "text"), [("red", "red"), (True, "true"), (False, "false"), (7, "7"), (1.5, "1.5"), ("", "")]
)
def test_tag_value_is_spelled_as_a_context_value(value, text):
    request = Request.from_dict({**ASKED, "context": {"x:k": value}, "resource_tags": {"t": value}})

    assert request.details.resource_tags == (("t", text),)
    assert request.context.get("x:k") == text


@pytest.mark.parametrize(
    ("tags", "path"),
    [
        ({"t": None}, ("t",)),
        ({"t": ["red"]}, ("t",)),
        ({"t": {"a": "b"}}, ("t",)),
        ([{"Key": "t", "Value": None}], (0, "Value")),
        ([{"Key": None, "Value": "red"}], (0, "Key")),
        ([{"Key": "t", "Value": "red"}, {"Key": "u"}], (1,)),
        (["t"], (0,)),
    ],
)
@pytest.mark.parametrize(
    ("place", "field"),
    [
        (("principal", "tags"), lambda tags: {"principal": {"arn": ALICE, "tags": tags}}),
        (("principal", "session_tags"), lambda tags: {"principal": {"arn": ALICE, "session_tags": tags}}),
        (("resource_tags",), lambda tags: {"resource_tags": tags}),
        (("via", 0, "tags"), lambda tags: {"via": [{"role": f"arn:aws:iam::{A}:role/r", "tags": tags}]}),
    ],
    ids=["tags", "session_tags", "resource_tags", "via"],
)
def test_tag_that_is_no_text_is_refused_at_its_place(place, field, tags, path):
    with pytest.raises(RequestError) as raised:
        Request.from_dict({**ASKED, **field(tags)})

    assert (*place, *path) == raised.value.diagnostics[0].path


def test_tag_of_a_role_that_is_no_text_is_refused_at_its_place():
    role = f"arn:aws:iam::{A}:role/r"

    with pytest.raises(PolicyError) as raised:
        PolicySet.from_dict({"roles": {role: {"tags": {"t": None}}}})

    assert ("roles", role, "tags", "t") == raised.value.diagnostics[0].path


# What follows from a request


@pytest.mark.parametrize(
    ("details", "key", "value"),
    [
        ({}, "aws:PrincipalArn", ALICE),
        ({}, "aws:username", "alice"),
        ({}, "aws:PrincipalType", "User"),
        ({}, "aws:PrincipalAccount", A),
        ({}, "aws:ResourceAccount", A),
        ({}, "aws:SecureTransport", "true"),
        ({}, "aws:ViaAWSService", "false"),
        ({}, "aws:PrincipalIsAWSService", "false"),
        ({}, "aws:MultiFactorAuthPresent", None),
        ({}, "aws:SourceIp", None),
        ({}, "aws:TagKeys", None),
        ({"owner": "222222222222"}, "s3:ResourceAccount", "222222222222"),
        ({"action": "sqs:SendMessage", "resource": QUEUE}, "aws:RequestedRegion", "us-east-1"),
        ({"action": "sqs:SendMessage", "resource": QUEUE}, "s3:ResourceAccount", None),
        ({"action": "iam:GetUser", "resource": ALICE}, "aws:RequestedRegion", "us-east-1"),
        ({"principal": {"arn": ALICE, "mfa": False}}, "aws:MultiFactorAuthPresent", "false"),
        ({"principal": {"arn": ALICE, "tags": {"Team": "red"}}}, "aws:PrincipalTag/team", "red"),
        ({"resource_tags": (("Team", "red"),)}, "aws:ResourceTag/team", "red"),
        ({"endpoint": "vpce-1"}, "aws:SourceVpce", "vpce-1"),
        ({"context": {"aws:RequestTag/a": "1", "aws:RequestTag/B": "2"}}, "aws:TagKeys", ("a", "B")),
        ({"context": {"aws:CalledVia": ["a.b", "c.d"]}}, "aws:CalledViaLast", "c.d"),
        ({"time": "2026-01-01T00:00:00Z"}, "aws:CurrentTime", "2026-01-01T00:00:00Z"),
        ({"time": "2026-01-01T00:00:00Z"}, "aws:EpochTime", "1767225600"),
        ({"time": "1767225600"}, "aws:CurrentTime", "2026-01-01T00:00:00Z"),
        ({"now": 1767225600.9}, "aws:EpochTime", "1767225600"),
        ({"principal": "anonymous"}, "aws:PrincipalAccount", "anonymous"),
        ({"principal": "anonymous"}, "aws:PrincipalArn", None),
        ({"principal": "sns.amazonaws.com"}, "aws:PrincipalServiceName", "sns.amazonaws.com"),
        ({"principal": "sns.amazonaws.com"}, "aws:PrincipalAccount", None),
    ],
)
def test_key_is_derived(details, key, value):
    assert value == check_of(**details).value(key.lower(), key)


@pytest.mark.parametrize("given_value", ["other", None])
@pytest.mark.parametrize(
    "key", ["aws:username", "aws:PrincipalArn", "aws:SecureTransport", "aws:CurrentTime"]
)
def test_given_value_is_never_replaced(key, given_value):
    assert given_value == check_of(context={key: given_value}).value(key.lower(), key)


@pytest.mark.parametrize(
    ("details", "owner"),
    [
        ({}, (A, True)),
        ({"owner": "222222222222"}, ("222222222222", False)),
        (
            {"action": "sqs:SendMessage", "resource": QUEUE.replace(A, "222222222222")},
            ("222222222222", False),
        ),
        ({"action": "iam:GetPolicy", "resource": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, (A, False)),
        ({"action": "ec2:DescribeInstances", "resource": "*"}, (A, False)),
        ({"principal": "anonymous"}, (None, False)),
        ({"principal": "sns.amazonaws.com"}, (None, False)),
    ],
)
def test_owner_is_given_or_stands_in_the_arn_or_is_guessed(details, owner):
    check = check_of(**details)

    assert owner == (check.owner, check.call.owner_is_guessed)


def test_owner_that_contradicts_the_arn_is_refused():
    with pytest.raises(RequestError, match="`resource_account` is 222222222222, the ARN says 111111111111"):
        Request(ALICE, "sqs:SendMessage", QUEUE, resource_account="222222222222")


def test_owner_of_a_further_check_that_contradicts_the_arn_is_refused():
    also = {"action": "sqs:SendMessage", "resource": QUEUE, "resource_account": "222222222222"}
    with pytest.raises(RequestError, match="`resource_account` is 222222222222") as told:
        Request(ALICE, "sqs:SendMessage", QUEUE, also=[also])
    assert told.value.diagnostics[0].path == ("also", 0, "resource_account")
    with pytest.raises(RequestError, match="the ARN says 111111111111"):
        Request(ALICE, "sqs:SendMessage", QUEUE, also=[AlsoCheck(**also, context=NO_CONTEXT)])


@pytest.mark.parametrize(
    ("policies", "path"),
    [
        ({"resources": {QUEUE: [], QUEUE.replace("sqs", "SQS"): []}}, ("resources",)),
        ({"roles": {ROLE: {}, ROLE.replace("aws:iam", "AWS:iam"): {}}}, ("roles",)),
        (
            {
                "settings": {
                    "s3": {"access_points": {POINT: {"bucket": "b"}, POINT_IN_CAPITALS: {"bucket": "c"}}}
                }
            },
            ("settings", "s3", "access_points"),
        ),
    ],
)
def test_one_arn_in_two_letter_cases_is_refused(policies, path):
    """R-5: one of the two would hide the other."""
    with pytest.raises(PolicyError, match="is there twice") as told:
        PolicySet.from_dict(policies)
    assert told.value.diagnostics[0].path[:-1] == path


@pytest.mark.parametrize(
    ("action", "resource", "decided"),
    [
        ("s3:GetObject", OBJECT, OBJECT),
        ("ec2:DescribeInstances", f"arn:aws:ec2:us-east-1:{A}:instance/i", "*"),
        ("nosuch:Action", OBJECT, OBJECT),
    ],
)
def test_resource_of_an_action_without_resource_type_is_everything(action, resource, decided):
    assert decided == check_of(action=action, resource=resource).resource.text


# Whatever is asked

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["*", "true", "-1", "10000-01-01", "1e400", "\x00", "\ud800", "${a:b}"]
)
TIMES = ["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"]
READING_EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "*",
        "Resource": ["arn:aws:s3:::${aws:CurrentTime}${aws:EpochTime}", "*"],
        "Condition": {
            "StringLikeIfExists": dict.fromkeys(
                [*CONTEXT_VALUES, "aws:CurrentTime", "aws:userid", "x:y"], "*"
            ),
            "DateLessThanIfExists": dict.fromkeys(
                ["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"], "2100-01-01"
            ),
            "NumericLessThanIfExists": dict.fromkeys(["aws:EpochTime", "aws:MultiFactorAuthAge"], "1e99"),
        },
    },
}


@given(
    st.fixed_dictionaries(
        {
            "principal": st.sampled_from(list(CALLERS.values())) | TEXTS,
            "action": st.sampled_from([action for action, _ in TARGETS]) | TEXTS,
        },
        optional={
            "resource": st.sampled_from([resource for _, resource in TARGETS]) | TEXTS,
            "context": st.dictionaries(
                st.sampled_from([*CONTEXT_VALUES, *TIMES]) | TEXTS,
                TEXTS | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(TEXTS, max_size=2),
                max_size=4,
            ),
            "time": TEXTS,
            "resource_account": TEXTS,
            "resource_tags": st.dictionaries(TEXTS, TEXTS, max_size=2),
            "endpoint": TEXTS,
        },
    )
)
def test_any_request_is_decided_or_refused(value):
    engine = Engine(READING_EVERYTHING)
    try:
        decision = engine.decide(value)
    except PolicyEvalError:
        return

    assert decision.effect.value in ("allow", "implicit-deny")
