"""How long do other engines take for the same decisions, and is their answer the right one?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.cases import CASES, Case
from benchmarks.peers.driving import Driver, Gone
from benchmarks.peers.engines import OURS, PEERS, Peer
from benchmarks.peers.environment import Environment, NotInstalled
from benchmarks.timing import Effort, Spread

MOST_STATEMENTS, MOST_ROUNDS = 10_000, 15
LONGEST = 3e9  # nanoseconds that one engine may take for one case


@dataclass(frozen=True, slots=True)
class Result:
    """What an engine did with a case: a time and the wrong answers, or why there is none."""

    spread: Spread | None
    wrong: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The results by case and engine; `absent` are the engines that are not there."""

    versions: Mapping[str, str]
    results: Mapping[str, Mapping[str, Result]]
    absent: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Write a head and lines: our time, and each other's time as a multiple of it."""
        names = list(self.versions)
        lines = [
            [case, *(self._cell(results[name], results[OURS.name]) for name in names)]
            for case, results in self.results.items()
        ]
        return ["µs (× ours)", *names], lines

    def _cell(self, result: Result, ours: Result) -> str:
        if result.spread is None:
            return f"– {result.why}"
        wrong = f" WRONG: {' and '.join(result.wrong)}" if result.wrong else ""
        told = (
            f"{result.spread.middle:,.2f}" if result.spread.middle < 100 else f"{result.spread.middle:,.0f}"
        )
        if result is ours or ours.spread is None:
            return told + wrong
        ratio = result.spread.middle / ours.spread.middle
        return f"{told} ({ratio:,.0f} ×){wrong}" if ratio >= 10 else f"{told} ({ratio:.1f} ×){wrong}"

    def remarks(self) -> list[str]:
        """Say which versions there were, what each does besides, and which are absent."""
        there = [one for one in (OURS, *PEERS) if one.name in self.versions]
        lines = [f"- {one.name} {self.versions[one.name]}: {one.besides}." for one in there]
        lines += [f"- {name} could not be run: {why}." for name, why in self.absent.items()]
        return ["\n".join(lines)]

    def as_text(self) -> str:
        """Word everything for a terminal."""
        from benchmarks.report import text_table

        return "\n".join([text_table(*self.table()), "", *self.remarks()])

    def as_dict(self) -> dict[str, Any]:
        """Write everything for JSON."""
        return {
            "versions": dict(self.versions),
            "absent": dict(self.absent),
            "results": {
                case: {name: _values(one) for name, one in found.items()}
                for case, found in self.results.items()
            },
        }


def _values(result: Result) -> dict[str, Any]:
    told = result.spread
    measured = None if told is None else [told.middle, told.low, told.high]
    return {"microseconds": measured, "wrong": list(result.wrong), "why": result.why}


def compare(effort: Effort) -> Comparison:
    """Install the engines, run the cases, and throw the installation away."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        environment, drivers, absent = Environment(Path(folder)), {}, {}
        for peer in (OURS, *PEERS):
            print(f"installing: {peer.name} …", file=sys.stderr)
            try:
                drivers[peer.name] = _started(environment, peer)
                stack.callback(drivers[peer.name].close)
            except (NotInstalled, Gone) as error:
                absent[peer.name] = str(error)
        results = dict(_results(drivers, Path(folder), effort))
        versions = {name: driver.version for name, driver in drivers.items()}
    return Comparison(versions, results, absent)


def _started(environment: Environment, peer: Peer) -> Driver:
    return Driver(*environment.command(peer))


def _results(
    drivers: Mapping[str, Driver], folder: Path, effort: Effort
) -> Iterator[tuple[str, dict[str, Result]]]:
    for one in CASES:
        if one.statements <= min(effort.most, MOST_STATEMENTS):
            print(f"comparing: {one.name} …", file=sys.stderr)
            yield one.name, _compared(one, drivers, folder, effort)


def _compared(case: Case, drivers: Mapping[str, Driver], folder: Path, effort: Effort) -> dict[str, Result]:
    """Time the engines by turns."""
    path = folder / "case.json"
    path.write_text(json.dumps(case.inputs()), encoding="utf-8")
    runs = {name: _Run(driver, case, path, effort) for name, driver in drivers.items()}
    for number in range(min(MOST_ROUNDS, effort.rounds)):
        for run in runs.values():
            run.round(number)
    return {name: run.result() for name, run in runs.items()}


class _Run:
    """One engine and one case."""

    def __init__(self, driver: Driver, case: Case, path: Path, effort: Effort) -> None:
        self.driver, self.taken = driver, list[float]()
        self.times, self.rounds, self.why = 1, effort.rounds, ""
        self.wrong: tuple[str, ...] = ()
        self._guarded(lambda: self._begin(case, path, effort))

    def _begin(self, case: Case, path: Path, effort: Effort) -> None:
        self._ask(load=str(path))
        expected = {"allowed": True} | ({"denied": False} if case.denied else {})
        given = {name: self._ask(answer=name)["allowed"] for name in expected}
        self.wrong = tuple(_MISTAKES[name] for name in expected if given[name] != expected[name])
        taken, self.times = self._time(1), 1
        while taken < effort.nanoseconds / 4:
            self.times *= 4
            taken = self._time(self.times)
        self.times = max(1, round(self.times * effort.nanoseconds / taken))
        self.rounds = max(3, min(effort.rounds, round(LONGEST / taken)))

    def round(self, number: int) -> None:
        """Time a round, unless the engine has had its time."""
        if not self.why and number < self.rounds:
            self._guarded(lambda: self.taken.append(self._time(self.times) / self.times / 1000))

    def result(self) -> Result:
        """Tell what was found."""
        return Result(None, (), self.why) if self.why else Result(Spread.of(self.taken), self.wrong)

    def _guarded(self, work: Any) -> None:
        try:
            work()
        except _NoAnswer as error:
            self.why = str(error)
        except Gone as error:
            self.why = f"failed: {error}"

    def _time(self, times: int) -> float:
        return float(self._ask(times=times)["nanoseconds"])

    def _ask(self, **asked: Any) -> dict[str, Any]:
        found = self.driver.ask(**asked)
        if "cannot" in found:
            raise _NoAnswer(found["cannot"])
        return found


class _NoAnswer(Exception):
    """The engine cannot be asked this."""


_MISTAKES = {"allowed": "denies what AWS allows", "denied": "allows what AWS denies"}
