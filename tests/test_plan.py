"""Do the readers of a plan agree, whatever the plan is?"""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import plan as plan_module
from policyeval.plan import ALWAYS, NEVER, All, Any_, Not, Subject, Test, closure, trace

leaves_of = plan_module.tests_of  # under its own name it would look like a test
NAMES = ("a", "b", "c", "d")
OUTCOMES = st.sampled_from([True, False, None])
CHECKS = st.fixed_dictionaries(dict.fromkeys(NAMES, OUTCOMES))


@dataclass(frozen=True)
class Lookup:
    """Reads a name of the check, a mapping from names to outcomes, and holds as it says there."""

    name: str = "lookup"
    can_be_malformed: bool = True

    def read(self, test, check):
        return check[test.operand]

    def holds(self, test, reading):
        return reading


def leaf(name, path=()):
    return Test(path, Subject.CONDITION, Lookup(), name)


PLANS = st.recursive(
    st.sampled_from(NAMES).map(leaf),
    lambda plans: (
        st.lists(plans, max_size=4).map(tuple).map(All)
        | st.lists(plans, max_size=4).map(tuple).map(Any_)
        | plans.map(Not)
    ),
    max_leaves=20,
)


def possible(plan, check):
    """Give the values that a plan can take when an unknown outcome is either true or false."""
    if isinstance(plan, Test):
        return {True, False} if check[plan.operand] is None else {check[plan.operand]}
    if isinstance(plan, Not):
        return {not value for value in possible(plan.part, check)}
    combine, found = (all, {True}) if isinstance(plan, All) else (any, {False})
    for part in plan.parts:
        found = {combine((one, other)) for one in found for other in possible(part, check)}
    return found


@given(PLANS, CHECKS)
def test_closure_and_trace_agree(plan, check):
    assert closure(plan)(check) == trace(plan, check).outcome


@given(PLANS, CHECKS)
def test_outcome_is_none_exactly_when_unknown_tests_could_turn_it(plan, check):
    values = possible(plan, check)
    expected = None if len(values) == 2 else values.pop()

    assert expected is closure(plan)(check)


@given(PLANS, CHECKS)
def test_trace_has_the_shape_of_the_plan_and_what_was_read(plan, check):
    found = trace(plan, check)

    assert list(leaves_of(plan)) == [one.plan for one in found.tests()]
    assert [check[one.plan.operand] for one in found.tests()] == [one.reading for one in found.tests()]


@given(PLANS, CHECKS)
def test_two_negations_are_none(plan, check):
    assert closure(plan)(check) is closure(Not(Not(plan)))(check)


@given(st.lists(PLANS, max_size=3), CHECKS)
def test_not_every_is_some_not(plans, check):
    negated_all = Not(All(tuple(plans)))
    any_negated = Any_(tuple(Not(plan) for plan in plans))

    assert closure(negated_all)(check) is closure(any_negated)(check)


@given(st.permutations([leaf(name) for name in NAMES]), CHECKS)
def test_order_of_parts_never_matters(parts, check):
    ordered = tuple(leaf(name) for name in NAMES)
    expected = [closure(All(ordered))(check), closure(Any_(ordered))(check)]

    assert expected == [closure(All(tuple(parts)))(check), closure(Any_(tuple(parts)))(check)]


@pytest.mark.parametrize(("plan", "outcome"), [(ALWAYS, True), (NEVER, False), (Not(NEVER), True)])
def test_plan_without_parts(plan, outcome):
    assert (outcome, outcome) == (closure(plan)({}), trace(plan, {}).outcome)


def test_leaves_are_walked_in_order_with_their_paths():
    first, second, third = (leaf(name, ("Statement", index)) for index, name in enumerate("abc"))
    plan = All((first, Not(Any_((second, ALWAYS))), third))

    assert [first, second, third] == list(leaves_of(plan))


def test_closure_stops_at_the_first_part_that_decides():
    plan = Any_((leaf("a"), All((leaf("b"), leaf("missing")))))

    assert closure(plan)({"a": True}) is True
    assert closure(plan)({"a": False, "b": False}) is False


def test_trace_looks_at_every_part():
    found = trace(Any_((leaf("a"), leaf("b"))), {"a": True, "b": None})

    assert [part.outcome for part in found.parts] == [True, None]
