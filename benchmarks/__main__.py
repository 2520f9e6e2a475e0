"""`python -m benchmarks`: measure, and print one table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.batches import many_rows, table_rows
from benchmarks.decisions import compile_rows, decide_rows, explain_rows, first_sight_rows, request_rows
from benchmarks.growth import growth_rows
from benchmarks.managed import MotoMissing
from benchmarks.peers.comparison import Comparison, compare
from benchmarks.processes import memory_rows, start_rows
from benchmarks.report import HEAD, cells, machine, page_block, read_rows, text_table, write_json, write_page
from benchmarks.rows import Row, missing
from benchmarks.timing import QUICK, Effort, Spread, floor_unit

GROUPS: dict[str, Callable[[Effort], list[Row]]] = {
    "decide": decide_rows,
    "request": request_rows,
    "first-sight": first_sight_rows,
    "many": many_rows,
    "table": table_rows,
    "explain": explain_rows,
    "compile": compile_rows,
    "start": start_rows,
    "memory": memory_rows,
    "growth": growth_rows,
}


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=[*GROUPS, "peers"],
        metavar="NAME",
        help=f"one of {', '.join(GROUPS)}, peers",
    )
    parser.add_argument("--quick", action="store_true", help="few rounds and small sizes: rough figures")
    parser.add_argument("--peers", action="store_true", help="install other engines and run them beside ours")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="compare with the figures of an earlier --json"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="put the run into a page")
    return parser


def main(given: Sequence[str] | None = None) -> None:
    """Measure what was asked for and print it."""
    options = arguments().parse_args(given)
    effort = QUICK if options.quick else Effort()
    before = read_rows(options.against) if options.against else None
    floor = Spread.of(floor_unit(effort.floor_calls) / 1000 for _ in range(max(9, effort.rounds)))
    chosen = options.only or list(GROUPS)
    rows = list(measured([name for name in chosen if name in GROUPS], effort))
    if rows:
        head = HEAD if before is None else (*HEAD, "change")
        print(f"{machine(floor)}\n\n{text_table(head, [cells(row, before) for row in rows])}")
    comparison = compare(effort) if options.peers or "peers" in chosen else None
    if comparison:
        print("\n" + comparison.as_text())
    _write(options, floor, rows, comparison)


def measured(names: Sequence[str], effort: Effort) -> Iterator[Row]:
    """Measure group by group; what a group holds is freed before the next."""
    for name in names:
        print(f"measuring: {name} …", file=sys.stderr)
        try:
            yield from GROUPS[name](effort)
        except MotoMissing as error:
            yield missing(name, name, str(error))


def _write(
    options: argparse.Namespace, floor: Spread, rows: list[Row], comparison: Comparison | None
) -> None:
    if options.json:
        write_json(options.json, floor, rows, comparison)
    if options.markdown:
        write_page(options.markdown, page_block(floor, rows, comparison))


if __name__ == "__main__":
    main()
