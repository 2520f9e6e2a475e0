"""Compare engine and oracle on generated cases: `python -m tests.proof --cases N`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from tests.generate import LAYERS

from . import coverage
from .case_file import write
from .run import Found, Result, run


def options(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000, help="how many cases (default 50,000)")
    parser.add_argument("--seed", default="1", help="the same seed gives the same cases (default 1)")
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--only", choices=LAYERS, help="a layer that every case has and is about")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--out", type=Path, help="write the disagreements as a case file")
    return parser.parse_args(words)


def show(total: Result, seconds: float) -> None:
    """Print figures, coverage, and one example of each class of disagreement."""
    print(f"{total.cases:,} cases in {seconds:.1f} s, {total.cases / seconds:,.0f} cases/s")
    for line in coverage.report(total.counts):
        print(line)
    reasons = Counter({key[1]: count for key, count in total.counts.items() if key[0] == "reason"})
    print("reasons:", ", ".join(f"{name} {count / total.cases:.1%}" for name, count in reasons.most_common()))
    print(f"{total.disagreements:,} disagreements")
    for each in smallest(total.found):
        print(f"- engine: {each.engine}; oracle: {each.oracle}; seed {each.seed}")
        print(f"  policies: {each.policies}")
        print(f"  request: {each.request}")


def smallest(found: list[Found]) -> list[Found]:
    """The smallest disagreement of every class."""
    best: dict[tuple[object, object], Found] = {}
    for each in sorted(found, key=lambda one: len(repr((one.policies, one.request)))):
        best.setdefault((each.engine, each.oracle), each)
    return list(best.values())


def main(words: list[str]) -> int:
    """Run, print, write; 1 when there are disagreements."""
    chosen = options(words)
    total, seconds = run(chosen.cases, chosen.seed, chosen.seconds, chosen.only, chosen.jobs)
    show(total, seconds)
    if chosen.out is not None and total.found:
        write(smallest(total.found), chosen.out)
    return 1 if total.disagreements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
