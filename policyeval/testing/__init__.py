"""How are policies tested? Case files and what runs them: `policyeval test`, pytest, unittest, a plain function.

The names below are public; they are imported when first used, so that the pytest plugin costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policyeval.testing.answers import Answer as Answer
    from policyeval.testing.answers import Iam as Iam
    from policyeval.testing.unit import IamAssertions as IamAssertions
    from policyeval.testing.verifying import Violation as Violation
    from policyeval.testing.verifying import verify as verify

_HOME = {
    "Answer": "answers",
    "Iam": "answers",
    "IamAssertions": "unit",
    "Violation": "verifying",
    "verify": "verifying",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module `policyeval.testing` has no `{name}`")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
