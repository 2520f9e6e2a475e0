"""Into which cells do the readers of a key divide its values, and what becomes of each value?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from policyeval.catalog.global_keys import Value
from policyeval.catalog.services import key_type
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
from policyeval.explain.unknown.material import (
    NOWHERE,
    Material,
    as_text,
    compared_as,
    reading_with,
    requirements,
    tells_empty,
)
from policyeval.explain.unknown.readers import Reader
from policyeval.language.arn import parse_arn
from policyeval.language.values import MALFORMED, read_address, read_boolean, read_date, read_number
from policyeval.matching.conditions import ConditionReading, Requirement
from policyeval.operators import Operator, OperatorType
from policyeval.plan import Outcome
from policyeval.records import replace

_MOST_TEXT, _MOST_VARIABLE_VALUES = 300, 24


def cells_of(material: Material, multi_valued: bool) -> Cells:
    """Divide the values of a key, as far as they are of its type.

    Raises TooMany.
    """
    return _typed(material, _cells(material, multi_valued))


def _cells(material: Material, multi_valued: bool) -> Cells:
    type = compared_as(material)
    constants = [value for reader in material.direct for value in _constants(reader)]
    if type is OperatorType.NUMERIC:
        return number_cells(constants)
    if type is OperatorType.DATE:
        return date_cells(constants)
    if type is OperatorType.IP_ADDRESS:
        return address_cells((value, _network_text(value)) for value in constants)
    if type is OperatorType.BINARY:
        return binary_cells(text for wanted in requirements(material.direct) for text in _well_formed(wanted))
    return text_cells(tuple(_texts(material)), tells_empty=not multi_valued and tells_empty(material))


# type of a key in the catalogue → what AWS always puts into it; other values do not occur
_READERS: dict[str, Callable[[str], object]] = {
    "IPAddress": read_address, "Numeric": read_number, "Date": read_date, "Bool": read_boolean, "ARN": parse_arn,
}  # fmt: skip


def _typed(material: Material, cells: Cells) -> Cells:
    """Leave out what is no value of the key's type."""
    kind = key_type(material.lower)
    read = _READERS.get(kind.name) if kind is not None else None
    if kind is None or read is None or as_text(OperatorType(kind.name)) is not compared_as(material):
        return cells
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


# type of a key, or of an operator → what its values are told apart by in any case
_OF_TYPE: dict[str, tuple[Wanted, ...]] = {
    "ARN": (AN_ARN,),
    "Bool": tuple(wanted_text(text, any_case=True) for text in ("true", "false")),
}


def _texts(material: Material) -> Iterator[Wanted]:
    for reader in (*material.direct, *material.linked):
        yield from _texts_of(reader)
    kind = key_type(material.lower)
    yield from _OF_TYPE.get(kind.name, ()) if kind is not None else ()
    for reader in material.indirect:
        yield from map(wanted_text, _variable_values(reader, material.key))
    yield from material.more
    yield from (wanted_text(text).unnamed() for text in material.others_values)


def _texts_of(reader: Reader) -> Iterator[Wanted]:
    wanted = reader.requirement
    if wanted is None or _is_null(reader):
        return
    row = wanted.operator.row
    yield from (_wanted(row, value) for value in _constants(reader))
    yield from _OF_TYPE.get(row.type.value, ())


def _wanted(row: Operator, value: Any) -> Wanted:
    if row.type is OperatorType.ARN:
        return wanted_arn(value)
    if row.type is OperatorType.BOOLEAN:
        return wanted_text("true" if value else "false", any_case=True)
    return wanted_glob(value) if row.wildcards else wanted_text(value, any_case=row.ignores_case)


# Variables


def _variable_values(reader: Reader, key: str) -> list[str]:
    """Find the values of a variable with which a pattern treats the known text unlike all others.

    Only parts of the text can: the value is put in literally.
    """
    usual = _outcome_with(reader, key, NOWHERE)
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
    return reader.test.row.holds(reader.test, reading_with(reader, key, value))


# What becomes of a value


def fate_of(material: Material, text: str, multi_valued: bool) -> tuple[object, ...]:
    """What becomes of a value: the outcome of each reader, and what services see in it."""
    value: Value = (text,) if multi_valued else text
    outcomes = [_judged(reader, value) for reader in (*material.direct, *material.linked)]
    outcomes += [_outcome_with(reader, material.key, text) for reader in material.indirect]
    seen = Automaton([one.pattern for one in material.more]).accepted(text)
    return (*outcomes, seen, not text and tells_empty(material))


def _judged(reader: Reader, value: Value) -> Outcome:
    reading = _reading(reader)
    return reader.test.row.holds(reader.test, ConditionReading(value, reading.wanted, 0))
