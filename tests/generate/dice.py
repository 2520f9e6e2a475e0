"""Random choices, and texts that match or nearly match."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

T = TypeVar("T")
Json = dict[str, Any]
Family = tuple[Json, list[Json]]
"""A policy set, and the requests that are asked of it."""
ODD_CHARACTERS = "*?$ ./:-_{}'a1Z\\[(+^|é"


class Dice:
    """A seeded source of choices."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def chance(self, probability: float) -> bool:
        """Say yes with a probability."""
        return self.random.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Choose one."""
        return options[int(self.random.random() * len(options))]

    def number(self, low: int, high: int) -> int:
        """Choose a whole number, both ends included."""
        return low + int(self.random.random() * (high - low + 1))

    def few(self) -> int:
        """Choose a small number, mostly one."""
        return self.pick((1, 1, 1, 1, 2, 2, 3))

    def scalar_or_list(self, values: list[T]) -> T | list[T]:
        """L-8: a list of one may be written as the bare value."""
        return values[0] if len(values) == 1 and self.chance(0.6) else values

    # ------------------------------------------------------------ texts

    def near(self, text: str) -> str:
        """One character off, another case, or with odd characters."""
        how = self.number(0, 7)
        place = self.number(0, max(len(text) - 1, 0))
        if how == 0:
            return text.swapcase()
        if how == 1:
            return text[:place] + text[place + 1 :]
        if how == 2:
            return text[:place] + self.pick(ODD_CHARACTERS) + text[place:]
        if how == 3:
            return text[:place] + self.pick(ODD_CHARACTERS) + text[place + 1 :]
        if how == 4:
            return text + self.pick((" ", "/", "*", "x", ""))
        if how == 5:
            return self.pick(("", " ", "*", "?", "**"))
        return text.upper() if how == 6 else text[:place]

    def wild(self, text: str) -> str:
        """Put wildcards in place of runs and characters; mostly it still matches."""
        for _ in range(self.few()):
            start = self.number(0, len(text))
            if self.chance(0.5):
                end = self.number(start, min(len(text), start + 8))
                text = text[:start] + "*" + text[end:]
            elif start < len(text):
                text = text[:start] + "?" + text[start + 1 :]
        return text

    def flipped(self, text: str) -> str:
        """Change the case of some letters."""
        return "".join(each.swapcase() if self.chance(0.3) else each for each in text)
