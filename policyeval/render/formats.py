"""Which output formats are there? One row each (UX §2, §4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


class Look(NamedTuple):
    """How text is laid out; formats for programs pay no heed to it."""

    verbose: bool = False
    color: bool = False
    width: int = 100


Render = Callable[[Sequence["Explanation"], Look], str]


def _text(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.text import render_text

    return render_text(explanations, look)


def _json(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one explanation as an object, several as an array."""
    answers = [explanation.to_dict() for explanation in explanations]
    return json_text(answers[0] if len(answers) == 1 else answers)


def _jsonl(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one object a line."""
    return "".join(f"{json.dumps(explanation.to_dict())}\n" for explanation in explanations)


def json_text(value: Any) -> str:
    """Write JSON for people and programs alike: indented, and ASCII only, so that every terminal shows it."""
    return json.dumps(value, indent=2) + "\n"


FORMATS: dict[str, Render] = {
    "text": _text,
    "json": _json,
    "jsonl": _jsonl,
}
