"""The differential run: chunks of generated cases, each with its own seed, on one core or several."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
PER_CLASS = 3
"""How many disagreements of one class a process shrinks."""

Answered = tuple[dict[str, Any], dict[str, Any], Outcome, Outcome]
Task = tuple[str, int, str | None]


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
    seconds: float = 0.0
    found: list[Found] = field(default_factory=list)
    counts: coverage.Counts = field(default_factory=Counter)

    def add(self, other: Result) -> None:
        """Take in another result."""
        self.cases += other.cases
        self.disagreements += other.disagreements
        self.seconds += other.seconds
        self.found += other.found
        self.counts.update(other.counts)


_counts: coverage.Counts | None = None


def watched() -> coverage.Counts:
    """The counters of this process."""
    global _counts  # the oracle's functions are wrapped once in a process
    if _counts is None:
        _counts = Counter()
        coverage.watch(_counts)
    return _counts


def run_chunk(task: Task) -> Result:
    """Compare the two evaluators on one chunk; the seed alone decides what is in it."""
    seed, size, only = task
    counts, result = watched(), Result(cases=size)
    counts.clear()
    different = []
    gc.disable()  # a chunk's garbage is small, and looking for it takes a tenth of the time
    for policies, request, ours, theirs in answers(Dice(Random(seed)), size, only):
        note(counts, policies, theirs)
        if ours != theirs:
            result.disagreements += 1
            if is_new(ours, theirs):
                different.append((policies, request, ours, theirs))
    gc.enable()
    gc.collect()
    result.counts = Counter(counts)
    result.found = [shrunk(*each, seed) for each in different]
    return result


_classes = Counter[tuple[Outcome, ...]]()


def is_new(ours: Outcome, theirs: Outcome) -> bool:
    """Is there still interest in this class of disagreements? A crash is one whatever the oracle says."""
    key = (ours,) if ours.effect == "crash" else (ours, theirs)
    _classes[key] += 1
    return _classes[key] <= PER_CLASS


def note(counts: coverage.Counts, policies: dict[str, Any], theirs: Outcome) -> None:
    """Count the reason, and the options under which it was found."""
    counts["reason", theirs.reason or theirs.effect] += 1
    for option in policies.get("semantics", ()):
        counts["option", option] += 1


def answers(dice: Dice, size: int, only: str | None) -> Iterator[Answered]:
    """Ask both; a policy set is read once for several requests."""
    for policies, requests in families(dice, size, only):
        engine, oracle = engine_of(policies), oracle_of(policies)
        for request in requests:
            yield policies, request, engine(request), oracle(request)


def families(dice: Dice, size: int, only: str | None) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """The policy sets and requests of one chunk."""
    while size > 0:
        policies, requests = family(dice, only)
        yield policies, requests[:size]
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


def tasks(first: int, cases: int, seed: str, only: str | None) -> Iterator[Task]:
    """Cut a run into chunks: the case's number, counted from 0, decides the seed of its chunk."""
    for index in range(first, first + cases, CHUNK):
        yield f"{seed}/{index}", min(CHUNK, first + cases - index), only


def run(todo: Iterator[Task], jobs: int, each: Callable[[Result], bool]) -> None:
    """Run the chunks in their order, and hand every result over, until `each` says that it is enough."""
    if jobs == 1:
        deliver(map(run_chunk, todo), each)
        return
    with get_context("spawn").Pool(jobs) as pool:
        deliver(pool.imap(run_chunk, todo), each)


def deliver(results: Iterator[Result], each: Callable[[Result], bool]) -> None:
    """Tell how long every chunk kept the run waiting."""
    before = time.perf_counter()
    for result in results:
        now = time.perf_counter()
        result.seconds, before = now - before, now
        if each(result):
            return
