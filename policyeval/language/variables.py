"""What do `${…}` in a policy text stand for? (SEMANTICS R-30..R-34, R-48, C-90..C-98)

A text becomes a template: literal pieces, wildcards and variables. Variables are resolved only under
Version 2012-10-17; a value is put in as literal text, never expanded again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from policyeval.language.patterns import Token, Wildcard, tokens_of
from policyeval.records import Record

# `${` key [`, '` default `'`] `}`; grammar/text.lark is the normative form.
_VARIABLE = re.compile(r"\$\{(?:(?P<escape>[*?$])|(?P<key>[^\s{},'$]++)(?:, '(?P<default>[^']*)')?)\}")


class Variable(Record):
    """A policy variable: its key as written, its default, and the text that it was written as.

    `key` is None for text between `${` and `}` that is no key (R-48): it is never resolved.
    """

    written: str
    key: str | None
    default: str | None = None


Piece = str | Wildcard | Variable
Resolve = Callable[[str], str | None]


class Template(Record):
    """A policy text split into literal pieces, wildcards and variables."""

    pieces: tuple[Piece, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in order of appearance."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Variable))

    def resolve(self, value_of: Resolve) -> tuple[Token, ...] | None:
        """Put the values in; None when a variable has neither a value nor a default (R-33, C-94)."""
        tokens: list[Token] = []
        for piece in self.pieces:
            if isinstance(piece, Variable):
                text = _value(piece, value_of)
                if text is None:
                    return None
                tokens.extend((text,) if text else ())
            else:
                tokens.append(piece)
        return tuple(tokens)


def _value(variable: Variable, value_of: Resolve) -> str | None:
    if variable.key is None:
        return None
    value = value_of(variable.key)
    # the default also replaces an empty value.
    return variable.default if not value and variable.default is not None else value


def template(text: str, *, variables: bool, wildcards: bool) -> Template:
    """Split a text; without `variables` (Version 2008-10-17) `${…}` is ordinary text (L-22)."""
    if not variables or "${" not in text:
        return Template(_plain(text, wildcards))
    pieces: list[Piece] = []
    at = 0
    while (start := text.find("${", at)) >= 0 and (found := _variable_at(text, start)):
        pieces.extend(_plain(text[at:start], wildcards))
        piece, at = found
        pieces.append(piece)
    pieces.extend(_plain(text[at:], wildcards))
    return Template(_joined(pieces))


def _variable_at(text: str, start: int) -> tuple[Piece, int] | None:
    """Read the variable that starts here and say where it ends; None when `${` is literal (C-91)."""
    found = _VARIABLE.match(text, start)
    if found is None:
        close = text.find("}", start) + 1
        return (Variable(text[start:close], None), close) if close else None
    if found["escape"]:
        return found["escape"], found.end()
    key = found["key"] if ":" in found["key"][1:-1] else None
    return Variable(found[0], key, found["default"]), found.end()


def _plain(text: str, wildcards: bool) -> tuple[Piece, ...]:
    if not text:
        return ()
    return tokens_of(text) if wildcards else (text,)


def _joined(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Join neighbouring literals: `a${*}b` is one literal `a*b`."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)
