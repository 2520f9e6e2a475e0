"""Rules that can be taken out of a copy of the engine: the text that has them, and the text without.

Tables of data, one for each chapter of the specification: when a file of the engine changes, only its rows are
adapted (a test says which).
"""

from __future__ import annotations

from . import conditions, decision, keys, language, principals, services
from .reversion import Reversion

__all__ = ["REVERSIONS", "Reversion"]

REVERSIONS: tuple[Reversion, ...] = (
    *language.ROWS,
    *principals.ROWS,
    *conditions.ROWS,
    *keys.ROWS,
    *decision.ROWS,
    *services.ROWS,
)
