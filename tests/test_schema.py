"""Do the printed JSON Schemas describe what is read and written? Fixtures and answers are held against them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from policyeval import Engine, PolicySet
from policyeval.cli import main
from policyeval.language.documents import read_document
from policyeval.policy_set import FIELDS
from policyeval.render.schema import SCHEMAS
from policyeval.sources.files import read_source
from policyeval.sources.requests import read_request
from policyeval.testing.cases import EXPECTATIONS, load_cases

ROOT = Path(__file__).resolve().parent.parent
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
VALIDATORS = {name: Draft202012Validator(make()) for name, make in SCHEMAS.items()}


def valid(name: str, value: object) -> None:
    """Assert that a value has the shape of a schema."""
    assert [error.message for error in VALIDATORS[name].iter_errors(value)] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_printed_and_sound(capsys, name):
    assert main(["schema", name]) == 0
    Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_the_schema_of_the_output_is_the_default(capsys):
    main(["schema"])
    by_default = capsys.readouterr().out
    main(["schema", "output"])

    assert capsys.readouterr().out == by_default


CASE_FILES = sorted(
    [*(ROOT / "fixtures" / "notes").glob("*.yaml"), *(ROOT / "fixtures" / "decisions").glob("*.yaml")]
)


def case_file(path: Path) -> dict:
    found = read_document(read_source(path))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_fixtures_have_the_shape_of_the_schemas(path):
    """Cases that are valid; what is invalid may have any shape."""
    whole = case_file(path)
    cases = [case for case in whole["cases"] if case["expect"] != "invalid"]

    valid("cases", whole | {"cases": cases})
    for case in cases:
        valid("request", case["request"])


@pytest.mark.parametrize(("content", "is_valid"), [
    (POLICY, True),
    ({"identity": [POLICY]}, True),
    ({"scp": {"111122223333": [["root.json"]]}, "semantics": {"strict_resource_type": True}}, True),
    ({"Statement": STATEMENT | {"Effect": "allow"}}, False),
    ({"identitty": []}, False),
    ({}, False),
])  # fmt: skip
def test_the_schema_of_policies_tells_right_from_wrong(content, is_valid):
    assert VALIDATORS["policies"].is_valid(content) is is_valid


def test_the_schemas_know_every_field():
    policy_set = SCHEMAS["policies"]()["$defs"]["policy_set"]["properties"]
    case = SCHEMAS["cases"]()["$defs"]["case"]["properties"]

    assert sorted(policy_set) == sorted(FIELDS)
    assert case["expect"]["enum"] == list(EXPECTATIONS)


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_answers_have_the_shape_of_the_schema(path):
    """One case of each reason."""
    by_reason = {case.reason: case for case in load_cases(path) if case.expect != "invalid"}

    for case in by_reason.values():
        explanation = Engine(case.policy_set()).explain(read_request(case.request))
        valid("output", json.loads(json.dumps(explanation.to_dict())))


def test_the_schema_of_the_output_names_every_field():
    request = {
        "principal": "arn:aws:iam::111122223333:user/a",
        "action": "s3:PutObject",
        "resource": "arn:aws:s3:::b/k",
    }
    found = Engine(PolicySet(identity=[POLICY])).explain(request).to_dict()
    described = SCHEMAS["output"]()["$defs"]

    assert list(found) == list(described["answer"]["properties"])
    assert list(found["request"]) == list(described["request"]["properties"])
    assert list(found["fixes"][0]) == list(described["fix"]["properties"])
    assert list(found["nearest"][0]) == list(described["statement"]["properties"])
