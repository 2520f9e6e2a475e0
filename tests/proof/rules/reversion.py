"""What a row says."""

from __future__ import annotations

from typing import NamedTuple


class Reversion(NamedTuple):
    """One rule: what the engine does instead, and the text that makes it do so.

    `old` stands exactly once in the file.
    """

    rule: str
    what: str
    file: str
    old: str
    new: str
