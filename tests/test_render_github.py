"""Do annotations stand at the right line, and can no policy write a command of its own?"""

import re

import policyeval as pe
from policyeval.render.github import render_github
from policyeval.render.look import Look
from tests.golden import explanations

PROPERTIES = re.compile(r"::error ((?:\w+=[^,:]*,)*\w+=[^,:]*)::(.*)")


def annotation(name):
    one = next(one for one in explanations() if one.request.name == name)
    (line,) = render_github([one], Look()).splitlines()
    found = PROPERTIES.fullmatch(line)
    assert found is not None
    return dict(pair.split("=", 1) for pair in found[1].split(",")), found[2]


def test_the_annotation_points_to_the_element_that_failed():
    properties, message = annotation("boundary names another bucket")

    assert properties["file"] == "policies/boundary.json"
    assert (properties["line"], properties["col"]) == ("8", "19")
    assert message.startswith("The permissions boundary does not allow s3:GetObject on this resource")


def test_a_deny_is_annotated_as_a_whole():
    """GitHub wants columns within one line only."""
    properties, _ = annotation("bucket policy denies plain http")

    assert (properties["line"], properties["endLine"]) == ("4", "11")
    assert "col" not in properties


def test_without_any_statement_there_is_no_file():
    properties, _ = annotation("identity without any policy")

    assert set(properties) == {"title"}


def test_the_deny_that_cannot_be_told_is_annotated():
    properties, _ = annotation("malformed address in a Deny")

    assert properties["file"] == "denials.yaml"


def test_every_denial_is_one_line():
    lines = render_github(explanations(), Look()).splitlines()

    assert len(lines) == len(explanations())
    assert all(PROPERTIES.fullmatch(line) for line in lines)


def test_percent_and_line_ends_are_escaped():
    _, message = annotation("hostile policy")

    assert "%250A::error::" in message
    assert "\u202e" not in message


def test_an_allowed_request_is_no_annotation():
    policy = pe.Policy.parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    )
    allowed = pe.check(
        policy, {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:ListAllMyBuckets"}
    )

    assert render_github([allowed], Look()) == "ALLOWED  policy:1 statement 1\n"
