"""Which value of a key would make a condition hold, or keep it from holding? Taken from the policy's own text.

Each type proposes values near a policy value, and the condition itself says which will do: an operator
more needs nothing here.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.matching.conditions import Requirement, compare
from policyeval.operators import Operator, OperatorType, SetOperator

Found = str | tuple[str, ...] | None


def fulfilling_value(wanted: Requirement) -> Found:
    """Give a value with which the condition would hold; None when none can be told."""
    return _shaped(wanted, _value(wanted, holds=True))


def violating_value(wanted: Requirement) -> Found:
    """Give a value with which the condition would not hold; None when none can be told."""
    return _shaped(wanted, _value(wanted, holds=False))


def _value(wanted: Requirement, *, holds: bool) -> str | None:
    row = wanted.operator.row
    if row.is_null:
        return _null_value(wanted, holds=holds)
    if holds is row.negated and row.type is not OperatorType.BOOLEAN:
        return None  # nearly any value differs from the policy's, which is no advice; a boolean has one other
    tried = (value for text in wanted.texts if "${" not in text for value in _near(row, text))
    return next((value for value in tried if compare(wanted, value, wanted.constants) is holds), None)


def _shaped(wanted: Requirement, value: str | None) -> Found:
    if value is None:
        return None
    is_set = wanted.multi_valued is True or wanted.operator.set_operator is not SetOperator.NONE
    return (value,) if is_set else value


def _null_value(wanted: Requirement, *, holds: bool) -> str | None:
    """A key that has to be present may have any value; absence cannot be given."""
    needs_presence = ("false" in [text.lower() for text in wanted.texts]) is holds
    return "present" if needs_presence else None


def _near(row: Operator, text: str) -> tuple[str, ...]:
    """Give what may be meant by a policy value, the nearest first."""
    if row.wildcards:
        return (text.replace("*", "").replace("?", "x"),)
    propose = _NEAR.get(row.type)
    return propose(text) if propose is not None else (text,)


def _numbers(text: str) -> tuple[str, ...]:
    """Give a number; a whole one with its neighbours."""
    try:
        number = int(text)
    except ValueError:
        return (text,)
    return text, str(number - 1), str(number + 1)


# What else than the policy's text itself may be a value
_NEAR: dict[OperatorType, Callable[[str], tuple[str, ...]]] = {
    OperatorType.NUMERIC: _numbers,
    OperatorType.BOOLEAN: lambda text: (text.lower(), "true", "false"),
    OperatorType.IP_ADDRESS: lambda text: (text.partition("/")[0],),
}
