"""Do the benchmarks run, and say what they found? No time is asserted."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import CASES
from benchmarks.report import write_page
from benchmarks.rows import Row, exponent
from benchmarks.timing import QUICK, Spread, Task, always, time_tasks
from policyeval import Engine

ROOT = Path(__file__).parent.parent


def run(*arguments):
    command = [sys.executable, "-m", "benchmarks", "--quick", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Run something cheap once, and keep what it printed and wrote."""
    file = tmp_path_factory.mktemp("benchmarks") / "run.json"
    return run("--only", "request", "--json", str(file)).stdout, file


def test_prints_one_table(written):
    machine, blank, head, *lines = written[0].splitlines()

    assert "floor unit" in machine
    assert blank == ""
    assert head.split() == ["what", "median", "quartiles", "multiple", "target", "within"]
    assert lines[0].startswith("make a Request from Python values")
    assert lines[0].split()[-1] in ("yes", "NO")


def test_writes_every_figure_as_json(written):
    rows = json.loads(written[1].read_text(encoding="utf-8"))["rows"]

    assert len(rows) == len(written[0].splitlines()) - 3
    assert all(low <= middle <= high for middle, low, high in (row["measured"] for row in rows))


def test_compares_with_an_earlier_run(written):
    lines = run("--only", "request", "--against", str(written[1])).stdout.splitlines()

    assert lines[2].endswith("change")
    assert all("  × " in line for line in lines[3:])


def test_page_keeps_what_was_written_by_hand(tmp_path):
    page = tmp_path / "benchmarks.md"
    page.write_text((ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8"), encoding="utf-8")

    write_page(page, "measured once")
    once = page.read_text(encoding="utf-8")
    write_page(page, "measured twice")
    twice = page.read_text(encoding="utf-8")

    assert once.startswith("# Benchmarks\n")
    assert twice == once.replace("measured once", "measured twice")


@pytest.mark.parametrize("case", [one for one in CASES if not one.statements], ids=lambda one: one.name)
def test_case_has_the_answers_that_it_names(case):
    """Other engines are measured against them."""
    engine = Engine(case.policies())

    assert engine.decide(case.allowed).allowed
    assert case.denied is None or not engine.decide(case.denied).allowed


def test_exponent_of_a_square_is_two():
    assert exponent([10, 100, 1000], [3 * size**2 for size in (10, 100, 1000)]) == pytest.approx(2)


def test_work_is_called_with_the_arguments_of_its_round():
    met = []
    time_tasks([Task("append", met.append, always("x"), times=4)], QUICK)

    assert met == ["x"] * 4 * QUICK.rounds


def test_target_is_held_against_the_multiple():
    one, ten = Spread.of([1.0]), Spread.of([10.0])

    assert Row("group", "name", ten, "µs", one, 5).within is True
    assert Row("group", "name", one, "µs", ten, 5).within is False
    assert Row("group", "name", ten).within is None
