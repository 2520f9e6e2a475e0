"""Where things stand in a document: the text, the paths of its elements, and their lines and columns."""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from policyeval.records import Record

if TYPE_CHECKING:
    from policyeval.syntax import Node

Path = tuple[str | int, ...]
Syntax = Literal["json", "yaml"]

_WIDTH = 110
_TAB = "    "
_FEW_MEMBERS = 16
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


class Position(Record):
    """A place between two characters: line and column count from 1, offset from 0."""

    line: int
    column: int
    offset: int

    def __lt__(self, other: Position) -> bool:
        return self.offset < other.offset


class Span(Record):
    """A stretch of text; `end` is the first place after it."""

    start: Position
    end: Position


class Source(Record):
    """A document as text, with the name that messages give it."""

    name: str
    text: str
    syntax: Syntax = "json"

    @classmethod
    def of(cls, name: str, text: str) -> Source:
        """Take the syntax from the file name, else from the first character."""
        return cls(name, text, _syntax(name.lower(), text))

    def span(self, start: int, end: int) -> Span:
        """Give line and column to two offsets."""
        lines = _line_starts(self.text)
        return Span(_position(lines, start), _position(lines, end))


def _syntax(name: str, text: str) -> Syntax:
    if name.endswith((".yaml", ".yml")):
        return "yaml"
    first = text.lstrip("\ufeff \t\r\n")[:1]
    return "json" if name.endswith(".json") or first in ("{", "[") else "yaml"


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


@lru_cache(maxsize=8)
def _lines(text: str) -> list[str]:
    """Part a text into lines, once: many messages can show lines of one long text."""
    return text.split("\n")


def _position(lines: list[int], offset: int) -> Position:
    line = bisect_right(lines, offset)
    return Position(line, offset - lines[line - 1] + 1, offset)


def start_line(source: Source, path: Path) -> int:
    """Tell the line on which a value starts; JSON is skimmed, without its grammar."""
    if source.syntax == "json":
        at = offset_in_json(source.text, path)
        if at is not None:
            return source.text.count("\n", 0, at) + 1
    return SourceMap.of(source).span(path).start.line


def offset_in_json(text: str, path: Path) -> int | None:
    """Find the offset of a value in JSON by jumping over the values before it; None when it is not there."""
    decode = json.JSONDecoder(parse_int=str).raw_decode  # `int` refuses very long numbers
    try:
        at = _next_token(text, 0)
        for step in path:
            is_object, count = text[at] == "{", 0
            at = _next_token(text, at + 1)
            while True:
                key: str | int = count
                if is_object:
                    key, at = decode(text, at)
                    at = _next_token(text, _next_token(text, at) + 1)
                if key == step:
                    break
                _, at = decode(text, at)
                at, count = _next_token(text, _next_token(text, at) + 1), count + 1
    except (ValueError, IndexError):
        return None
    return at


def _next_token(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


class SourceMap:
    """The positions of a document's elements, looked up by path.

    It answers for every document and every path: for what is not there with the nearest thing around it,
    for a document that cannot be parsed with its first character.
    """

    def __init__(self, source: Source, root: Node | None) -> None:
        self._source = source
        self._root = root
        self._members: dict[int, dict[str, tuple[Node, Node]]] = {}

    @classmethod
    def of(cls, source: Source) -> SourceMap:
        """Parse the positions of a document, once."""
        return _source_map(source)

    def span(self, path: Path) -> Span:
        """Find the value at a path, or the nearest value around it."""
        found, _ = self._walk(path)
        return self._span(found)

    def key_span(self, path: Path) -> Span:
        """Find the key of the member at a path; what has no key gives its value."""
        found, key = self._walk(path)
        return self._span(key or found)

    def duplicates(self) -> list[tuple[Path, Span, Span]]:
        """List the members whose key stands twice in one object: path, first key, repeated key."""
        from policyeval.syntax import duplicate_keys

        found = duplicate_keys(self._root) if self._root is not None else []
        return [(path, self._span(first), self._span(again)) for path, first, again in found]

    def _walk(self, path: Path) -> tuple[Node | None, Node | None]:
        """Follow a path as far as it leads; the key is known only if it led to its end, at a member."""
        node, key = self._root, None
        for step in path:
            entry = self._step(node, step) if node is not None else None
            if entry is None:
                return node, None
            key, node = entry
        return node, key

    def _step(self, node: Node, step: str | int) -> tuple[Node | None, Node] | None:
        """Go one step down; the members of a large object are found by their names."""
        if isinstance(step, int) or len(node.members) <= _FEW_MEMBERS:
            return node.step(step)
        if id(node) not in self._members:
            # INVARIANT: the root keeps its nodes alive, so that their id stays theirs.
            self._members[id(node)] = {key.text: (key, member) for key, member in reversed(node.members)}
        return self._members[id(node)].get(step)

    def _span(self, node: Node | None) -> Span:
        if node is None:
            start = len(self._source.text) - len(self._source.text.lstrip())
            return self._source.span(start, min(start + 1, len(self._source.text)))
        return self._source.span(node.start, node.end)


@lru_cache(maxsize=32)
def _source_map(source: Source) -> SourceMap:
    from policyeval.syntax import SyntaxProblem, syntax_tree

    try:
        return SourceMap(source, syntax_tree(source))
    except (SyntaxProblem, RecursionError):
        return SourceMap(source, None)


def path_text(path: Path) -> str:
    """Write a path as people do: `Statement[0].Condition.StringLike.aws:PrincipalArn`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def printable(text: str) -> str:
    """Replace what would move or hide other text on a terminal: controls, direction marks, lone surrogates."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return _TAB
    return "\ufffd" if unicodedata.category(character) in _UNPRINTABLE else character


def excerpt(source: Source, span: Span, *, label: str = "", context: int = 0) -> str:
    """Show the lines of a span with their numbers and carets below, as compilers do."""
    lines = _lines(source.text)
    first, last = span.start.line, min(span.end.line, len(lines))
    if last > first and span.end.column == 1:
        last -= 1
    gutter = len(str(min(last + context, len(lines))))
    shown = [_plain(lines, number, gutter) for number in range(max(1, first - context), first)]
    shown += _marked(lines, span, first, last, label, gutter)
    shown += [
        _plain(lines, number, gutter) for number in range(last + 1, min(last + context, len(lines)) + 1)
    ]
    return "\n".join(shown)


def _marked(lines: list[str], span: Span, first: int, last: int, label: str, gutter: int) -> list[str]:
    if first == last:
        end = span.end.column - 1 if span.end.line == first else len(lines[first - 1])
        return _line(lines[first - 1], first, span.start.column - 1, end, label, gutter)
    above = _line(lines[first - 1], first, span.start.column - 1, len(lines[first - 1].rstrip()), "", gutter)
    indent = len(lines[last - 1]) - len(lines[last - 1].lstrip())
    end = span.end.column - 1 if span.end.line == last else len(lines[last - 1])
    below = _line(lines[last - 1], last, indent, end, label, gutter)
    return [*above, *([f"   {'.' * max(gutter, 3)}"] if last > first + 1 else []), *below]


def _plain(lines: list[str], number: int, gutter: int) -> str:
    text = printable(lines[number - 1].rstrip())
    return f"   {number:>{gutter}} | {text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…'}".rstrip()


def _line(text: str, number: int, start: int, end: int, label: str, gutter: int) -> list[str]:
    before, marked, after = _clipped(text.rstrip("\r"), start, end)
    carets = "^" * max(1, _columns(marked))
    mark = f"{' ' * _columns(before)}{carets} {label}".rstrip()
    return [f"   {number:>{gutter}} | {before}{marked}{after}".rstrip(), f"   {' ' * gutter} | {mark}"]


def _clipped(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Cut a very long line around the marked part, then make it printable."""
    if len(text) <= _WIDTH:
        before, marked, after = text[:start], text[start:end], text[end:]
    else:
        start, end = min(start, len(text)), min(end, len(text))
        most, behind = _WIDTH * 2 // 3, len(text) - end
        marked = text[start:end] if end - start <= most else text[start : start + most - 1] + "…"
        room = _WIDTH - len(marked)
        left = max(room // 2, room - behind)
        before = text[:start] if start <= left else "…" + text[start - left + 1 : start]
        right = room - len(before)
        after = text[end:] if behind <= right else text[end : end + right - 1] + "…"
    return printable(before), printable(marked), printable(after)


def _columns(text: str) -> int:
    """Count the terminal columns of a text: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_column(character) for character in text)


def _column(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
