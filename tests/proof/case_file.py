"""Write disagreements as a case file (UX 1)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from .run import Found


def case_of(found: Found, number: int) -> dict[str, Any]:
    """One disagreement as a case that expects what the oracle says."""
    case: dict[str, Any] = {
        "name": f"engine says {found.engine}, oracle says {found.oracle} ({number})",
        "id": [],
        "why": f"found by the differential run, seed {found.seed}",
        "policies": found.policies,
        "request": found.request,
        "expect": found.oracle.effect,
    }
    return case | ({"reason": found.oracle.reason} if found.oracle.reason else {})


def write(found: Iterable[Found], path: Path) -> None:
    """Write a case file of every disagreement."""
    content = {
        "about": "Disagreements of engine and oracle",
        "source": "the differential run",
        "cases": [case_of(each, number) for number, each in enumerate(found, 1)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")
