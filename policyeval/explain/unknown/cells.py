"""Which values of a key can the conditions on it tell apart? Cells: every value of one meets the same fate.

Texts are told apart by an automaton, numbers and dates by end points, addresses by the ends of ranges.
Marks are what cells are named by: "red", "home/*", 10.0.0.0/8.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv6Address
from itertools import zip_longest

from policyeval.explain.unknown.automaton import Automaton, Pattern, arn_pattern, glob_pattern, literal
from policyeval.language.exact import EXACT, FarNumber, date_text, halfway, plain
from policyeval.language.patterns import Glob, Wildcard
from policyeval.language.values import read_binary
from policyeval.records import Record


class Sort(Enum):
    """How a mark names values."""

    VALUE = "value"
    EMPTY = "empty"
    PATTERN = "pattern"
    RANGE = "range"


class Mark(Record):
    """A name for some values of a key, taken from a policy."""

    sort: Sort
    text: str


class Cell(Record):
    """Values that nothing tells apart: one of them, and which marks name it (bit i for mark i)."""

    value: str
    marks: int = 0
    is_malformed: bool = False


class Bound(Record):
    """A place on the line of numbers or dates: an end point, or the gap that follows it (None: before all)."""

    point: str | None
    is_gap: bool


class Cells(Record):
    """All values of a key. On a line the bounds stand beside the well-formed cells, in order."""

    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...] = ()
    line: tuple[Bound, ...] = ()
    noun: str = "value"


class TooMany(Exception):
    """There are more classes than can be looked at."""


# Texts


class Wanted(Record):
    """A pattern together with the mark that names it; without a mark it only tells apart."""

    pattern: Pattern
    mark: Mark | None = None
    sample: str | None = None

    def unnamed(self) -> Wanted:
        """Make one that only tells apart."""
        return Wanted(self.pattern)


def wanted_text(text: str, *, any_case: bool = False) -> Wanted:
    """Want a text exactly, or in any letter case."""
    if not text:
        return Wanted(literal(""), Mark(Sort.EMPTY, ""), None)
    shown = f"{text} in any letter case" if any_case and text.lower() not in ("true", "false") else text
    return Wanted(literal(text, any_case=any_case), Mark(Sort.VALUE, shown), text)


def wanted_glob(pattern: Glob) -> Wanted:
    """Want what a pattern with wildcards matches."""
    if pattern.is_literal:
        return wanted_text(pattern.text)
    return Wanted(glob_pattern(pattern.tokens), Mark(Sort.PATTERN, pattern.text), _filled(pattern))


def wanted_arn(parts: tuple[Glob, ...]) -> Wanted:
    """Want the ARNs that a pattern matches; without parts all of them (C-83)."""
    text = ":".join(("arn", *(part.text for part in parts))) if parts else "*"
    sample = ":".join(("arn", *map(_filled, parts))) if parts else "arn:aws:any:::any"
    sort = Sort.VALUE if parts and all(part.is_literal for part in parts) else Sort.PATTERN
    return Wanted(arn_pattern(parts), Mark(sort, text), sample)


AN_ARN = Wanted(arn_pattern(()), Mark(Sort.PATTERN, "arn:*:*:*:*:*"))


def _filled(pattern: Glob) -> str:
    words = {Wildcard.ANY_RUN: "any", Wildcard.ANY_CHARACTER: "x"}
    return "".join(token if isinstance(token, str) else words[token] for token in pattern.tokens)


def text_cells(wanted: Sequence[Wanted], *, tells_empty: bool = False) -> Cells:
    """Divide all texts. With `tells_empty` the empty text is a cell of its own.

    Raises TooMany.
    """
    if tells_empty:
        wanted = (*wanted, wanted_text(""))
    listed = list(dict.fromkeys(wanted))
    automaton = Automaton([one.pattern for one in listed])
    found = automaton.classes()
    if found is None:
        raise TooMany
    nicer = {automaton.accepted(text): text for text in _presentable(listed)}
    witnesses = {bits: nicer.get(bits, text) for bits, text in found.items()}
    witnesses.setdefault(automaton.accepted(""), "")
    named = [(1 << index, one.mark) for index, one in enumerate(listed) if one.mark is not None]
    marks = tuple(dict.fromkeys(mark for _, mark in named))
    return Cells(
        tuple(
            Cell(text, _bits(marks.index(mark) for bit, mark in named if bits & bit))
            for bits, text in witnesses.items()
        ),
        marks,
    )


def _presentable(wanted: list[Wanted]) -> Iterator[str]:
    """Propose texts that people would write; the last one of a class counts."""
    yield from ("arn:aws:other:::other", "other")
    yield from (one.sample for one in reversed(wanted) if one.sample)


def _bits(indices: Iterable[int]) -> int:
    return sum(1 << index for index in set(indices))


# Numbers and dates


_DAY = 86400


def number_cells(points: Iterable[Decimal]) -> Cells:
    """Divide the numbers at some points; what is no number is a cell, too."""
    return _line(points, _number_text, 1, "number")


def date_cells(points: Iterable[Decimal]) -> Cells:
    """Divide time at some moments, given in seconds since 1970."""
    return _line(points, date_text, _DAY, "date")


_MOST_DIGITS = 100


def _number_text(number: Decimal | FarNumber) -> str | None:
    """Write a number without exponent; None when that would be absurdly long."""
    if isinstance(number, FarNumber) or (number and abs(number.adjusted()) > _MOST_DIGITS):
        return None
    return plain(number)


Write = Callable[[Decimal], str | None]


def _line(points: Iterable[Decimal], write: Write, step: int, noun: str) -> Cells:
    """Give a cell to each point, each gap between two, and what lies before and behind them all.

    Raises TooMany when a point is too long to be written.
    """
    ends = sorted(set(points))
    if any(write(end) is None for end in ends):
        raise TooMany
    first = EXACT.subtract(ends[0], Decimal(step)) if ends else Decimal(0)
    places = [(Bound(None, True), first)]
    for end, after in zip_longest(ends, ends[1:]):
        between = EXACT.add(end, Decimal(step)) if after is None else halfway(end, after)
        places += [(Bound(write(end), False), end), (Bound(write(end), True), between)]
    kept = [(bound, text) for bound, place in places if (text := write(place)) is not None]
    cells = tuple(Cell(text) for _, text in kept)
    return Cells(
        (*cells, Cell("other", is_malformed=True)), line=tuple(bound for bound, _ in kept), noun=noun
    )


# Addresses

_NICE = ("203.0.113.7", "198.51.100.7", "2001:db8::7")
_WIDTHS = {4: 32, 6: 128}
Network = tuple[int, int, int]


def address_cells(networks: Iterable[tuple[Network, str]]) -> Cells:
    """Divide the addresses at the ends of ranges; what is no address is a cell, too."""
    listed = dict(networks)
    marks = tuple(dict.fromkeys(Mark(Sort.RANGE, text) for text in listed.values()))
    found: dict[int, str] = {}
    for version, number in _addresses(listed):
        inside = (text for net, text in listed.items() if _contains(net, version, number))
        address = IPv4Address(number) if version == 4 else IPv6Address(number)
        found.setdefault(_bits(marks.index(Mark(Sort.RANGE, text)) for text in inside), str(address))
    cells = tuple(Cell(address, bits) for bits, address in found.items())
    return Cells((*cells, Cell("other", is_malformed=True)), marks, noun="address")


def _contains(network: Network, version: int, number: int) -> bool:
    return network[0] == version and number >> network[2] == network[1]


def _addresses(networks: Iterable[Network]) -> Iterator[tuple[int, int]]:
    """Give candidates, those first that people would write."""
    for text in _NICE:
        yield (6, int(IPv6Address(text))) if ":" in text else (4, int(IPv4Address(text)))
    for distance in (7, 1, 0):
        for version, first, host_bits in networks:
            if distance < 1 << host_bits:
                yield version, (first << host_bits) + distance
    for version, first, host_bits in networks:
        low, high = first << host_bits, ((first + 1) << host_bits) - 1
        yield from ((version, end) for end in (high, low - 1, high + 1) if 0 <= end < 1 << _WIDTHS[version])
    yield from ((version, end) for version, width in _WIDTHS.items() for end in (0, (1 << width) - 1))


# Bytes


def _other_bytes() -> Iterator[str]:
    yield "b3RoZXI="
    yield from (b64encode(bytes([one, two])).decode() for one in range(256) for two in range(256))


def binary_cells(texts: Iterable[str]) -> Cells:
    """Divide base64 texts by the bytes that policies want."""
    listed = tuple(dict.fromkeys(texts))
    marks = tuple(Mark(Sort.VALUE, text) for text in listed)
    known = {read_binary(text) for text in listed}
    other = next(text for text in _other_bytes() if read_binary(text) not in known)
    cells = tuple(Cell(text, 1 << index) for index, text in enumerate(listed))
    return Cells((*cells, Cell(other), Cell("!", is_malformed=True)), marks, noun="base64 text")
