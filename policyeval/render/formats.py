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


def _html(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.html import render_html

    return render_html(explanations, look)


def _markdown(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.markdown import render_markdown

    return render_markdown(explanations, look)


def _sarif(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.sarif import render_sarif

    return render_sarif(explanations, look)


def _junit(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.junit import render_junit

    return render_junit(explanations, look)


def _github(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.github import render_github

    return render_github(explanations, look)


def _simulator(explanations: Sequence[Explanation], look: Look) -> str:
    from policyeval.render.simulator import render_simulator

    return render_simulator(explanations, look)


FORMATS: dict[str, Render] = {
    "text": _text,
    "json": render_json,
    "jsonl": render_jsonl,
    "html": _html,
    "markdown": _markdown,
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "simulator": _simulator,
}
