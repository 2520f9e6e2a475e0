"""What are the distinct values of columns, and of several columns together? No Python runs per row.

INVARIANT: each value of a Column occurs in it, and values stand in the order of their first rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import repeat, starmap
from math import prod
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from policyeval.records import Record

# Numbers that stand for several columns at once stay below these.
_LARGEST, _LARGEST_SHORT = 2**62, 2**31
_SAMPLE = 1024

Rows = Iterator[tuple[Any, ...]]


class Column(Record, eq=False):
    """A column by its distinct values: row `i` holds `values[codes[i]]`, which `keys[codes[i]]` identifies.

    Without codes, every row holds the first value.
    """

    codes: Any | None
    values: Sequence[Any]
    keys: Sequence[Hashable]


def constant(value: Any, rows: int) -> Column:
    """Give a column that holds one value in every row, and that in every piece of the table."""
    return Column(None, [value] if rows else [], [None] if rows else [])


def column_of(array: Any, read: Callable[[Any, Any], Any]) -> Column:
    """Reduce an Arrow column; `read(type, value)` makes of each distinct value what requests take."""
    if pa.types.is_nested(array.type):
        codes, distinct = _nested(array)
    elif _is_constant(array):
        codes, distinct = None, array.slice(0, 1)
    else:
        codes, distinct = _encoded(array)
    values = distinct.to_pylist()
    is_hashed_by_value = pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    keys = values if is_hashed_by_value else list(map(repr, values))
    return Column(
        codes, values if is_hashed_by_value else [read(distinct.type, each) for each in values], keys
    )


def is_text(kind: Any) -> bool:
    """Does a type hold texts?"""
    types = pa.types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def composed(columns: Sequence[Column], rows: int, make: Callable[..., Any]) -> Column:
    """Join columns into one, with what `make` makes of each distinct row."""
    if not columns:
        return constant(make(), rows)
    codes, values, keys = distinct_rows(columns)
    return Column(codes, list(starmap(make, values)), list(keys))


def distinct_rows(columns: Sequence[Column]) -> tuple[Any | None, Rows, Rows]:
    """Give the codes of several columns together, and of each distinct row the values and the keys."""
    codes, parts = _joined(columns)
    positions = [part.to_pylist() for part in parts]
    values = zip(*_chosen((column.values for column in columns), positions), strict=True)
    keys = zip(*_chosen((column.keys for column in columns), positions), strict=True)
    return codes, values, keys


def _chosen(sequences: Iterable[Sequence[Any]], positions: list[list[int]]) -> list[Iterable[Any]]:
    return [
        repeat(values[0], len(chosen)) if len(values) == 1 else map(values.__getitem__, chosen)
        for values, chosen in zip(sequences, positions, strict=True)
    ]


# Several columns


def _joined(columns: Sequence[Column]) -> tuple[Any | None, list[Any]]:
    """Number the distinct rows of several columns; for each column, tell which of its values they hold."""
    sizes = [len(column.values) for column in columns]
    if prod(sizes) >= _LARGEST and len(sizes) > 2:
        return _joined_by_halves(columns)
    varying = [(column.codes, len(column.values)) for column in columns if column.codes is not None]
    if len(varying) < 2:
        codes = varying[0][0] if varying else None
        distinct = _counted(max(sizes))
    else:
        codes, distinct = _encoded(pa.chunked_array([_as_one_number(varying)]))
    return codes, _digits(distinct, sizes)


def _as_one_number(columns: Sequence[tuple[Any, int]]) -> Any:
    """Put codes together, each below its size, as the digits of one number."""
    kind = pa.int32() if prod(size for _, size in columns) < _LARGEST_SHORT else pa.int64()
    number = pa.scalar(0, kind)
    for codes, size in columns:
        number = pc.add(pc.multiply(number, pa.scalar(size, kind)), codes.cast(kind))
    return number


def _digits(numbers: Any, sizes: Sequence[int]) -> list[Any]:
    """Take numbers apart into the codes that they were put together from."""
    digits = []
    for size in reversed(sizes):
        quotient = numbers if size == 1 else pc.divide(numbers, pa.scalar(size, numbers.type))
        digits.append(pc.subtract(numbers, pc.multiply(quotient, pa.scalar(size, numbers.type))))
        numbers = quotient
    return digits[::-1]


def _joined_by_halves(columns: Sequence[Column]) -> tuple[Any | None, list[Any]]:
    """Join the columns of each half first: no half has more distinct rows than there are rows."""
    halves = columns[: len(columns) // 2], columns[len(columns) // 2 :]
    (left, left_parts), (right, right_parts) = map(_joined, halves)
    sides = [Column(codes, range(len(parts[0])), range(len(parts[0])))
             for codes, parts in ((left, left_parts), (right, right_parts))]  # fmt: skip
    codes, (of_left, of_right) = _joined(sides)
    return codes, [part.take(of_left) for part in left_parts] + [part.take(of_right) for part in right_parts]


# One column


def _encoded(array: Any) -> tuple[Any, Any]:
    """Number the distinct values of a column without nesting; null is a value."""
    if pa.types.is_dictionary(array.type):
        return _encoded_again(array)
    chunks = array.dictionary_encode("encode").chunks
    if not chunks:
        return pa.array([], pa.int32()), pa.array([], array.type)
    codes = [chunk.indices for chunk in chunks]
    # INVARIANT of pyarrow: the chunks share the dictionary of the last one.
    return codes[0] if len(codes) == 1 else pa.concat_arrays(codes), chunks[-1].dictionary


def _encoded_again(array: Any) -> tuple[Any, Any]:
    """A given dictionary may have values that never occur, or one twice, in any order."""
    whole = array.unify_dictionaries().combine_chunks()
    indices = whole.indices.cast(pa.int64())
    codes, used = _encoded(pa.chunked_array([indices]))
    return codes, whole.dictionary.take(used)


def _is_constant(array: Any) -> bool:
    """Do all rows hold the same text? Asked of a few rows first: texts are dear to number, cheap to compare."""
    if not len(array) or array.null_count or not is_text(array.type):
        return False
    first = array[0]
    return all(pc.all(pc.equal(part, first)).as_py() for part in (array.slice(0, _SAMPLE), array))


def _nested(array: Any) -> tuple[Any, Any]:
    """Number the distinct lists, maps or objects of a column, and give one row of each."""
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    codes, _ = _encoded(pa.chunked_array([_numbers_of(whole)]))
    size = (pc.max(codes).as_py() + 1) if len(codes) else 0
    return codes, whole.take(pc.index_in(_counted(size), value_set=codes))


def _numbers_of(array: Any) -> Any:
    """Give numbers that are equal for equal values, and for them only."""
    kind = array.type
    if pa.types.is_map(kind):
        pairs = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
        return _numbers_of(array.cast(pa.list_(pairs)))
    if pa.types.is_struct(kind):
        parts = [array.is_valid().cast(pa.int32()), *map(_numbers_of, array.flatten())]
        codes, _ = _joined([_numbered(part) for part in parts])
        return codes
    if pa.types.is_union(kind):
        raise pa.ArrowNotImplementedError("union")
    if pa.types.is_nested(kind):
        return _encoded(pa.chunked_array([_texts_of(array)]))[0]
    return _encoded(pa.chunked_array([array]))[0]


def _texts_of(lists: Any) -> Any:
    """Write each list as a text of its items' numbers; null stays null."""
    if not (pa.types.is_list(lists.type) or pa.types.is_large_list(lists.type)):
        lists = lists.cast(pa.large_list(lists.type.value_type))
    items = _numbers_of(lists.flatten()).cast(pa.string())
    return pc.binary_join(pa.LargeListArray.from_arrays(offsets_of(lists), items, mask=lists.is_null()), ",")


def offsets_of(lists: Any) -> Any:
    """Tell where the items of each list begin among those of all lists."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0).cast(pa.int64())
    return pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(lengths)])


def _numbered(numbers: Any) -> Column:
    codes, distinct = _encoded(pa.chunked_array([numbers]))
    return Column(codes, range(len(distinct)), range(len(distinct)))


def _counted(size: int) -> Any:
    return pa.array(range(size), pa.int32())
