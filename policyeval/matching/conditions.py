"""When does a condition hold? One test per operator and key (SEMANTICS §5).

The rows of the operator table say how one request value is compared with one policy value; here is
what is the same for all of them: missing keys, several values, set operators, `…IfExists`, `Null`,
variables and malformed values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from policyeval.catalog.global_keys import Value
from policyeval.catalog.services import key_type
from policyeval.context import AMBIGUOUS, NOT_GIVEN
from policyeval.language.model import ConditionBlock
from policyeval.language.values import MALFORMED, is_epoch
from policyeval.language.variables import Template, template
from policyeval.matching.remembered import Remembered
from policyeval.matching.variables import resolver, values_of
from policyeval.operators import (
    ARN_PATTERN_EVERYTHING,
    OPERATORS,
    ConditionOperator,
    OperatorType,
    SetOperator,
)
from policyeval.plan import Closure, Outcome, Plan, Subject, Test
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.source import Path


class Requirement(Record, eq=False):
    """What a condition asks of a key: the operator, and the policy values, parsed as far as possible.

    `constants` holds the values without variables (MALFORMED among them), `templates` the others.
    `multi_valued` is None when nobody knows the key (C-36).
    """

    operator: ConditionOperator
    key: str
    lower: str
    texts: tuple[str, ...]
    constants: tuple[Any, ...]
    templates: tuple[Template, ...]
    multi_valued: bool | None
    semantics: Semantics


class ConditionReading(Record):
    """The key's value in the request, and the policy values to compare it with."""

    value: Value | None
    wanted: tuple[Any, ...]
    unresolved: int = 0


class ConditionRow(Record):
    """A condition of a statement: reads the key and resolves the variables, then judges."""

    name: str
    can_be_malformed: bool

    def read(self, test: Test, check: Check) -> ConditionReading:
        """Look the key up, normalised by its cardinality, and put the variables' values in."""
        wanted: Requirement = test.operand
        value = check.value(wanted.lower, wanted.key)
        if wanted.multi_valued is True and isinstance(value, str):
            value = (value,)
        if not wanted.templates:
            return ConditionReading(value, wanted.constants)
        return _resolved(wanted, value, check)

    def holds(self, test: Test, reading: ConditionReading) -> Outcome:
        """Apply the algorithm of SEMANTICS 5.2."""
        return _outcome(test.operand, reading)

    def closures(self, tests: tuple[Test, ...]) -> Iterator[Closure]:
        """Make tests that remember the outcome by what it depends on: the key's value, and those of the variables."""
        for test in tests:
            yield _with_variables(self, test) if test.operand.templates else _with_constants(self, test)


def _with_constants(row: ConditionRow, test: Test) -> Closure:
    wanted: Requirement = test.operand
    lower, key = wanted.lower, wanted.key
    known: Remembered[Value | None, Outcome] = Remembered()

    def holds(check: Check) -> Outcome:
        value: Any = check.given.get(lower, NOT_GIVEN)
        if value is NOT_GIVEN:
            value = check.call.derived.get(key, NOT_GIVEN)
        if value is NOT_GIVEN or value is AMBIGUOUS:
            value = check.value(lower, key)
        outcome: Any = known.get(value, NOT_GIVEN)
        if outcome is NOT_GIVEN:
            outcome = known.put(value, row.holds(test, row.read(test, check)))
        return outcome  # type: ignore[no-any-return]  # an Outcome, once it is not NOT_GIVEN

    return holds


def _with_variables(row: ConditionRow, test: Test) -> Closure:
    wanted: Requirement = test.operand
    variables = values_of(wanted.templates)
    known: Remembered[tuple[Any, ...], Outcome] = Remembered()

    def holds(check: Check) -> Outcome:
        read = (check.value(wanted.lower, wanted.key), *variables(check))
        outcome: Any = known.get(read, NOT_GIVEN)
        if outcome is NOT_GIVEN:
            outcome = known.put(read, row.holds(test, row.read(test, check)))
        return outcome  # type: ignore[no-any-return]  # an Outcome, once it is not NOT_GIVEN

    return holds


def _resolved(wanted: Requirement, value: Value | None, check: Check) -> ConditionReading:
    """C-94: a policy value with an unresolved variable is dropped."""
    value_of = resolver(check)
    resolved = [entry.resolve(value_of) for entry in wanted.templates]
    read = _policy_reader(wanted.operator, wanted.semantics)
    constants = tuple(read(tokens) for tokens in resolved if tokens is not None)
    return ConditionReading(value, wanted.constants + constants, resolved.count(None))


def _outcome(wanted: Requirement, reading: ConditionReading) -> Outcome:
    operator, semantics = wanted.operator, wanted.semantics
    if operator.row.is_null:
        return _null(operator.set_operator, reading, semantics)
    if is_absent(reading.value, operator.set_operator, semantics):
        return _when_absent(operator, semantics)
    if reading.unresolved and operator.row.negated and semantics.d2 == "peer":
        return False
    value = reading.value
    if operator.set_operator is SetOperator.NONE:
        if isinstance(value, tuple):
            return _without_set_operator(wanted, value, reading.wanted)
        return _closed(compare(wanted, str(value), reading.wanted), semantics)
    values = _values(value, keeps_empty=_keeps_empty(operator.set_operator, semantics))
    outcomes = (compare(wanted, text, reading.wanted) for text in values)
    combine = _every if operator.set_operator is SetOperator.FOR_ALL_VALUES else _some
    return _closed(combine(outcomes), semantics)


def _closed(outcome: Outcome, semantics: Semantics) -> Outcome:
    """C-18: a malformed value makes a Deny close the answer, unless the option says otherwise."""
    return False if outcome is None and semantics.malformed == "false-condition" else outcome


def _without_set_operator(
    wanted: Requirement, values: tuple[str, ...], policy_values: tuple[Any, ...]
) -> Outcome:
    """C-34: a multi-valued key needs a set operator; D-7 for the peers' reading."""
    if wanted.semantics.d7 == "default":
        return False
    return _some(compare(wanted, text, policy_values) for text in values)


def is_absent(value: Value | None, set_operator: SetOperator, semantics: Semantics) -> bool:
    """Is there nothing to compare (C-10, C-33, C-41)? Empty strings alone are nothing in a list."""
    if value is None:
        return True
    if isinstance(value, tuple):
        return not value if _keeps_empty(set_operator, semantics) else not any(value)
    return set_operator is not SetOperator.NONE and not value and not _keeps_empty(set_operator, semantics)


def _keeps_empty(set_operator: SetOperator, semantics: Semantics) -> bool:
    """D-18: with the peers' reading an empty string is a value for ForAllValues."""
    return set_operator is SetOperator.FOR_ALL_VALUES and semantics.d18 == "peer"


def _when_absent(operator: ConditionOperator, semantics: Semantics) -> bool:
    """C-10, C-11, C-20, C-30, C-31."""
    if operator.set_operator is SetOperator.FOR_ANY_VALUE and semantics.d6 == "peer":
        return False
    if operator.if_exists or operator.set_operator is SetOperator.FOR_ALL_VALUES:
        return True
    return operator.set_operator is SetOperator.NONE and operator.row.negated


def _values(value: Value | None, *, keeps_empty: bool = False) -> tuple[str, ...]:
    values = value if isinstance(value, tuple) else (str(value),)
    return values if keeps_empty else tuple(text for text in values if text)


def compare(wanted: Requirement, text: str, policy_values: tuple[Any, ...]) -> Outcome:
    """Compare one request value with all policy values: any (C-15), or for negated operators none."""
    row = wanted.operator.row
    if not policy_values:
        return row.negated  # C-16
    value = _request_reader(wanted)(text)
    if value is MALFORMED:
        return None
    well_formed = [entry for entry in policy_values if entry is not MALFORMED]
    if any(row.compare(value, entry) for entry in well_formed):
        return not row.negated
    return None if len(well_formed) < len(policy_values) else row.negated


def _every(outcomes: Iterable[Outcome]) -> Outcome:
    found = list(outcomes)
    return False if False in found else None if None in found else True


def _some(outcomes: Iterable[Outcome]) -> Outcome:
    found = list(outcomes)
    return True if True in found else None if None in found else False


def _null(set_operator: SetOperator, reading: ConditionReading, semantics: Semantics) -> bool:
    """SEMANTICS 5.6: is the key absent, and does the policy ask for that?"""
    if set_operator is SetOperator.NONE:
        return _is_null(reading.value, semantics) in reading.wanted
    if semantics.null_with_set_operator == "constant":
        return set_operator is SetOperator.FOR_ALL_VALUES
    values = _values(reading.value) if reading.value is not None else ()
    if not values:
        return set_operator is SetOperator.FOR_ALL_VALUES
    return False in reading.wanted


def _is_null(value: Value | None, semantics: Semantics) -> bool:
    """C-41."""
    if not value:
        return value != "" or semantics.null_empty_string == "absent"
    return not any(value) and semantics.null_empty_string == "absent"


def _policy_reader(operator: ConditionOperator, semantics: Semantics) -> Any:
    if semantics.d11 == "peer" and operator.row.type is OperatorType.DATE:
        return lambda tokens: _milliseconds("".join(tokens), operator.row.read_request)
    return operator.row.read_policy


def _request_reader(wanted: Requirement) -> Any:
    read = wanted.operator.row.read_request
    if wanted.semantics.d11 == "peer" and wanted.operator.row.type is OperatorType.DATE:
        return lambda text: _milliseconds(text, read)
    return read


def _milliseconds(text: str, read: Any) -> Any:
    """D-11, reading `peer`: epoch values count milliseconds."""
    seconds = read(text)
    if not is_epoch(text):
        return seconds
    from policyeval.language.exact import thousandth

    return thousandth(seconds)


_ROWS = {row.name: ConditionRow(row.name, row.can_be_malformed) for row in OPERATORS}


def lower_conditions(
    blocks: tuple[ConditionBlock, ...] | None, path: Path, *, variables: bool, semantics: Semantics
) -> tuple[Plan, ...]:
    """Lower Condition: every key of every operator must hold (C-1); none at all always holds (L-15, L-16)."""
    at = (*path, "Condition")
    return tuple(
        _lower_key(block.operator, key, values.items, (*at, block.name, key), variables, semantics)
        for block in blocks or ()
        if block.operator is not None
        for key, values in block.keys
    )


def _lower_key(
    operator: ConditionOperator,
    key: str,
    texts: tuple[str, ...],
    path: Path,
    variables: bool,
    semantics: Semantics,
) -> Plan:
    row = operator.row
    read = _policy_reader(operator, semantics)
    parsed = [
        template(text, variables=variables and row.variables, wildcards=row.wildcards) for text in texts
    ]
    constants = tuple(read(entry.resolve(lambda _: None) or ()) for entry in parsed if not entry.variables)
    if semantics.d16 == "peer":
        constants = tuple(constant for constant in constants if constant is not ARN_PATTERN_EVERYTHING)
    kind = key_type(key.lower())
    requirement = Requirement(
        operator, key, key.lower(), texts, constants, tuple(entry for entry in parsed if entry.variables),
        None if kind is None else kind.multi_valued, semantics,
    )  # fmt: skip
    return Test(path, Subject.CONDITION, _ROWS[row.name], requirement)
