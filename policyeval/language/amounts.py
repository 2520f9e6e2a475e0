"""How much does a policy hold? What is more than its limits is refused before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyeval.errors import PolicyError
from policyeval.limits import POLICY_CHARACTERS, POLICY_TEXTS
from policyeval.source import Path, Source, offset_in_json


def texts_in(value: Any) -> Iterator[str]:
    """Walk all names and values of a document."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str):
            yield one


def refuse_large(value: Any, source: Source, base: Path = ()) -> None:
    """Raise PolicyError for a policy that holds more than is read."""
    if source.syntax == "json" and len(source.text) <= min(POLICY_TEXTS.most, POLICY_CHARACTERS.most):
        return  # every text has at least one character around it; in YAML, aliases repeat some
    texts = list(texts_in(value))
    amounts = ((POLICY_TEXTS, len(texts)), (POLICY_CHARACTERS, sum(map(len, texts))))
    for limit, found in amounts:
        if found > limit.most:
            at = offset_in_json(source.text, base) if source.syntax == "json" else None
            span = source.span(at or 0, (at or 0) + 1)
            raise PolicyError(limit.message(found), source=source, span=span, help=limit.help)
