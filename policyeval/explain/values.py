"""Which value of a key would make a condition hold, or keep it from holding? Taken from the policy's own text."""

from __future__ import annotations

from policyeval.matching.conditions import Requirement
from policyeval.operators import SetOperator

Found = str | tuple[str, ...] | None

_STEPS = {"LessThan": -1, "GreaterThan": 1}


def fulfilling_value(wanted: Requirement) -> Found:
    """Give a value with which the condition would hold; None when none can be told."""
    value = (
        _null_value(wanted, holds=True)
        if wanted.operator.row.is_null
        else _matching(wanted, not _negated(wanted))
    )
    return _shaped(wanted, value)


def violating_value(wanted: Requirement) -> Found:
    """Give a value with which the condition would not hold; None when none can be told."""
    value = (
        _null_value(wanted, holds=False)
        if wanted.operator.row.is_null
        else _matching(wanted, _negated(wanted))
    )
    return _shaped(wanted, value)


def _negated(wanted: Requirement) -> bool:
    return wanted.operator.row.negated


def _shaped(wanted: Requirement, value: str | None) -> Found:
    if value is None:
        return None
    is_set = wanted.multi_valued is True or wanted.operator.set_operator is not SetOperator.NONE
    return (value,) if is_set else value


def _null_value(wanted: Requirement, *, holds: bool) -> str | None:
    """A key that has to be present may have any value; absence cannot be given."""
    needs_presence = ("false" in [text.lower() for text in wanted.texts]) is holds
    return "present" if needs_presence else None


def _matching(wanted: Requirement, matching: bool) -> str | None:
    """Give a value that the positive form accepts, or one that it refuses."""
    name = wanted.operator.row.name
    text = next((text for text in wanted.texts if "${" not in text), None)
    if text is None:
        return None
    if name == "Bool":
        return text.lower() if matching else {"true": "false", "false": "true"}.get(text.lower())
    if not matching:
        return None
    if name.startswith("Numeric"):
        return _number(name, text)
    if "IpAddress" in name:
        return text.partition("/")[0]
    if name.startswith("Date") or name == "BinaryEquals":
        return text if name.endswith("Equals") else None
    return text.replace("*", "").replace("?", "x") if "Like" in name or name.startswith("Arn") else text


def _number(name: str, text: str) -> str | None:
    if name.endswith("Equals"):
        return text
    step = next((step for word, step in _STEPS.items() if word in name), 0)
    try:
        return str(int(text) + step)
    except ValueError:
        return None
