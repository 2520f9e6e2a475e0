"""How is a set of combinations written with few words? Cubes: for every key the alternatives that it may have.

A combination belongs to a cube when each key's alternative does. `cover` finds few wide cubes that hold
all wanted combinations and none of the unwanted; what is neither, because it cannot occur, is free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

Cube = tuple[int, ...]  # a mask of alternatives per key
Cost = Callable[[int, int], int]  # how long the words are for a key (its place) and a mask


def meets(one: Cube, other: Cube) -> bool:
    """Do two cubes have a combination in common?"""
    return all(a & b for a, b in zip(one, other, strict=True))


def cover(wanted: Sequence[Cube], unwanted: Sequence[Cube], whole: Cube, cost: Cost) -> list[Cube]:
    """Find few cubes, told in few words, that hold what is wanted and nothing that is unwanted."""
    wanted, unwanted = joined(wanted), joined(unwanted)
    widened = list(dict.fromkeys(_widened(cube, unwanted, whole) for cube in wanted))
    kept = list(widened)
    for cube in sorted(widened, key=_breadth):
        others = [other for other in kept if other != cube]
        if all(_is_within(part, others) for one in wanted if (part := _common(one, cube)) is not None):
            kept = others
    shortened = [_shortest(cube, wanted, whole, cost) for cube in kept]
    return sorted(
        shortened, key=lambda cube: [mask == all_of_it for mask, all_of_it in zip(cube, whole, strict=True)]
    )


def _shortest(cube: Cube, wanted: Sequence[Cube], whole: Cube, cost: Cost) -> Cube:
    """Leave out alternatives that cannot occur where that saves words."""
    parts = [part for one in wanted if (part := _common(one, cube)) is not None]
    found = list(cube)
    for place, mask in enumerate(cube):
        needed = 0
        for part in parts:
            needed |= part[place]
        if mask != whole[place] and cost(place, needed) < cost(place, mask):
            found[place] = needed
    return tuple(found)


def joined(cubes: Sequence[Cube]) -> list[Cube]:
    """Join cubes that differ in one key only."""
    found = list(dict.fromkeys(cubes))
    before = -1
    while found and len(found) != before:
        before = len(found)
        for place in range(len(found[0])):
            masks: dict[Cube, int] = {}
            for cube in found:
                rest = (*cube[:place], 0, *cube[place + 1 :])
                masks[rest] = masks.get(rest, 0) | cube[place]
            found = [(*rest[:place], mask, *rest[place + 1 :]) for rest, mask in masks.items()]
    return found


def _widened(cube: Cube, unwanted: Sequence[Cube], whole: Cube) -> Cube:
    """Drop keys that need not be asked, then add alternatives that do no harm."""
    for place, mask in enumerate(whole):
        cube = _replaced_if_free(cube, place, mask, unwanted)
    for place, mask in enumerate(whole):
        for bit in _bits_of(mask & ~cube[place]):
            cube = _replaced_if_free(cube, place, cube[place] | bit, unwanted)
    return cube


def _replaced_if_free(cube: Cube, place: int, mask: int, unwanted: Sequence[Cube]) -> Cube:
    wider = (*cube[:place], mask, *cube[place + 1 :])
    return cube if any(meets(wider, other) for other in unwanted) else wider


def _bits_of(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _breadth(cube: Cube) -> int:
    return sum(mask.bit_count() for mask in cube)


def _common(one: Cube, other: Cube) -> Cube | None:
    found = tuple(a & b for a, b in zip(one, other, strict=True))
    return found if all(found) else None


def _is_within(cube: Cube, others: Sequence[Cube]) -> bool:
    """Is every combination of a cube in one of the others?"""
    if not others:
        return False
    first, *rest = others
    return all(_is_within(part, rest) for part in _without(cube, first))


def _without(cube: Cube, other: Cube) -> Iterator[Cube]:
    """Divide what a cube has beyond another one into cubes that do not meet."""
    if not meets(cube, other):
        yield cube
        return
    for place, mask in enumerate(other):
        outside = cube[place] & ~mask
        if outside:
            yield (*cube[:place], outside, *cube[place + 1 :])
        cube = (*cube[:place], cube[place] & mask, *cube[place + 1 :])
