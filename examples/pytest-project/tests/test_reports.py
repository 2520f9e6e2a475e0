"""What may be done with the reports?"""

import pytest

ANA = "arn:aws:iam::111122223333:user/ana"
REPORT = "arn:aws:s3:::acme-reports/2026/q1.csv"

pytestmark = pytest.mark.iam_policies("../policies/reports.json", boundary="../policies/boundary.json")


def test_ana_reads_reports(iam):
    iam.assert_allowed(ANA, "s3:GetObject", REPORT)


@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject"])
def test_ana_changes_nothing(iam, action):
    iam.assert_denied(ANA, action, REPORT, explicitly=False)


def test_plain_http_is_denied_explicitly(iam):
    answer = iam.can(ANA, "s3:GetObject", REPORT, aws_SecureTransport=False)

    assert answer.effect == "explicit-deny"
    assert answer.layer == "identity"
