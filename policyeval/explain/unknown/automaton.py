"""Which texts can a set of patterns tell apart? One shortest witness per class, without a bound on their length.

All patterns run side by side as the bits of one integer: a pattern of n characters has n + 1 positions,
a star is a loop on a position. Texts that reach the same accepting positions belong to one class.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import chain

from policyeval.language.patterns import Glob, Token, Wildcard
from policyeval.language.values import lower_each
from policyeval.records import Record

MOST_STATES = 20_000
MOST_CLASSES = 512
_FRESH = "xyzwvutsrqponmlkjihgfedcba0123456789_-"


class Symbol(Enum):
    """What a place of a pattern stands for when it is no character."""

    ANY = "?"
    ANY_BUT_COLON = "? within an ARN"
    RUN = "*"
    RUN_BUT_COLON = "* within an ARN"


_RUNS = (Symbol.RUN, Symbol.RUN_BUT_COLON)
_IN_ARN = {Wildcard.ANY_RUN: Symbol.RUN_BUT_COLON, Wildcard.ANY_CHARACTER: Symbol.ANY_BUT_COLON}
_ANYWHERE = {Wildcard.ANY_RUN: Symbol.RUN, Wildcard.ANY_CHARACTER: Symbol.ANY}


class Pattern(Record):
    """A text with wildcards; with `any_case` letters stand for themselves in either case."""

    symbols: tuple[str | Symbol, ...]
    any_case: bool = False


def literal(text: str, *, any_case: bool = False) -> Pattern:
    """Make the pattern of one text."""
    return Pattern(tuple(lower_each(text) if any_case else text), any_case)


def glob_pattern(tokens: Iterable[Token]) -> Pattern:
    """Make the pattern of StringLike."""
    return Pattern(tuple(_symbols(tokens, _ANYWHERE)))


def arn_pattern(parts: Sequence[Glob]) -> Pattern:
    """Make the pattern of ArnLike from partition to resource: only the last part may cross colons (C-80)."""
    if not parts:
        return arn_pattern((Glob((Wildcard.ANY_RUN,)),) * 5)
    symbols: list[str | Symbol] = list("arn")
    for part in parts[:-1]:
        symbols += [":", *_symbols(part.tokens, _IN_ARN)]
    return Pattern((*symbols, ":", *_symbols(parts[-1].tokens, _ANYWHERE)))


def _symbols(tokens: Iterable[Token], wildcards: dict[Wildcard, Symbol]) -> Iterator[str | Symbol]:
    for token in tokens:
        if isinstance(token, str):
            yield from token
        else:
            yield wildcards[token]


class Automaton:
    """Several patterns, simulated together; a state is the set of positions that are reached."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.start = self._any = self._any_in_arn = self._run = self._run_in_arn = 0
        self._literals: dict[str, int] = {}
        self._accepting: list[int] = []
        self._absorbing: list[tuple[int, int]] = []
        offset = 0
        for pattern in patterns:
            offset = self._add(pattern, offset)
        self._everything_accepting = sum(self._accepting)
        in_use = {variant for character in self._literals for variant in _cases(character)} | {":"}
        candidates = chain(_FRESH, map(chr, range(0x4E00, 0x9FFF)))
        self.fresh = next(character for character in candidates if character not in in_use)

    def _add(self, pattern: Pattern, offset: int) -> int:
        at = 1 << offset
        self.start |= at
        for symbol in pattern.symbols:
            if symbol in _RUNS:
                self._run |= at if symbol is Symbol.RUN else 0
                self._run_in_arn |= at if symbol is Symbol.RUN_BUT_COLON else 0
                continue
            self._expect(symbol, at, pattern.any_case)
            at <<= 1
        self._accepting.append(at)
        if pattern.symbols and pattern.symbols[-1] is Symbol.RUN:
            self._absorbing.append((at, (at << 1) - (1 << offset)))
        return at.bit_length()

    def _expect(self, symbol: str | Symbol, at: int, any_case: bool) -> None:
        if symbol is Symbol.ANY:
            self._any |= at
        elif symbol is Symbol.ANY_BUT_COLON:
            self._any_in_arn |= at
        elif isinstance(symbol, str):
            for character in _cases(symbol) if any_case else (symbol,):
                self._literals[character] = self._literals.get(character, 0) | at

    def step(self, state: int, character: str) -> int:
        """Read one character."""
        moving = self._literals.get(character, 0) | self._any
        staying = self._run
        if character != ":":
            moving |= self._any_in_arn
            staying |= self._run_in_arn
        after = ((state & moving) << 1) | (state & staying)
        for accepting, block in self._absorbing:
            if after & accepting:  # nothing that follows can matter to this pattern
                after = (after & ~block) | accepting
        return after

    def accepted(self, text: str) -> int:
        """Tell which patterns match: bit i for pattern i."""
        state = self.start
        for character in text:
            state = self.step(state, character)
        return self._bits(state)

    def _bits(self, state: int) -> int:
        return sum(1 << index for index, accepting in enumerate(self._accepting) if state & accepting)

    def classes(self, states: int = MOST_STATES, classes: int = MOST_CLASSES) -> dict[int, str] | None:
        """Give every set of patterns that some text but "" matches, each with a shortest such text.

        None beyond the limits.
        """
        found: dict[int, str] = {}
        seen, waiting = {self.start}, deque([(self.start, "")])
        while waiting:
            state, text = waiting.popleft()
            for character in self._telling(state):
                after = self.step(state, character)
                found.setdefault(after & self._everything_accepting, text + character)
                if after not in seen:
                    seen.add(after)
                    waiting.append((after, text + character))
            if len(seen) > states or len(found) > classes:
                return None
        return {self._bits(state): text for state, text in found.items()}

    def _telling(self, state: int) -> Iterator[str]:
        """Name the characters that differ here; one stands for all others."""
        yield self.fresh
        in_arn = state & (self._any_in_arn | self._run_in_arn)
        if in_arn and ":" not in self._literals:
            yield ":"
        for character, places in self._literals.items():
            if state & places or (character == ":" and in_arn):
                yield character


def _cases(character: str) -> tuple[str, ...]:
    """Give the letter in both cases, as far as lower-casing finds back to it (C-51)."""
    upper = character.upper()
    return (character, upper) if upper != character and upper.lower() == character else (character,)
