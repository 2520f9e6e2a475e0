"""Does a text match a pattern with `*` and `?`? In time at most pattern × text, without regular expressions.

`*` is any run of characters, also an empty one, `?` exactly one character (SEMANTICS A-2, R-3, C-52, R-48).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache

_KELVIN_SAFE = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Wildcard(Enum):
    """A wildcard among the tokens of a pattern."""

    ANY_RUN = "*"
    ANY_CHARACTER = "?"


_WILDCARDS = {member.value: member for member in Wildcard}

Token = str | Wildcard


def ascii_lower(text: str) -> str:
    """Lower only A–Z: no other letter is another spelling of an ASCII one (`K` Kelvin is no `k`)."""
    return text.lower() if text.isascii() else text.translate(_KELVIN_SAFE)


def tokens_of(text: str) -> tuple[Token, ...]:
    """Split a text at its wildcards."""
    tokens: list[Token] = []
    literal = 0
    for index, character in enumerate(text):
        if character in "*?":
            if literal < index:
                tokens.append(text[literal:index])
            tokens.append(_WILDCARDS[character])
            literal = index + 1
    if literal < len(text):
        tokens.append(text[literal:])
    return tuple(tokens)


class _Chunk:
    """A run of literals and `?` between two stars."""

    __slots__ = ("length", "places")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.places: list[tuple[int, str]] = []
        self.length = 0
        for token in tokens:
            if isinstance(token, str):
                self.places.append((self.length, token))
                self.length += len(token)
            else:
                self.length += 1

    def stands_at(self, text: str, start: int) -> bool:
        return all(text.startswith(literal, start + at) for at, literal in self.places)

    def find(self, text: str, start: int, end: int) -> int:
        """Find the leftmost place in text[start:end]; -1 when there is none.

        Each literal in turn says where it stands next; the chunk stands where all agree.
        """
        last, agreed, turn = end - self.length, 0, 0
        if start > last:
            return -1
        while agreed < len(self.places):
            at, literal = self.places[turn % len(self.places)]
            found = text.find(literal, start + at, last + at + len(literal))
            if found < 0:
                return -1
            agreed = agreed + 1 if found == start + at else 1
            start = found - at
            turn += 1
        return start


class Glob:
    """A compiled pattern; `matches` is a plain function of a text. No two literal tokens stand side by side."""

    __slots__ = ("matches", "tokens")

    matches: Callable[[str], bool]

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = _joined(tokens)
        self.matches = _matcher(self.tokens)

    def __repr__(self) -> str:
        return f"Glob({self.text!r})"

    @property
    def text(self) -> str:
        """The pattern in its own notation."""
        return "".join(token if isinstance(token, str) else token.value for token in self.tokens)

    @property
    def prefix(self) -> str | None:
        """The text in front of the star when the pattern is a text and one star behind it."""
        if not self.tokens or self.tokens[-1] is not Wildcard.ANY_RUN:
            return None
        head = self.tokens[:-1]
        return "".join(map(str, head)) if all(isinstance(token, str) for token in head) else None

    @property
    def is_literal(self) -> bool:
        """Does the pattern hold no wildcard?"""
        return all(isinstance(token, str) for token in self.tokens)

    @property
    def is_everything(self) -> bool:
        """Does the pattern consist of `*` alone?"""
        return bool(self.tokens) and all(token is Wildcard.ANY_RUN for token in self.tokens)


def _joined(tokens: Sequence[Token]) -> tuple[Token, ...]:
    joined: list[Token] = []
    for token in tokens:
        if isinstance(token, str) and joined and isinstance(joined[-1], str):
            joined[-1] += token
        elif token != "":
            joined.append(token)
    return tuple(joined)


def _everything(_: str) -> bool:
    return True


def _matcher(tokens: tuple[Token, ...]) -> Callable[[str], bool]:
    """Choose the cheapest test for a pattern."""
    if all(isinstance(token, str) for token in tokens):
        return "".join(map(str, tokens)).__eq__
    runs = _between_stars(tokens)
    if len(runs) == 1:
        return _fixed_length(_Chunk(runs[0]))
    if not any(runs):
        return _everything
    first, *middle, last = runs
    if not any(middle) and not last and all(isinstance(token, str) for token in first):
        return _prefix("".join(map(str, first)))
    return _with_stars(_Chunk(first), tuple(_Chunk(run) for run in middle if run), _Chunk(last))


def _between_stars(tokens: tuple[Token, ...]) -> list[list[Token]]:
    runs: list[list[Token]] = [[]]
    for token in tokens:
        if token is Wildcard.ANY_RUN:
            runs.append([])
        else:
            runs[-1].append(token)
    return runs


def _prefix(prefix: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefix)


def _fixed_length(chunk: _Chunk) -> Callable[[str], bool]:
    return lambda text: len(text) == chunk.length and chunk.stands_at(text, 0)


def _with_stars(first: _Chunk, middle: tuple[_Chunk, ...], last: _Chunk) -> Callable[[str], bool]:
    shortest = first.length + last.length + sum(chunk.length for chunk in middle)

    def matches(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < shortest or not first.stands_at(text, 0) or not last.stands_at(text, end):
            return False
        start = first.length
        for chunk in middle:
            start = chunk.find(text, start, end)
            if start < 0:
                return False
            start += chunk.length
        return True

    return matches


@lru_cache(maxsize=65536)
def glob(text: str) -> Glob:
    """Compile a pattern text in which `*` and `?` are wildcards."""
    return Glob(tokens_of(text))
