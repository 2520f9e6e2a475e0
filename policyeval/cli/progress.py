"""How far is it? A bar on the terminal, for runs that take a while."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_PATIENCE = 1.0  # seconds without a bar


class Progress:
    """A bar on standard error that shows up when work takes long and somebody watches; it leaves no trace."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._started = time.monotonic()
        self._bar: Bar | None = None
        self._is_watched = sys.stderr is not None and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, count: int) -> None:
        """Count what was done."""
        self.done += count
        if self._bar is None and self._is_watched and time.monotonic() - self._started > _PATIENCE:
            self._show()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self.done)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._bar.add_task("cases", total=self.total)
        self._bar.start()
