"""What is a record? An immutable value with named fields: `class Span(Record): start: Position; end: Position`.

A record is a frozen, slotted dataclass that costs a tenth at import: the command line makes some sixty
of these classes before it answers, and the standard decorator compiles six methods for each.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Any:
        """Tell type checkers only."""
        return lambda decorated: decorated


class _RecordType(type):
    """Makes the fields of a class body into slots, and an `__init__` that fills them."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        slots: bool = True,
        eq: bool = True,
        uncompared: tuple[str, ...] = (),
    ) -> _RecordType:
        # Compiled classes (docs/compiled.md) annotate names such as `__test__`, too; they are no fields.
        fields = tuple(name for name in namespace.get("__annotations__", ()) if not name.startswith("__"))
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        if slots or not bases:
            namespace["__slots__"] = fields
        namespace["_fields"] = fields
        namespace["_defaults"] = defaults
        compared = tuple(field for field in fields if field not in uncompared)
        namespace["_values"] = _values_getter(compared)
        if not eq:
            namespace.setdefault("__eq__", object.__eq__)
            namespace.setdefault("__hash__", object.__hash__)
        elif "__eq__" in namespace:
            namespace.setdefault("__hash__", None)
        return super().__new__(cls, name, bases, namespace)

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **_: Any) -> None:
        super().__init__(name, bases, namespace)


_set = object.__setattr__


def _values_getter(fields: tuple[str, ...]) -> Any:
    """Make the function that gives the compared values as a tuple."""
    if len(fields) > 1:
        return staticmethod(attrgetter(*fields))
    return staticmethod(lambda record: tuple(getattr(record, field) for field in fields))


def _default(record: Record, field: str) -> Any:
    if field not in record._defaults:
        raise TypeError(f"{type(record).__name__} needs `{field}`")
    return record._defaults[field]


@dataclass_transform(frozen_default=True, eq_default=True)
class Record(metaclass=_RecordType):
    """The base of records. `slots=False` allows cached properties; `uncompared` fields do not count for equality."""

    if TYPE_CHECKING:
        _fields: tuple[str, ...]
        _defaults: dict[str, Any]

        @staticmethod
        def _values(record: object) -> tuple[Any, ...]: ...

    if not TYPE_CHECKING:

        def __init__(self, *values: Any, **named: Any) -> None:
            fields = self._fields
            if len(values) > len(fields):
                raise TypeError(f"{type(self).__name__} has {len(fields)} fields, not {len(values)}")
            for field, value in zip(fields, values):  # noqa: B905  # fewer values than fields are fine
                _set(self, field, value)
            for field in fields[len(values) :]:
                _set(self, field, named.pop(field) if field in named else _default(self, field))
            if named:
                raise TypeError(
                    f"{type(self).__name__} has no field `{next(iter(named))}`, or it is given twice"
                )

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"`{name}` cannot be set: a {type(self).__name__} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"`{name}` cannot be deleted: a {type(self).__name__} does not change")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values(self) == self._values(other)

    def __hash__(self) -> int:
        return hash(self._values(self))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._fields)})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self._fields)


R = TypeVar("R", bound=Record)


def replace(record: R, **changes: Any) -> R:
    """Make a copy of a record in which some fields have other values."""
    return type(record)(**({name: getattr(record, name) for name in record._fields} | changes))
