"""Is the Markdown what a pull request shows, and does no text of a policy become markup?"""

import re

import pytest

import policyeval as pe
from policyeval.render.look import Look
from policyeval.render.markdown import code, fence, render_markdown, text
from tests.golden import explanations


def named(name):
    return next(one for one in explanations() if one.request.name == name)


def outside_code(markdown):
    """Take fenced blocks and inline code away."""
    without_blocks = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<![`\\])(`+)(?!`).+?(?<!`)\1(?!`)", "", without_blocks)


def test_a_denial_names_layer_line_and_diff():
    found = render_markdown([named("boundary names another bucket")], Look())

    assert "### ❌ DENIED · implicit deny · permissions boundary" in found
    assert (
        "| Permissions boundary | ⚪ does not allow | `3 statements, none applies` **← decided here** |"
        in found
    )
    assert '8 |       "Resource": "arn:aws:s3:::acme-data/*"' in found
    assert '+      "Resource": ["arn:aws:s3:::acme-data/*", "arn:aws:s3:::acme-logs/2026/11/a.json"]' in found


def test_several_requests_have_a_table_at_the_top():
    found = render_markdown(explanations()[:2], Look())

    assert found.startswith("**2 requests: 0 allowed, 2 denied**\n\n| request | answer | reason |")


def test_an_allowed_request_is_short():
    policy = pe.Policy.parse(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    )
    allowed = pe.check(
        policy, {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:ListAllMyBuckets"}
    )

    assert "* by: `policy:1 statement 1`" in render_markdown([allowed], Look())
    assert "| layer |" not in render_markdown([allowed], Look())
    assert "| layer |" in render_markdown([allowed], Look(verbose=True))


@pytest.mark.parametrize("one", explanations(), ids=lambda one: one.request.name)
def test_no_text_of_a_policy_is_markup(one):
    left = outside_code(render_markdown([one], Look()))

    assert not re.search(r"(?<!\\)<", left)
    assert not re.search(r"(?<!\\)\[[^\]]*\]\(", left)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("plain", "`plain`"),
        ("a`b", "`` a`b ``"),
        ("a``b`c", "``` a``b`c ```"),
        ("`", "`` ` ``"),
        ("two\nlines", "`two lines`"),
    ],
)
def test_code_is_fenced_by_more_backticks_than_it_has(given, expected):
    assert code(given) == expected


def test_a_bar_does_not_end_a_cell():
    assert code("a|b", cell=True) == "`a\\|b`"


def test_a_block_is_fenced_by_more_backticks_than_it_has():
    assert list(fence(["a", "````", "b"], "text")) == ["`````text", "a", "````", "b", "`````"]


def test_sentences_keep_their_code_and_lose_all_other_markup():
    assert text("the key `a*b` is *not* <b>here</b>") == "the key `a*b` is \\*not\\* \\<b\\>here\\</b\\>"
