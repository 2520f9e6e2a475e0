"""Make a disagreement small: take away what it does not need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Still = Callable[[Any], bool]
Path = tuple[Any, ...]


def shrink(value: Any, still: Still, rounds: int = 30) -> Any:
    """Remove keys and entries, and put simpler values, greedily, as long as `still` holds."""
    for _ in range(rounds):
        smaller = one_round(value, still)
        if smaller == value:
            return value
        value = smaller
    return value


def one_round(value: Any, still: Still) -> Any:
    """Try every change once, the largest parts first."""
    for path in sorted(paths(value), key=len):
        for candidate in changes(value, path):
            if candidate != value and still(candidate):
                value = candidate
                break
    return value


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a value."""
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*path, key))
    if isinstance(value, list):
        for index in range(len(value) - 1, -1, -1):
            yield from paths(value[index], (*path, index))


def changes(value: Any, path: Path) -> Iterator[Any]:
    """The value without what stands at the path, or with something simpler there."""
    try:
        found = at(value, path)
    except (KeyError, IndexError, TypeError):
        return  # an earlier change took it away
    yield changed(value, path, None, remove=True)
    if isinstance(found, list) and len(found) == 1:
        yield changed(value, path, found[0])
    for simple in ("*", "x"):
        if isinstance(found, str) and len(found) > 1 and path[-1] in ("Action", "Resource", "Principal"):
            yield changed(value, path, simple)
    if path[-1] in ("Principal", "Action", "Resource") and not isinstance(found, str):
        yield changed(value, path, "*")


def at(value: Any, path: Path) -> Any:
    """What stands at a path."""
    for step in path:
        if not isinstance(value, (dict, list)):
            raise KeyError(step)
        value = value[step]
    return value


def changed(value: Any, path: Path, new: Any, remove: bool = False) -> Any:
    """A copy with one place changed or removed."""
    copy = deepcopy(value)
    holder = at(copy, path[:-1])
    if remove:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return copy
