"""Do the tests notice when the core says something else? Mutate it in one place at a time, and see.

Nothing is written into the package: mutants live in memory. What is done stays done; run again to go on.
"""

from __future__ import annotations

import argparse
import os
import select
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from .core import CORE, ROOT, SURVIVED, core_files
from .measuring import Measured, measure
from .mutants import Mutant, mutants_of
from .results import CACHE, COVERAGE, MUTATION, Progress, summary, write_json
from .worker import Prepared, outcome, prepared, start

EXAMPLES = """examples:
  python -m tests.mutation --measure          which test runs which line; how much of the core is covered
  python -m tests.mutation                    every mutant that was not tried yet
  python -m tests.mutation --only evaluation  those of one module
  python -m tests.mutation --again --patience 60
                                              the survivors once more, after new tests (measure first), slow ones too
  python -m tests.mutation --write            keep the results for docs/proof.md

status: 0 nothing survives without a reason, 1 something does, 2 a wrong option.
"""


def options(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutation", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    add = parser.add_argument
    add("--measure", action="store_true", help="measure what runs what, and stop")
    add("--only", nargs="+", metavar="MODULE", choices=CORE, help="mutate these modules only")
    add("--again", action="store_true", help="try the survivors again")
    add("--fresh", action="store_true", help="forget what was done")
    add("--jobs", type=int, default=1, metavar="N", help="processes at a time (default 1)")
    add("--seconds", type=float, metavar="N", help="start no mutant after this time")
    add(
        "--patience", type=float, default=1.0, metavar="N", help="leave out tests of more seconds (default 1)"
    )
    add("--write", action="store_true", help="write the results into tests/proof/results")
    add("--cache", type=Path, default=CACHE, metavar="FOLDER", help="where progress is kept")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run."""
    chosen = options(words)
    os.chdir(ROOT)
    kept = chosen.cache / "measured.json"
    if chosen.measure or not kept.exists():
        return _measure(kept)
    mutants = [one for file in core_files() for one in mutants_of(file, (ROOT / file).read_bytes())]
    progress = Progress.of(chosen.cache / "progress.jsonl")
    if chosen.fresh:
        progress.path.unlink(missing_ok=True)
        progress.done.clear()
    wanted = [one for one in mutants if _is_wanted(one, chosen, progress)]
    _run(wanted, progress, Measured.load(kept), chosen)
    return _report(mutants, progress, chosen)


def _measure(kept: Path) -> int:
    measured = measure()
    measured.save(kept)
    print("\n".join(measured.missing) or "every line and branch of the core is covered")
    if not measured.missing:
        write_json(COVERAGE, measured.totals)
    return int(bool(measured.missing))


def _is_wanted(mutant: Mutant, chosen: argparse.Namespace, progress: Progress) -> bool:
    if chosen.only and mutant.file not in {f"policyeval/{name}.py" for name in chosen.only}:
        return False
    return mutant.name not in progress.done or (chosen.again and progress.survived(mutant))


def _run(wanted: list[Mutant], progress: Progress, measured: Measured, chosen: argparse.Namespace) -> None:
    if not wanted:
        return
    ready, killers = prepared(), Counter[str]()
    unmutated = outcome(*start(None, ready, measured, (), chosen.patience))
    if unmutated != SURVIVED:
        sys.exit(f"without any mutant: {unmutated}")
    begun = time.monotonic()
    for number, (mutant, found) in enumerate(_outcomes(wanted, ready, measured, killers, chosen), 1):
        progress.add(mutant, found)
        killers[found.partition(" by ")[2]] += 1
        if found == SURVIVED or number % 100 == 0:
            told = mutant.name if found == SURVIVED else ""
            print(f"{number}/{len(wanted)} {time.monotonic() - begun:.0f} s {found} {told}", flush=True)


def _outcomes(
    wanted: list[Mutant],
    ready: Prepared,
    measured: Measured,
    killers: Counter[str],
    chosen: argparse.Namespace,
) -> Iterator[tuple[Mutant, str]]:
    """Keep as many children at work as there are jobs."""
    begun, running = time.monotonic(), dict[int, tuple[Mutant, int]]()
    for mutant in wanted:
        if chosen.seconds is not None and time.monotonic() - begun > chosen.seconds:
            break
        process, reading = start(mutant, ready, measured, _likely(killers), chosen.patience)
        running[reading] = mutant, process
        if len(running) >= chosen.jobs:
            yield from _finished(running)
    while running:
        yield from _finished(running)


def _finished(running: dict[int, tuple[Mutant, int]]) -> Iterator[tuple[Mutant, str]]:
    """Wait for some of the children."""
    for reading in select.select(list(running), [], [])[0]:
        mutant, process = running.pop(reading)
        yield mutant, outcome(process, reading)


def _likely(killers: Counter[str]) -> tuple[str, ...]:
    """The cases that killed most, and before them those that killed lately."""
    often = [name for name, _ in killers.most_common(100)]
    return (*list(killers)[-10:], *often)


def _report(mutants: list[Mutant], progress: Progress, chosen: argparse.Namespace) -> int:
    told = summary(mutants, progress)
    for file, (killed, every) in told["files"].items():
        print(f"{file}: {killed} of {every}")
    bare = [one for one in told["survivors"] if not one["reason"]]
    for one in bare:
        print(f"{one['file']}: {one['mutant']}")
    print(f"{told['killed']} of {told['mutants']} killed, {len(mutants) - told['mutants']} not tried")
    if chosen.write:
        write_json(MUTATION, told)
    return int(bool(bare))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
