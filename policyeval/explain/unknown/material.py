"""What is known about an unknown key: the tests that read it, its type, and whether its values can be enumerated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from policyeval.catalog.services import key_type
from policyeval.context import Context
from policyeval.explain.unknown.cells import Wanted
from policyeval.explain.unknown.readers import Reader
from policyeval.language.values import MALFORMED
from policyeval.language.variables import Variable
from policyeval.matching.conditions import Requirement
from policyeval.operators import Operator, OperatorType, SetOperator
from policyeval.records import Record

_TEXTUAL = (OperatorType.STRING, OperatorType.ARN, OperatorType.BOOLEAN)
NOWHERE = "\N{WHITE SQUARE}"  # a value that no policy and no request holds


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


def link_of(reader: Reader, unknown: frozenset[str]) -> str | None:
    """Name the unknown key that a condition compares its own key with, value for value."""
    wanted = reader.requirement
    if wanted is None or wanted.lower not in unknown or not _compares_characters(wanted.operator.row):
        return None
    is_set = wanted.operator.set_operator is not SetOperator.NONE or wanted.multi_valued
    if is_set or len(wanted.templates) != 1:
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
        if reader.refers_to_itself:
            return f"{material.key} is compared with itself"
        if others and link_of(reader, material.unknown) is None:
            return f"{material.key} is compared with {', '.join(sorted(others))}, which is unknown, too"
    for reader in material.indirect:
        if (reader.keys & material.unknown) - {material.lower}:
            return f"{material.key} stands in a pattern together with another unknown key"
        wanted = reader.requirement
        if wanted is not None and not _is_solvable(reader, wanted, material.key):
            return f"{material.key} stands in a pattern of {wanted.operator.name}"
    type = compared_as(material)
    if type is None:
        return f"{material.key} is compared as values of several types"
    in_milliseconds = any(wanted.semantics.d11 == "peer" for wanted in requirements(material.direct))
    if type is OperatorType.DATE and in_milliseconds:
        return f"{material.key} is compared as a date in milliseconds"
    return None


def _is_solvable(reader: Reader, wanted: Requirement, key: str) -> bool:
    """Can only a part of the known text fit? Not in any letter case, and not where the value makes the ARN."""
    row = wanted.operator.row
    if row.type is OperatorType.ARN:
        return MALFORMED not in reading_with(reader, key, NOWHERE).wanted
    return _compares_characters(row)


def _compares_characters(row: Operator) -> bool:
    return row.type is OperatorType.STRING and not row.ignores_case


def requirements(readers: Iterable[Reader]) -> Iterator[Requirement]:
    """Give what the conditions among the readers ask."""
    return (reader.requirement for reader in readers if reader.requirement is not None)


def compared_as(material: Material) -> OperatorType | None:
    """Tell the type as which a key is compared; None for several."""
    types = {as_text(wanted.operator.row.type) for wanted in requirements(material.direct)}
    types -= {OperatorType.NULL}
    if material.more or material.indirect or material.linked:
        types.add(OperatorType.STRING)
    return types.pop() if len(types) == 1 else None if types else OperatorType.STRING


def as_text(type: OperatorType) -> OperatorType:
    """Take what is compared character by character, or can be, as strings."""
    return OperatorType.STRING if type in _TEXTUAL else type


def is_multi_valued(material: Material) -> bool:
    """C-36; a key that nobody knows is taken as it is used."""
    kind = key_type(material.lower)
    if kind is not None and kind.multi_valued is not None:
        return kind.multi_valued
    operators = (wanted.operator.set_operator for wanted in requirements(material.direct))
    return any(operator is not SetOperator.NONE for operator in operators)


def counts_empty(material: Material) -> bool:
    """Is an empty text a value of a set (D-18)?"""
    return any(wanted.semantics.d18 == "peer" for wanted in requirements(material.direct))


def tells_empty(material: Material) -> bool:
    """Does the empty text differ from others: for set operators, for Null, in a variable, to a service?"""
    operators = [wanted.operator for wanted in requirements(material.direct)]
    is_asked = any(one.row.is_null or one.set_operator is not SetOperator.NONE for one in operators)
    return is_asked or bool(material.indirect) or bool(material.linked) or bool(material.more)


def reading_with(reader: Reader, key: str, value: str) -> Any:
    """Read what a test would, if a key had this value."""
    check = reader.check.about(context=reader.check.context.merged(Context({key: value})))
    return reader.test.row.read(reader.test, check)
