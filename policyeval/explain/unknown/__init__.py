"""What is the answer when some context keys are unknown? Allow, deny, or a condition for each (UX §3, `--unknown`).

Explanations of every denial use a part of this; the rest is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policyeval.explain.unknown.answer import Branch as Branch
    from policyeval.explain.unknown.answer import UnknownAnswer as UnknownAnswer
    from policyeval.explain.unknown.answer import answer_unknown as answer_unknown

__all__ = ["Branch", "UnknownAnswer", "answer_unknown"]


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in __all__:
        raise AttributeError(f"module `{__name__}` has no `{name}`")
    return getattr(import_module(f"{__name__}.answer"), name)
