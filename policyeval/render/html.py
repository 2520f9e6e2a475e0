"""The format `html`: one page for all explanations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policyeval.explain.as_html import as_html
from policyeval.render.look import Look

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


def render_html(explanations: Sequence[Explanation], _: Look) -> str:
    """Write one self-contained page."""
    return as_html(explanations)
