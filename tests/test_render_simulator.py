"""Is it the answer that `aws iam simulate-custom-policy` gives, position by position?"""

import json

import pytest

import policyeval as pe
from policyeval.render.look import Look
from policyeval.render.simulator import render_simulator
from tests.golden import explanations

CALLER = "arn:aws:iam::111122223333:user/ana"


def simulated(policies, **request):
    """Decide a request and read the first result."""
    engine = pe.Engine(pe.PolicySet(**policies))
    answer = json.loads(render_simulator([engine.explain({"principal": CALLER, **request})], Look()))
    assert answer["IsTruncated"] is False
    return answer["EvaluationResults"][0]


def identity(*texts):
    return {"identity": [pe.Policy.parse(text, "identity") for text in texts]}


def columns(statement):
    return statement["StartPosition"]["Column"], statement["EndPosition"]["Column"]


def test_the_example_of_the_command_line_reference():
    """AWS's own example: a statement without brackets starts behind its brace, at column 38, and ends at 167."""
    policy = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
        '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )

    assert simulated(identity(policy), action="dynamodb:CreateBackup", time="2019-04-25T11:00:00Z") == {
        "EvalActionName": "dynamodb:CreateBackup",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 1, "Column": 38},
                "EndPosition": {"Line": 1, "Column": 167},
            }
        ],
        "MissingContextValues": [],
    }


@pytest.mark.parametrize(("separators", "start"), [((", ", ": "), 41), ((",", ":"), 38)])
def test_a_list_starts_behind_its_bracket(separators, start):
    """What AWS answered for policies that Python wrote, with and without blanks."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    text = json.dumps(document, separators=separators)
    found = simulated(identity(text), action="s3:ListAllMyBuckets")

    assert columns(found["MatchedStatements"][0]) == (start, len(text) - 1)


def test_a_statement_starts_where_the_one_before_it_ends():
    """A comma is no token for AWS's parser."""
    first, second = ({"Effect": "Allow", "Action": action, "Resource": "*"} for action in ("s3:*", "*"))
    text = json.dumps({"Version": "2012-10-17", "Statement": [first, second]})
    one, two = simulated(identity(text), action="s3:ListAllMyBuckets")["MatchedStatements"]

    assert columns(one)[1] == columns(two)[0] == 41 + len(json.dumps(first))


def test_lines_count_from_one():
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'
    text = f'{{\n  "Version": "2012-10-17",\n  "Statement": [\n    {statement}\n  ]\n}}'
    (found,) = simulated(identity(text), action="s3:ListAllMyBuckets")["MatchedStatements"]

    assert found["StartPosition"] == {"Line": 3, "Column": 17}
    assert found["EndPosition"] == {"Line": 4, "Column": 56}


def test_policies_are_numbered_as_they_were_given():
    silent = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}'
    allowing = silent.replace("ec2", "s3")
    (found,) = simulated(identity(silent, allowing), action="s3:ListAllMyBuckets")["MatchedStatements"]

    assert found["SourcePolicyId"] == "PolicyInputList.2"


def test_an_explicit_deny_lists_the_deny_alone():
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    deny = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
    found = simulated(identity(allow, deny), action="s3:ListAllMyBuckets")

    assert found["EvalDecision"] == "explicitDeny"
    assert [one["SourcePolicyId"] for one in found["MatchedStatements"]] == ["PolicyInputList.2"]


def test_a_resource_has_a_result_of_its_own():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    found = simulated(
        identity(text), action="s3:GetObject", resource="arn:aws:s3:::b/k", resource_account="111122223333"
    )

    assert found["EvalDecisionDetails"] == {}
    assert found["ResourceSpecificResults"] == [
        {
            "EvalResourceName": "arn:aws:s3:::b/k",
            "EvalResourceDecision": "allowed",
            "MatchedStatements": found["MatchedStatements"],
            "MissingContextValues": [],
        }
    ]


def test_several_resources_are_told_apart_below_the_format_of_their_arn():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}'
    resources = ["arn:aws:s3:::b/k", "arn:aws:s3:::c/k"]
    found = simulated(
        identity(text), action="s3:GetObject", resource=resources, resource_account="111122223333"
    )

    assert found["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert found["EvalDecision"] == "implicitDeny"
    assert {
        one["EvalResourceName"]: one["EvalResourceDecision"] for one in found["ResourceSpecificResults"]
    } == {
        "arn:aws:s3:::b/k": "allowed",
        "arn:aws:s3:::c/k": "implicitDeny",
    }


def test_each_action_has_a_result():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:List*","Resource":"*"}]}'
    request = {"principal": CALLER, "action": ["s3:ListAllMyBuckets", "ec2:DescribeInstances"]}
    explanation = pe.Engine(pe.PolicySet(**identity(text))).explain(request)
    results = json.loads(render_simulator([explanation], Look()))["EvaluationResults"]

    assert [(one["EvalActionName"], one["EvalDecision"]) for one in results] == [
        ("s3:ListAllMyBuckets", "allowed"),
        ("ec2:DescribeInstances", "implicitDeny"),
    ]


def test_boundary_and_organization_have_their_say():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    allow = json.loads(text)
    silent = json.loads(text.replace("s3", "ec2"))
    found = simulated({**identity(text), "boundary": silent, "scp": [[allow]]}, action="s3:ListAllMyBuckets")

    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert found["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    assert found["EvalDecision"] == "implicitDeny"
    assert found["MatchedStatements"] == []


def test_a_call_across_accounts_tells_each_policy_type():
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    bucket = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "444455556666"},
            "Action": "s3:*",
            "Resource": "*",
        },
    }
    found = simulated(
        {**identity(text), "resource": bucket},
        action="s3:GetObject",
        resource="arn:aws:s3:::b/k",
        resource_account="444455556666",
    )

    assert found["EvalDecisionDetails"] == {"Resource Policy": "implicitDeny", "IAM Policy": "allowed"}


def test_missing_context_values_are_named():
    condition = '"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}'
    text = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*","Resource":"*",{condition}}}]}}'

    assert simulated(identity(text), action="s3:ListAllMyBuckets")["MissingContextValues"] == ["aws:SourceIp"]


def test_every_denial_has_the_shape():
    for one in explanations():
        for result in json.loads(render_simulator([one], Look()))["EvaluationResults"]:
            assert result["EvalDecision"] in ("allowed", "explicitDeny", "implicitDeny")
            assert {"EvalActionName", "EvalResourceName", "MatchedStatements", "MissingContextValues"} <= set(
                result
            )
