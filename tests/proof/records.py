"""The figures of a run as a file: written while the run goes on, read to go on with it, merged, reported."""

from __future__ import annotations

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.fixture_cases import CASES

from .compare import Outcome
from .run import CHUNK, Found, Result

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"
SOURCES = ("policyeval", "tests/generate", "tests/oracle")


class ProofError(Exception):
    """What was asked for cannot be done; the message says why."""


@dataclass
class Recorded:
    """A run, or several merged: what was asked for, and what it gave."""

    seed: str
    first: int = 0
    only: str | None = None
    jobs: int = 1
    sources: str = ""
    date: str = ""
    python: str = ""
    package: str = ""
    fixtures: dict[str, int] = field(default_factory=dict)
    result: Result = field(default_factory=Result)

    @property
    def following(self) -> int:
        """The number of the case behind the last one."""
        return self.first + self.result.cases


def new(seed: str, first: int, only: str | None, jobs: int) -> Recorded:
    """A run that has not begun."""
    today = datetime.now(UTC).date().isoformat()
    package = version("policyeval-iam")
    return Recorded(
        seed, first, only, jobs, digest(), today, platform.python_version(), package, fixture_counts()
    )


def digest() -> str:
    """Name the engine, the oracle and the generators as they are now."""
    found = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def fixture_counts() -> dict[str, int]:
    """How many cases were written by hand, and which rules and scenario vectors they show."""
    cited = {id.removeprefix("§") for case in CASES for id in case.ids}
    vectors = {id for id in cited if id.startswith("V-")}
    listed = (ROOT / "tests" / "rule_ids.txt").read_text(encoding="utf-8").splitlines()
    rules = {line.partition(":")[0].strip() for line in listed if line and not line.startswith("#")}
    return {"cases": len(CASES), "rules": len(cited & rules), "vectors": len(vectors)}


# ---------------------------------------------------------------- files


def save(recorded: Recorded, path: Path) -> None:
    """Write a run's figures; the file is never half written."""
    content = {name: value for name, value in vars(recorded).items() if name != "result"}
    result = recorded.result
    content |= {
        "cases": result.cases,
        "seconds": round(result.seconds, 1),
        "disagreements": result.disagreements,
        "found": [vars(each) for each in result.found],
        "coverage": nested(result.counts),
    }
    write_json(content, path)


def write_json(content: Any, path: Path) -> None:
    """Write beside the file, then put it in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def nested(counts: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Counts by kind, in a fixed order."""
    found: dict[str, dict[str, int]] = {}
    for (kind, what), count in sorted(counts.items()):
        found.setdefault(kind, {})[what] = count
    return found


def load(path: Path) -> Recorded:
    """Read a run's figures."""
    content = read_json(path)
    try:
        result = Result(content.pop("cases"), content.pop("disagreements"), content.pop("seconds"))
        result.found = [found_of(each) for each in content.pop("found")]
        for kind, rows in content.pop("coverage").items():
            result.counts.update({(kind, what): count for what, count in rows.items()})
        return Recorded(**content, result=result)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofError(f"`{path}` holds no figures of a run") from error


def read_json(path: Path) -> Any:
    """Read a file of results."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProofError(f"cannot read `{path}`: {error.strerror}") from error
    except ValueError as error:
        raise ProofError(f"`{path}` is not JSON: {error}") from error


def found_of(content: dict[str, Any]) -> Found:
    """Read a disagreement."""
    engine, oracle = (Outcome(*content.pop(name)) for name in ("engine", "oracle"))
    return Found(**content, engine=engine, oracle=oracle)


# ---------------------------------------------------------------- going on, and merging


def resumed(asked: Recorded, path: Path) -> Recorded:
    """Go on with the run that a file holds, when it is the one that is asked for; else begin it."""
    if not path.exists():
        return asked
    before = load(path)
    for name in ("seed", "first", "only", "sources"):
        if getattr(before, name) != getattr(asked, name):
            what = "other sources" if name == "sources" else f"another `{name}`"
            raise ProofError(f"`{path}` holds a run with {what}: name another file, or remove it")
    if before.following % CHUNK:
        raise ProofError(f"`{path}` ends at case {before.following:,}, inside a chunk: name another file")
    before.jobs = asked.jobs
    return before


def merged(parts: Iterable[Recorded]) -> Recorded:
    """Add up the parts of a run, or several runs; no case may count twice."""
    ordered = sorted(parts, key=lambda each: (each.seed, str(each.only), each.first))
    total = Recorded(**{name: value for name, value in vars(ordered[0]).items() if name != "result"})
    for before, after in pairwise(ordered):
        same = (before.seed, before.only) == (after.seed, after.only)
        if same and before.following > after.first:
            raise ProofError(f"the parts of seed `{after.seed}` overlap at case {after.first:,}")
        if before.sources != after.sources:
            raise ProofError("the parts are runs of different sources")
    for part in ordered:
        total.result.add(part.result)
    total.seed = ", ".join(dict.fromkeys(each.seed for each in ordered))
    total.date = max(each.date for each in ordered)
    total.jobs = max(each.jobs for each in ordered)
    return total
