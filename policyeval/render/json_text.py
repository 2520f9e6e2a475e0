"""How do answers read as JSON? One object a request; an array, or a line each, for several (UX §4)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from policyeval.render.look import Look

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def render_json(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one explanation as an object, several as an array."""
    answers = [explanation.to_dict() for explanation in explanations]
    return json_text(answers[0] if len(answers) == 1 else answers)


def render_jsonl(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one object a line."""
    return "".join(f"{json.dumps(explanation.to_dict())}\n" for explanation in explanations)


def json_text(value: Any) -> str:
    """Write JSON for people and programs alike: indented, and ASCII only, so that every terminal shows it."""
    return json.dumps(value, indent=2) + "\n"
