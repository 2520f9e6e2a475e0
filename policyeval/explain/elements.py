"""How did each element of a statement fare? Required against actual, from the trace of its tests."""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.catalog.global_keys import Value
from policyeval.language.values import MALFORMED
from policyeval.layers import StatementTrace
from policyeval.matching.conditions import ConditionReading, Requirement
from policyeval.matching.principals import BOUNDARY, CHAIN
from policyeval.matching.resources import ResourceReading
from policyeval.operators import SetOperator
from policyeval.plan import Not, Subject, Test, Trace
from policyeval.records import Record
from policyeval.request_context import Check
from policyeval.source import Path


class ElementReport(Record):
    """One element of a statement, or one condition.

    `path` leads to the entry that matched, else to the nearest one; `required` is that entry with its
    variables resolved, `actual` what the request has. `distance` grows with the difference.
    """

    element: str
    matched: bool
    path: Path
    required: str
    actual: str
    why: str
    rule: str
    entries: int = 1
    distance: int = 0
    key: str | None = None
    operator: str | None = None
    resolved: str | None = None


def element_reports(found: StatementTrace, check: Check) -> tuple[ElementReport, ...]:
    """Report on every element that the statement has, in the order principal, action, resource, conditions."""
    principal, action, resource, *conditions = found.trace.parts
    reports = [
        _principal(principal, found, check),
        _listed(action, found, check.action.text),
        _resource(resource, found, check),
        *(_condition(condition) for condition in conditions),
    ]
    return tuple(report for report in reports if report is not None)


def text_distance(one: str, other: str) -> int:
    """Count the characters outside the common start and end of two texts."""
    shortest = min(len(one), len(other))
    start = next((i for i in range(shortest) if one[i] != other[i]), shortest)
    rest = shortest - start
    end = next((i for i in range(rest) if one[-1 - i] != other[-1 - i]), rest)
    return len(one) + len(other) - 2 * (start + end)


def _is_negated(part: Trace) -> bool:
    return isinstance(part.plan, Not)


def _name(part: Trace, found: StatementTrace) -> str:
    """Name the element by its path: the step behind the statement's own."""
    return str(part.plan.path[len(found.statement.statement.path)])


def _nearest(tests: list[Trace], texts: tuple[str, ...], actual: str) -> int:
    """Choose the entry that holds, else the one that differs least; entries of the same service first."""
    for index, test in enumerate(tests):
        if test.outcome:
            return index
    lower, lowered = actual.lower(), [text.lower() for text in texts]
    service = lower.partition(":")[0] + ":"
    same_service = [index for index, text in enumerate(lowered) if text.startswith(service)]
    return min(same_service or range(len(texts)), key=lambda index: text_distance(lowered[index], lower))


def _listed(part: Trace, found: StatementTrace, actual: str) -> ElementReport | None:
    """Report on Action or NotAction."""
    name = _name(part, found)
    matcher = found.statement.statement.action
    texts = matcher.values.items if matcher is not None else ()
    tests = list(part.tests())
    if not tests:
        return _empty_list(part, name, actual)
    index = _nearest(tests, texts, actual)
    nearest, text = tests[index], texts[index]
    return ElementReport(
        name, part.outcome is True, nearest.plan.path, text, actual,
        _why_listed(part, nearest, f"is {actual}", text), "A-8" if _is_negated(part) else "A-1", len(tests),
        0 if part.outcome else text_distance(text.lower(), actual.lower()),
    )  # fmt: skip


def _why_listed(part: Trace, nearest: Trace, request: str, text: str) -> str:
    if _is_negated(part):
        return f"`{text}` excludes it" if nearest.outcome else f"the request {request}, which is not excluded"
    return f"matches: the request {request}" if nearest.outcome else f"the request {request}"


def _empty_list(part: Trace, name: str, actual: str) -> ElementReport:
    matched = part.outcome is True
    why = "an empty list excludes nothing" if matched else "an empty list matches nothing"
    return ElementReport(name, matched, part.plan.path, "[]", actual, why, "L-14", 0)


def _resource(part: Trace, found: StatementTrace, check: Check) -> ElementReport | None:
    """Report on Resource or NotResource; a statement without either is about the resource that it stands on."""
    actual = check.resource.text
    statement = found.statement.statement
    if statement.resource is None:
        if part.outcome:
            return None
        why = "without Resource the statement never applies"
        return ElementReport("Resource", False, statement.path, "", actual, why, "L-41")
    name = _name(part, found)
    tests = [test for test in part.tests() if isinstance(test.reading, ResourceReading)]
    if not tests:
        return _empty_list(part, name, actual)
    index = _nearest(tests, statement.resource.values.items, actual)
    nearest, required = tests[index], statement.resource.values.items[index]
    resolved = _resolved_resource(nearest)
    return ElementReport(
        name, part.outcome is True, nearest.plan.path, required, actual,
        _why_resource(part, nearest, required, actual), _resource_rule(part, nearest), len(tests),
        0 if part.outcome else text_distance(resolved or required, actual), resolved=resolved,
    )  # fmt: skip


def _resolved_resource(test: Trace) -> str | None:
    """Give the entry with the values of its variables, None when it has none."""
    plan, reading = test.plan, test.reading
    if not isinstance(plan, Test) or "${" not in plan.operand.text or reading.tail is None:
        return None
    head = plan.operand.text.split(":", 5)[:5]
    text = ":".join([*head, reading.tail.text])
    return text if text != plan.operand.text else None


def _why_resource(part: Trace, nearest: Trace, required: str, actual: str) -> str:
    plan, reading = nearest.plan, nearest.reading
    if isinstance(plan, Test) and not nearest.outcome:
        if reading.tail is None:
            return f"`{_unresolved(plan)}` has no value in this request, so the entry matches nothing"
        if plan.operand.is_never:
            return "this is no ARN that matches anything in a policy of this type"
    resolved = _resolved_resource(nearest)
    why = _why_listed(part, nearest, f"is for {actual}", required)
    return f"{why} (resolved: {resolved})" if resolved else why


def _unresolved(plan: Test) -> str:
    return ", ".join(variable.written for variable in plan.operand.tail.variables)


def _resource_rule(part: Trace, nearest: Trace) -> str:
    if not nearest.outcome and nearest.reading.tail is None:
        return "R-22" if _is_negated(part) else "R-33"
    if isinstance(nearest.plan, Test) and nearest.plan.operand.is_never:
        return "R-10"
    return "R-20" if _is_negated(part) else "R-3"


def _principal(part: Trace, found: StatementTrace, check: Check) -> ElementReport | None:
    """Report on Principal or NotPrincipal."""
    statement, actual = found.statement.statement, str(check.principal)
    if statement.principal is None:
        if part.outcome:
            return None
        why = "a statement without Principal never applies in a policy of this type"
        return ElementReport("Principal", False, statement.path, "", actual, why, "L-40")
    name = "NotPrincipal" if statement.principal.negated else "Principal"
    path = (*statement.path, name)
    entries = [(kind, text) for kind, values in statement.principal.entries for text in values.items]
    holding = {test.plan.path for test in part.tests() if test.outcome and test.plan.path != path}
    places = list(_places(found, path))
    at = next((place for place, _, _ in places if place in holding), None)
    at = at or min(places, key=lambda place: text_distance(place[2], actual), default=(path, "", ""))[0]
    required = next(
        (text for place, _, text in places if place == at), ", ".join(text for _, text in entries)
    )
    why = _why_principal(part, name, required, check)
    return ElementReport(
        name, part.outcome is True, at, required, actual, why, _principal_rule(part, name), len(entries),
        0 if part.outcome else text_distance(required, actual),
    )  # fmt: skip


def _places(found: StatementTrace, path: Path) -> Iterator[tuple[Path, str, str]]:
    principal = found.statement.statement.principal
    for kind, values in principal.entries if principal is not None else ():
        for index, text in enumerate(values.items):
            yield (*path, kind, index), kind, text


def _why_principal(part: Trace, name: str, required: str, check: Check) -> str:
    if name == "Principal":
        return f"matches {check.principal}" if part.outcome else f"the caller is {check.principal}"
    if not part.outcome:
        return f"the caller {check.principal} is exempt"
    for test in part.tests():
        if isinstance(test.plan, Test) and test.plan.row is BOUNDARY and test.outcome:
            return "a caller with a permissions boundary is never exempt"
        if isinstance(test.plan, Test) and test.plan.row is CHAIN and test.reading[1]:
            return f"`{required}` alone does not exempt {check.principal}: its account and role must be listed, too"
    return f"the caller {check.principal} is not listed"


def _principal_rule(part: Trace, name: str) -> str:
    if name == "NotPrincipal":
        return "P-22"
    rows = [test.plan.row for test in part.tests() if isinstance(test.plan, Test) and test.outcome]
    return getattr(rows[0], "rule", "4.2") if rows else "4.2"


def _condition(part: Trace) -> ElementReport | None:
    """Report on one key under one operator."""
    if not isinstance(part.plan, Test) or part.plan.about is not Subject.CONDITION:
        return None
    wanted: Requirement = part.plan.operand
    reading: ConditionReading = part.reading
    path, required = part.plan.path, ", ".join(wanted.texts)
    actual = shown(reading.value)
    return ElementReport(
        "Condition", part.outcome is True, (*path, 0) if len(wanted.texts) == 1 else path, required, actual,
        _why_condition(part, wanted, reading), _condition_rule(part, wanted, reading), len(wanted.texts),
        0 if part.outcome else 1, wanted.key, wanted.operator.name, _resolved_values(wanted, reading),
    )  # fmt: skip


def shown(value: Value | None) -> str:
    """Write a context value for people."""
    if value is None:
        return "absent"
    return f"[{', '.join(value)}]" if isinstance(value, tuple) else value


def _resolved_values(wanted: Requirement, reading: ConditionReading) -> str | None:
    if not wanted.templates:
        return None
    values = [getattr(value, "text", value) for value in reading.wanted[len(wanted.constants) :]]
    return ", ".join(str(value) for value in values) or None


def _why_condition(part: Trace, wanted: Requirement, reading: ConditionReading) -> str:
    key, value = wanted.key, reading.value
    if wanted.operator.row.is_null:
        return f"`{key}` is {'absent' if not value or not any(value) else 'present'}"
    if part.outcome is None:
        return f"`{_malformed(wanted, reading)}` is no value for {wanted.operator.row.name}"
    if value is None:
        return f"`{key}` is not in the request" + (", which this operator accepts" if part.outcome else "")
    if isinstance(value, tuple) and wanted.operator.set_operator is SetOperator.NONE:
        return f"`{key}` is multi-valued: without ForAnyValue or ForAllValues the condition never holds"
    if reading.unresolved:
        written = ", ".join(variable.written for entry in wanted.templates for variable in entry.variables)
        return f"the request has `{shown(value)}`; `{written}` has no value"
    return f"the request has `{shown(value)}`"


def _malformed(wanted: Requirement, reading: ConditionReading) -> str:
    for text, constant in zip(wanted.texts, wanted.constants, strict=False):
        if constant is MALFORMED:
            return text
    return shown(reading.value)


def _condition_rule(part: Trace, wanted: Requirement, reading: ConditionReading) -> str:
    operator = wanted.operator
    if operator.row.is_null:
        return "C-44" if operator.set_operator is not SetOperator.NONE else "C-40"
    if part.outcome is None:
        return "C-18"
    if reading.value is None:
        return _absence_rule(wanted)
    if isinstance(reading.value, tuple) and operator.set_operator is SetOperator.NONE:
        return "C-34"
    return "C-94" if reading.unresolved else operator.row.rule


def _absence_rule(wanted: Requirement) -> str:
    if wanted.operator.if_exists:
        return "C-20"
    by_set = {SetOperator.FOR_ALL_VALUES: "C-30", SetOperator.FOR_ANY_VALUE: "C-31"}
    return by_set.get(wanted.operator.set_operator, "C-11" if wanted.operator.row.negated else "C-10")
