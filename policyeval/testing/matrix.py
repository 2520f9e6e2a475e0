"""Which cases does a `matrix` stand for? Every combination of its values, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from policyeval.language.documents import JsonValue, write_json
from policyeval.records import Record

_FIELDS = ("principal", "action", "resource", "resource_account", "endpoint", "time")
AXES = (*_FIELDS, "context.KEY", "vars.NAME")
_CONTEXT, _VARIABLE = "context.", "vars."


def is_axis(name: str) -> bool:
    """Can a matrix vary this?"""
    return name in _FIELDS or any(name.startswith(start) and name != start for start in (_CONTEXT, _VARIABLE))


class Combination(Record):
    """One value for each axis of a matrix."""

    values: tuple[tuple[str, JsonValue], ...] = ()

    @property
    def label(self) -> str:
        """What tells the case from its siblings, to stand behind its name."""
        return f" [{', '.join(_shown(value) for _, value in self.values)}]" if self.values else ""

    @property
    def variables(self) -> dict[str, JsonValue]:
        """The variables that it sets."""
        return {
            axis.removeprefix(_VARIABLE): value for axis, value in self.values if axis.startswith(_VARIABLE)
        }

    def request(self, shared: JsonValue) -> JsonValue:
        """Put the values into the request of the case."""
        if not isinstance(shared, dict) or not self.values:
            return shared
        made = dict(shared)
        for axis, value in self.values:
            if axis.startswith(_CONTEXT):
                before = made.get("context")
                made["context"] = {
                    **(before if isinstance(before, dict) else {}),
                    axis.removeprefix(_CONTEXT): value,
                }
            elif not axis.startswith(_VARIABLE):
                made[axis] = value
        return made


def combinations(matrix: Mapping[str, JsonValue]) -> Iterator[Combination]:
    """Combine the values of all axes; the last axis varies fastest."""
    lists = [values if isinstance(values, list) else [values] for values in matrix.values()]
    for chosen in product(*lists):
        yield Combination(tuple(zip(matrix, chosen, strict=True)))


def _shown(value: JsonValue) -> str:
    """Write a value for a name; a caller by its ARN or service."""
    if isinstance(value, dict):
        named = next((value[key] for key in ("arn", "service", "provider") if key in value), None)
        return str(named) if named is not None else write_json(value, None)
    if isinstance(value, list):
        return "+".join(_shown(one) for one in value)
    return "absent" if value is None else str(value)
