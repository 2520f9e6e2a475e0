"""Which output formats are there? One row each (UX §2, §4).

A format's module imports Look from render/look and json_text from render/json_text, not from here:
the table stands above its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from policyeval.render.json_text import json_text as json_text
from policyeval.render.json_text import render_json, render_jsonl
from policyeval.render.look import Look as Look

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

Render = Callable[[Sequence["Explanation"], Look], str]


def _text(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.text import render_text

    return render_text(explanations, look)


FORMATS: dict[str, Render] = {
    "text": _text,
    "json": render_json,
    "jsonl": render_jsonl,
}
