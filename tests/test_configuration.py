"""Is `[tool.policyeval]` found, checked, outweighed by the command line, and told where it changes an answer?"""

import json
import os
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from policyeval.cli import COMMANDS
from policyeval.cli.configuration import Configuration
from policyeval.cli.lint_settings import read_selection
from policyeval.cli.settings import FORMATS, Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent
READ = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}
# The condition is malformed: the Deny closes the answer, or with `malformed=false-condition` does not apply.
MALFORMED = {**READ, "Effect": "Deny", "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "many"}}}
REQUEST = {
    "principal": "arn:aws:iam::111122223333:user/ana",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::logs/a.txt",
    "resource_account": "111122223333",
    "context": {"aws:MultiFactorAuthAge": "5"},
}
CHECK = ("check", "policy.json", "--request", "request.json")
LENIENT = '[tool.policyeval.semantics]\nmalformed = "false-condition"\n'
NOTE = "`malformed` is `false-condition`, as [tool.policyeval.semantics] in `pyproject.toml` says"
ALLOWED = "ALLOWED  policy.json:1 Read\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder with a policy that the semantics option `malformed` decides about."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    here = tmp_path / "project" / "inner"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    (here / "policy.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [READ, MALFORMED]}))
    (here / "request.json").write_text(json.dumps(REQUEST))
    (here / "denied.json").write_text(json.dumps({**REQUEST, "action": "s3:PutObject"}))
    return here


def configure(text: str, place: str = ".", name: str = "pyproject.toml") -> None:
    (Path(place) / name).write_text(text, encoding="utf-8")


# Which file?


def test_without_a_file_nothing_is_set(run):
    status, out, err = run(*CHECK)

    assert (status, err) == (1, "")
    assert out.startswith("DENIED")


def test_the_nearest_table_counts_and_files_without_one_are_passed_over(run):
    configure('[tool.policyeval]\nformat = "jsonl"\n', "../..")
    configure('[tool.policyeval]\nformat = "json"\n', "..")
    configure('[project]\nname = "policyeval-users"\n')

    assert run(*CHECK)[1].startswith("{\n")


def test_a_named_file_stands_for_the_nearest_one(run):
    configure('[tool.policyeval]\nformat = "markdown"\n')
    configure('[tool.policyeval]\nformat = "json"\n', name="other.toml")

    assert run(*CHECK, "--config", "other.toml")[1].startswith("{\n")


def test_no_file_can_be_named(run):
    configure('[tool.policyeval]\nformat = "json"\n')

    assert run(*CHECK, "--config", os.devnull)[1].startswith("DENIED")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_option(run, command):
    assert "--config FILE" in run(command, "--help")[1]


@pytest.mark.parametrize(
    "header",
    [
        "[tool.policyeval]\nformat",
        "[ tool . policyeval ]\nformat",
        '["tool"."policyeval"]\nformat',
        "\t[tool.policyeval]\r\nformat",
        "tool.policyeval.format",
        " tool . 'policyeval' . format",
    ],
)
def test_the_table_is_found_however_it_is_written(run, header):
    configure(f'# a comment\n{header} = "json"\n')

    assert run(*CHECK)[1].startswith("{\n")


@pytest.mark.parametrize(
    "content",
    [
        "= 3\n",
        "[tool.policyevaluator\nx",
        "# [tool.policyeval]\n= 3",
        '[project]\ndependencies = ["policyeval-iam"\n',
        "\x00\xff policyeval",
    ],
)
def test_a_broken_file_of_somebody_else_is_no_concern(run, content):
    configure(content)
    configure('[tool.policyeval]\nformat = "json"\n', "..")

    assert run(*CHECK)[1].startswith("{\n")


def test_what_is_no_file_is_passed_over(run, folder):
    (folder / "pyproject.toml").mkdir()

    assert run(*CHECK)[0] == 1


def test_a_hostile_file_costs_no_more_than_its_length(run):
    configure("# policyeval\n" + " \t" * 500_000 + "[" * 500_000 + "\n" + "tool" + " " * 500_000)

    assert run(*CHECK)[0] == 1


def test_a_folder_that_is_gone_has_no_configuration(run, folder):
    folder.joinpath("gone").mkdir()
    os.chdir(folder / "gone")
    (folder / "gone").rmdir()

    assert run("explain", "identity-no-allow")[0] == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_waited_for(run, folder):
    os.mkfifo(folder / "pyproject.toml")

    assert run(*CHECK)[0] == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_passed_over_unless_it_is_named(run, folder):
    configure(LENIENT)
    (folder / "pyproject.toml").chmod(0)

    assert run(*CHECK)[0] == 1
    assert run(*CHECK, "--config", "pyproject.toml")[0] == 2


def test_tables_of_other_tools_change_nothing(run):
    before = run(*CHECK)
    configure("[tool.policyeval-other]\nformat = 3\n[tool.ruff]\nselect = 4\n[tool.policyeval]\n")

    assert run(*CHECK) == before


# The command line, the environment, and the file


def test_format_of_the_file_and_of_the_command_line(run):
    configure('[tool.policyeval]\nformat = "json"\n')

    assert run(*CHECK)[1].startswith("{\n")
    assert run(*CHECK, "-f", "text")[1].startswith("DENIED")


def test_a_command_takes_the_first_format_that_it_has(run):
    configure('[tool.policyeval]\nformat = ["sarif", "json"]\n')

    assert "sarif" in json.loads(run(*CHECK)[1])["$schema"]
    assert json.loads(run("explain", "identity-no-allow")[1])["code"] == "identity-no-allow"
    assert "sarif" in json.loads(run("lint", "policy.json")[1])["$schema"]


def test_a_command_without_the_format_writes_as_usual(run):
    configure('[tool.policyeval]\nformat = "access-analyzer"\n')

    assert run(*CHECK)[1].startswith("DENIED")
    assert "findings" in json.loads(run("lint", "policy.json")[1])


@pytest.mark.parametrize(
    ("setting", "options", "environment", "colored"),
    [
        ("always", (), {}, True),
        ("always", ("--color", "never"), {}, False),
        ("always", ("--color", "auto"), {}, False),
        ("always", (), {"NO_COLOR": "1"}, False),
        ("never", (), {"FORCE_COLOR": "1"}, True),
        ("never", ("--color", "always"), {}, True),
        ("auto", (), {}, False),
    ],
)
def test_color(run, monkeypatch, setting, options, environment, colored):
    """The file is everybody's, the environment the user's, the command line this call's."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    configure(f'[tool.policyeval]\ncolor = "{setting}"\n')

    assert ("\x1b[" in run(*CHECK, *options)[1]) is colored


def test_redact(run):
    configure("[tool.policyeval]\nredact = true\n")

    assert "111122223333" not in run(*CHECK)[1]
    assert "111122223333" in run(*CHECK, "--no-redact")[1]


def test_redaction_that_cannot_be_done_is_refused_with_a_way_out(run):
    configure("[tool.policyeval]\nredact = true\n")
    unknown = ("--unknown", "aws:SourceIp")

    status, out, err = run(*CHECK, *unknown)

    assert (status, out) == (2, "")
    assert "`--no-redact`" in err
    assert run(*CHECK, *unknown, "--no-redact")[0] == 1


def test_verbose(run):
    configure(f"[tool.policyeval]\nverbose = true\n{LENIENT}")

    assert "boundary" in run(*CHECK)[1]
    assert run(*CHECK, "--no-verbose")[1] == ALLOWED


def test_lint_has_the_common_settings_and_its_own(run):
    configure('[tool.policyeval]\nformat = "jsonl"\n[tool.policyeval.lint]\nselect = ["MISSING_*"]\n')

    assert run("lint", "policy.json") == (0, "", "")

    status, out, _ = run("lint", "policy.json", "--select", "ALL")

    assert status == 1
    assert all("code" in json.loads(line) for line in out.splitlines())


def test_names_in_a_file_further_up_are_relative_to_it(run, folder):
    assert run("lint", "policy.json", "--write-baseline", "../known.json")[0] == 0
    configure('[tool.policyeval.lint]\nbaseline = "known.json"\n', "..")

    assert run("lint", "policy.json")[0] == 0
    assert run("lint", "policy.json", "--config", os.devnull)[0] == 1


def test_test_has_the_common_settings(run):
    cases = {"policies": {"identity": ["policy.json"]}, "cases": [
        {"name": "the malformed value closes the answer", "request": REQUEST, "expect": "deny"}]}  # fmt: skip
    Path("a.iamtest.json").write_text(json.dumps(cases))
    configure(f'[tool.policyeval]\nformat = "json"\n{LENIENT}')

    status, out, err = run("test")

    assert json.loads(out)["counts"]["passed"] == 1
    assert (status, err) == (0, "")  # case files say their readings themselves


# Readings of disputed points


def test_a_reading_changes_the_decision_and_is_told(run):
    assert run(*CHECK)[0] == 1
    configure(LENIENT)

    assert run(*CHECK) == (0, ALLOWED, f"note: {NOTE}\n")


def test_the_command_line_outweighs_a_reading(run):
    configure(LENIENT)

    status, out, err = run(*CHECK, "--semantics", "malformed=fail-closed")

    assert (status, err) == (1, "")
    assert "note: `malformed`" not in out


def test_readings_of_file_and_command_line_are_joined(run):
    configure(LENIENT)

    assert run(*CHECK, "--semantics", "d1=peer") == (0, ALLOWED, f"note: {NOTE}\n")


def test_a_reading_outweighs_the_policy_set_as_the_option_does(run):
    Path("set.yaml").write_text("identity: [policy.json]\nsemantics: {malformed: fail-closed}\n")
    by_option = run(
        "check", "set.yaml", "--request", "request.json", "--semantics", "malformed=false-condition"
    )
    configure(LENIENT)

    assert run("check", "set.yaml", "--request", "request.json")[:2] == by_option[:2]


def test_a_reading_may_be_a_boolean(run):
    configure("[tool.policyeval.semantics]\nstrict_resource_type = true\n")

    assert "`strict_resource_type` is `true`, as" in run(*CHECK, "-f", "json")[1]


@pytest.mark.parametrize("format", ["json", "jsonl", "html"])
@pytest.mark.parametrize("request_file", ["request.json", "denied.json"])
def test_these_formats_hold_the_note(run, format, request_file):
    configure(LENIENT)

    _, out, err = run("check", "policy.json", "--request", request_file, "-f", format)

    assert "as [tool.policyeval.semantics] in" in out
    assert err == ""


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_text_of_a_denial_holds_the_note(run, format):
    configure(LENIENT)

    _, out, err = run("check", "policy.json", "--request", "denied.json", "-f", format)

    assert re.search(r"as\s+\\?\[tool\.policyeval\.semantics\\?\]\s+in", out)
    assert err == ""


@pytest.mark.parametrize("format", ["sarif", "junit", "github", "simulator", "markdown", "text"])
def test_what_has_no_notes_is_accompanied_by_one(run, format):
    configure(LENIENT)

    assert run(*CHECK, "-f", format)[2] == f"note: {NOTE}\n"


def test_the_status_alone_is_silent(run):
    configure(LENIENT)

    assert run(*CHECK, "-q") == (0, "", "")
    assert run(*CHECK, "-q", "-f", "sarif=out.sarif") == (0, "", "")


def test_the_whole_text_of_an_allowed_answer_holds_the_note(run):
    configure(LENIENT)

    status, out, err = run(*CHECK, "-v")

    assert (status, err) == (0, "")
    assert NOTE in " ".join(out.split())


def test_answers_with_unknown_keys_hold_the_note(run):
    configure(LENIENT)

    for format in ("text", "json"):
        _, out, err = run(*CHECK, "--unknown", "aws:SourceIp", "-f", format)
        assert "`malformed` is `false-condition`" in " ".join(out.split())
        assert err == ""


def test_why_holds_the_note(run):
    configure(LENIENT)
    message = f"User: {REQUEST['principal']} is not authorized to perform: s3:GetObject on resource: " \
        f"{REQUEST['resource']} because no identity-based policy allows the s3:GetObject action"  # fmt: skip
    Path("denial.txt").write_text(message)

    _, out, err = run(
        "why", "denial.txt", "policy.json", "--context", "aws:MultiFactorAuthAge=5", "-f", "json"
    )

    assert NOTE in json.loads(out)["explanation"]["notes"]
    assert err == ""
    assert (
        run("why", "denial.txt", "policy.json", "--context", "aws:MultiFactorAuthAge=5")[2]
        == f"note: {NOTE}\n"
    )
    assert run("why", "denial.txt")[2] == ""


def test_a_redacted_answer_holds_the_note(run):
    configure(f"[tool.policyeval]\nredact = true\n{LENIENT}")

    assert NOTE in json.loads(run(*CHECK, "-f", "json")[1])["notes"]


# Mistakes: the setting, the file, and a way out; status 2, nothing on standard output

# {0} stands for the table and the file
COMMON = [
    ("colour = 'never'", "unknown setting `colour` of {0}", "did you mean `color`?"),
    ("x = 1", "unknown setting `x` of {0}", "the settings are format, color"),
    ("now = '2026-01-01'", "unknown setting `now` of", "say it on the command line: `--now TIME`"),
    ("expect = 'allow'", "unknown setting `expect` of", "`--expect EFFECT`"),
    ("output = 'x'", "unknown setting `output` of", "`-o FILE`"),
    ("quiet = true", "unknown setting `quiet` of", "`-q`"),
    ("format = 'jsn'", "`format` of {0}: unknown format `jsn`", "did you mean `json`?"),
    ("format = ['text', 'jsn']", "`format` of {0}: unknown format `jsn`", "`json`"),
    ("format = 'json=/etc/passwd'", "`json=/etc/passwd` names a file", "on the command line: `-f json=/etc/passwd`"),
    ("format = 3", "`format` of {0} is a format, or a list", 'write format = "json"'),
    ("format = [3]", "`format` of {0} is a format, or a list", "write format ="),
    ("color = 'alway'", "`color` of {0}: it cannot be `alway`", "did you mean `always`?"),
    ("color = true", "`color` of {0} is a text", 'write color = "never"'),
    ("redact = 'yes'", "`redact` of {0} is true or false", "write redact = true"),
    ("verbose = 1", "`verbose` of {0} is true or false", "write verbose = true"),
    ("semantics = 'peer'", "`semantics` of {0} is a table", "[tool.policyeval.semantics]"),
    ("semantics = {malformd = 'x'}", "unknown semantics option `malformd`", "did you mean `malformed`?"),
    ("semantics = {malformed = 'x'}", "`malformed` cannot be `x`", "it is one of fail-closed, false-condition"),
    ("semantics = {malformed = 3}", "`malformed` cannot be `3`", "it is one of"),
    ("lint = 3", "`lint` of {0} is a table", "write [tool.policyeval.lint]"),
]  # fmt: skip
LINT = [
    ("selekt = []", "unknown setting `selekt` of {0}", "did you mean `select`?"),
    ("extend_select = []", "unknown setting `extend_select` of", "did you mean `extend-select`?"),
    ("select = ['INVALID_ACTOIN']", "`select` of {0}: there is no check",
     "did you mean `INVALID_ACTION`?"),
    ("ignore = 'INVALID_ACTION'", "`ignore` of {0} is a list of codes", "write ignore ="),
    ("severity = {INVALID_ACTOIN = 'error'}", "`severity` of {0}", "did you mean"),
    ("severity = {INVALID_ACTION = 3}", "`severity` of {0} is a table", "write ["),
    ("per-file-ignores = {x = 'ALL'}", "`per-file-ignores` of {0} is a", "write ["),
    ("per-file-ignores = {x = ['OLL']}", "there is no check `OLL`", "did you mean `ALL`?"),
    ("scp-dialect = 2023", "`scp-dialect` of {0} is a text", '"2023"'),
    ("scp-dialect = '2024'", "it cannot be `2024`", "`2023`"),
    ("policy-types = 3", "`policy-types` of {0} is a table", "policy-types]"),
    ("suppress = [{code = 'OLL', reason = 'x'}]", "there is no check `OLL`", "did you mean `ALL`?"),
    ("suppress = [{code = 'ALL', reason = ''}]", "each names a code and a reason", "[[tool.policyeval.lint.suppress]]"),
    ("suppress = [{code = 'ALL', reason = 'x', sid = 3}]", "`sid` of `suppress` of {0}", "sid = "),
    ("suppress = [{code = 'ALL', reason = 'x', paht = 'x'}]", "unknown setting `paht` of `suppress` of", "`path`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "help"), COMMON, ids=[one[0] for one in COMMON])
@pytest.mark.parametrize("command", ["check", "lint", "test", "why", "explain", "schema"])
def test_a_wrong_setting_is_refused_by_every_command(run, command, text, message, help):
    configure(f"[tool.policyeval]\n{text}\n")

    status, out, err = run(command)

    assert (status, out) == (2, "")
    assert message.format("[tool.policyeval] in `pyproject.toml`") in err
    assert "`pyproject.toml`" in err
    assert help in err.partition("\n   help: ")[2]


@pytest.mark.parametrize(("text", "message", "help"), LINT, ids=[one[0] for one in LINT])
def test_a_wrong_setting_of_lint_is_refused_by_lint_alone(run, text, message, help):
    configure(f"[tool.policyeval.lint]\n{text}\n")

    status, out, err = run("lint", "policy.json")

    assert (status, out) == (2, "")
    assert message.format("[tool.policyeval.lint] in `pyproject.toml`") in err
    assert "`pyproject.toml`" in err
    assert help in err.partition("\n   help: ")[2]
    assert run(*CHECK)[0] == 1


def test_all_mistakes_are_told_at_once(run):
    configure("[tool.policyeval]\ncolour = 1\nverbose = 1\n")

    assert run(*CHECK)[2].count("   help: ") == 2


def test_a_mistake_is_told_once(run):
    configure("[tool.policyeval.lint]\nsuppress = [{}, 3]\n")

    assert run("lint", "policy.json")[2].count("   help: ") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[tool.policyeval]\nformat = \n", "`pyproject.toml` is not TOML: invalid value (at line 2, column 10)"),
        (b"[tool.policyeval]\n# \xff\n", "`pyproject.toml` is not TOML: it is not UTF-8 text"),
        (b"[tool.policyeval]\nx = " + b"[" * 5000, "`pyproject.toml` is not TOML: lists and tables are nested too"),
        (b"[tool.policyeval]\nx = " + b"1" * 5000, "`pyproject.toml` is not TOML: a number has too many digits"),
        (b"tool.policyeval = 3\n", "`policyeval` of `pyproject.toml` is a table\n   help: write [tool.policyeval]"),
        (b"tool = 3\n", None),
    ],
    ids=["a line", "an encoding", "nesting", "a number", "no table", "no table of ours"],
)  # fmt: skip
def test_a_file_that_cannot_be_used(run, folder, content, message):
    (folder / "pyproject.toml").write_bytes(content)

    status, _, err = run(*CHECK)

    assert (status, err.startswith(message or "")) == (2 if message else 1, True)
    assert ("\n   help: " in err) is (message is not None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.toml", "there is no file `gone.toml`"),
        (".", "`.` is a directory"),
        ("policy.json", "`policy.json` is not TOML: invalid"),
        ("wrong.toml", "`tool` of `wrong.toml` is a table\n   help: write [tool]"),
    ],
)
@pytest.mark.parametrize("command", ["check", "lint"])
def test_a_named_file_that_cannot_be_used(run, command, name, message):
    configure("tool = 3\n", name="wrong.toml")

    status, out, err = run(command, "policy.json", "--config", name)

    assert (status, out) == (2, "")
    assert err.startswith(message)
    assert "\n   help: " in err


# What is written elsewhere about the settings


def test_the_formats_are_those_of_the_commands():
    known = {
        name for command in COMMANDS for name in import_module(f"policyeval.cli.{command}").parser().formats
    }

    assert set(FORMATS) == known


@pytest.mark.parametrize("page", ["docs/configuration.md", "docs/lint.md"])
def test_examples_of_the_documents_can_be_used(page):
    blocks = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )

    assert blocks
    for block in blocks:
        table = tomllib.loads(block)["tool"]["policyeval"]
        read_settings(Configuration(page, table))
        read_selection(Configuration(page, table))


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []
