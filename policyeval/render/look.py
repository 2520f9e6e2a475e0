"""How is text laid out?"""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """How text is laid out; formats for programs pay no heed to it."""

    verbose: bool = False
    color: bool = False
    width: int = 100
