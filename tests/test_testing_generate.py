"""Do generated cases pin what a policy does? They pass at once, and fail when a statement is changed."""

import json

import pytest

from policyeval import load_cases
from policyeval.cli import main
from policyeval.operators import OPERATORS, parse_operator
from policyeval.testing.coverage import Coverage
from policyeval.testing.samples import condition_values, resources_inside


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**elements):
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*", **elements}


QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
IDENTITY = {
    "plain": allow(),
    "wildcards": allow(Action=["s3:Get*", "sqs:*"], Resource=["arn:aws:s3:::logs-*/a?c/*", "arn:aws:sqs:*:*:q-*"]),
    "everything": allow(Action="*", Resource="*"),
    "exceptions": {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"},
    "variables": allow(Resource="arn:aws:s3:::home/${aws:username}/*"),
    "tags": allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:RequestTag/team}"}}),
    "numbers": allow(Condition={"NumericLessThanEquals": {"s3:max-keys": "10"}}),
    "dates": allow(Condition={"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}),
    "addresses": allow(Condition={"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}),
    "sets": allow(Condition={"ForAllValues:StringLike": {"aws:TagKeys": ["team-*"]}}),
    "absent": allow(Condition={"Null": {"aws:MultiFactorAuthAge": "true"}}),
    "several": allow(Condition={"StringLike": {"s3:prefix": "a*"}, "StringNotEquals": {"s3:prefix": "ab"}}),
    "arns": allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app/*"}}),
    "unknown service": allow(Action="nosuch:Thing", Resource="*"),
    "deny": allow(Effect="Deny", Action="s3:*", Resource="*", Condition={"Bool": {"aws:SecureTransport": "false"}}),
}  # fmt: skip


@pytest.fixture
def generated(tmp_path, capsys):
    """Generate cases for a policy, and give the file."""

    def make(document, kind=""):
        file, out = tmp_path / "policy.json", tmp_path / "cases" / "policy.iamtest.yaml"
        out.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(document))
        assert main(["test", "--generate", f"{kind}{file}", "-o", str(out)]) == 0, capsys.readouterr().err
        return out

    return make


@pytest.mark.parametrize("name", IDENTITY)
def test_generated_cases_pass_at_once_and_reach_the_statement(generated, name):
    cases = load_cases(generated(policy(IDENTITY[name])))
    coverage = Coverage()

    outcomes = [case.run() for case in cases]
    for outcome in outcomes:
        coverage.add(outcome)

    assert all(outcome.passed for outcome in outcomes)
    assert [one.is_decided for one in coverage.statements] == [True]


@pytest.mark.parametrize("name", sorted(set(IDENTITY) - {"everything", "unknown service", "several"}))
def test_every_element_is_tested(generated, name):
    coverage = Coverage()
    for case in load_cases(generated(policy(IDENTITY[name]))):
        coverage.add(case.run())

    (statement,) = coverage.statements
    assert [element.label for element in statement.elements.values() if not element.alone] == []


@pytest.mark.parametrize(("kind", "document"), [
    ("", policy({**allow(), "Principal": {"AWS": "arn:aws:iam::222222222222:role/app"}})),
    ("", policy(allow(Action="sqs:SendMessage", Resource=QUEUE, Principal={"Service": "sns.amazonaws.com"}))),
    ("", policy({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"})),
    ("boundary:", policy(allow())),
    ("scp:", policy(allow(Action="*", Resource="*"), {"Effect": "Deny", "Action": "iam:*", "Resource": "*"})),
    ("session:", policy(allow())),
])  # fmt: skip
def test_policies_of_every_layer_are_put_where_they_can_decide(generated, kind, document):
    coverage = Coverage()
    cases = load_cases(generated(document, kind))
    for case in cases:
        outcome = case.run()
        coverage.add(outcome)
        assert outcome.passed

    assert all(one.is_decided for one in coverage.statements if one.file.endswith("policy.json"))


@pytest.mark.parametrize(
    "change",
    [
        {"Action": "s3:*"},
        {"Action": "s3:PutObject"},
        {"Resource": "*"},
        {"Resource": "arn:aws:s3:::other/*"},
        {"Condition": {}},
        {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}},
        {"Effect": "Deny"},
    ],
)
def test_a_later_change_shows_up(generated, tmp_path, change):
    statement = allow(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    file = generated(policy(statement))

    (tmp_path / "policy.json").write_text(json.dumps(policy({**statement, **change})))

    assert not all(case.run().passed for case in load_cases(file))


def test_the_same_policy_gives_the_same_file(generated):
    assert generated(policy(allow())).read_text() == generated(policy(allow())).read_text()


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_every_operator_has_values_inside_and_outside(row):
    """The first example of each operator that holds gives the policy's value."""
    example = next(one for one in row.examples if one.holds)

    inside, outside = condition_values(parse_operator(row.name), [example.policy], {})

    assert inside
    assert outside


def test_wildcards_of_resources_are_filled():
    assert list(resources_inside("arn:aws:sqs:*:*:q-*", {})) == [
        "arn:aws:sqs:eu-west-1:111122223333:q-example"
    ]
