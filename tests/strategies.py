"""Hypothesis strategies over the generators of `tests/generate`."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.generate import LAYERS, Dice, family, scenario
from tests.generate.policy_sets import document
from tests.generate.requests import situation

Policies = dict[str, Any]
Request = dict[str, Any]

# A seed is all that Hypothesis chooses: fast, and a failing example is one number.
dice = st.integers(0, 2**32 - 1).map(lambda seed: Dice(Random(seed)))


def scenarios(only: str | None = None) -> st.SearchStrategy[tuple[Policies, Request]]:
    """A policy set and a request that it is about."""
    return dice.map(lambda chosen: scenario(chosen, only))


def families(only: str | None = None) -> st.SearchStrategy[tuple[Policies, list[Request]]]:
    """A policy set and several requests, near to the one that it is about."""
    return dice.map(lambda chosen: family(chosen, only))


def requests() -> st.SearchStrategy[Request]:
    """A request of any kind."""
    return dice.map(lambda chosen: situation(chosen).request)


def documents(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A policy document of one type."""
    return dice.map(lambda chosen: document(situation(chosen), kind, critical=True))


__all__ = ["LAYERS", "dice", "documents", "families", "requests", "scenarios"]
