"""What is told to the user about a document: a message, where it applies, and a way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum

from policyeval.records import Record
from policyeval.source import Path, Source, SourceMap, Span, excerpt, path_text, printable


class Severity(Enum):
    """How much a diagnostic weighs."""

    ERROR = "error"
    WARNING = "warning"
    SUGGESTION = "suggestion"
    NOTE = "note"


class Diagnostic(Record):
    """One message about a document.

    The place is a span, or a path that is looked up when the message is shown. With neither, the message is
    about the file as a whole.
    """

    message: str
    source: Source | None = None
    path: Path | None = None
    span: Span | None = None
    on_key: bool = False
    help: str | None = None
    severity: Severity = Severity.ERROR

    def place(self) -> Span | None:
        """Find the span, through the path if need be."""
        if self.span is not None or self.source is None or self.path is None:
            return self.span
        positions = SourceMap.of(self.source)
        return positions.key_span(self.path) if self.on_key else positions.span(self.path)

    def location(self) -> str:
        """Say where: `file:line:column`, the file alone, or the path when there is no text."""
        if self.source is None:
            return path_text(self.path or ())
        place = self.place()
        if place is None:
            return printable(self.source.name)
        return f"{printable(self.source.name)}:{place.start.line}:{place.start.column}"

    def render(self) -> str:
        """Write the message with its place, the lines it is about, and the help."""
        weight = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        location = self.location()
        lines = [
            f"{location}: {weight}{printable(self.message)}" if location else weight + printable(self.message)
        ]
        place = self.place()
        # Nothing at the very start stands for the document as a whole: no line says more than the message.
        if self.source is not None and place is not None and place.end.offset > 0:
            lines.append(excerpt(self.source, place))
        if self.help is not None:
            lines.append(f"   help: {printable(self.help)}")
        return "\n".join(lines)


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Name the candidate that was probably meant: equal but for case, else with the fewest typing mistakes."""
    known = list(candidates)
    lower = word.lower()
    for candidate in known:
        if candidate.lower() == lower:
            return candidate
    if len(word) > _LONGEST_WORD:
        return None
    nearest, fewest = None, len(word) // 2 + 1
    for candidate in known:
        if _at_least(lower, candidate.lower()) < fewest:
            mistakes = _mistakes(lower, candidate.lower(), fewest)
            if mistakes < fewest:
                nearest, fewest = candidate, mistakes
    return nearest


_LONGEST_WORD = 200  # nobody mistypes a longer one


def _at_least(word: str, other: str) -> int:
    """Count the letters of one that the other lacks: there are at least so many mistakes."""
    shared = (Counter(word) & Counter(other)).total()
    return max(len(word), len(other)) - shared


def _mistakes(word: str, other: str, limit: int) -> int:
    """Count letters to add, drop, change or swap with the next; stop counting at the limit."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        above, row, two_above = row, [i], before
        for j, wanted in enumerate(other, 1):
            fewest = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                fewest = min(fewest, two_above[j - 2] + 1)
            row.append(fewest)
        if min(row) >= limit:
            return limit
        before = above
    return row[-1]
