"""Does `policyeval test` run case files, tell of failures, and end with the right status?"""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from policyeval.cli import main
from policyeval.cli.status import ExitStatus
from policyeval.cli.watching import watch, watched

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "testing"
AFTER, BEFORE = str(EXAMPLES / "after"), str(EXAMPLES / "before")


@pytest.fixture
def run(capsys):
    """Run a command line; give status, output and messages."""

    def call(*arguments):
        status = main(["test", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def test_cases_that_hold_are_counted(run):
    status, out, err = run(AFTER)

    assert (status, err) == (0, "")
    assert out.endswith("\n7 passed\n")


def test_a_failure_is_explained(run):
    status, out, _ = run(BEFORE)

    assert status == 1
    assert "✗ ana reads a report" in out
    assert "got       implicit-deny (identity-no-allow)" in out
    assert "nearest statement" in out
    assert out.endswith("\n1 failed, 1 passed\n")


def test_fixtures_hold_in_one_process_and_in_two(run):
    """The order of the results does not depend on the processes."""
    one, two = (run(ROOT / "fixtures" / "notes", "-f", "json", "-j", count) for count in (1, 2))

    assert one == two
    assert one[0] == 0


def test_the_same_bytes_come_out_with_coverage_in_several_processes(run):
    files = (AFTER, EXAMPLES / "guardrails")

    assert run(*files, "--coverage") == run(*files, "--coverage", "-j", "2")


# Which cases


def test_named_directories_are_searched_for_cases_of_any_name(run, tmp_path):
    request = {"principal": "anonymous", "action": "s3:GetObject"}
    cases = {"cases": [{"name": "n", "request": request, "expect": "deny"}]}
    (tmp_path / "sub").mkdir()
    for name in ("a.json", "sub/b.iamtest.json", "c.iamtest.yaml"):
        (tmp_path / name).write_text(json.dumps(cases))
    (tmp_path / "policy.json").write_text('{"Statement": []}')
    (tmp_path / "values.yaml").write_text("cases:\n  - upper\n")
    (tmp_path / "broken.json").write_text('{"cases": ')
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "d.iamtest.json").write_text("{")

    _, out, _ = run(tmp_path)

    assert [line.split()[0] for line in out.splitlines() if "1 passed" in line] == [
        str(tmp_path / name) for name in ("a.json", "c.iamtest.yaml", "sub/b.iamtest.json")
    ]


def test_without_a_path_files_are_found_by_their_names(run, monkeypatch):
    monkeypatch.chdir(EXAMPLES / "after")

    assert run()[1].startswith("reports.iamtest.yaml  7 passed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-file.yaml"], "there is no file `no-file.yaml`"),
        ([str(ROOT / "grammar")], "there is no case file in"),
        (["-"], "cases are not read from standard input"),
        ([AFTER, "-k", "nothing of that name"], "there are no cases to run"),
        ([AFTER, "-j", "0"], "`-j` cannot be `0`"),
        ([AFTER, "--fail-under", "101"], "`--fail-under` cannot be `101`"),
        ([AFTER, "--now", "noon"], "`--now` cannot be `noon`"),
        ([AFTER, "-f", "sarif"], "unknown format `sarif`"),
        ([AFTER, "--generate", "policy.json"], "is not run together with `--generate`"),
        (["--generate", "no-file.json"], "there is no file `no-file.json`"),
        ([str(ROOT / "tests" / "mistakes")], "unknown policy set field `identitty`"),
    ],
)
def test_wrong_usage_is_told_and_nothing_printed(run, arguments, message):
    status, out, err = run(*arguments)

    assert (status, out) == (2, "")
    assert message in err
    assert "help: " in err


def test_cases_are_chosen_by_a_part_of_their_names(run):
    assert run(AFTER, "-k", "LISTS", "-k", "salaries")[1].endswith("\n1 passed\n")
    assert "did you mean `-k 'ana reads a report'`?" in run(AFTER, "-k", "ana reads a reprot")[2]


def test_a_run_stops_at_the_first_failure(run):
    assert run(BEFORE, AFTER, "-x")[1].endswith("\n1 failed\n")


# Formats


def test_json_tells_each_case(run):
    status, out, _ = run(BEFORE, "-f", "json")
    told = json.loads(out)

    assert (status, told["passed"], told["counts"]) == (
        1,
        False,
        {"passed": 1, "failed": 1, "error": 0, "skipped": 0},
    )
    assert told["cases"][0]["got_reason"] == "identity-no-allow"
    assert (told["cases"][0]["line"], told["cases"][1]["line"]) == (4, 11)


def test_junit_holds_failures_and_skipped_cases(run, tmp_path):
    file = tmp_path / "skipped.iamtest.yaml"
    file.write_text("cases: [{name: later, skip: not yet, request: {}, expect: allow}]")

    run(BEFORE, file, "--junit", tmp_path / "out.xml", "-q")
    suites = ElementTree.parse(tmp_path / "out.xml").getroot()

    assert (suites.get("tests"), suites.get("failures"), suites.get("skipped")) == ("3", "1", "1")
    assert suites.find(".//failure").get("type") == "identity-no-allow"
    assert suites.find(".//skipped").get("message") == "not yet"


def test_github_gets_an_annotation_at_the_line_of_the_case(run):
    annotation, counts = run(BEFORE, "-f", "github")[1].splitlines()

    assert annotation.startswith(
        f"::error file={BEFORE}/reports.iamtest.yaml,line=4,title=ana reads a report%3A "
    )
    assert counts == "1 failed, 1 passed"


def test_markdown_has_a_table_of_failures(run):
    out = run(BEFORE, "-f", "markdown", "--coverage")[1]

    assert out.startswith("### ❌ 1 failed, 1 passed\n")
    assert "| `ana reads a report` |" in out
    assert "<details><summary>ana reads a report</summary>" in out


def test_names_cannot_write_commands_or_markup(run, tmp_path):
    file = tmp_path / "bad.iamtest.json"
    name = "a\n::error::x <script> | `b` \x1b[31m"
    case = {"name": name, "request": {"principal": "anonymous", "action": "s3:GetObject"}, "expect": "allow"}
    file.write_text(json.dumps({"cases": [case]}))

    github, markdown, text = (run(file, "-f", form)[1] for form in ("github", "markdown", "text"))

    assert len(github.splitlines()) == 2
    assert "<script>" not in markdown.split("</summary>")[0].split("<summary>")[1]
    assert "\x1b" not in text


def test_quiet_tells_by_the_status_alone(run):
    assert run(BEFORE, "-q") == (1, "", "")


# Coverage


def test_coverage_below_the_limit_fails(run):
    status, out, err = run(BEFORE, "--fail-under", "100", "-k", "encryption")

    assert status == 1
    assert "50 % of 2 statements decided a case" in out
    assert err == "100 % of the statements must decide a case, 1 of 2 do\n"


def test_coverage_goes_to_files(run, tmp_path):
    page, data = tmp_path / "coverage.html", tmp_path / "coverage.json"

    run(AFTER, "--coverage-html", page, "--coverage-json", data, "-q")

    assert json.loads(data.read_text())["statements"] == {"total": 2, "decided": 2, "percent": 100.0}
    assert "OnlyEncrypted: denied 1" in page.read_text()
    assert "<script" not in page.read_text()


# Watching


def test_watching_runs_again_when_a_policy_changes(tmp_path, capsys):
    for name in ("policy.json", "reports.iamtest.yaml"):
        (tmp_path / name).write_text((EXAMPLES / "before" / name).read_text())
    runs = []

    def once():
        runs.append(main(["test", str(tmp_path), "-q"]))
        if len(runs) == 1:
            (tmp_path / "policy.json").write_text((EXAMPLES / "after" / "policy.json").read_text())
        else:
            raise KeyboardInterrupt
        return ExitStatus(runs[-1])

    watch(lambda: [str(tmp_path / "reports.iamtest.yaml")], once, interval=0.01)

    assert runs == [1, 0]


def test_a_mistake_does_not_end_watching(tmp_path, capsys):
    file = tmp_path / "x.iamtest.yaml"
    file.write_text("cases: {}")
    runs = []

    def once():
        runs.append(1)
        if len(runs) == 2:
            raise KeyboardInterrupt
        file.write_text("cases: [1]")
        return ExitStatus(main(["test", str(file)]))

    assert watch(lambda: [str(file)], once, interval=0.01) is ExitStatus.BAD_INPUT


def test_included_files_are_watched():
    names = {Path(name).name for name in watched([str(EXAMPLES / "cross-account.iamtest.yaml")])}

    assert {"policies.yaml", "bucket-policy.json", "analytics.json"} <= names


# Cost


def test_a_thousand_cases_run_in_two_seconds_of_processor_time():
    """Measured 1.3 s on a slow machine: loading, running, telling."""
    program = """
import sys, time
from policyeval.cli import main
before = time.process_time()
main(["test", *sys.argv[1:], "-q"])
print(time.process_time() - before)
"""
    names = ("kms", "s3", "sts", "variables", "resources", "operators")
    files = [str(ROOT / "fixtures" / "decisions" / f"{name}.yaml") for name in names]
    done = subprocess.run([sys.executable, "-c", program, *files], capture_output=True, text=True, check=True)

    assert float(done.stdout) < 10
