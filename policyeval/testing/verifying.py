"""Which of the calls that must be possible, or must not, are not as they must be?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from policyeval.engine import Engine
from policyeval.errors import RequestError
from policyeval.explain.explanation import Explanation
from policyeval.records import Record
from policyeval.request import Request
from policyeval.testing.answers import Policies, request_of

Call = Request | Mapping[str, Any] | tuple[Any, ...]


class Violation(Record, eq=False):
    """A call that is answered otherwise than it must be; `str()` explains it."""

    expected: str
    request: Request
    explanation: Explanation

    def __str__(self) -> str:
        got = self.explanation.decision
        head = f"{self.request.principal} {self.request.action} {self.request.resource}"
        told = f"{head}: expected {self.expected}, got {got.effect.value} ({got.reason.code})"
        return f"{told}\n\n{self.explanation.text(verbose=True)}"


def verify(
    policies: Policies,
    *,
    must_allow: Iterable[Call] = (),
    must_deny: Iterable[Call] = (),
    now: float | None = None,
) -> list[Violation]:
    """Give every call that is answered otherwise than it must be; nothing when all are as they must be.

    A call is a request, its file shape, or `(principal, action, resource[, context])`.
    """
    engine = Engine(policies, now=now)
    wanted = [("allow", call) for call in must_allow] + [("deny", call) for call in must_deny]
    explained = [(expected, engine.explain(_request(call))) for expected, call in wanted]
    return [
        Violation(expected, one.request, one)
        for expected, one in explained
        if one.allowed is not (expected == "allow")
    ]


def _request(call: Call) -> Request:
    if not isinstance(call, tuple):
        return Request.from_dict(call)
    if not 2 <= len(call) <= 4:
        help = "write (principal, action, resource), or (principal, action, resource, context)"
        raise RequestError(f"a call has 2 to 4 parts, not {len(call)}", path=(), help=help)
    principal, action, resource, context = (*call, "*", {})[:4] if len(call) == 2 else (*call, {})[:4]
    return request_of(principal, action, resource, {"context": context})
