"""A second, deliberately naive evaluator, written straight from SEMANTICS; it shares nothing with the package."""

from __future__ import annotations

from typing import Any

from .calls import Answer
from .chains import answer_request
from .errors import Invalid
from .policy_sets import read_policies
from .requests import read_request

__all__ = ["Answer", "Invalid", "answer"]


def answer(
    policies: dict[str, Any], request: dict[str, Any], now: Any = None, *, strict: bool = False
) -> Answer:
    """Decide a request of UX 1 against a policy set of UX 1, whose documents stand inline."""
    read = read_policies(policies, strict)
    return answer_request(read, read_request(request, now), strict)
