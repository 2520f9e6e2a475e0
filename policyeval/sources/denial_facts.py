"""What does the text of a denial state? The facts that the grammar of denials finds among the noise."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policyeval.decision import Effect, Layer
from policyeval.grammars import parser

# Colours, the frame that Terraform draws, and what JSON puts before a quote or in place of white space.
_DECORATION = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]|[\u2500-\u257f\ufeff]")
_ESCAPED = re.compile(r"\\{1,4}(?:[nrt](?=\W|[A-Z])|(?=[\"'/]))")
_AFTER = ".,;:)]}'\\`"

_KINDS = {layer.name: layer for layer in Layer}


@dataclass(frozen=True)
class Facts:
    """What one denial states, as it was written; None and empty where it is silent."""

    caller: str | None = None
    action: str | None = None
    target: str | None = None
    is_quoted: bool = False
    entity: str | None = None
    layer: Layer | None = None
    effect: Effect | None = None
    policy_arn: str | None = None
    operation: str | None = None
    service: str | None = None
    addresses: tuple[str, ...] = ()
    code: str | None = None
    encoded: str | None = None
    statement: str | None = None
    words: str | None = None
    credentials: str | None = None
    refused: bool = False

    @property
    def is_denial(self) -> bool:
        """Do the facts say that a call was denied?"""
        told = self.refused or self.statement or (self.effect and self.layer) or self.encoded is not None
        weak = self.code is not None and (self.operation or not self.code.startswith("Forbidden"))
        return bool(told or weak)


def read_facts(text: str) -> list[Facts]:
    """Read the denials of a text, in its order; a text without any gives what facts there are."""
    tree = parser("denial").parse(_cleaned(text))
    found = [_facts(segment) for segment in _segments(tree.children)]
    return [one for one in found if one.is_denial] or found[:1]


def _cleaned(text: str) -> str:
    plain = html.unescape(text) if "&" in text else text
    return " ".join(_ESCAPED.sub(" ", _DECORATION.sub(" ", plain)).split())


def _segments(children: Iterable[Any]) -> Iterator[list[Any]]:
    """Part the facts of several denials: each has one caller and one refusal."""
    segment: list[Any] = []
    seen: set[str] = set()
    for fact in children:
        name = getattr(fact, "data", None)
        if name is None:  # an ARN that stands alone
            continue
        if name == "caller" and {"caller", "action"} <= seen:
            yield segment
            segment, seen = [], set()
        segment.append(fact)
        seen.add(name)
    yield segment


def _facts(segment: Iterable[Any]) -> Facts:
    """Collect the facts of one denial; of two that contradict the first counts."""
    found: dict[str, Any] = {}
    for fact in segment:
        for name, value in _READERS[fact.data](fact.children):
            if name == "addresses":
                found[name] = (*found.get(name, ()), *value)
            elif value is not None:
                found.setdefault(name, value)
    return Facts(**found)


Read = Iterator[tuple[str, Any]]


def _word(tokens: list[Any]) -> str | None:
    return str(tokens[0]).rstrip(_AFTER) or None if tokens else None


def _caller(tokens: list[Any]) -> Read:
    yield "caller", _word(tokens)


def _action(tokens: list[Any]) -> Read:
    yield "refused", True
    yield from _label(tokens)


def _label(tokens: list[Any]) -> Read:
    yield "action", str(tokens[0]).lstrip("[") if tokens else None


def _target(tokens: list[Any]) -> Read:
    if not tokens:
        return
    if tokens[0].type == "QUOTED":
        yield "target", str(tokens[0])[1:-1].strip()
        yield "is_quoted", True
    else:
        yield "entity" if tokens[0].type == "IAM_ENTITY" else "target", _word(tokens)


def _missing(tokens: list[Any]) -> Read:
    if tokens:
        yield "effect", Effect.IMPLICIT_DENY
        yield "layer", _KINDS[tokens[0].type]


def _denying(tokens: list[Any]) -> Read:
    yield "effect", Effect.EXPLICIT_DENY
    for token in tokens:
        if token.type == "ARN":
            yield "policy_arn", str(token).rstrip(_AFTER)
        else:
            yield "layer", _KINDS[token.type]


def _operation(tokens: list[Any]) -> Read:
    for token in tokens:
        yield "operation" if token.type == "OPERATION" else "service", str(token).strip()


def _service(tokens: list[Any]) -> Read:
    yield "service", str(tokens[0]).strip() if tokens else None


def _address(tokens: list[Any]) -> Read:
    yield "addresses", (str(tokens[0]).rstrip(_AFTER),)


def _code(tokens: list[Any]) -> Read:
    yield "code", str(tokens[0])


def _encoded(tokens: list[Any]) -> Read:
    yield "encoded", str(tokens[0]).replace(" ", "") if tokens else ""


def _statement(tokens: list[Any]) -> Read:
    yield "statement", tokens[0].type
    yield "words", str(tokens[0])


def _credentials(tokens: list[Any]) -> Read:
    yield "credentials", str(tokens[0])


# rule of the grammar → what it states
_READERS = {
    "caller": _caller,
    "action": _action,
    "label": _label,
    "target": _target,
    "missing": _missing,
    "denying": _denying,
    "operation": _operation,
    "service": _service,
    "address": _address,
    "code": _code,
    "encoded": _encoded,
    "statement": _statement,
    "credentials": _credentials,
}
