"""How is it said which values a key has? "aws:PrincipalTag/team is red or blue", "aws:SourceIp is in 10.0.0.0/8"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from policyeval.explain.unknown.cells import Bound, Cells, Mark, Sort
from policyeval.explain.unknown.cubes import Cube
from policyeval.explain.unknown.dimensions import Dimension
from policyeval.records import Record

_MOST_SHOWN = 8


def condition(cubes: Sequence[Cube], dimensions: Sequence[Dimension]) -> str:
    """Write cubes as a condition: alternatives joined by `or if`, the keys of one by `and`."""
    listed = [_cube(cube, dimensions) for cube in cubes]
    shown = listed if len(listed) <= _MOST_SHOWN else listed[:_MOST_SHOWN]
    more = f"; or in {len(listed) - len(shown)} more cases" if len(shown) < len(listed) else ""
    return "; or ".join(shown) + more


def keys_in(cubes: Iterable[Cube], dimensions: Sequence[Dimension]) -> set[str]:
    """Name the keys that cubes ask about."""
    return {
        one.key
        for cube in cubes
        for one, mask in zip(dimensions, cube, strict=True)
        if not _is_whole(one, mask)
    }


def _is_whole(one: Dimension, mask: int) -> bool:
    return mask == (1 << len(one.alternatives)) - 1


def _cube(cube: Cube, dimensions: Sequence[Dimension]) -> str:
    pairs = zip(dimensions, cube, strict=True)
    parts = [describe(one, mask) for one, mask in pairs if not _is_whole(one, mask)]
    is_long = any(word in part for part in parts for word in (" but ", " and ", ", "))
    return (", and " if is_long else " and ").join(parts)


def describe(one: Dimension, mask: int) -> str:
    """Say which of its alternatives a key has."""
    chosen = [alternative for index, alternative in enumerate(one.alternatives) if mask >> index & 1]
    absent = any(alternative.is_absent for alternative in chosen)
    if one.multi_valued:
        return _describe_sets(one, {a.groups for a in chosen if not a.is_absent}, absent)
    same = any(alternative.is_same for alternative in chosen)
    groups = [index for alternative in chosen for index in alternative.groups]
    parts = ["is absent"] if absent else []
    if one.same_as is not None and not same and len(groups) == len(one.groups):
        parts.append(f"differs from {one.same_as}")
    elif len(groups) == len(one.groups):
        parts.append("is present")
    else:
        parts += [f"equals {one.same_as}"] if same else []
        parts += [_values(one, groups)] if groups else []
    first, *others = parts
    return " or ".join(
        [f"{one.key} {first}", *(_after_is(text) if first == "is absent" else text for text in others)]
    )


def _after_is(text: str) -> str:
    return text.removeprefix("is ")


def _values(one: Dimension, groups: Iterable[int]) -> str:
    cells = {cell for group in groups for cell in one.groups[group].cells}
    used = {cell for group in one.groups for cell in group.cells}
    return value_words(one.cells, frozenset(cells), frozenset(used))


# Sets of values


def _describe_sets(one: Dimension, sets: set[tuple[int, ...]], absent: bool) -> str:
    everything = {alternative.groups for alternative in one.alternatives if not alternative.is_absent}
    if not sets:
        return f"{one.key} is absent"
    if sets == everything:
        return f"{one.key} is present"
    for size in range(1, len(one.groups) + 1):
        for some in combinations(range(len(one.groups)), size):
            words = _simple_set(one, sets, everything, frozenset(some), absent)
            if words is not None:
                return words
    words = _some_and_every(one, sets, everything)
    if words is not None:
        return f"{one.key} is absent or {words}" if absent else words
    listed = [" and ".join(f"that {_values(one, (group,))}" for group in groups) for groups in sorted(sets)]
    words = f"the values of {one.key} are only those, each kind at least once: {'; or '.join(listed)}"
    return f"{one.key} is absent or {words}" if absent else words


def _some_and_every(
    one: Dimension, sets: set[tuple[int, ...]], everything: set[tuple[int, ...]]
) -> str | None:
    """Try `some value … and every value …`."""
    indexes = range(len(one.groups))
    subsets = [
        frozenset(some) for size in range(1, len(one.groups) + 1) for some in combinations(indexes, size)
    ]
    for every in sorted(subsets, key=len, reverse=True):
        for some in subsets:
            if some < every and sets == {
                groups for groups in everything if every >= set(groups) and some & set(groups)
            }:
                start = f"some value of {one.key} {_values(one, some)}"
                return (
                    start if len(every) == len(one.groups) else f"{start} and every one {_values(one, every)}"
                )
    return None


def _simple_set(
    one: Dimension,
    sets: set[tuple[int, ...]],
    everything: set[tuple[int, ...]],
    some: frozenset[int],
    absent: bool,
) -> str | None:
    """Try `every value …` and `some value …` with these groups."""
    if sets == {groups for groups in everything if some >= set(groups)}:
        if absent:
            return f"every value of {one.key} {_values(one, some)}, if there is any"
        return f"{one.key} has values and each {_values(one, some)}"
    if sets == {groups for groups in everything if some & set(groups)}:
        start = f"{one.key} is absent or " if absent else ""
        return f"{start}some value of {one.key} {_values(one, some)}"
    return None


# Values


def value_words(cells: Cells, chosen: frozenset[int], used: frozenset[int]) -> str:
    """Say in which of the cells in use a value is: `is red or blue`, `is at least 10`."""
    malformed = frozenset(index for index in used if cells.cells[index].is_malformed)
    sound, good = used - malformed, chosen - malformed
    parts = []
    if good and good == sound:
        parts.append(f"is {_article(cells.noun)} {cells.noun}")
    elif good:
        parts.append(
            _line_words(cells, good, sound)
            if cells.line
            else " or ".join(_phrase_words(one, cells.noun) for one in phrases(cells, good, sound))
        )
    if chosen & malformed:
        parts.append(f"is no {cells.noun}")
    return " or ".join(parts)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _line_words(cells: Cells, chosen: frozenset[int], used: frozenset[int]) -> str:
    left_out = used - chosen
    if len(left_out) == 1 and not cells.line[min(left_out)].is_gap:
        return f"is not {cells.line[min(left_out)].point}"
    runs: list[list[int]] = []
    for index in sorted(chosen):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    words = ("at or after", "after", "at or before", "before") if cells.noun == "date" else None
    return "is " + " or ".join(
        _run_words(cells.line, run, words or ("at least", "more than", "at most", "less than"))
        for run in runs
    )


def _run_words(line: tuple[Bound, ...], run: list[int], words: tuple[str, str, str, str]) -> str:
    first, last = line[run[0]], line[run[-1]]
    if first == last and not first.is_gap:
        return str(first.point)
    parts = []
    if first.point is not None:
        parts.append(f"{words[1] if first.is_gap else words[0]} {first.point}")
    if run[-1] + 1 < len(line):
        following = line[run[-1] + 1]
        parts.append(f"{words[3]} {following.point}" if last.is_gap else f"{words[2]} {last.point}")
    return " and ".join(parts)


class Phrase(Record):
    """`matches a* or b* but does not match ab*`: in some marks (with `every` in all), outside of others."""

    inside: tuple[Mark, ...]
    outside: tuple[Mark, ...] = ()
    every: bool = False


def phrases(cells: Cells, chosen: frozenset[int], used: frozenset[int]) -> list[Phrase]:
    """Name cells by the marks that hold them, or by those that do not, or by both."""
    named = {mark: _extent(cells, mark, used) for mark in cells.marks}
    positive, negative = _covered(named, chosen), _covered(named, used - chosen)
    if positive is not None and (negative is None or len(positive) <= len(negative) + 1):
        return [Phrase(positive)]
    if negative is not None:
        return [Phrase((), negative)]
    mixed = _mixed(named, chosen)
    return [mixed] if mixed is not None else [_one_cell(named, index) for index in sorted(chosen)]


def _phrase_words(phrase: Phrase, noun: str) -> str:
    outside = _negative(phrase.outside, noun)
    if not phrase.inside:
        return outside
    parts = [_positive([mark]) for mark in phrase.inside] if phrase.every else [_positive(phrase.inside)]
    return " and ".join(parts) + (f" but {outside}" if outside else "")


def _extent(cells: Cells, mark: Mark, used: frozenset[int]) -> frozenset[int]:
    bit = 1 << cells.marks.index(mark)
    return frozenset(index for index in used if cells.cells[index].marks & bit)


Named = dict[Mark, frozenset[int]]


def _covered(
    named: Named, wanted: frozenset[int], allowed: frozenset[int] = frozenset()
) -> tuple[Mark, ...] | None:
    """Find few marks that hold just these cells, and at most some others that are allowed."""
    found, left = [], set(wanted)
    fitting = {mark: extent for mark, extent in named.items() if extent and extent <= wanted | allowed}
    while left:
        best = max(fitting, key=lambda mark: len(fitting[mark] & left), default=None)
        if best is None or not fitting[best] & left:
            return None
        found.append(best)
        left -= fitting[best]
    return tuple(sorted(found, key=list(named).index))


def _mixed(named: Named, chosen: frozenset[int]) -> Phrase | None:
    """Find marks that hold the cells, and marks without any of them that hold what is too much."""
    strangers = {mark: extent for mark, extent in named.items() if not extent & chosen}
    left_out = frozenset(index for extent in strangers.values() for index in extent)
    inside = _covered(named, chosen, left_out)
    if inside is None:
        return None
    beyond = frozenset(index for mark in inside for index in named[mark]) - chosen
    outside = _covered(strangers, beyond, left_out)
    return Phrase(inside, outside) if outside is not None else None


def _one_cell(named: Named, index: int) -> Phrase:
    """Name a cell alone: within all marks that hold it, outside of enough others."""
    inside = tuple(mark for mark, extent in named.items() if index in extent)
    others = {mark: extent for mark, extent in named.items() if index not in extent and extent}
    everywhere = frozenset(cell for extent in others.values() for cell in extent)
    rest = frozenset.intersection(*(named[mark] for mark in inside)) - {index} if inside else everywhere
    return Phrase(inside, _covered(others, rest, everywhere) or (), every=True)


def _positive(marks: Sequence[Mark]) -> str:
    words = {Sort.VALUE: "is", Sort.PATTERN: "matches", Sort.RANGE: "is in"}
    parts = ["is empty"] if any(mark.sort is Sort.EMPTY for mark in marks) else []
    for sort, verb in words.items():
        texts = [_quoted(mark.text) for mark in marks if mark.sort is sort]
        parts += [f"{verb} {_either(texts)}"] if texts else []
    return " or ".join(parts).replace("is empty or is ", "is empty or ")


def _negative(marks: Sequence[Mark], noun: str) -> str:
    words = {
        Sort.VALUE: ("is not", "is none of"),
        Sort.PATTERN: ("does not match", "matches none of"),
        Sort.RANGE: (f"is an {noun} outside", f"is an {noun} outside"),
    }
    parts = []
    for sort, (one, several) in words.items():
        texts = [_quoted(mark.text) for mark in marks if mark.sort is sort]
        parts += [f"{one if len(texts) == 1 else several} {', '.join(texts)}"] if texts else []
    if any(mark.sort is Sort.EMPTY for mark in marks):
        parts.append("is not empty" if parts else "is present and not empty")
    return " and ".join(parts)


def _quoted(text: str) -> str:
    return (
        f"`{text}`"
        if not text or (any(character in " ,;" for character in text) and " in any " not in text)
        else text
    )


def _either(texts: Sequence[str]) -> str:
    if len(texts) > 2:
        return f"{', '.join(texts[:-1])} or {texts[-1]}"
    return " or ".join(texts)
