"""Does the proof tool itself work: does it find what is wrong, and say what it did not look at?"""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from policyeval.testing.cases import load_cases
from tests.generate import LAYERS, Dice, family
from tests.proof import __main__ as proof
from tests.proof import case_file, compare, coverage, records, report, reverted_rules, run
from tests.proof.compare import INVALID, Outcome
from tests.proof.records import ProofError
from tests.proof.rules import REVERSIONS, Reversion
from tests.proof.run import Found, tasks
from tests.proof.search import keep

ALLOWED = Outcome("allow", "allowed", "none")


def families(seed, only=None):
    dice = Dice(Random(seed))
    return [family(dice, only) for _ in range(40)]


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(run, "CHUNK", 100)
    monkeypatch.setattr("tests.proof.arguments.CHUNK", 100)
    monkeypatch.setattr(records, "CHUNK", 100)


# The cases


def test_same_seed_gives_the_same_cases():
    assert families("7/0") == families("7/0") != families("8/0")


def test_number_of_a_case_decides_its_seed_wherever_the_run_begins(small_chunks):
    assert list(tasks(0, 300, "7", None))[2:] == list(tasks(200, 100, "7", None))


@pytest.mark.parametrize("layer", LAYERS)
def test_only_gives_every_set_the_layer(layer):
    assert all(layer in policies for policies, _ in families("7/0", layer))


# What it finds


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda engine, request: ALLOWED, id="allows everything"),
        pytest.param(lambda engine, request: Outcome("crash", "KeyError", "x"), id="crashes"),
    ],
)
def test_broken_engine_is_found_and_shrunk(broken, monkeypatch):
    monkeypatch.setattr(compare, "asked", broken)
    monkeypatch.setattr(run, "_classes", run.Counter())

    result = run.run_chunk(("7/0", 40, None))

    assert result.disagreements
    assert min(len(repr(found.request)) for found in result.found) < 140
    assert all(found.engine == broken(None, None) for found in result.found)


def test_disagreement_is_a_case_that_expects_what_the_oracle_says(tmp_path):
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    request = {"principal": "arn:aws:iam::111111111111:user/a", "action": "s3:GetObject", "resource": "*"}
    said = Outcome("explicit-deny", "identity-explicit-deny", "identity")
    file = tmp_path / "new" / "found.yaml"

    case_file.write([Found({"identity": deny}, request, ALLOWED, said, "7/0")], file)

    [case] = load_cases(file)
    assert case.run().passed
    assert (case.expect, case.reason) == ("explicit-deny", "identity-explicit-deny")


def test_what_was_not_reached_is_named():
    operators = coverage.goals()[0]
    counts = coverage.Counter({(operators.kind, what): 1 for what in operators.wanted[1:]})

    assert coverage.missing(counts, operators) == [operators.wanted[0]]
    assert operators.wanted[0] in report.coverage_row(counts, operators)[1]


# Reverted rules


@pytest.mark.parametrize("reversion", REVERSIONS, ids=lambda each: each.rule)
def test_text_of_a_rule_stands_once_in_its_file(reversion):
    before = (reverted_rules.PACKAGE / reversion.file).read_text(encoding="utf-8")

    assert reverted_rules.reverted_text(reversion) != before


def test_rules_are_of_every_chapter_and_named_once():
    assert len({(each.rule, each.what) for each in REVERSIONS}) == len(REVERSIONS) >= 20


def test_text_that_is_not_there_is_refused():
    gone = Reversion("A-1", "", "operators.py", "no such text", "")

    with pytest.raises(ProofError, match=r"A-1: `no such text` stands 0 times in operators\.py"):
        reverted_rules.reverted_text(gone)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """Some cases with the oracle's answers."""
    path = tmp_path_factory.mktemp("kept") / "answers.jsonl"
    keep(path, 1_000, "7")
    return path


def test_reverted_rule_is_found(kept):
    [rule] = [each for each in REVERSIONS if each.rule == "R-20"]

    assert reverted_rules.found_after(rule, kept) in range(1, 1_001)


def test_rule_that_is_only_written_otherwise_is_not_found(kept):
    same = Reversion(
        "A-8", "", "matching/actions.py", "matcher.negated)\n\n\n", "bool(matcher.negated))\n\n\n"
    )

    assert reverted_rules.found_after(same, kept) is None


# Figures


def compared(words, tmp_path):
    """Run the command, and give status and figures."""
    out = tmp_path / "run.json"
    status = proof.main([*words, "--out", str(out), "--found", str(tmp_path / "found.yaml")])
    return status, json.loads(out.read_text(encoding="utf-8")) if out.exists() else None


def test_run_that_goes_on_gives_the_same_figures_as_one_without_a_break(small_chunks, tmp_path):
    (tmp_path / "one").mkdir()
    compared(["--seed", "7", "--cases", "100"], tmp_path)
    _, broken = compared(["--seed", "7", "--cases", "300"], tmp_path)
    _, whole = compared(["--seed", "7", "--cases", "300"], tmp_path / "one")

    assert broken["cases"] == whole["cases"] == 300
    assert broken["coverage"] == whole["coverage"]


def test_file_of_another_run_is_not_gone_on_with(small_chunks, tmp_path, capsys):
    compared(["--seed", "7", "--cases", "100"], tmp_path)

    assert compared(["--seed", "8", "--cases", "100"], tmp_path)[0] == 2
    assert "holds a run with another `seed`" in capsys.readouterr().err


def test_run_that_ends_inside_a_chunk_is_not_gone_on_with(small_chunks, tmp_path, capsys):
    compared(["--seed", "7", "--cases", "50"], tmp_path)

    assert compared(["--seed", "7", "--cases", "100"], tmp_path)[0] == 2
    assert "ends at case 50, inside a chunk" in capsys.readouterr().err


def recorded(**changes):
    return replace(records.Recorded("7", sources="x", date="2026-11-23", fixtures={"cases": 1}), **changes)


def test_parts_are_added_up():
    first = recorded(result=run.Result(100, 0, 1.0))
    second = recorded(first=100, result=run.Result(50, 2, 1.0))

    total = records.merged([second, first]).result

    assert (total.cases, total.disagreements, total.seconds) == (150, 2, 2.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"first": 50}, "overlap at case 50"), ({"first": 100, "sources": "y"}, "different sources")],
)
def test_parts_that_do_not_go_together_are_refused(change, message):
    parts = [recorded(result=run.Result(100)), recorded(**change)]

    with pytest.raises(ProofError, match=message):
        records.merged(parts)


def test_figures_survive_being_written(tmp_path):
    found = Found({"identity": []}, {"action": "s3:GetObject"}, ALLOWED, INVALID, "7/0")
    counts = coverage.Counter({("caller", "user"): 3})
    before = recorded(result=run.Result(100, 1, 2.0, [found], counts))

    records.save(before, tmp_path / "run.json")

    assert records.load(tmp_path / "run.json") == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cases": 1}'])
def test_file_without_figures_is_refused(text, tmp_path, capsys):
    file = tmp_path / "run.json"
    file.write_text(text, encoding="utf-8")

    assert proof.main(["--report", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_page_shows_the_figures_that_are_kept():
    page = (Path(__file__).parent.parent / "docs" / "proof.md").read_text(encoding="utf-8")

    assert report.filled(page, report.committed()) == page, (
        "run python -m tests.proof --report --write docs/proof.md"
    )


def test_page_without_a_place_for_figures_is_refused():
    with pytest.raises(ProofError, match="no place for the figures"):
        report.filled("# Title\n", None)


# The command line


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cases", "0"], "`0` is too small, 1 is the least"),
        (["--cases", "many"], "`many` is no whole number"),
        (["--jobs", "-1"], "`-1` is too small"),
        (["--seconds", "nan"], "`nan` is no number of seconds"),
        (["--first", "7"], "`7` is no multiple of 1,000"),
        (["--only", "sidewalk"], "invalid choice: 'sidewalk'"),
        (["--seed", "a/b"], "`a/b` is no seed"),
        (["--write", "docs/proof.md"], "`--write` goes with `--report`"),
        (["--report", "no/such.json"], "cannot read `no/such.json`: No such file or directory"),
    ],
)
def test_wrong_option_is_refused_with_status_2(words, message, capsys):
    try:
        status = proof.main(words)
    except SystemExit as left:
        status = left.code

    assert status == 2
    assert message in capsys.readouterr().err


def test_fresh_seed_is_printed_so_that_the_run_can_be_repeated(small_chunks, tmp_path, capsys):
    _, figures = compared(["--seed", "fresh", "--cases", "100"], tmp_path)

    assert f"seed {figures['seed']}, 100 cases" in capsys.readouterr().out


def test_gaps_fail_a_run_that_is_to_be_complete(small_chunks, tmp_path, monkeypatch):
    monkeypatch.setattr(compare, "asked", lambda engine, request: INVALID)
    monkeypatch.setattr(compare, "answered", lambda read, request: INVALID)
    words = ["--seed", "7", "--cases", "100"]

    assert compared(words, tmp_path)[0] == 0
    assert compared([*words, "--complete"], tmp_path)[0] == 1
