"""Is everything hidden that identifies somebody, in every format, and is the answer the same?"""

import json
import re

import pytest

import policyeval as pe
from policyeval.explain.explanation import Explanation
from policyeval.render.formats import FORMATS
from policyeval.render.hiding import Hiding
from policyeval.render.look import Look
from policyeval.render.redact import redacted, render_redacted
from policyeval.sources.requests import read_request
from tests.fixture_cases import CASES
from tests.golden import explanations

# What names somebody in fixtures/explanations; names of files are not among it.
SECRETS = (
    "111122223333", "444455556666", "acme-logs", "acme-lobs", "acme-data", "acme-home", "ci-42", "run-7", "etl",
    "key-admin", "1234abcd-12ab-34cd-56ef-1234567890ab", "i-0123456789abcdef0", "vpce-0a1b2c3d4e5f67890",
    "o-exampleorg1", "o-otherorg99", "203.0.113.7", "198.51.100.9", "contract-17", "partner", "shop-test", "bills",
    "hub", "primary",
)  # fmt: skip


def found_in(text):
    return [secret for secret in SECRETS if re.search(rf"(?<![\w-]){re.escape(secret)}(?![\w-])", text)]


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_tells_a_name(name):
    nameless = [
        one
        for one in explanations()
        if one.request.name != "bucket policy names another role of the other account"
    ]

    assert found_in(render_redacted(FORMATS[name], nameless, Look(verbose=True))) == []


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_width_tells_half_a_name(width):
    assert found_in(render_redacted(FORMATS["text"], explanations(), Look(width=width))) == []


def test_the_answer_stays():
    for one, hidden in zip(explanations(), redacted(explanations()), strict=True):
        assert hidden.decision is one.decision
        assert [layer.verdict for layer in hidden.layers] == [layer.verdict for layer in one.layers]
        assert [found.index for found in hidden.nearest] == [found.index for found in one.nearest]
        assert len(hidden.fixes) == len(one.fixes)
        assert [note[:8] for note in hidden.notes] == [note[:8] for note in one.notes]


def test_lines_stay():
    for one, hidden in zip(explanations(), redacted(explanations()), strict=True):
        for before, after in zip(one.nearest, hidden.nearest, strict=True):
            assert after.span().start.line == before.span().start.line


def test_the_same_name_has_the_same_placeholder_in_all_explanations():
    first, second = redacted([explanations()[0], explanations()[6]])

    assert str(first.step.check.principal) == str(second.step.check.principal)
    assert str(first.step.check.principal) == "arn:aws:sts::000000000001:assumed-role/role-1/session-1"


def test_it_does_not_depend_on_the_run():
    one = render_redacted(FORMATS["json"], explanations(), Look())

    assert one == render_redacted(FORMATS["json"], explanations(), Look())


def test_json_stays_json():
    assert len(json.loads(render_redacted(FORMATS["json"], explanations(), Look()))) == len(explanations())


def test_every_detail_is_hidden_by_the_explanation_itself():
    """A detail that the explanation gains must be hidden, too: this list is what has been thought of."""
    thought_of = {
        "aws_message", "blocked_by_guardrails_only", "blockers", "decision", "allowed", "deciding_statements", "fixes",
        "headline", "hints", "layers", "message", "missing_keys", "nearest", "notes", "step",
    }  # fmt: skip
    details = {
        name for name, value in vars(Explanation).items() if hasattr(value, "__get__") and not callable(value)
    }

    assert {name for name in details if not name.startswith("_")} - set(Explanation._fields) <= thought_of


EXPLAINED = [case for case in CASES if case.expect != "invalid"][::40]


@pytest.mark.parametrize("case", EXPLAINED, ids=lambda case: case.name)
def test_no_account_or_address_of_a_case_is_told(case):
    """Accounts and addresses have a form, so none may be left anywhere."""
    explanation = pe.Engine(case.policy_set(), now=1.79e9).explain(read_request(case.request))
    written = render_redacted(FORMATS["json"], [explanation], Look())
    accounts = set(re.findall(r"(?<!\d)\d{12}(?!\d)", written))
    addresses = set(re.findall(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])", written))

    assert {one for one in accounts if not re.fullmatch(r"0{9}\d{3}", one)} == set()
    assert {one for one in addresses if not one.startswith(("192.0.2.", "198.51.100.", "0.0.0.0"))} <= {
        "203.0.113.1"
    }


def hide(text, *names):
    return Hiding([text], names)(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("account 111122223333", "account 000000000001"),
        ("arn:aws:iam::111122223333:role/team/app", "arn:aws:iam::000000000001:role/role-1/role-2"),
        ("arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:iam::000000000001:user/${aws:username}"),
        ("arn:aws:s3:::logs/2026/*", "arn:aws:s3:::bucket-1/object-1/*"),
        ("arn:aws:s3:::lo*gs", "arn:aws:s3:::bucket-1*bucket-2"),
        (
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t/index/i",
            "arn:aws:dynamodb:eu-west-1:000000000001:table/table-1/index/index-1",
        ),
        ("arn:aws:sqs:eu-west-1:111122223333:orders", "arn:aws:sqs:eu-west-1:000000000001:queue-1"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::000000000001:root"),
        ("from 10.1.2.3 or 10.0.0.0/8 or 10.1.2.3", "from 192.0.2.1 or 192.0.2.2/8 or 192.0.2.1"),
        ("0.0.0.0/0 and ::/0", "0.0.0.0/0 and ::/0"),
        ("2001:db8:1::7 and fe80::1/64", "2001:db8::1 and 2001:db8::2/64"),
        ("arn:aws:iam::*:role/*", "arn:aws:iam::*:role/*"),
        ("AROAEXAMPLEEXAMPLE123:ci-42", "AROA00000000000000001:session-1"),
        ("ana@example.org", "user-1@example.com"),
        ("2026-11-23T12:00:00Z s3:GetObject eu-west-1", "2026-11-23T12:00:00Z s3:GetObject eu-west-1"),
    ],
)  # fmt: skip
def test_what_is_hidden_and_what_stays(text, expected):
    assert hide(text) == expected


def test_a_name_of_an_arn_is_hidden_where_it_stands_alone():
    assert hide("arn:aws:s3:::acme-logs: the bucket acme-logs, not acme-logs2") == (
        "arn:aws:s3:::bucket-1: the bucket bucket-1, not acme-logs2"
    )


def test_words_of_policies_stay_even_where_somebody_is_called_so():
    assert hide('{"Effect": "Allow"} arn:aws:iam::111122223333:user/Allow') == (
        '{"Effect": "Allow"} arn:aws:iam::000000000001:user/user-1'
    )


def test_a_placeholder_that_is_somebodys_name_is_not_given():
    assert (
        hide("arn:aws:s3:::acme and arn:aws:s3:::bucket-1")
        == "arn:aws:s3:::bucket-2 and arn:aws:s3:::bucket-3"
    )


def test_hiding_twice_changes_nothing():
    text = "arn:aws:sts::111122223333:assumed-role/app/ci-42 from 10.1.2.3"
    hiding = Hiding([text])

    assert hiding(hiding(text)) == hiding(text)


def test_names_without_a_form_are_given():
    assert (
        hide("the request has `contract-17`", ("external-id", "contract-17"))
        == "the request has `external-id-1`"
    )
