"""What became of each mutant? Kept line by line while the run goes on, summed up for docs/proof.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from .core import KILLED, ROOT
from .mutants import Mutant

CACHE = ROOT / ".cache" / "mutation"
MUTATION = ROOT / "tests" / "proof" / "results" / "mutation.json"
COVERAGE = ROOT / "tests" / "proof" / "results" / "coverage.json"
REASONS = Path(__file__).parent / "reasons.yaml"


@dataclass
class Progress:
    """The mutants that are done: name → what became of it."""

    path: Path
    done: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, path: Path) -> Progress:
        """Go on with what was kept."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        return cls(path, dict(json.loads(line) for line in lines))

    def add(self, mutant: Mutant, outcome: str) -> None:
        """Keep an outcome."""
        self.done[mutant.name] = outcome
        with self.path.open("a") as file:
            file.write(json.dumps([mutant.name, outcome], ensure_ascii=False) + "\n")

    def survived(self, mutant: Mutant) -> bool:
        """Did nothing notice it?"""
        return not self.done[mutant.name].startswith(KILLED)


def reasons() -> dict[str, str]:
    """Why a mutant that survives is no error: by its name, or by the function that it is in."""
    return dict(yaml.safe_load(REASONS.read_text()) or {}) if REASONS.exists() else {}


def summary(mutants: Iterable[Mutant], progress: Progress) -> dict[str, Any]:
    """Sum up for docs/proof.md (tests/proof/results/README.md)."""
    every, known = [one for one in mutants if one.name in progress.done], reasons()
    survivors = [one for one in every if progress.survived(one)]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "tool": f"tests.mutation, policyeval {version('policyeval-iam')}",
        "mutants": len(every),
        "killed": len(every) - len(survivors),
        "equivalent": sum(one.name in known for one in survivors),
        "files": _by_file(every, progress),
        "sources": digest({one.file for one in every}),
        "survivors": [
            {"file": f"{one.file}:{one.line}", "mutant": one.change, "reason": known.get(one.name, "")}
            for one in survivors
        ],
    }


def _by_file(mutants: list[Mutant], progress: Progress) -> dict[str, list[int]]:
    """Killed, and all, of each file."""
    found: dict[str, list[int]] = {}
    for one in mutants:
        row = found.setdefault(one.file, [0, 0])
        row[0] += not progress.survived(one)
        row[1] += 1
    return found


def digest(files: Iterable[str]) -> str:
    """Tell the state of some files."""
    whole = hashlib.sha256()
    for file in sorted(files):
        whole.update((ROOT / file).read_bytes())
    return whole.hexdigest()[:16]


def write_json(path: Path, value: Any) -> None:
    """Write results."""
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
