"""Is the report one that build servers read: a case a request, a failure a denial?"""

from xml.etree.ElementTree import fromstring

import policyeval as pe
from policyeval.render.junit import render_junit
from policyeval.render.look import Look
from tests.golden import explanations

SUITES = fromstring(render_junit(explanations(), Look()))
CASES = SUITES.findall("testsuite/testcase")


def test_every_request_is_a_case_and_every_denial_a_failure():
    assert [one.get("name") for one in CASES] == [one.request.name for one in explanations()]
    assert (
        int(SUITES.get("failures"))
        == len(SUITES.findall("testsuite/testcase/failure"))
        == len(explanations())
    )


def test_a_failure_says_reason_and_explanation():
    failure = CASES[6].find("failure")

    assert failure.get("type") == "boundary-no-allow"
    assert failure.get("message").startswith("implicit deny: The permissions boundary does not allow")
    assert failure.text == explanations()[6].text()
    assert CASES[6].get("file") == "policies/boundary.json"
    assert CASES[6].get("line") == "8"


def test_an_allowed_request_passes():
    policy = pe.Policy.parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    )
    allowed = pe.check(
        policy, {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:ListAllMyBuckets"}
    )
    case = fromstring(render_junit([allowed], Look())).find("testsuite/testcase")

    assert case.find("failure") is None
    assert case.find("system-out").text == "ALLOWED  policy:1 statement 1"


def test_what_xml_cannot_hold_is_replaced():
    request = {
        "name": "odd \x00\x1b\ufffe name",
        "principal": "arn:aws:iam::111122223333:user/ana",
        "action": "s3:ListAllMyBuckets",
    }
    written = render_junit(
        [
            pe.check(
                {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}},
                request,
            )
        ],
        Look(),
    )

    assert fromstring(written).find("testsuite/testcase").get("name") == "odd \ufffd\ufffd\ufffd name"
