"""The errors that policyeval raises.

PolicyEvalError      the input cannot be used; `diagnostics` say what, where, and what to do
├─ PolicyError       a policy document or a policy set
├─ RequestError      a request
├─ CaseError         a case file
└─ UsageError        a flag, an option or a file
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from policyeval.diagnostics import Diagnostic
from policyeval.source import Path, Source, Span

MOST_TOLD = 100


class PolicyEvalError(Exception):
    """The input cannot be used."""

    def __init__(
        self,
        message: str,
        *,
        source: Source | None = None,
        path: Path | None = None,
        span: Span | None = None,
        on_key: bool = False,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.diagnostics: tuple[Diagnostic, ...] = (
            Diagnostic(message, source=source, path=path, span=span, on_key=on_key, help=help),
        )

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> Self:
        """Make an error of diagnostics that exist already."""
        told = tuple(diagnostics)
        error = cls("; ".join(diagnostic.message for diagnostic in told))
        error.diagnostics = told
        return error

    def __str__(self) -> str:
        """Tell the first mistakes; of very many the others are counted."""
        told = self.diagnostics[:MOST_TOLD]
        left = len(self.diagnostics) - len(told)
        rest = [f"and {left:,} more mistakes: correct these first"] if left else []
        return "\n".join([*(diagnostic.render() for diagnostic in told), *rest])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self.diagnostics,)


class PolicyError(PolicyEvalError):
    """A policy document or a policy set cannot be used."""


class RequestError(PolicyEvalError):
    """A request cannot be used."""


class CaseError(PolicyEvalError):
    """A case file cannot be used."""


class UsageError(PolicyEvalError):
    """A flag, an option or a file cannot be used."""
