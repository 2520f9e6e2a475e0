"""What do the tables and rules of the core say of themselves?"""

from pathlib import Path

import pytest

from policyeval.authorizers import rules_of
from policyeval.authorizers.kms import KmsRules
from policyeval.names import ANY_RESOURCE, parse_action, parse_resource
from policyeval.operators import OPERATORS, OperatorType
from policyeval.principal import parse_principal
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.settings import Settings

ALICE = parse_principal("arn:aws:iam::111111111111:user/alice")
PAGE = (Path(__file__).parent.parent / "docs" / "operators.md").read_text(encoding="utf-8")
KMS = "arn:aws:kms:eu-west-1:111111111111"


def check(action, resource="*"):
    return Check(ALICE, parse_action(action), ANY_RESOURCE if resource == "*" else parse_resource(resource))


def rules(service):
    return rules_of(service, Settings(), Semantics())


@pytest.mark.parametrize("action", ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"])
def test_who_changes_an_alias_is_told_of_the_key(action):
    """KMS-7."""
    asked = check(action, f"{KMS}:alias/own")

    told = f"AWS also checks {action} on the key: name both resources, or put it under `also`"
    assert rules("kms").notes(asked) == (told,)


@pytest.mark.parametrize(
    ("action", "resource"), [("kms:CreateAlias", f"{KMS}:key/k"), ("kms:Decrypt", f"{KMS}:alias/own")]
)
def test_who_changes_no_alias_is_told_nothing(action, resource):
    assert rules("kms").notes(check(action, resource)) == ()


@pytest.mark.parametrize(
    "service", ["kms", "s3", "sts", "iam", "lambda", "sqs", "dynamodb", "execute-api", "ec2"]
)
def test_an_ordinary_call_has_no_notes(service):
    assert rules(service).notes(check(f"{service}:DoSomething")) == ()


def test_services_with_rules_of_their_own_have_them():
    names = {service: type(rules(service)).__name__ for service in ("kms", "ec2", "apigateway", "dynamodb")}

    assert names == {
        "kms": KmsRules.__name__,
        "ec2": "ServiceRules",
        "apigateway": "ApiGatewayRules",
        "dynamodb": "LimitedAcrossAccounts",
    }


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_page_of_operators_shows_each_row(row):
    flags = (row.negated, row.wildcards, row.variables, row.can_be_malformed)
    cells = (f"`{row.name}`", f"{row.title} …", *("yes" if flag else "" for flag in flags), row.rule)

    assert f"| {' | '.join(cells)} |" in PAGE.splitlines()


def test_operators_are_of_the_types_that_aws_groups_them_by():
    """AWS: reference_policies_elements_condition_operators; the types are called as those of keys are."""
    groups = {one.value: [row.name for row in OPERATORS if row.type is one] for one in OperatorType}

    assert groups == {
        "String": [row.name for row in OPERATORS if row.name.startswith("String")],
        "Numeric": [row.name for row in OPERATORS if row.name.startswith("Numeric")],
        "Date": [row.name for row in OPERATORS if row.name.startswith("Date")],
        "Bool": ["Bool"],
        "Binary": ["BinaryEquals"],
        "IPAddress": ["IpAddress", "NotIpAddress"],
        "ARN": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        "Null": ["Null"],
    }


@pytest.mark.parametrize(
    "row", [row for row in OPERATORS if row.type is OperatorType.STRING], ids=lambda row: row.name
)
def test_row_says_whether_letter_case_counts(row):
    assert row.ignores_case == row.compare(row.read_request("RED"), row.read_policy(("red",)))


def test_no_other_row_ignores_letter_case():
    assert not any(row.ignores_case for row in OPERATORS if row.type is not OperatorType.STRING)
