"""Compare engine and oracle on generated cases, and report the figures: `python -m tests.proof --help`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from . import coverage, report
from .arguments import options
from .case_file import smallest, write
from .records import ProofError, Recorded, load, merged, new, resumed, save
from .run import Result, run, tasks

SAVED_EVERY = 20.0
TOLD_EVERY = 30.0


def main(words: list[str]) -> int:
    """Run or report; 1 when there are disagreements."""
    chosen = options(words)
    try:
        if chosen.report is not None:
            return print_report(chosen.report, chosen.write)
        return compare(chosen)
    except ProofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def print_report(files: list[Path], page: Path | None) -> int:
    """Print the figures of recorded runs."""
    recorded = merged([load(path) for path in files]) if files else report.committed()
    print(report.figures(recorded), end="")
    if page is not None:
        report.write(recorded, page)
    return 1 if recorded is not None and recorded.result.disagreements else 0


def compare(chosen: argparse.Namespace) -> int:
    """Run what was asked for, print what came of it, and write the disagreements."""
    recorded = new(chosen.seed, chosen.first, chosen.only, chosen.jobs)
    if chosen.out is not None:
        recorded = resumed(recorded, chosen.out)
    going_on = f" from case {recorded.following:,} on" if recorded.following else ""
    print(f"seed {chosen.seed}, {chosen.cases:,} cases{going_on}", flush=True)
    stopped = go(recorded, chosen)
    result = recorded.result
    print_result(result, sys.stdout.write)
    if result.found:
        write(smallest(result.found), chosen.found)
        print(f"written as cases: {chosen.found}")
    if stopped:
        return 130
    gaps = any(coverage.missing(result.counts, goal) for goal in coverage.goals())
    return 1 if result.disagreements or (chosen.complete and gaps) else 0


def go(recorded: Recorded, chosen: argparse.Namespace) -> bool:
    """Run the cases that are missing; say whether the user stopped it."""
    begun = told = saved = time.perf_counter()
    total = recorded.result
    end = chosen.first + chosen.cases

    def each(result: Result) -> bool:
        nonlocal told, saved
        total.add(result)
        now = time.perf_counter()
        if now - told > TOLD_EVERY:
            told = now
            print(progress(total, chosen.cases), file=sys.stderr, flush=True)
        if chosen.out is not None and now - saved > SAVED_EVERY:
            saved = now
            save(recorded, chosen.out)
        return chosen.seconds is not None and now - begun > chosen.seconds

    stopped = False
    try:
        if recorded.following < end:
            todo = tasks(recorded.following, end - recorded.following, chosen.seed, chosen.only)
            run(todo, chosen.jobs, each)
    except KeyboardInterrupt:
        stopped = True
    if chosen.out is not None:
        save(recorded, chosen.out)
    return stopped


def progress(total: Result, cases: int) -> str:
    """One line on how far a run is."""
    speed = total.cases / total.seconds
    left = (cases - total.cases) / speed / 60
    return (
        f"{total.cases:,} of {cases:,} cases, {speed:,.0f} cases/s, "
        f"{total.disagreements:,} disagreements, {left:.0f} min left"
    )


def print_result(total: Result, out: Callable[[str], object]) -> None:
    """Print figures, coverage, and one example of each class of disagreement."""
    speed = total.cases / total.seconds if total.seconds else 0
    out(f"{total.cases:,} cases in {total.seconds:.1f} s, {speed:,.0f} cases/s\n")
    for goal in coverage.goals():
        gaps = coverage.missing(total.counts, goal)
        out(f"{goal.title}: {len(goal.wanted) - len(gaps)} of {len(goal.wanted)}\n")
        if gaps:
            out(f"  GAP, not reached: {', '.join(gaps)}\n")
    reasons = [(count, what) for (kind, what), count in total.counts.items() if kind == "reason"]
    shares = ", ".join(f"{what} {count / total.cases:.1%}" for count, what in sorted(reasons, reverse=True))
    out(f"answers: {shares}\n{total.disagreements:,} disagreements\n")
    for each in smallest(total.found):
        out(f"- engine: {each.engine}; oracle: {each.oracle}; seed {each.seed}\n")
        out(f"  policies: {each.policies}\n  request: {each.request}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
