"""How do tests in Python ask? The fixture, the plugin, unittest, and the plain function."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import pytest

import policyeval.testing
from policyeval import PolicySet, RequestError, UsageError
from policyeval.testing import Iam, IamAssertions, verify

ROOT = Path(__file__).resolve().parent.parent
ANA, REPORT = "arn:aws:iam::111122223333:user/ana", "arn:aws:s3:::acme-reports/2026/q1.csv"
AFTER = ROOT / "examples" / "testing" / "after"
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-reports/*"}],
}
NOTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}


@pytest.fixture
def iam():
    return Iam(folder=AFTER)


# Iam


def test_calls_are_answered_by_the_policies_that_are_loaded(iam):
    iam.load("policy.json")

    assert iam.can(ANA, "s3:GetObject", REPORT).allowed
    assert iam.can(ANA, "s3:PutObject", REPORT).denied


def test_policies_may_be_files_documents_and_layers(iam):
    allowed = [
        iam.load(READ).can(ANA, "s3:GetObject", REPORT).allowed,
        iam.load(PolicySet(identity=READ)).can(ANA, "s3:GetObject", REPORT).allowed,
        iam.load("policy.json", boundary=READ).can(ANA, "s3:GetObject", REPORT).allowed,
        iam.load("policy.json", boundary=NOTHING).can(ANA, "s3:GetObject", REPORT).allowed,
        iam.load(READ, scp=[[NOTHING]]).can(ANA, "s3:GetObject", REPORT).allowed,
        iam.load("policy.json", NOTHING).can(ANA, "s3:GetObject", REPORT).allowed,
    ]

    assert allowed == [True, True, True, False, False, True]


def test_condition_keys_are_arguments(iam):
    iam.load("policy.json")

    assert iam.can(ANA, "s3:GetObject", REPORT, aws_SecureTransport=False).effect == "explicit-deny"
    assert iam.can(ANA, "s3:GetObject", REPORT, **{"aws:SecureTransport": "false"}).effect == "explicit-deny"
    assert iam.can(ANA, "s3:GetObject", REPORT, context={"aws:SecureTransport": "true"}).allowed
    assert iam.can(ANA, "s3:GetObject", REPORT, resource_account="999999999999").layer == "resource"


def test_assertions_give_the_answer(iam):
    iam.load("policy.json")

    assert iam.assert_allowed(ANA, "s3:GetObject", REPORT).reason == "allowed"
    assert iam.assert_denied(ANA, "s3:PutObject", REPORT, by="identity", explicitly=False).layer == "identity"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda iam: iam.assert_allowed(ANA, "s3:PutObject", REPORT), "expected allow, got implicit-deny"),
        (lambda iam: iam.assert_denied(ANA, "s3:GetObject", REPORT), "expected a denial, got allow"),
        (
            lambda iam: iam.assert_denied(ANA, "s3:PutObject", REPORT, by="scp"),
            "a denial by the layer scp, got",
        ),
        (
            lambda iam: iam.assert_denied(ANA, "s3:PutObject", REPORT, explicitly=True),
            "expected explicit-deny, got",
        ),
    ],
)
def test_a_failed_assertion_explains(iam, act, message):
    iam.load("policy.json")

    with pytest.raises(AssertionError) as raised:
        act(iam)

    assert message in str(raised.value)
    assert "policy.json" in str(raised.value)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda iam: iam.can(ANA, "s3:GetObject"), "no policies are loaded"),
        (lambda iam: iam.load("polcy.json"), "there is no file"),
        (lambda iam: iam.load(READ, boundry=READ), "there is no layer `boundry`"),
        (
            lambda iam: iam.load(READ).assert_denied(ANA, "s3:PutObject", by="scps"),
            "there is no layer `scps`",
        ),
        (
            lambda iam: iam.load(READ).can(ANA, "s3:GetObject", REPORT, region="x"),
            "`region` is no condition key",
        ),
    ],
)
def test_wrong_use_is_told_with_a_way_out(iam, act, message):
    with pytest.raises(UsageError) as raised:
        act(iam)

    assert message in str(raised.value)
    assert raised.value.diagnostics[0].help


def test_an_answer_is_neither_true_nor_false(iam):
    with pytest.raises(TypeError, match=r"ask for `\.allowed` or `\.denied`"):
        bool(iam.load(READ).can(ANA, "s3:GetObject", REPORT))


def test_answers_and_policies_name_themselves(iam):
    assert repr(iam) == "<iam: no policies>"
    assert repr(iam.load("policy.json")) == "<iam: policy.json>"
    assert repr(iam.can(ANA, "s3:PutObject", REPORT)).startswith("<implicit-deny (identity-no-allow): ")


# verify, unittest


def test_verify_gives_every_violation():
    found = verify(
        READ,
        must_allow=[
            (ANA, "s3:GetObject", REPORT),
            {"principal": ANA, "action": "s3:PutObject", "resource": REPORT},
        ],
        must_deny=[(ANA, "s3:GetObject", REPORT, {}), (ANA, "s3:ListAllMyBuckets")],
    )

    assert [(one.expected, one.request.action) for one in found] == [
        ("allow", "s3:PutObject"),
        ("deny", "s3:GetObject"),
    ]
    assert "nearest statement" in str(found[0])


def test_verify_refuses_what_is_no_call():
    with pytest.raises(RequestError, match="2 to 4 parts"):
        verify(READ, must_allow=[(ANA,)])


class UnittestExample(IamAssertions, unittest.TestCase):
    policies = READ

    def runTest(self):
        self.assertAllowed(ANA, "s3:GetObject", REPORT)
        self.assertDenied(ANA, "s3:PutObject", REPORT, by="identity")
        with pytest.raises(AssertionError):
            self.assertAllowed(ANA, "s3:PutObject", REPORT)


def test_public_names_are_listed():
    assert policyeval.testing.__all__ == ["Answer", "Iam", "IamAssertions", "Violation", "verify"]
    assert all(getattr(policyeval.testing, name).__doc__ for name in policyeval.testing.__all__)
    with pytest.raises(AttributeError, match="has no `verifi`"):
        _ = policyeval.testing.verifi


# The plugin


@pytest.fixture
def pytest_run(tmp_path):
    """Run pytest with the plugin, and nothing else, in a folder of its own."""

    def run(*arguments, status=0, folder=tmp_path, **files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        dropped = ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
        environment = {k: v for k, v in os.environ.items() if k not in dropped}
        environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "policyeval.testing.plugin", "-p", "no:cacheprovider", *arguments],
            cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    (tmp_path / "policy.json").write_text(json.dumps(READ))
    return run


CASES = f"""\
policies: policy.json
cases:
  - name: ana reads
    request: {{principal: "{ANA}", action: s3:GetObject, resource: "{REPORT}"}}
    expect: allow
  - name: ana writes
    request: {{principal: "{ANA}", action: s3:PutObject, resource: "{REPORT}"}}
    expect: allow
  - name: later
    skip: not built
    request: {{}}
    expect: allow
"""


def test_case_files_are_collected(pytest_run):
    out = pytest_run("-v", status=1, a__iamtest__yaml=CASES)

    assert "a.iamtest.yaml::ana reads PASSED" in out
    assert "a.iamtest.yaml:6: ana writes" in out
    assert "nearest statement" in out
    assert "1 failed, 1 passed, 1 skipped" in out


def test_folders_are_named_by_an_ini_option(pytest_run, tmp_path):
    ini = "[pytest]\niamtest_paths = .\n"

    assert "1 failed, 1 passed" in pytest_run(status=1, a__yaml=CASES, pytest__ini=ini)
    assert "no tests ran" in pytest_run(status=5, pytest__ini="[pytest]\n")


def test_mistakes_in_case_files_are_errors_of_collection(pytest_run):
    out = pytest_run(status=2, a__iamtest__yaml="cases: [{name: x, expect: alow, request: {}}]")

    assert "did you mean `allow`?" in out
    assert "Traceback" not in out


def test_a_failed_assert_shows_the_explanation(pytest_run):
    test = f"""
def test_named(iam):
    decision = iam.load("policy.json").can("{ANA}", "s3:PutObject", "{REPORT}")
    assert decision.allowed

def test_called(iam):
    assert iam.load("policy.json").can("{ANA}", "s3:PutObject", "{REPORT}").allowed

def test_other(iam):
    iam.load("policy.json").can("{ANA}", "s3:PutObject", "{REPORT}")
    assert 1 == 2
"""
    out = pytest_run("-q", status=1, test_x__py=test)

    assert "explanation of decision" in out
    assert "explanation of the last answer" in out
    assert out.count("nearest statement") == 2


def test_marker_loads_policies_beside_the_test(pytest_run):
    test = f"""
import pytest

@pytest.mark.iam_policies("policy.json", boundary={NOTHING!r})
def test_x(iam):
    iam.assert_denied("{ANA}", "s3:GetObject", "{REPORT}", by="boundary")
"""
    pytest_run("--strict-markers", test_x__py=test)


def test_plugin_runs_under_xdist(pytest_run):
    pytest.importorskip("xdist")

    out = pytest_run("-p", "xdist.plugin", "-n", "2", status=1, a__iamtest__yaml=CASES)

    assert "1 failed, 1 passed, 1 skipped" in out


def test_fixtures_pass_under_the_plugin(pytest_run):
    out = pytest_run("-q", "-o", "iamtest_paths=fixtures", "-o", "addopts=", "fixtures/notes", folder=ROOT)

    assert "failed" not in out
    assert " passed" in out


def test_plugin_costs_next_to_nothing_when_unused():
    """Under 3 ms on a quiet machine; here it is enough that nothing else of the package is imported."""
    program = """
import pytest, sys, time
before = time.perf_counter()
import policyeval.testing.plugin
print(round((time.perf_counter() - before) * 1000, 1), "ms", file=sys.stderr)
print(sorted(name for name in sys.modules if name.startswith("policyeval")))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == "['policyeval', 'policyeval.testing', 'policyeval.testing.plugin']\n"
