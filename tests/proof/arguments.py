"""The command line of `python -m tests.proof`."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path

from tests.generate import LAYERS

from .run import CHUNK

EXAMPLES = f"""examples:
  python -m tests.proof                                     50,000 cases with seed 1
  python -m tests.proof --seed fresh --jobs 2               other cases every time; the seed is printed
  python -m tests.proof --only scp --seconds 60             a minute of cases that are all about SCPs
  python -m tests.proof --cases 5000000 --jobs 2 --out run.json
                                                            a long run; the same command again goes on with it
  python -m tests.proof --first 2500000 --cases 2500000 --out second.json
                                                            the second half of it, on another machine
  python -m tests.proof --report first.json second.json     the figures of both halves
  python -m tests.proof --report                            the figures of docs/proof.md
  python -m tests.proof --report --write docs/proof.md      ... put there

A disagreement is shrunk and written as a case file: run it with `policyeval test FILE`.
Case number N is the same in every run with the same seed; the seeds change every {CHUNK:,} cases.
status: 0 agreement, 1 a disagreement (with --complete also a gap in what was reached), 2 a wrong option.
"""
DISAGREEMENTS = Path(".cache/proof/disagreements.yaml")


def parser() -> argparse.ArgumentParser:
    """Describe the options."""
    made = argparse.ArgumentParser(
        prog="python -m tests.proof",
        description="Ask the engine and the oracle the same generated cases, and compare what they say.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("--cases", type=positive, default=50_000, metavar="N", help="how many cases (default 50,000)")
    add("--seed", default="1", help="which cases: a word or number, or `fresh` for a new one (default 1)")
    add("--first", type=start, default=0, metavar="N", help="number of the first case (default 0)")
    add("--seconds", type=seconds, metavar="S", help="stop after this time")
    add("--only", choices=LAYERS, metavar="LAYER", help=f"a layer that every set has: {', '.join(LAYERS)}")
    add("--jobs", type=positive, default=1, metavar="N", help="processes (default 1)")
    add("--out", type=Path, metavar="FILE", help="keep the figures as JSON, and go on with what it holds")
    add("--found", type=Path, default=DISAGREEMENTS, metavar="FILE",
        help=f"where disagreements are written (default {DISAGREEMENTS})")  # fmt: skip
    add("--complete", action="store_true", help="fail also when something was not reached")
    add("--report", nargs="*", type=Path, metavar="FILE",
        help="run nothing, print the table of figures: of these files, else of the committed results")  # fmt: skip
    add("--write", type=Path, metavar="PAGE", help="with --report: put the table into this page")
    return made


def options(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a wrong one leaves with status 2."""
    made = parser()
    chosen = made.parse_args(words)
    if chosen.write is not None and chosen.report is None:
        made.error("`--write` goes with `--report`")
    if chosen.seed == "fresh":
        chosen.seed = secrets.token_hex(4)
    if not chosen.seed or "/" in chosen.seed:
        made.error(f"`{chosen.seed}` is no seed: give a word or a number without `/`")
    return chosen


def positive(text: str) -> int:
    """Read a number of cases or processes."""
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"`{text}` is too small, 1 is the least")
    return number


def start(text: str) -> int:
    """Read the number of a case at which a chunk begins."""
    number = whole(text)
    if number < 0 or number % CHUNK:
        raise argparse.ArgumentTypeError(f"`{text}` is no multiple of {CHUNK:,}, where a seed begins")
    return number


def whole(text: str) -> int:
    """Read a whole number, also one written as 5,000,000."""
    digits = text.replace(",", "").replace("_", "")
    if not digits.removeprefix("-").isdecimal():
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number")
    return int(digits)


def seconds(text: str) -> float:
    """Read a time."""
    try:
        time = float(text)
    except ValueError:
        time = -1.0
    if not 0 < time < float("inf"):
        raise argparse.ArgumentTypeError(f"`{text}` is no number of seconds")
    return time
