"""Which values of an unknown key are worth trying? One alternative for all that decide alike, absence among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from policyeval.catalog.global_keys import Value
from policyeval.explain.unknown.cells import Cells, TooMany
from policyeval.explain.unknown.fates import cells_of, fate_of
from policyeval.explain.unknown.material import Material, counts_empty, is_multi_valued, link_of
from policyeval.records import Record

MOST_ALTERNATIVES = 130
_MOST_MEMBERS = 6


class Group(Record):
    """Cells between which no test of the key decides."""

    cells: tuple[int, ...]
    values: tuple[str, ...]
    fate: tuple[object, ...]


class Alternative(Record):
    """What a key may be: absent, a value of a group, values of several groups, or the same as another key."""

    groups: tuple[int, ...] = ()
    is_absent: bool = False
    is_same: bool = False


class NoValue(Exception):
    """An alternative has no value next to those of the other keys."""


class Dimension(Record, eq=False):
    """An unknown key with its alternatives; `same_as` names the key that it is compared with."""

    material: Material
    cells: Cells
    groups: tuple[Group, ...]
    alternatives: tuple[Alternative, ...]
    multi_valued: bool = False
    same_as: str | None = None

    @property
    def key(self) -> str:
        """The key as it is written."""
        return self.material.key

    @property
    def lower(self) -> str:
        """The key in lower case."""
        return self.key.lower()

    def value(self, index: int, others: Mapping[str, Value | None]) -> Value | None:
        """Give a value of an alternative, next to the values of other keys.

        Raises NoValue when the alternative has none.
        """
        alternative = self.alternatives[index]
        if alternative.is_absent:
            return None
        other = others.get(self.same_as.lower()) if self.same_as is not None else None
        if alternative.is_same:
            if not isinstance(other, str):
                raise NoValue
            return other
        chosen = tuple(self._sample(group, other) for group in alternative.groups)
        return chosen if self.multi_valued else chosen[0]

    def _sample(self, group: int, unlike: object) -> str:
        found = next((text for text in self.groups[group].values if text != unlike), None)
        if found is None:
            raise NoValue
        return found

    def alternative_of(self, value: Value | None, other: Value | None = None) -> int:
        """Tell to which alternative a value belongs; `other` is the value of the key it is compared with.

        Raises LookupError for a value of a kind that the key never has.
        """
        if value is None:
            return 0
        if self.same_as is not None and value == other:
            return len(self.alternatives) - 1
        texts = (value,) if isinstance(value, str) else value
        if self.multi_valued and not counts_empty(self.material):
            texts = tuple(filter(None, texts))  # C-33
        if not texts:
            return 0
        fates = [fate_of(self.material, text, self.multi_valued) for text in texts]
        known = [group.fate for group in self.groups]
        if any(fate not in known for fate in fates):
            raise LookupError(value)
        groups = tuple(sorted({known.index(fate) for fate in fates}))
        return self.alternatives.index(Alternative(groups))


def dimension(material: Material) -> Dimension:
    """Divide the values of a key as finely as its readers do.

    Raises TooMany.
    """
    multi_valued = is_multi_valued(material)
    cells = cells_of(material, multi_valued)
    groups = tuple(_groups(material, cells, multi_valued))
    links = {link for reader in material.direct if (link := link_of(reader, material.unknown)) is not None}
    if len(links) > 1 or (links and multi_valued):
        raise TooMany
    alternatives = (
        Alternative(is_absent=True),
        *_present(groups, multi_valued),
        *[Alternative(is_same=True)] * len(links),
    )
    if len(alternatives) > MOST_ALTERNATIVES:
        raise TooMany
    return Dimension(material, cells, groups, alternatives, multi_valued, links.pop() if links else None)


def _present(groups: Sequence[Group], multi_valued: bool) -> Iterator[Alternative]:
    if not multi_valued:
        yield from (Alternative((index,)) for index in range(len(groups)))
        return
    if len(groups) > _MOST_MEMBERS:
        raise TooMany
    for size in range(1, len(groups) + 1):
        yield from map(Alternative, combinations(range(len(groups)), size))


def _groups(material: Material, cells: Cells, multi_valued: bool) -> Iterator[Group]:
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, cell in enumerate(cells.cells):
        if multi_valued and not cell.value and not counts_empty(material):
            continue  # C-33: an empty text is no value
        alike.setdefault(fate_of(material, cell.value, multi_valued), []).append(index)
    for fate, indices in alike.items():
        yield Group(tuple(indices), tuple(cells.cells[index].value for index in indices), fate)
