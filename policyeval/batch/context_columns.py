"""Which columns hold the context of the requests, and what is the context of a row?

What no statement and no rule reads is left out before rows are told apart, unless it could make a
request one that is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from policyeval.batch.columns import Column, composed, is_text, offsets_of
from policyeval.batch.layout import Layout
from policyeval.batch.observed import ObservedKeys
from policyeval.batch.reading import Refused, read_column
from policyeval.catalog.services import key_type
from policyeval.context import NO_CONTEXT, Context
from policyeval.errors import PolicyEvalError, RequestError


def context_column(table: Any, layout: Layout, observed: ObservedKeys | None) -> Column:
    """Reduce all that the rows say of condition keys to one column of contexts; `observed` None reads every key."""
    named = {name: table.column(name) for name in layout.keys}
    if layout.context == "struct":
        column = table.column("context")
        named |= dict(zip((field.name for field in column.type), column.flatten(), strict=True))
    entries = _entries(table.column("context")) if layout.context == "map" else None
    if observed is not None:
        matters = _mattering([*named, *_names_in(entries)], observed)
        named = {name: given for name, given in named.items() if matters(name) or may_be_refused(name, given)}
        entries = None if entries is None else _only(entries, matters)
    return _composed(named, entries, table.num_rows)


def _composed(named: Mapping[str, Any], entries: Any | None, rows: int) -> Column:
    columns = [read_column(name, given) for name, given in named.items()]
    if entries is not None:
        columns.append(read_column("context", pa.chunked_array([entries])))
    names = tuple(named)
    found = composed(columns, rows, lambda *values: _context(names, values))
    # Other pieces of a stream may keep other keys.
    return Column(found.codes, found.values, [(names, key) for key in found.keys])


def _mattering(names: Iterable[str], observed: ObservedKeys) -> Callable[[str], bool]:
    """A name that comes in several letter cases is kept: two values for one key are refused."""
    spellings = Counter(name.lower() for name in names)
    return lambda name: spellings[name.lower()] > 1 or observed.can_matter(name.lower())


def may_be_refused(name: str, column: Any) -> bool:
    """Can a value of a key make the request one that is refused (C-36)? Texts, numbers, dates and booleans cannot."""
    kind = column.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        return not _is_plain(kind)
    if not _is_plain(kind.value_type) or pc.list_flatten(column).null_count:
        return True
    row = key_type(name.lower())
    return (
        row is not None
        and row.multi_valued is False
        and (pc.max(pc.list_value_length(column)).as_py() or 0) > 1
    )


def _is_plain(kind: Any) -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    is_number = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    return bool(
        is_text(kind) or is_number or types.is_date(kind) or types.is_timestamp(kind) or types.is_null(kind)
    )


# A map


def _entries(column: Any) -> Any:
    """Give the entries of a map as lists of objects with `key` and `value`."""
    kind = column.type
    pairs = pa.struct([pa.field("key", kind.key_type), pa.field("value", kind.item_type)])
    return column.combine_chunks().cast(pa.list_(pairs))


def _names_in(entries: Any) -> list[str]:
    return [] if entries is None else entries.flatten().field("key").unique().to_pylist()


def _only(entries: Any, matters: Callable[[str], bool]) -> Any:
    """Leave out the entries whose key does not matter and whose values cannot be refused."""
    flat = entries.flatten()
    if not _is_plain(flat.type[1].type):
        return entries
    kept = pc.is_in(flat.field("key"), pa.array([*filter(matters, _names_in(entries))], flat.type[0].type))
    before = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(kept.cast(pa.int64()))])
    return pa.LargeListArray.from_arrays(before.take(offsets_of(entries)), flat.filter(kept))


# The context of a row


def _context(names: tuple[str, ...], values: tuple[Any, ...]) -> Context | Refused:
    """Make the context of a row, whose last value may be a map of further keys.

    Null in a column says nothing of a key, null in a map that it is absent.
    """
    given = {name: value for name, value in zip(names, values, strict=False) if value is not None}
    entries = values[len(names)] if len(values) > len(names) else None
    if isinstance(entries, Refused):
        return entries
    try:
        for entry in entries or ():
            if entry["key"] in given:
                message = f"`{entry['key']}` is given twice"
                raise RequestError(message, path=("context", entry["key"]), on_key=True, help="keep one")
            given[entry["key"]] = entry.get("value")
        return Context(given) if given else NO_CONTEXT
    except PolicyEvalError as error:
        return Refused(error)
