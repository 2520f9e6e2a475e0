"""Do the checks answer the cases of fixtures/checks, and do they leave good policies alone?"""

import json
import re
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policyeval import Engine
from policyeval.catalog.services import data_version
from policyeval.checks.check import FindingType
from policyeval.checks.fixing import mend
from policyeval.checks.lint import Options, lint
from policyeval.checks.table import BY_CODE
from policyeval.errors import PolicyError
from policyeval.language.parse import STATEMENT_ELEMENTS
from policyeval.language.policy import Policy
from policyeval.language.policy_types import POLICY_TYPES
from policyeval.source import Source
from tests.test_corpus import requests_for

ROOT = Path(__file__).parent.parent
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted((ROOT / "fixtures" / "checks").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))["cases"]
]
BAD = sorted((ROOT / "fixtures" / "bad").glob("*.*"))
MANAGED = {name: given["Document"] for name, given in json.loads(aws_managed_policies_data).items()}

PAGE = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
# What AWS's own policies do make, looked at, or in samples of 50: code → how many.
DOCUMENTED = {
    code: int(count) for code, count in re.findall(r"^\| `([A-Z_0-9]+)` \| (\d+) \|", PAGE, re.MULTILINE)
}
VERSIONS = (f"moto {version('moto')}", data_version())


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    text = case.get("text") or json.dumps(case["policy"])

    found = lint(Source("policy.json", text), case["type"])

    assert [f"{one.code} @ {one.marked}" for one in found] == case["finds"]


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.name)
def test_document_that_cannot_be_read_is_an_error(file):
    text = file.read_bytes().decode("utf-8", "surrogateescape")

    assert FindingType.ERROR in {one.type for one in lint(Source.of(file.name, text))}


@pytest.fixture(scope="module")
def managed():
    return {name: lint(Source(name, json.dumps(document)), "identity") for name, document in MANAGED.items()}


def test_managed_policies_make_no_errors_but_real_ones(managed):
    errors = Counter(one.code for found in managed.values() for one in found if one.type is FindingType.ERROR)

    assert set(errors) <= set(DOCUMENTED), errors


@pytest.mark.skipif(not all(one in PAGE for one in VERSIONS), reason="the page counts with other data")
def test_page_counts_the_findings_of_managed_policies(managed):
    counts = Counter(one.code for found in managed.values() for one in found)

    assert counts == DOCUMENTED


def test_most_managed_policies_have_no_error(managed):
    with_errors = [
        name for name, found in managed.items() if any(one.type is FindingType.ERROR for one in found)
    ]

    assert len(with_errors) < len(managed) * 0.05


@pytest.mark.parametrize("value", [None, "x", 5, True, [], {}, {"a": 1}, [None], [[]], [{}]])
@pytest.mark.parametrize("element", ["Sid", "Effect", "Action", "NotAction", "Resource", "Principal", "NotPrincipal",
                                     "Condition"])  # fmt: skip
@pytest.mark.parametrize(
    "type", ["identity", "trust", "scp", "rcp", "endpoint", "resource:bucket", "resource:key"]
)
def test_whatever_the_evaluator_refuses_is_an_error(type, element, value):
    """Any value in any place: no crash, and nothing slips through."""
    statement = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"} | {
        element: value
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    found = lint(Source("policy.json", text), type)

    if refuses(text, type):
        assert FindingType.ERROR in {one.type for one in found}


def refuses(text, type):
    try:
        Policy.parse(text, type)
    except PolicyError:
        return True
    return False


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["*", "${aws:username", "s3:", "arn:"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["AWS", "StringEquals", "Bool", "aws:TagKeys", "x"]), inner, max_size=2
        )
    ),
    max_leaves=6,
)
STATEMENTS = st.dictionaries(st.sampled_from([*STATEMENT_ELEMENTS, "effect"]), JSON, max_size=6)


@given(statement=STATEMENTS, type=st.sampled_from([row.name for row in POLICY_TYPES]))
def test_no_document_breaks_a_check_or_slips_through(statement, type):
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    found = lint(Source("policy.json", text), type, Options(frozenset(BY_CODE)))

    assert not refuses(text, type) or FindingType.ERROR in {one.type for one in found}


def test_long_patterns_are_checked_in_no_time():
    stars = "arn:aws:ec2:*:*:" + "*a" * 3000
    document = {
        "Statement": {"Effect": "Deny", "Action": [f"ec2:*{'a*' * 500}"] * 50, "Resource": [stars] * 50}
    }
    started = time.process_time()

    lint(Source("policy.json", json.dumps(document)), "identity")

    assert time.process_time() - started < 5


@pytest.mark.parametrize("name", list(MANAGED)[::10])
def test_safe_fixes_change_no_decision(name):
    source = Source("policy.json", json.dumps(MANAGED[name]))
    mended = mend(source, lambda one: lint(one, "identity"))
    before, after = (
        Engine(Policy.from_source(source, "identity")),
        Engine(Policy.from_source(mended.after, "identity")),
    )

    for request in requests_for(MANAGED[name], name) if mended.count else ():
        assert before.decide(request).reason == after.decide(request).reason


def test_findings_are_ordered_by_place():
    document = {"Statement": [{"Effect": "allow", "Action": "s3:GetObjekt", "Resource": "x"}]}

    found = lint(Source("policy.json", json.dumps(document)))

    offsets = [one.span.start.offset for one in found]
    assert offsets == sorted(offsets)
    assert all(one.code in BY_CODE for one in found)
