"""Which values of an unknown key are worth trying? One alternative for all that decide alike, absence among them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from policyeval.catalog.global_keys import Value
from policyeval.catalog.services import key_type
from policyeval.context import Context
from policyeval.explain.unknown.automaton import Automaton
from policyeval.explain.unknown.cells import (
    AN_ARN,
    Cells,
    TooMany,
    Wanted,
    address_cells,
    binary_cells,
    date_cells,
    number_cells,
    text_cells,
    wanted_arn,
    wanted_glob,
    wanted_text,
)
from policyeval.explain.unknown.readers import Reader
from policyeval.language.arn import parse_arn
from policyeval.language.values import MALFORMED, read_address, read_boolean, read_date, read_number
from policyeval.language.variables import Variable
from policyeval.matching.conditions import ConditionReading, Requirement
from policyeval.operators import SetOperator
from policyeval.plan import Outcome
from policyeval.records import Record, replace

MOST_ALTERNATIVES = 130
_MOST_MEMBERS = 6
_MOST_TEXT, _MOST_VARIABLE_VALUES = 300, 24
_LINKING = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_TEXTUAL = ("String", "Arn", "Bool")
_NOWHERE = "\N{WHITE SQUARE}"  # a value that no policy and no request holds


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


class Material(Record, eq=False):
    """What a dimension is made from: the readers of the key, and of the keys that are compared with it."""

    key: str
    readers: tuple[Reader, ...]
    unknown: frozenset[str]
    more: tuple[Wanted, ...]
    others_values: tuple[str, ...] = ()
    linked: tuple[Reader, ...] = ()

    @property
    def lower(self) -> str:
        """The key in lower case."""
        return self.key.lower()

    @property
    def direct(self) -> tuple[Reader, ...]:
        """The conditions about the key."""
        return tuple(reader for reader in self.readers if reader.key == self.lower)

    @property
    def indirect(self) -> tuple[Reader, ...]:
        """The tests that use the key as a variable, and look at something that is known."""
        return tuple(
            reader
            for reader in self.readers
            if self.lower in reader.keys and reader.key != self.lower and reader.key not in self.unknown
        )


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

        Raises LookupError when the alternative has none.
        """
        alternative = self.alternatives[index]
        if alternative.is_absent:
            return None
        other = others.get(self.same_as.lower()) if self.same_as is not None else None
        if alternative.is_same:
            if not isinstance(other, str):
                raise LookupError
            return other
        chosen = tuple(self._sample(group, other) for group in alternative.groups)
        return chosen if self.multi_valued else chosen[0]

    def _sample(self, group: int, unlike: object) -> str:
        found = next((text for text in self.groups[group].values if text != unlike), None)
        if found is None:
            raise LookupError
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
        fates = [_fate(self.material, text, self.multi_valued) for text in texts]
        known = [group.fate for group in self.groups]
        if any(fate not in known for fate in fates):
            raise LookupError(value)
        groups = tuple(sorted({known.index(fate) for fate in fates}))
        return self.alternatives.index(Alternative(groups))


def link_of(reader: Reader, unknown: frozenset[str]) -> str | None:
    """Name the unknown key that a condition compares its own key with, value for value."""
    wanted = reader.requirement
    if wanted is None or wanted.lower not in unknown or wanted.operator.row.name not in _LINKING:
        return None
    if (
        wanted.operator.set_operator is not SetOperator.NONE
        or wanted.multi_valued
        or len(wanted.templates) != 1
    ):
        return None
    pieces = wanted.templates[0].pieces
    piece = pieces[0]
    if len(pieces) != 1 or not isinstance(piece, Variable) or piece.key is None or piece.default is not None:
        return None
    other = piece.key.lower()
    kind = key_type(other)
    is_single = kind is None or not kind.multi_valued
    return piece.key if other in unknown and other != wanted.lower and is_single else None


def why_open(material: Material) -> str | None:
    """Say why the values of a key cannot be enumerated; None when they can."""
    for reader in material.direct:
        others = (reader.keys & material.unknown) - {material.lower}
        if others and link_of(reader, material.unknown) is None:
            return f"{material.key} is compared with {', '.join(sorted(others))}, which is unknown, too"
    for reader in material.indirect:
        if (reader.keys & material.unknown) - {material.lower}:
            return f"{material.key} stands in a pattern together with another unknown key"
        wanted = reader.requirement
        if wanted is not None and not _is_solvable(reader, wanted, material.key):
            return f"{material.key} stands in a pattern of {wanted.operator.name}"
    if any(wanted.semantics.d11 == "peer" for wanted in _requirements(material.direct)):
        return (
            f"{material.key} is compared as a date in milliseconds" if _family(material) == "Date" else None
        )
    return None if _family(material) is not None else f"{material.key} is compared as values of several types"


def _is_solvable(reader: Reader, wanted: Requirement, key: str) -> bool:
    """Can only a part of the known text fit? Not in any letter case, and not where the value makes the ARN."""
    name = wanted.operator.row.name
    if name.startswith("Arn"):
        return MALFORMED not in _reading_with(reader, key, _NOWHERE).wanted
    return name.startswith("String") and "IgnoreCase" not in name


def _requirements(readers: Iterable[Reader]) -> Iterator[Requirement]:
    return (reader.requirement for reader in readers if reader.requirement is not None)


def _family(material: Material) -> str | None:
    """Name the type as which a key is compared; None for several."""
    names = {wanted.operator.row.name for wanted in _requirements(material.direct)} - {"Null"}
    families = {_family_of(name) for name in names}
    if material.more or material.indirect or material.linked:
        families.add("Text")
    return families.pop() if len(families) == 1 else None if families else "Text"


def _family_of(name: str) -> str:
    if name.startswith(_TEXTUAL):
        return "Text"
    return next(family for family in ("Numeric", "Date", "IpAddress", "Binary") if family in name)


def dimension(material: Material) -> Dimension:
    """Divide the values of a key as finely as its readers do.

    Raises TooMany.
    """
    multi_valued = _is_multi_valued(material)
    cells = _typed(material, _cells(material, multi_valued))
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


def _is_multi_valued(material: Material) -> bool:
    """C-36; a key that nobody knows is taken as it is used."""
    kind = key_type(material.lower)
    if kind is not None:
        return kind.multi_valued
    operators = (wanted.operator.set_operator for wanted in _requirements(material.direct))
    return any(operator is not SetOperator.NONE for operator in operators)


def _present(groups: Sequence[Group], multi_valued: bool) -> Iterator[Alternative]:
    if not multi_valued:
        yield from (Alternative((index,)) for index in range(len(groups)))
        return
    if len(groups) > _MOST_MEMBERS:
        raise TooMany
    for size in range(1, len(groups) + 1):
        yield from map(Alternative, combinations(range(len(groups)), size))


# Cells


def _cells(material: Material, multi_valued: bool) -> Cells:
    family = _family(material)
    constants = [value for reader in material.direct for value in _constants(reader)]
    if family == "Numeric":
        return number_cells(constants)
    if family == "Date":
        return date_cells(constants)
    if family == "IpAddress":
        return address_cells((value, _network_text(value)) for value in constants)
    if family == "Binary":
        return binary_cells(
            text for wanted in _requirements(material.direct) for text in _well_formed(wanted)
        )
    return text_cells(tuple(_texts(material)), tells_empty=not multi_valued and _tells_empty(material))


# type of a key in the catalogue → what AWS always puts into it; other values do not occur
_READERS: dict[str, Callable[[str], object]] = {
    "IPAddress": read_address, "Numeric": read_number, "Date": read_date, "Bool": read_boolean, "ARN": parse_arn,
}  # fmt: skip
_FAMILIES = {"IPAddress": "IpAddress", "Numeric": "Numeric", "Date": "Date", "Bool": "Text", "ARN": "Text"}


def _typed(material: Material, cells: Cells) -> Cells:
    """Leave out what is no value of the key's type."""
    kind = key_type(material.lower)
    if kind is None or _FAMILIES.get(kind.name) != _family(material):
        return cells
    read = _READERS[kind.name]
    kept = tuple(cell for cell in cells.cells if read(cell.value) not in (None, MALFORMED))
    return replace(cells, cells=kept)


def _constants(reader: Reader) -> list[Any]:
    wanted = _reading(reader).wanted
    return [value for value in wanted if value is not MALFORMED] if not _is_null(reader) else []


def _is_null(reader: Reader) -> bool:
    return reader.requirement is not None and reader.requirement.operator.row.is_null


def _reading(reader: Reader) -> ConditionReading:
    reading: ConditionReading = reader.test.row.read(reader.test, reader.check)
    return reading


def _well_formed(wanted: Requirement) -> Iterator[str]:
    pairs = zip(wanted.texts, wanted.constants, strict=False)
    return (text for text, value in pairs if value is not MALFORMED)


def _network_text(network: tuple[int, int, int]) -> str:
    from ipaddress import IPv4Network, IPv6Network

    version, first, host_bits = network
    if version == 4:
        return str(IPv4Network((first << host_bits, 32 - host_bits))).removesuffix("/32")
    return str(IPv6Network((first << host_bits, 128 - host_bits))).removesuffix("/128")


def _tells_empty(material: Material) -> bool:
    """Does the empty text differ from others: for set operators, for Null, in a variable, to a service?"""
    operators = [wanted.operator for wanted in _requirements(material.direct)]
    is_asked = any(one.row.is_null or one.set_operator is not SetOperator.NONE for one in operators)
    return is_asked or bool(material.indirect) or bool(material.linked) or bool(material.more)


def _texts(material: Material) -> Iterator[Wanted]:
    for reader in (*material.direct, *material.linked):
        yield from _texts_of(reader)
    kind = key_type(material.lower)
    if kind is not None and kind.name == "ARN":
        yield AN_ARN
    if kind is not None and kind.name == "Bool":
        yield from (wanted_text(text, any_case=True) for text in ("true", "false"))
    for reader in material.indirect:
        yield from map(wanted_text, _variable_values(reader, material.key))
    yield from material.more
    yield from (wanted_text(text).unnamed() for text in material.others_values)


def _texts_of(reader: Reader) -> Iterator[Wanted]:
    wanted = reader.requirement
    if wanted is None or _is_null(reader):
        return
    name = wanted.operator.row.name
    for value in _constants(reader):
        if name.startswith("Arn"):
            yield wanted_arn(value)
        elif name == "Bool":
            yield wanted_text("true" if value else "false", any_case=True)
        elif "Like" in name:
            yield wanted_glob(value)
        else:
            yield wanted_text(value, any_case="IgnoreCase" in name)
    if name.startswith("Arn"):
        yield AN_ARN
    if name == "Bool":
        yield from (wanted_text(text, any_case=True) for text in ("true", "false"))


# Variables


def _variable_values(reader: Reader, key: str) -> list[str]:
    """Find the values of a variable with which a pattern treats the known text unlike all others.

    Only parts of the text can: the value is put in literally.
    """
    usual = _outcome_with(reader, key, _NOWHERE)
    found = []
    for text in _known_texts(reader):
        if len(text) > _MOST_TEXT:
            raise TooMany
        for part in _parts(text):
            if _outcome_with(reader, key, part) is not usual:
                found.append(part)
            if len(found) > _MOST_VARIABLE_VALUES:
                raise TooMany
    return found


def _parts(text: str) -> list[str]:
    ends = range(len(text) + 1)
    return list(dict.fromkeys(text[start:end] for start in ends for end in ends[start + 1 :]))


def _known_texts(reader: Reader) -> tuple[str, ...]:
    if reader.requirement is None:
        arn = reader.check.resource.arn
        return () if arn is None else (arn.resource,)
    value = _reading(reader).value
    return (value,) if isinstance(value, str) else value or ()


def _outcome_with(reader: Reader, key: str, value: str) -> Outcome:
    return reader.test.row.holds(reader.test, _reading_with(reader, key, value))


def _reading_with(reader: Reader, key: str, value: str) -> Any:
    check = reader.check.about(context=reader.check.context.merged(Context({key: value})))
    return reader.test.row.read(reader.test, check)


# Groups


def _groups(material: Material, cells: Cells, multi_valued: bool) -> Iterator[Group]:
    alike: dict[tuple[object, ...], list[int]] = {}
    for index, cell in enumerate(cells.cells):
        if multi_valued and not cell.value and not _counts_empty(material):
            continue  # C-33: an empty text is no value
        alike.setdefault(_fate(material, cell.value, multi_valued), []).append(index)
    for fate, indices in alike.items():
        yield Group(tuple(indices), tuple(cells.cells[index].value for index in indices), fate)


def _counts_empty(material: Material) -> bool:
    return any(wanted.semantics.d18 == "peer" for wanted in _requirements(material.direct))


def _fate(material: Material, text: str, multi_valued: bool) -> tuple[object, ...]:
    """What becomes of a value: the outcome of each reader, and what services see in it."""
    value: Value = (text,) if multi_valued else text
    outcomes = [_judged(reader, value) for reader in (*material.direct, *material.linked)]
    outcomes += [_outcome_with(reader, material.key, text) for reader in material.indirect]
    seen = Automaton([one.pattern for one in material.more]).accepted(text)
    return (*outcomes, seen, not text and _tells_empty(material))


def _judged(reader: Reader, value: Value) -> Outcome:
    reading = _reading(reader)
    return reader.test.row.holds(reader.test, ConditionReading(value, reading.wanted, 0))
