"""Is what proposals, samples and unknown keys make of an operator made of its row alone?"""

import pytest

from policyeval import Engine, Policy, operators
from policyeval.explain.values import fulfilling_value, violating_value
from policyeval.language.patterns import Glob, Wildcard
from policyeval.matching import conditions
from policyeval.operators import OPERATORS, Operator, OperatorType, operator_names, parse_operator
from policyeval.semantics import Semantics
from policyeval.testing.samples import condition_values

KEY = "example:Key"
ORDERED = (OperatorType.NUMERIC, OperatorType.DATE)
REQUEST = {
    "principal": "arn:aws:iam::111111111111:user/alice",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
}
STARTS_WITH = Operator(
    "StringStartsWith", "starts with", "C-50", OperatorType.STRING, lambda tokens: Glob((*tokens, Wildcard.ANY_RUN)),
    str, lambda value, pattern: pattern.matches(value), variables=True, wildcards=True, can_be_malformed=False,
)  # fmt: skip


def policy(operator, wanted):
    conditional = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {KEY: wanted}}}
    return Policy.parse({"Version": "2012-10-17", "Statement": [conditional]})


def holds(operator, wanted, value):
    context = {} if value is None else {KEY: list(value) if isinstance(value, tuple) else value}
    return Engine(policy(operator, wanted)).decide({**REQUEST, "context": context}).allowed


def requirement(operator, wanted):
    blocks = policy(operator, wanted).statements[0].conditions
    (plan,) = conditions.lower_conditions(blocks, (), variables=True, semantics=Semantics())
    return plan.operand


@pytest.mark.parametrize(
    ("operator", "wanted", "fulfilling", "violating"),
    [
        ("StringEquals", "r*", "r*", None),
        ("StringNotEquals", "red", None, "red"),
        ("ForAnyValue:StringEquals", "red", ("red",), None),
        ("StringEquals", ["${aws:username}", "red"], "red", None),
        ("StringLike", "home/*/?", "home//x", None),
        ("NumericEquals", "10.5", "10.5", None),
        ("NumericNotEquals", "10", None, "10"),
        ("NumericLessThan", "10", "9", None),
        ("NumericLessThan", "10.5", None, None),
        ("NumericLessThanEquals", "10", "10", None),
        ("NumericGreaterThan", "10", "11", None),
        ("NumericGreaterThan", ["ten", "10"], "11", None),
        ("NumericGreaterThanEquals", "10", "10", None),
        ("NumericEquals", "ten", None, None),
        ("DateLessThan", "2024-01-01", None, None),
        ("DateLessThanEquals", "2024-01-01", "2024-01-01", None),
        ("Bool", "TRUE", "true", "false"),
        ("Bool", ["true", "false"], "true", None),
        ("Bool", "yes", None, None),
        ("BinaryEquals", "QQ==", "QQ==", None),
        ("IpAddress", "203.0.113.7/24", "203.0.113.7", None),
        ("NotIpAddress", "203.0.113.7/24", None, "203.0.113.7"),
        ("ArnLike", "arn:aws:iam::*:role/a?", "arn:aws:iam:::role/ax", None),
        ("ArnNotEquals", "arn:aws:s3:::b*", None, "arn:aws:s3:::b"),
        ("Null", "false", "present", None),
        ("Null", "true", None, "present"),
    ],
)
def test_value_that_is_proposed(operator, wanted, fulfilling, violating):
    asked = requirement(operator, wanted)

    assert (fulfilling, violating) == (fulfilling_value(asked), violating_value(asked))


@pytest.mark.parametrize("name", operator_names())
def test_proposed_value_does_what_it_is_proposed_for(name):
    wanted = parse_operator(name).row.examples[0].policy
    asked = requirement(name, wanted)
    fulfilling, violating = fulfilling_value(asked), violating_value(asked)

    assert fulfilling is None or holds(name, wanted, fulfilling)
    assert violating is None or not holds(name, wanted, violating)


@pytest.mark.parametrize("row", [row for row in OPERATORS if not row.is_null], ids=lambda row: row.name)
def test_there_are_samples_on_either_side(row):
    wanted = row.examples[0].policy
    inside, outside = condition_values(parse_operator(row.name), [wanted], {})

    assert any(holds(row.name, wanted, value) for value in inside)
    assert not all(holds(row.name, wanted, value) for value in outside)


@pytest.mark.parametrize("row", [row for row in OPERATORS if row.type in ORDERED], ids=lambda row: row.name)
def test_samples_of_what_has_an_order_lie_on_their_side(row):
    wanted = row.examples[0].policy
    sides = condition_values(parse_operator(row.name), [wanted], {})

    found = [{holds(row.name, wanted, value) for value in values} for values in sides]
    assert found == [{True}, {False}]


def test_an_operator_more_needs_only_its_row(monkeypatch):
    monkeypatch.setitem(operators._BY_NAME, "stringstartswith", STARTS_WITH)
    monkeypatch.setitem(
        conditions._ROWS, STARTS_WITH.name, conditions.ConditionRow(STARTS_WITH.name, can_be_malformed=False)
    )
    engine = Engine(policy("StringStartsWith", "red"))
    inside, _ = condition_values(parse_operator("StringStartsWith"), ["red"], {})

    assert holds("StringStartsWith", "red", "redder")
    assert not holds("StringStartsWith", "red", "blue")
    assert fulfilling_value(requirement("StringStartsWith", "red")) == "red"
    assert inside == ["red"]
    told = engine.explain_unknown(REQUEST, [KEY]).to_dict()["message"]
    assert told == f"allowed if {KEY} matches red*; denied otherwise"
    assert engine.explain({**REQUEST, "context": {KEY: "blue"}}).fixes
