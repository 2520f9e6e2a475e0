"""Write disagreements as a case file (UX 1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from .compare import NOW, Outcome, disagreement
from .run import Found


def smallest(found: list[Found]) -> list[Found]:
    """The smallest disagreement of every class."""
    best: dict[tuple[Outcome, Outcome], Found] = {}
    for each in sorted(found, key=lambda one: len(repr((one.policies, one.request)))):
        best.setdefault((each.engine, each.oracle), each)
    return list(best.values())


def case_of(found: Found, number: int) -> dict[str, Any]:
    """One disagreement as a case that expects what the oracle says."""
    case: dict[str, Any] = {
        "name": f"engine says {found.engine}, oracle says {found.oracle} ({number})",
        "id": [],
        "why": f"found by the differential run, seed {found.seed}",
        "policies": found.policies,
        "request": timed(found),
        "expect": found.oracle.effect,
    }
    return case | ({"reason": found.oracle.reason} if found.oracle.reason else {})


def timed(found: Found) -> dict[str, Any]:
    """The request at the run's time, so that the case says the same on every day."""
    now = datetime.fromtimestamp(NOW, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = {"time": now} | found.request
    same = disagreement(found.policies, request) == (found.engine, found.oracle)
    return request if same else found.request


def write(found: Iterable[Found], path: Path) -> None:
    """Write a case file of every disagreement."""
    content = {
        "about": "Disagreements of engine and oracle",
        "source": "the differential run",
        "cases": [case_of(each, number) for number, each in enumerate(found, 1)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    path.write_text(text, encoding="utf-8")
