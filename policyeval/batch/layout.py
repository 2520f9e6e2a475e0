"""Which column of a table is which part of a request?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from policyeval.batch.columns import is_text
from policyeval.diagnostics import did_you_mean
from policyeval.errors import RequestError, UsageError
from policyeval.records import Record

DETAILS = (
    "resource_account", "resource_organization", "resource_tags", "time", "endpoint", "endpoint_type", "via", "also",
)  # fmt: skip
FIELDS = ("principal", "action", "resource", "context", *DETAILS, "name")
ANSWERS = ("allowed", "effect", "reason", "layer")


class Layout(Record):
    """The columns that tables of one schema have; `keys` are named as condition keys.

    `context` is None, `struct` or `map`.
    """

    fields: frozenset[str]
    keys: tuple[str, ...]
    context: str | None

    @property
    def brings_statements(self) -> bool:
        """May rows have statements of their own? Roles on the way come with session policies."""
        return "via" in self.fields


def layout_of(schema: Any, carry: tuple[str, ...]) -> Layout:
    """Tell the parts of a request by the columns' names.

    Raises RequestError for a column that is no part of a request, UsageError for what `carry` or the
    answers' columns contradict.
    """
    _refuse_confusing(schema, carry)
    read = [name for name in schema.names if name not in carry]
    fields, keys = [name for name in read if name in FIELDS], [name for name in read if ":" in name]
    for name in read:
        if name not in FIELDS and ":" not in name:
            raise _unknown_column(name)
    for name in ("principal", "action"):
        if name not in fields:
            help = "name the columns as the fields of a request are named"
            raise RequestError(f"the table has no column `{name}`", path=(), help=help)
    context = _kind_of_context(schema.field("context").type) if "context" in fields else None
    if context == "struct":
        _refuse_both(keys, schema.field("context").type)
    return Layout(frozenset(fields), tuple(keys), context)


def _refuse_confusing(schema: Any, carry: tuple[str, ...]) -> None:
    twice = [name for name, count in Counter(schema.names).items() if count > 1]
    if twice:
        raise RequestError(f"the table has two columns `{twice[0]}`", path=(), help="rename one")
    for name in carry:
        if name not in schema.names:
            near = did_you_mean(name, schema.names)
            help = f"did you mean `{near}`?" if near else f"its columns are {', '.join(schema.names)}"
            raise UsageError(f"the table has no column `{name}` to carry along", help=help)
    for name in ANSWERS:
        if name in schema.names:
            help = "rename it: that is the name of a column of the answers"
            raise UsageError(f"the table has a column `{name}` already", help=help)


def _unknown_column(name: str) -> RequestError:
    near = did_you_mean(name, FIELDS)
    guess = f"did you mean `{near}`? " if near else ""
    help = f'{guess}columns that are no part of the requests are named: carry=["{name}"]'
    return RequestError(f"the column `{name}` is no part of a request", path=(), help=help)


def _kind_of_context(kind: Any) -> str:
    if pa.types.is_struct(kind):
        return "struct"
    if pa.types.is_map(kind) and is_text(kind.key_type):
        return "map"
    help = "give a map or a struct, or one column for each key, named as the key"
    raise RequestError("the column `context` holds no keys with values", path=(), help=help)


def _refuse_both(keys: list[str], context: Any) -> None:
    for field in context:
        if field.name in keys:
            message = f"`{field.name}` is given twice, as a column and in `context`"
            raise RequestError(message, path=(), help="keep one")
