"""Random requests and policy sets, made so that things match often and nearly match more often."""

from __future__ import annotations

from .dice import Dice
from .families import family
from .policy_sets import LAYERS, scenario

__all__ = ["LAYERS", "Dice", "family", "scenario"]
