"""Does every check find what it is there for, at the text that is wrong, and nothing in the good sample?"""

from collections import Counter
from pathlib import Path

import pytest

from policyeval.checks.check import FindingType, Origin
from policyeval.checks.lint import DEFAULT_CODES, UNUSABLE, Options, lint
from policyeval.checks.samples import sample_text
from policyeval.checks.table import CHECKS
from policyeval.source import Source

AWS_CODES = Path(__file__).parent.parent / "fixtures" / "checks" / "aws-codes.txt"
# Errors of the last resort have no sample: another check finds every mistake that we know.
SAMPLED = [row for row in CHECKS if row.code != UNUSABLE]
# Where the marked text stands several times in the bad sample, the one that is meant, counted from 0.
MEANT = {
    "INVALID_CONDITION_DATA_TYPE": 1,  # `20` also begins the Version
    "MISSING_ACTION": 1,  # the `{` of the statement
    "MISSING_EFFECT": 1,
    "MISSING_PRINCIPAL": 1,
    "MISSING_RESOURCE": 1,
    "RCP_SYNTAX_ERROR_ACTION": 1,  # `"*"` stands behind Principal, Action and Resource
    "RCP_SYNTAX_ERROR_PRINCIPAL": 2,  # the `{` of the Principal
    "REDUNDANT_STATEMENT": 2,  # the `{` of the second statement
    "UNIQUE_SIDS_RECOMMENDED": 1,
    "UNIQUE_SIDS_REQUIRED": 1,
}


def found_in(sample, row):
    dialect = "2023" if "(rules of 2023)" in row.title else "current"
    options = Options(DEFAULT_CODES | {row.code}, dialect)
    source = Source("policy.json", sample_text(sample, row.on))
    return [
        (finding.code, finding.span.start.offset, finding.marked) for finding in lint(source, row.on, options)
    ]


def offset_of(row):
    """Find the marked text that is meant in the bad sample."""
    pieces = sample_text(row.bad, row.on).split(row.mark)
    assert row.code in MEANT or len(pieces) == 2
    return len(row.mark.join(pieces[: MEANT.get(row.code, 0) + 1]))


@pytest.mark.parametrize("row", SAMPLED, ids=lambda row: row.code)
def test_bad_sample_gives_this_finding_and_no_other(row):
    assert found_in(row.bad, row) == [(row.code, offset_of(row), row.mark)]


@pytest.mark.parametrize("row", SAMPLED, ids=lambda row: row.code)
def test_good_sample_gives_no_finding(row):
    assert found_in(row.good, row) == []


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row.code)
def test_check_has_words(row):
    assert row.title
    assert row.text.endswith(".")
    assert not row.title.endswith(".")
    assert row.url


def test_codes_are_unique():
    codes = [row.code for row in CHECKS]

    assert len(set(codes)) == len(codes)


def test_every_check_of_aws_is_there_under_its_type():
    lines = AWS_CODES.read_text(encoding="utf-8").splitlines()
    wanted = {tuple(line.split()) for line in lines if not line.startswith("#")}

    assert wanted == {(row.type.value, row.code) for row in CHECKS if row.origin is Origin.AWS}


def test_list_of_aws_is_whole():
    lines = AWS_CODES.read_text(encoding="utf-8").splitlines()
    kinds = Counter(line.split()[0] for line in lines if not line.startswith("#"))

    assert kinds == {"ERROR": 73, "SECURITY_WARNING": 14, "WARNING": 23, "SUGGESTION": 25}


def test_types_are_ranked():
    assert [type.rank for type in FindingType] == [0, 1, 2, 3]
