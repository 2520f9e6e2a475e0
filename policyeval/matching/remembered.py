"""What was found out before? A memory that stays small."""

from __future__ import annotations

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_MOST = 256
_LONGEST = 256


class Remembered(dict[K, V]):
    """Answers by what they depend on: a dictionary that forgets everything when it is full.

    Long keys are not kept, so that nobody can fill the memory with them.
    """

    __slots__ = ()

    def put(self, key: K, value: V) -> V:
        """Remember an answer, and give it back."""
        if _size(key) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[key] = value
        return value


def _size(key: Any) -> int:
    """The number of characters of a text, or of all texts in a tuple."""
    if isinstance(key, str):
        return len(key)
    return sum(_size(part) + 1 for part in key) if isinstance(key, tuple) else 0
