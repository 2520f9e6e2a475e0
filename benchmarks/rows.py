"""What does the table say? One row per figure, with the target that it is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.timing import Effort, Spread, Task, Timing, time_tasks


@dataclass(frozen=True, slots=True)
class Row:
    """A figure: its median and quartiles, and the same as a multiple of something measured beside it."""

    group: str
    name: str
    spread: Spread | None
    unit: str = "µs"
    multiple: Spread | None = None
    target: float | None = None
    note: str = ""

    @property
    def compared(self) -> float | None:
        """The number that the target is about: the multiple, where there is one."""
        told = self.multiple or self.spread
        return told.middle if told else None

    @property
    def within(self) -> bool | None:
        """Is the target reached? None without a target or a figure."""
        return None if self.target is None or self.compared is None else self.compared <= self.target

    def as_dict(self) -> dict[str, Any]:
        """Write the row for JSON."""
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            "measured": _values(self.spread),
            "multiple": _values(self.multiple),
            "target": self.target,
            "within": self.within,
            "note": self.note,
        }


def timed_rows(
    group: str, tasks: Sequence[Task], targets: Sequence[float | None], effort: Effort
) -> list[Row]:
    """Time tasks together and make a row of each."""
    timings = time_tasks(tasks, effort)
    return [
        row_of(group, task.name, timing, target)
        for task, timing, target in zip(tasks, timings, targets, strict=True)
    ]


def row_of(group: str, name: str, timing: Timing, target: float | None = None) -> Row:
    """Make the row of a timing, in microseconds and floor units."""
    spread = Spread.of(one / 1000 for one in timing.nanoseconds)
    return Row(group, name, spread, "µs", Spread.of(timing.floor_units), target)


def missing(group: str, name: str, note: str, target: float | None = None) -> Row:
    """Say why there is no figure."""
    return Row(group, name, None, "", None, target, note)


def exponent(sizes: Iterable[float], times: Iterable[float]) -> float:
    """Fit `time = c · size^exponent`: the slope of the line through the logarithms, by least squares."""
    from math import log
    from statistics import linear_regression

    return linear_regression([log(one) for one in sizes], [log(one) for one in times]).slope


def _values(spread: Spread | None) -> list[float] | None:
    return None if spread is None else [spread.middle, spread.low, spread.high]
