"""What does statement coverage count?"""

import json

import pytest

from policyeval import load_cases
from policyeval.testing.coverage import Coverage, Shares
from policyeval.testing.coverage_html import render_html
from policyeval.testing.coverage_text import coverage_dict, coverage_lines

ANA = "arn:aws:iam::111122223333:user/ana"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}},
        {"Sid": "NoSecrets", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::logs/secret/*"},
    ],
}  # fmt: skip
FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def case(name, action="s3:GetObject", key="a", region="eu-west-1"):
    request = {"principal": ANA, "action": action, "resource": f"arn:aws:s3:::logs/{key}",
               "context": {"aws:RequestedRegion": region}}  # fmt: skip
    return {"name": name, "request": request, "expect": "allow"}


@pytest.fixture
def covered(tmp_path):
    """Run cases, and count."""

    def run(*cases, policies="policy.json"):
        (tmp_path / "policy.json").write_text(json.dumps(POLICY))
        file = tmp_path / "c.iamtest.json"
        file.write_text(json.dumps({"policies": policies, "cases": cases}))
        coverage = Coverage()
        for one in load_cases(file):
            coverage.add(one.run())
        return coverage

    return run


def by_label(coverage):
    return {one.label: one for one in coverage.statements}


def test_a_statement_decides_when_it_allows_or_denies(covered):
    found = by_label(covered(case("reads"), case("again"), case("secret", key="secret/a")))

    assert (found["Read"].allowed, found["Read"].denied, found["Read"].applied) == (2, 0, 1)
    assert (found["NoSecrets"].allowed, found["NoSecrets"].denied) == (0, 1)


def test_a_statement_that_no_case_reaches_is_listed(covered):
    found = by_label(covered(case("reads")))

    assert not found["NoSecrets"].is_decided


def test_an_element_is_tested_when_it_alone_made_the_difference(covered):
    coverage = covered(
        case("region", region="us-east-1"), case("both", action="s3:PutObject", region="us-east-1")
    )
    read = by_label(coverage)["Read"]

    counts = {element.label: (element.alone, element.among) for element in read.elements.values()}
    assert counts == {"Action": (0, 1), "Resource": (0, 0), "StringEquals aws:RequestedRegion": (1, 2)}


def test_elements_that_exclude_nothing_are_not_counted(covered):
    assert [one.label for one in by_label(covered(case("reads")))["NoSecrets"].elements.values()] == [
        "Resource"
    ]


def test_policies_in_the_case_file_are_scaffolding_beside_files(covered):
    coverage = covered(case("reads"), policies={"identity": ["policy.json"], "boundary": FULL})
    alone = covered(case("reads"), policies={"identity": [FULL]})

    assert {one.label for one in coverage.statements} == {"Read", "NoSecrets"}
    assert {one.label for one in alone.statements} == {"statement 1"}


def test_counts_of_several_processes_add_up(covered):
    whole = covered(case("reads"), case("secret", key="secret/a"))
    parts = [covered(case("reads")), covered(case("secret", key="secret/a"))]

    merged = Coverage()
    for part in parts:
        merged.merge(part)

    assert coverage_dict(merged) == coverage_dict(whole)
    assert merged.texts == whole.texts


def test_shares_are_rounded_down_and_nothing_is_all():
    assert Shares(2, 3, 1, 2).words == (
        "66 % of 3 statements decided a case, 50 % of 2 elements were once the only reason not to apply"
    )
    assert (Shares(0, 0, 0, 0).statement_percent, Shares(0, 0, 0, 0).element_percent) == (100.0, 100.0)


def test_every_text_of_the_page_is_escaped(covered, tmp_path):
    coverage = covered(case("reads"))
    for one in coverage.statements:
        one.label = "<b onload=x>"
    coverage.texts = dict.fromkeys(coverage.texts, "<img src=x>")

    page = render_html(coverage)

    assert "<b onload" not in page
    assert "<img" not in page


def test_table_names_what_was_never_tested(covered):
    lines = list(coverage_lines(covered(case("reads")), verbose=True))

    assert any("Read" in line and "allowed 1" in line and "Action, Resource" in line for line in lines)
    assert "          Action: the only reason 0×, one of several 0×" in lines
