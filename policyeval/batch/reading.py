"""What does a value of a column say? Arrow's values in the shapes that requests take (UX §1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from policyeval.batch.columns import Column, column_of, constant
from policyeval.errors import PolicyEvalError, RequestError
from policyeval.records import Record


class Refused(Record, eq=False):
    """Stands where the value, or the request made of it, cannot be used."""

    error: PolicyEvalError


def read_column(name: str, array: Any) -> Column:
    """Reduce a column to its distinct values.

    Raises RequestError when its type has no place in a request.
    """
    try:
        return column_of(_in_usual_type(array), _read)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid, pa.ArrowTypeError):
        help = "texts, numbers, booleans, times, lists, maps and structs are read"
        raise RequestError(f"the column `{name}` is of a type that is not read: {array.type}",
                           path=(), help=help) from None  # fmt: skip


def part_of(table: Any, name: str, fields: frozenset[str]) -> Column:
    """Reduce a column that the table may lack."""
    if name not in fields:
        return constant(None, table.num_rows)
    column = read_column(name, table.column(name))
    if name != "time":
        return column
    texts = [each.isoformat() if isinstance(each, date) else each for each in column.values]
    return Column(column.codes, texts, column.keys)


def _in_usual_type(array: Any) -> Any:
    """Cut off nanoseconds, which no date of a policy has, and copy texts that are views."""
    if pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        return array.cast(pa.timestamp("us", array.type.tz), safe=False)
    return array.cast(pa.large_string()) if pa.types.is_string_view(array.type) else array


def _read(kind: Any, value: Any) -> Any:
    """Read a value, or say why it is refused."""
    try:
        return _plain(kind, value)
    except PolicyEvalError as error:
        return Refused(error)


def _plain(kind: Any, value: Any) -> Any:
    """Make plain lists and objects; a field of a struct that is null is not there."""
    if value is None or not pa.types.is_nested(kind):
        return value
    if pa.types.is_struct(kind):
        fields = ((field.name, _plain(field.type, value[field.name])) for field in kind)
        return {name: given for name, given in fields if given is not None}
    if pa.types.is_map(kind):
        return _object(kind, value)
    return [_plain(kind.value_type, each) for each in value]


def _object(kind: Any, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    given = {key: _plain(kind.item_type, each) for key, each in pairs}
    if len(given) < len(pairs):
        raise RequestError("a map has a key twice", path=(), help="keep one")
    return given
