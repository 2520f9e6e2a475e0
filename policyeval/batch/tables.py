"""How is a table of requests decided? Distinct rows are decided once, and the answers joined back.

A table is decided at a time, a stream in pieces, so that neither its rows nor its distinct rows need fit into
memory together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import chain, starmap
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from policyeval.batch.columns import Column, Rows, composed, distinct_rows
from policyeval.batch.context_columns import context_column
from policyeval.batch.layout import ANSWERS, DETAILS, Layout, layout_of
from policyeval.batch.observed import ObservedKeys
from policyeval.batch.reading import Refused, part_of
from policyeval.decision import REASONS, Decision, Effect, Layer
from policyeval.errors import PolicyEvalError, UsageError
from policyeval.records import replace
from policyeval.request import Request

if TYPE_CHECKING:
    from policyeval.engine import Engine

Progress = Callable[[int], object] | None

# Rows of a table, and of a stream, that are told apart at a time; more decisions are not remembered.
_ROWS_OF_TABLE, _ROWS_OF_STREAM, _MOST_KNOWN = 1 << 20, 1 << 18, 1 << 18

_EFFECTS = tuple(effect.value for effect in Effect)
_REASONS = tuple(row.code for row in REASONS)
_LAYERS = tuple(layer.value for layer in Layer)
_WORD = pa.dictionary(pa.int8(), pa.string())
_TYPES = (pa.bool_(), _WORD, _WORD, _WORD)


def decide_rows(engine: Engine, rows: Any, carry: tuple[str, ...], progress: Progress) -> Any:
    """Decide a table or a record batch, which gives a table; or a stream, which gives a stream."""
    if isinstance(rows, pa.RecordBatch):
        rows = pa.Table.from_batches([rows])
    if isinstance(rows, pa.Table):
        return _decided_table(engine, rows, carry, progress)
    schema, batches = _opened(rows)
    decider = Decider(engine, layout_of(schema, carry))
    answered = schema
    for name, kind in zip(ANSWERS, _TYPES, strict=True):
        answered = answered.append(pa.field(name, kind))
    return pa.RecordBatchReader.from_batches(answered, _decided_stream(decider, schema, batches, progress))


def _opened(rows: Any) -> tuple[Any, Iterator[Any]]:
    """Find the schema of a stream, if need be in its first batch."""
    if hasattr(rows, "__arrow_c_stream__") and not isinstance(rows, pa.RecordBatchReader):
        rows = pa.RecordBatchReader.from_stream(rows)
    if isinstance(rows, pa.RecordBatchReader):
        return rows.schema, iter(rows)
    batches = iter(rows) if isinstance(rows, Iterable) else iter(())
    first = next(batches, None)
    if not isinstance(first, pa.RecordBatch):
        help = "give a pyarrow Table, RecordBatch or RecordBatchReader, or record batches one after the other"
        raise UsageError("these are no rows of a table", help=help)
    return first.schema, chain([first], batches)


def _decided_table(engine: Engine, table: Any, carry: tuple[str, ...], progress: Progress) -> Any:
    in_one_piece = table.num_rows <= _ROWS_OF_TABLE
    decider = Decider(engine, layout_of(table.schema, carry), in_one_piece=in_one_piece)
    pieces = []
    for start in range(0, table.num_rows, _ROWS_OF_TABLE):
        piece = table.slice(start, _ROWS_OF_TABLE)
        pieces.append(decider.answers(piece))
        _tell(progress, piece.num_rows)
    for name, kind, *chunks in zip(ANSWERS, _TYPES, *pieces, strict=True):
        table = table.append_column(name, pa.chunked_array(chunks, kind))
    return table


def _decided_stream(
    decider: Decider, schema: Any, batches: Iterator[Any], progress: Progress
) -> Iterator[Any]:
    for piece in _gathered(schema, batches):
        decided = piece
        for name, answers in zip(ANSWERS, decider.answers(piece), strict=True):
            decided = decided.append_column(name, answers)
        yield from decided.to_batches()
        _tell(progress, piece.num_rows)


def _gathered(schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    """Put small batches together and cut large ones: telling rows apart has a price for each piece."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _ROWS_OF_STREAM:
            yield from _cut(pa.Table.from_batches(waiting, schema))
            waiting, rows = [], 0
    yield from _cut(pa.Table.from_batches(waiting, schema))


def _cut(table: Any) -> Iterator[Any]:
    for start in range(0, table.num_rows, _ROWS_OF_STREAM):
        yield table.slice(start, _ROWS_OF_STREAM)


def _tell(progress: Progress, rows: int) -> None:
    if progress is not None:
        progress(rows)


class Decider:
    """Decides pieces of one table or stream; one reading of the clock holds for all of them."""

    def __init__(self, engine: Engine, layout: Layout, *, in_one_piece: bool = False) -> None:
        observed = ObservedKeys.of(engine.policies)
        follows_clock = observed.follows_clock or layout.brings_statements
        if follows_clock and engine.situation.now is None:
            engine = type(engine)(engine.policies, now=time.time())
        self._decide = engine.decide
        self._layout = layout
        self._observed = None if layout.brings_statements else observed
        self._known: dict[Hashable, Decision | Refused] | None = None if in_one_piece else {}
        self._rows = 0

    def answers(self, piece: Any) -> list[Any]:
        """Give the columns of the answers to the rows of a piece.

        Raises what the first row that cannot be decided raises, with its number.
        """
        codes, values, keys = distinct_rows(self._parts(piece))
        if self._known is None:
            decisions = list(starmap(self._decided, values))
        else:
            decisions = list(self._remembered(self._known, keys, values))
        for position, found in enumerate(decisions):
            if isinstance(found, Refused):
                first = 0 if codes is None else pc.index(codes, position).as_py()
                raise _at_row(found.error, self._rows + first)
        self._rows += piece.num_rows
        return _columns_of(decisions, codes, piece.num_rows)

    def _remembered(
        self, known: dict[Hashable, Decision | Refused], keys: Rows, values: Rows
    ) -> Iterator[Decision | Refused]:
        """Decide what was not decided in an earlier piece."""
        if len(known) >= _MOST_KNOWN:
            known.clear()
        for key, value in zip(keys, values, strict=True):
            found = known.get(key)
            if found is None:
                found = known[key] = self._decided(*value)
            yield found

    def _parts(self, piece: Any) -> list[Column]:
        fields, rows = self._layout.fields, piece.num_rows
        details = [name for name in DETAILS if name in fields]
        columns = [part_of(piece, name, fields) for name in details]
        return [
            *(part_of(piece, name, fields) for name in ("principal", "action", "resource")),
            context_column(piece, self._layout, self._observed),
            composed(columns, rows, lambda *values: _given(details, values)),
        ]

    def _decided(
        self, principal: Any, action: Any, resource: Any, context: Any, details: Any
    ) -> Decision | Refused:
        try:
            if details is not None or resource is None or principal is None or action is None:
                return self._decide(_request(principal, action, resource, context, details))
            return self._decide(Request(principal, action, resource, context))
        except PolicyEvalError:
            return self._refused(principal, action, resource, context, details)

    def _refused(self, *parts: Any) -> Decision | Refused:
        """Find what is wrong with a row that was refused: the first part that could not be read, else the request."""
        try:
            return self._decide(_request(*parts))
        except PolicyEvalError as error:
            return Refused(error)


def _given(names: list[str], values: tuple[Any, ...]) -> Any:
    """Give what is said besides; None if nothing is."""
    for value in values:
        if isinstance(value, Refused):
            return value
    return {name: value for name, value in zip(names, values, strict=True) if value is not None} or None


def _request(principal: Any, action: Any, resource: Any, context: Any, details: Any) -> Request:
    """Make the request of a row, and say what is wrong in the order of its parts."""
    for part in (principal, action, resource, details):
        if isinstance(part, Refused):
            raise part.error
    if principal is None or action is None:
        return Request.from_dict({"principal": principal, "action": action})  # says what is missing
    resource = "*" if resource is None else resource
    if isinstance(context, Refused):
        Request(principal, action, resource)
        raise context.error
    return Request(principal, action, resource, context, **(details or {}))


def _at_row(error: PolicyEvalError, row: int) -> PolicyEvalError:
    """Say which row it is, counted from 0 as Arrow counts."""
    return type(error).of(
        replace(told, path=(f"row {row}", *(told.path or ()))) if told.source is None
        else replace(told, message=f"row {row}: {told.message}")
        for told in error.diagnostics
    )  # fmt: skip


def _columns_of(decisions: list[Any], codes: Any | None, rows: int) -> list[Any]:
    """Write decisions as columns: there are few different ones, however many rows are."""
    different = {id(decision): decision for decision in decisions}
    position = dict(zip(different, range(len(different)), strict=True))
    numbers = pa.array([position[id(decision)] for decision in decisions], pa.int32())
    numbers = pa.repeat(pa.scalar(0, pa.int32()), rows) if codes is None else numbers.take(codes)
    found: list[Decision] = list(different.values())
    allowed = pa.array([each.allowed for each in found], pa.bool_())
    words = (
        (_EFFECTS, [each.effect.value for each in found]),
        (_REASONS, [each.reason.code for each in found]),
        (_LAYERS, [each.layer for each in found]),
    )
    return [allowed.take(numbers), *(_words(known, each, numbers) for known, each in words)]


def _words(known: tuple[str, ...], found: list[str], numbers: Any) -> Any:
    """Number words by a table that never changes, so that the pieces of a stream go together."""
    positions = pa.array(map(known.index, found), pa.int8()).take(numbers)
    return pa.DictionaryArray.from_arrays(positions, pa.array(known, pa.string()))
