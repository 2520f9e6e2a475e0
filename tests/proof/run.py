"""The differential run: chunks of generated cases, each with its own seed, on one core or several."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from multiprocessing import get_context
from random import Random
from typing import Any

from tests.generate import Dice, family

from . import coverage
from .compare import Outcome, disagreement, engine_of, oracle_of
from .shrink import shrink

CHUNK = 1_000
PER_CLASS = 2
"""How many disagreements of one class are shrunk in one chunk."""


@dataclass
class Found:
    """A disagreement, shrunk."""

    policies: dict[str, Any]
    request: dict[str, Any]
    engine: Outcome
    oracle: Outcome
    seed: str


@dataclass
class Result:
    """What a chunk or a whole run gave."""

    cases: int = 0
    disagreements: int = 0
    found: list[Found] = field(default_factory=list)
    counts: coverage.Counts = field(default_factory=Counter)

    def add(self, other: Result) -> None:
        """Take in another result."""
        self.cases += other.cases
        self.disagreements += other.disagreements
        self.found += other.found
        self.counts += other.counts


_counts: coverage.Counts | None = None


def watched() -> coverage.Counts:
    """The counters of this process."""
    global _counts  # the oracle's functions are wrapped once in a process
    if _counts is None:
        _counts = Counter()
        coverage.watch(_counts)
    return _counts


def run_chunk(task: tuple[str, int, str | None]) -> Result:
    """Compare the two evaluators on one chunk; the seed alone decides what is in it."""
    seed, size, only = task
    counts, result = watched(), Result(cases=size)
    counts.clear()
    dice, classes = Dice(Random(seed)), Counter[tuple[Outcome, Outcome]]()
    different = []
    for policies, request, ours, theirs in answers(dice, size, only):
        counts["reason", theirs.reason or theirs.effect] += 1
        if ours != theirs:
            result.disagreements += 1
            classes[ours, theirs] += 1
            if classes[ours, theirs] <= PER_CLASS:
                different.append((policies, request, ours, theirs))
    result.counts = Counter(counts)
    result.found = [shrunk(*each, seed) for each in different]
    return result


def answers(
    dice: Dice, size: int, only: str | None
) -> Iterator[tuple[dict[str, Any], dict[str, Any], Outcome, Outcome]]:
    """Ask both; a policy set is read once for a few requests."""
    while size > 0:
        policies, requests = family(dice, only)
        engine, oracle = engine_of(policies), oracle_of(policies)
        for request in requests[:size]:
            yield policies, request, engine(request), oracle(request)
        size -= len(requests)


def shrunk(
    policies: dict[str, Any], request: dict[str, Any], ours: Outcome, theirs: Outcome, seed: str
) -> Found:
    """Make a disagreement small; it stays the same disagreement."""

    def still(value: Any) -> bool:
        try:
            return disagreement(value["policies"], value["request"]) == (ours, theirs)
        except Exception:  # a shrunk value may be one that no reader expects
            return False

    value = shrink(deepcopy({"policies": policies, "request": request}), still)
    return Found(value["policies"], value["request"], ours, theirs, seed)


def tasks(cases: int, seed: str, only: str | None) -> Iterator[tuple[str, int, str | None]]:
    """Cut a run into chunks."""
    for index in range(0, cases, CHUNK):
        yield f"{seed}/{index}", min(CHUNK, cases - index), only


def run(cases: int, seed: str, seconds: float | None, only: str | None, jobs: int) -> tuple[Result, float]:
    """Run until the cases or the seconds are used up; give the result and the time."""
    total, start = Result(), time.perf_counter()
    todo = tasks(cases, seed, only)
    if jobs == 1:
        results: Iterator[Result] = map(run_chunk, todo)
        collect(results, total, start, seconds)
    else:
        with get_context("spawn").Pool(jobs) as pool:
            collect(pool.imap_unordered(run_chunk, todo), total, start, seconds)
    return total, time.perf_counter() - start


def collect(results: Iterator[Result], total: Result, start: float, seconds: float | None) -> None:
    """Add up chunks until the time is over."""
    for result in results:
        total.add(result)
        if seconds is not None and time.perf_counter() - start > seconds:
            return
