"""Expectations that do not hold: what a failure looks like."""

import pytest

ANA = "arn:aws:iam::111122223333:user/ana"
REPORT = "arn:aws:s3:::acme-reports/2026/q1.csv"

pytestmark = pytest.mark.iam_policies("../policies/reports.json", boundary="../policies/boundary.json")


def test_ana_writes_reports(iam):
    iam.assert_allowed(ANA, "s3:PutObject", REPORT)


def test_writing_is_stopped_by_the_boundary(iam):
    answer = iam.can(ANA, "s3:PutObject", REPORT)

    assert answer.denied
    assert answer.layer == "boundary"
