"""Which parts of a statement's text decided? Its lines, cut where elements are marked, with what is said of them."""

from __future__ import annotations

from enum import Enum

from policyeval.explain.elements import ElementReport
from policyeval.explain.reports import StatementReport
from policyeval.records import Record
from policyeval.source import Span

MOST_LINES = 40
_AROUND = 1
_MARKED_LINES = 8
_LONGEST_PART = 160
_KEPT = 60


class Mark(Enum):
    """What is said of a part of a line."""

    PLAIN = "plain"
    GOOD = "good"
    BAD = "bad"


class Part(Record):
    """A stretch of one line."""

    text: str
    mark: Mark = Mark.PLAIN


class Remark(Record):
    """What is said below a line: about which element, and whether it is what was wrong."""

    mark: Mark
    element: ElementReport
    column: int
    length: int


class MarkedLine(Record):
    """A line of the source; without parts it stands for lines that are left out."""

    number: int
    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...] = ()

    @property
    def is_gap(self) -> bool:
        """Does it stand for lines that are left out?"""
        return self.number == 0


GAP = MarkedLine(0, ())


def marked_lines(statement: StatementReport) -> tuple[MarkedLine, ...]:
    """Give the lines of a statement with its elements marked; of a long one those with marks and their neighbours."""
    whole = statement.span()
    text = statement.policy.source.text.split("\n")
    marks = [(statement.span(one.path), one) for one in statement.elements]
    first, last = whole.start.line, min(whole.end.line, len(text))
    kept = _kept(first, last, [span.start.line for span, _ in marks])
    marked = _by_line(marks)
    found: list[MarkedLine] = []
    for number in range(first, last + 1):
        if number in kept:
            found.append(
                _line(number, text[number - 1].rstrip("\r"), marked.get(number, []), whole, statement)
            )
        elif found and not found[-1].is_gap:
            found.append(GAP)
    return tuple(found)


def _by_line(marks: list[tuple[Span, ElementReport]]) -> dict[int, list[tuple[Span, ElementReport]]]:
    """Sort marks by the lines on which they are seen; a long one is marked where it begins only."""
    found: dict[int, list[tuple[Span, ElementReport]]] = {}
    for span, element in marks:
        for number in range(span.start.line, min(span.end.line, span.start.line + _MARKED_LINES) + 1):
            found.setdefault(number, []).append((span, element))
    return found


def _kept(first: int, last: int, marked: list[int]) -> set[int]:
    """Choose the lines to show."""
    if last - first < MOST_LINES:
        return set(range(first, last + 1))
    near = {line + step for line in marked for step in range(-_AROUND, _AROUND + 1)}
    return {first, last} | {line for line in near if first <= line <= last}


def _line(
    number: int,
    text: str,
    marks: list[tuple[Span, ElementReport]],
    whole: Span,
    statement: StatementReport,
) -> MarkedLine:
    """Cut one line at its marks; on a line of a minified policy, also at the ends of the statement."""
    remarks, ranges = [], []
    for span, element in sorted(marks, key=lambda one: one[0].start):
        start, end = _on_line(span, number, text)
        mark = _mark(element, statement)
        if span.start.line == number:
            remarks.append(Remark(mark, element, start + 1, max(1, end - start)))
        if start < end and span != whole:
            ranges.append((start, end, mark))
    return MarkedLine(number, _parts(text, ranges), tuple(remarks))


def _mark(element: ElementReport, statement: StatementReport) -> Mark:
    """An element that matched is what was wrong in a Deny, and right in an Allow; a malformed one is wrong."""
    if element.rule == "C-18":
        return Mark.BAD
    return Mark.GOOD if element.matched is statement.is_allow else Mark.BAD


def _on_line(span: Span, number: int, text: str) -> tuple[int, int]:
    """Find the part of a span on one of its lines, without indentation."""
    indent = len(text) - len(text.lstrip())
    start = span.start.column - 1 if number == span.start.line else indent
    end = span.end.column - 1 if number == span.end.line else len(text.rstrip())
    return start, end


def _parts(text: str, ranges: list[tuple[int, int, Mark]]) -> tuple[Part, ...]:
    found, at = [], 0
    for start, end, mark in ranges:
        if start < at:  # inside what is marked already
            continue
        found += [Part(shortened(text[at:start], left=bool(at))), Part(text[start:end], mark)]
        at = end
    found.append(Part(shortened(text[at:], left=bool(at), right=False)))
    return tuple(part for part in found if part.text)


def shortened(text: str, *, left: bool, right: bool = True) -> str:
    """Cut the middle out of a very long stretch, or the far end where nothing follows."""
    if len(text) <= _LONGEST_PART:
        return text
    before = text[:_KEPT] if left or not right else ""
    after = text[-_KEPT:] if right else ""
    return f"{before} … {after}"
