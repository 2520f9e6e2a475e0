"""How long does something take? Rounds of it, each between two rounds of the floor unit.

The floor unit is one look-up in a dictionary and one call of a closure with `str.startswith`: the least
that any evaluator in Python does. Times depend on the machine and on what else it does at the moment;
their multiples of a floor unit that was timed beside them do so far less.

The clock is the processor time of this process, so that the time in which others run is not counted; where
that is coarse (Windows), it is the clock on the wall.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from statistics import median, quantiles
from time import get_clock_info, perf_counter_ns, process_time_ns
from typing import Any

Work = Callable[[Any], object]
clock = process_time_ns if get_clock_info("process_time").resolution < 1e-6 else perf_counter_ns
LEAST_ROUNDS, LONGEST = 5, 3_000_000_000  # nanoseconds that a task may take in all, after the least rounds


@dataclass(frozen=True, slots=True)
class Task:
    """Work to be timed: `work` is called with each of `arguments(times)`.

    The arguments are made outside the clock, anew for every round.
    """

    name: str
    work: Work
    arguments: Callable[[int], Iterable[Any]]
    per: int = 1  # how many units one call does, such as the requests of a batch
    times: int = 0  # how many calls a round has; 0: as many as take the time of a round


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: the rounds, and the time that one takes."""

    rounds: int = 31
    nanoseconds: int = 3_000_000
    floor_calls: int = 5_000
    most: int = 100_000  # statements, and what else grows


QUICK = Effort(3, 1_000_000, 1_000, 1_000)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several measurements, and the quartiles around it."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Summarize measurements."""
        found = sorted(values)
        if len(found) < 2:
            return cls(found[0], found[0], found[0])
        low, _, high = quantiles(found, n=4, method="inclusive")
        return cls(median(found), low, high)


@dataclass(slots=True)
class Timing:
    """The rounds of one task: nanoseconds per unit, and the same in floor units of that round."""

    nanoseconds: list[float] = field(default_factory=list)
    floor_units: list[float] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Add up the rounds."""
        return sum(self.nanoseconds)

    def add(self, nanoseconds: float, floor: float) -> None:
        """Note a round."""
        self.nanoseconds.append(nanoseconds)
        self.floor_units.append(nanoseconds / floor)


def always(argument: Any) -> Callable[[int], Iterable[Any]]:
    """Give the same argument to every call."""
    return lambda times: repeat(argument, times)


def floor_unit(calls: int) -> float:
    """Time the floor unit, in nanoseconds."""
    action, resource = "s3:getobject", "arn:aws:s3:::acme-logs/2026/11/a.json"
    prefix = "arn:aws:s3:::acme-logs/"
    tests = {action: lambda text: text.startswith(prefix)}
    start = clock()
    for _ in repeat(None, calls):
        tests[action](resource)
    return (clock() - start) / calls


def elapsed(work: Work, arguments: Iterable[Any]) -> int:
    """Time the work on each argument together, in nanoseconds."""
    start = clock()
    for argument in arguments:
        work(argument)
    return clock() - start


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector out of what is timed; it runs between the rounds."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def time_tasks(tasks: Iterable[Task], effort: Effort) -> list[Timing]:
    """Time tasks by turns, so that a slow moment of the machine meets all of them."""
    listed = list(tasks)
    timings = [Timing() for _ in listed]
    with without_collector():
        floor_unit(effort.floor_calls)
        times = [task.times or _times(task, effort.nanoseconds) for task in listed]
        for number in range(effort.rounds):
            for task, count, timing in zip(listed, times, timings, strict=True):
                if number < LEAST_ROUNDS or timing.total * count * task.per < LONGEST:
                    timing.add(*_round(task, count, effort.floor_calls))
            gc.collect()
    return timings


def _round(task: Task, times: int, floor_calls: int) -> tuple[float, float]:
    """Time one round, and the floor unit before and after it."""
    arguments = task.arguments(times)
    before = floor_unit(floor_calls)
    nanoseconds = elapsed(task.work, arguments)
    after = floor_unit(floor_calls)
    return nanoseconds / times / task.per, (before + after) / 2


def _times(task: Task, nanoseconds: int) -> int:
    """Find how many calls fill a round, after a first one that may have things to compile."""
    elapsed(task.work, task.arguments(1))
    times = 1
    while (taken := elapsed(task.work, task.arguments(times))) < nanoseconds / 4 and times < 1_000_000:
        times *= 4
    return max(1, round(times * nanoseconds / max(taken, 1)))
