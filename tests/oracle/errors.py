"""The one error of the oracle."""

from __future__ import annotations


class Invalid(Exception):
    """A document, policy set or request that is refused."""


def require(condition: bool, message: str) -> None:
    """Refuse when the condition does not hold."""
    if not condition:
        raise Invalid(message)
