"""How are the figures shown? As a table for the terminal, for a page, and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peers.comparison import Comparison
from benchmarks.rows import Row
from benchmarks.timing import Spread

HEAD = ("what", "median", "quartiles", "multiple", "target", "within")
START, END = "<!-- written by `python -m benchmarks --markdown`: from here -->", "<!-- to here -->"
MARKS = {True: "yes", False: "NO", None: ""}


def cells(row: Row, before: Mapping[str, Row | dict[str, Any]] | None = None) -> tuple[str, ...]:
    """Word the cells of a row; `before` adds one that compares it with an earlier run."""
    multiple = "" if row.multiple is None else f"{number(row.multiple.middle)}{_times(row)}"
    target = "" if row.target is None else f"≤ {number(row.target)}"
    told = (row.name, _measured(row), _quartiles(row), multiple, target, MARKS[row.within])
    return told if before is None else (*told, _change(row, before))


def number(value: float) -> str:
    """Write a number with three digits that count."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _times(row: Row) -> str:
    return " ×" if row.unit == "ms" else ""


def _measured(row: Row) -> str:
    return row.note if row.spread is None else f"{number(row.spread.middle)} {row.unit}".rstrip()


def _quartiles(row: Row) -> str:
    told = row.spread
    return "" if told is None or told.low == told.high else f"{number(told.low)}–{number(told.high)}"


def _change(row: Row, before: Mapping[str, Any]) -> str:
    """Compare with the same row of an earlier run, in multiples where there are any."""
    other = before.get(row.name)
    if other is None or row.compared is None:
        return ""
    found = other["multiple"] or other["measured"]
    return f"× {row.compared / found[0]:.2f}" if found and found[0] else ""


def text_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Align a table for the terminal: words left, figures right."""
    listed = [tuple(head), *map(tuple, lines)]
    widths = [max(len(line[column]) for line in listed) for column in range(len(head))]
    return "\n".join(
        "  ".join(_aligned(cell, width, index) for index, (cell, width) in enumerate(zip(line, widths, strict=True)))
        .rstrip()
        for line in listed
    )  # fmt: skip


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column == 0 else cell.rjust(width)


def markdown_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a table for a page."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in (head, rule, *lines))


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def machine(floor: Spread) -> str:
    """Say when and on what was measured."""
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    unit = f"floor unit {floor.middle:.3f} µs (quartiles {floor.low:.3f}–{floor.high:.3f})"
    return f"{when}, {python}, {where}; {unit}"


def page_block(floor: Spread, rows: Sequence[Row], comparison: Comparison | None) -> str:
    """Write the part of the page that a run makes."""
    blocks = [
        f"Run of {machine(floor)}. A multiple is in floor units unless it says ×, which is of `python -c pass`."
    ]
    for title, groups in _SECTIONS.items():
        lines = [cells(row) for row in rows if row.group in groups]
        if lines:
            blocks += [f"### {title}", markdown_table(HEAD, lines)]
    notes = sorted(
        {f"{row.name}: {row.note}" for row in rows if row.note and row.spread and row.group == "growth"}
    )
    blocks += ["\n".join(f"- {note}" for note in notes)] if notes else []
    if comparison:
        blocks += ["### Beside other engines", markdown_table(*comparison.table()), *comparison.remarks()]
    return "\n\n".join(blocks)  # fmt: skip


_SECTIONS = {
    "Decisions": ("decide", "request", "first-sight"),
    "Many decisions": ("many", "table"),
    "Explanations": ("explain",),
    "Parsing and compiling": ("compile",),
    "Processes": ("start", "memory"),
    "Growth": ("growth",),
}


def write_page(path: Path, block: str) -> None:
    """Put a run into a page, in the place of the one that it has."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{START}\n\n{block}\n\n{END}{after}", encoding="utf-8")


def write_json(path: Path, floor: Spread, rows: Sequence[Row], comparison: Comparison | None) -> None:
    """Write everything, for `--against`."""
    values = {
        "machine": machine(floor),
        "floor_unit_microseconds": floor.middle,
        "rows": [row.as_dict() for row in rows],
        "peers": comparison.as_dict() if comparison else None,
    }
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_rows(path: Path) -> dict[str, dict[str, Any]]:
    """Read the rows of an earlier run, by name."""
    return {row["name"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}
