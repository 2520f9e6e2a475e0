"""What does the command end with? The exit statuses of UX §2."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitStatus(IntEnum):
    """What the shell is told."""

    OK = 0
    DENIED = 1
    BAD_INPUT = 2
    UNDECIDED = 3
    INTERNAL_ERROR = 70
    INTERRUPTED = 130


_WORST_FIRST = (ExitStatus.BAD_INPUT, ExitStatus.DENIED, ExitStatus.UNDECIDED, ExitStatus.OK)


def worst(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Combine the statuses of several requests: 2, then 1, then 3, then 0."""
    return min(statuses, key=_WORST_FIRST.index, default=ExitStatus.OK)
