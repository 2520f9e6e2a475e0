"""Does the fuzzing still run? Every target gets its seeds, and the same few hundred changed inputs each time.

Looking for what nobody has found yet is `python -m tests.fuzz`; this only keeps that from rotting.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from random import Random
from time import process_time

import pytest

from policyeval import PolicyEvalError
from tests.fuzz import __main__ as command
from tests.fuzz import growth
from tests.fuzz.seeds import LONGEST, WORDS, seeds
from tests.fuzz.targets import TARGETS, run
from tests.proof import report
from tests.proof.records import read_json

CHANGED = 300
MOST_SEEDS = 40
SECONDS = 20.0  # of one target, far more than needed: an input that takes so long is a finding
# A case file is a test suite, and a policy is checked for everything: fewer of them.
FEWER = {"cases": 30, "checks": 60, "explain": 60}
ENDS = (b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\r\n", b"[" * 600, b"{", b"&a [*a, *a]", b"9" * 5000)


def changed(name: str) -> Iterator[bytes]:
    """Give changed seeds without end, the same in every run."""
    random, given = Random(name), list(seeds(name))
    noise = [*(word.encode("latin-1") for word in WORDS), *ENDS]
    while True:
        data = random.choice(given)
        for _ in range(random.randint(1, 4)):
            start = random.randint(0, len(data))
            end = start + random.choice((0, 0, 1, 2, 8, 64))
            data = data[:start] + random.choice(noise) + data[end:]
        yield data[:LONGEST]


def inputs(name: str) -> Iterator[bytes]:
    yield from islice(seeds(name), MOST_SEEDS)
    yield from ENDS
    yield from islice(changed(name), FEWER.get(name, CHANGED))


def test_the_command_knows_every_target():
    assert tuple(sorted(TARGETS)) == command.NAMES


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_seeds_that_it_understands(name):
    """A seed that is refused leads nowhere: fuzzing would never come past the first check."""
    understood = 0
    for seed in islice(seeds(name), MOST_SEEDS):
        try:
            TARGETS[name](seed)
        except PolicyEvalError:
            continue
        understood += 1
    assert understood


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_lets_anything_but_an_error_of_ours_out(name):
    begun = process_time()
    for data in inputs(name):
        run(TARGETS[name], data)
    assert process_time() - begun < SECONDS


# The figures


def test_what_was_fuzzed_is_kept_and_reported(tmp_path):
    file = tmp_path / "fuzz.json"
    done = [command.Fuzzed("arn", 4000, found=False), command.Fuzzed("why", 21, found=True)]
    command.keep(Namespace(engine="hypothesis", seconds=45, out=file), done)

    told = report.fuzzed(read_json(file))

    assert told.startswith("4,021 inputs to 2 targets, 45 s each, 1 found: why (hypothesis ")


def test_the_number_of_inputs_is_read_from_what_an_engine_prints(tmp_path, capfd):
    given = Namespace(engine="hypothesis", seconds=1, found=tmp_path)

    assert command.process(given, "variables").inputs >= 500
    assert "stat::number_of_executed_units: " in capfd.readouterr().err


def test_the_fastest_growth_is_reported(tmp_path):
    file = tmp_path / "growth.json"
    growth.keep({"stars alone": 1.0, "question marks": 1.064}, file)

    assert report.grown(read_json(file)).startswith("exponent 1.06 at most over 2 shapes, aim 1.1 (")


def test_the_exponent_of_a_square_is_two():
    assert growth.exponent([size**2 / 1e6 for size in growth.SIZES]) == pytest.approx(2)
