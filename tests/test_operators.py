"""Do the condition operators hold as their rows say, also with `…IfExists`, set operators and many values?"""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyeval import Engine, Policy, PolicyError
from policyeval.language.values import MALFORMED
from policyeval.operators import OPERATORS, SetOperator, operator_names, parse_operator

ALICE = "arn:aws:iam::111111111111:user/alice"
KEY = "example:Key"  # a key that nobody knows: single or multi-valued as the request gives it
ALLOW_ALL = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}

EXAMPLES = [
    pytest.param(row.name, example, id=f"{row.name}-{example.policy}-{example.request}")
    for row in OPERATORS
    for example in row.examples
]
COMPARING = [row for row in OPERATORS if not row.is_null]
NEGATED = [
    (row.name, next(other.name for other in OPERATORS if other.name == re.sub("Not", "", row.name, count=1)))
    for row in OPERATORS
    if row.negated
]
# One text of each type that a row may compare, to be the value of a policy or of a request.
TEXTS = (
    st.sampled_from(
        [
            "", "red", "RED", "r*", "?", "10", "10.0", "9", "-1", "1e1", "2024-01-01", "1704067200", "true", "False",
            "QQ==", "Qg==", "10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "2001:DB8::1", "arn:aws:s3:::b",
            "arn:aws:s3:::b*", "arn:aws:sqs:us-east-1:111111111111:q", "*", "${aws:username}", "alice",
        ]
    )
    | st.text("aA*?:./${}", max_size=6)
)  # fmt: skip
VALUES = st.lists(TEXTS, max_size=3)
FEW = settings(max_examples=settings.default.max_examples // 3)  # for each row of the table


def policy(operator, wanted, *, deny=False):
    conditional = {"Action": "s3:*", "Resource": "*", "Condition": {operator: {KEY: wanted}}}
    statements = (
        [ALLOW_ALL, {"Effect": "Deny", **conditional}] if deny else [{"Effect": "Allow", **conditional}]
    )
    return Policy.parse({"Version": "2012-10-17", "Statement": statements})


def decide(policy, value):
    context = {} if value is None else {KEY: value}
    request = {
        "principal": ALICE,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "context": context,
    }
    return Engine(policy).decide(request)


def holds(operator, wanted, value):
    return decide(policy(operator, wanted), value).allowed


# The rows


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_example_of_the_row_holds_in_an_allow(operator, example):
    assert example.holds == holds(operator, example.policy, example.request)


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_example_of_the_row_denies_when_it_holds(operator, example):
    decision = decide(policy(operator, example.policy, deny=True), example.request)

    assert example.holds == (decision.reason == "identity-explicit-deny")


@pytest.mark.parametrize("row", COMPARING, ids=lambda row: row.name)
def test_if_exists_holds_for_an_absent_key(row):
    assert holds(f"{row.name}IfExists", row.examples[0].policy, None)


@pytest.mark.parametrize(
    ("operator", "example"), [one for one in EXAMPLES if one.values[1].request is not None]
)
def test_if_exists_changes_nothing_for_a_key_that_is_present(operator, example):
    if operator != "Null":
        assert example.holds == holds(f"{operator}IfExists", example.policy, example.request)


@pytest.mark.parametrize("row", COMPARING, ids=lambda row: row.name)
@pytest.mark.parametrize(
    ("set_operator", "if_absent"), [("ForAllValues", True), ("ForAnyValue", False)], ids=lambda it: str(it)
)
def test_set_operator_and_an_absent_key(set_operator, if_absent, row):
    assert if_absent == holds(f"{set_operator}:{row.name}", row.examples[0].policy, None)


# Negation, several values, set operators: the same for every row


@pytest.mark.parametrize(("negated", "positive"), NEGATED)
@FEW
@given(wanted=VALUES, value=TEXTS)
def test_negated_operator_is_the_opposite_for_a_key_that_is_present(negated, positive, wanted, value):
    row = parse_operator(positive).row
    texts = [text for text in wanted if row.read_policy((text,)) is not MALFORMED]
    if row.read_request(value) is not MALFORMED:
        assert holds(negated, texts, value) != holds(positive, texts, value)


@pytest.mark.parametrize("row", [row for row in COMPARING if not row.negated], ids=lambda row: row.name)
@FEW
@given(wanted=VALUES, value=TEXTS)
def test_positive_operator_holds_when_it_holds_for_one_of_the_policy_values(row, wanted, value):
    each = [holds(row.name, one, value) for one in wanted]

    assert any(each) == holds(row.name, wanted, value)


@pytest.mark.parametrize("row", [row for row in COMPARING if row.negated], ids=lambda row: row.name)
@FEW
@given(wanted=VALUES, value=TEXTS)
def test_negated_operator_holds_when_it_holds_for_all_of_the_policy_values(row, wanted, value):
    each = [holds(row.name, one, value) for one in wanted]

    assert holds(row.name, wanted, value) == (all(each) and holds(row.name, [], value))


@pytest.mark.parametrize("row", COMPARING, ids=lambda row: row.name)
@FEW
@given(wanted=VALUES, values=VALUES)
def test_set_operators_ask_every_value_or_any(row, wanted, values):
    each = [holds(row.name, wanted, value) for value in values if value]
    expected = [all(each), any(each)]

    assert expected == [
        holds(f"{name}:{row.name}", wanted, values) for name in ("ForAllValues", "ForAnyValue")
    ]


@pytest.mark.parametrize("row", COMPARING, ids=lambda row: row.name)
@FEW
@given(wanted=VALUES, values=st.lists(TEXTS.filter(bool), min_size=1, max_size=3))
def test_several_values_without_a_set_operator_never_match(row, wanted, values):
    assert not holds(row.name, wanted, values)


@pytest.mark.parametrize("row", [row for row in COMPARING if row.can_be_malformed], ids=lambda row: row.name)
def test_malformed_value_in_a_deny_closes_the_answer(row):
    decision = decide(policy(row.name, "no value of the type", deny=True), row.examples[0].request)

    assert decision.reason == "invalid-value"


# Names


@pytest.mark.parametrize("name", operator_names())
def test_name_is_read_in_any_letter_case(name):
    found = [parse_operator(spelling) for spelling in (name, name.lower(), name.upper(), name.swapcase())]

    assert [name] * 4 == [operator.name for operator in found]


def test_there_are_as_many_names_as_rows_and_their_variants():
    bases = len(OPERATORS) + len(COMPARING)

    assert bases * len(SetOperator) == len(set(operator_names()))


@pytest.mark.parametrize(
    "name",
    [
        "", "StringMatches", "String", "IfExists", "NullIfExists", "ForAnyValue:NullIfExists", "ForAllValues",
        "ForAllValues:", "ForSomeValue:StringEquals", ":StringEquals", "ForAnyValue:ForAllValues:StringEquals",
        "ForAnyValue: StringEquals", "StringEquals ", "StringEqualsIfExistsIfExists", "StringEquals:ForAnyValue",
    ],
)  # fmt: skip
def test_unknown_operator_is_refused(name):
    with pytest.raises(PolicyError, match="unknown condition operator"):
        policy(name, "x")


def test_unknown_operator_comes_with_the_nearest_name():
    with pytest.raises(PolicyError) as raised:
        policy("StringMatch", "x")

    assert raised.value.diagnostics[0].help == "did you mean `StringLike`?"


def test_unknown_operator_without_keys_is_stored_and_holds():
    stored = Policy.parse({"Statement": {**ALLOW_ALL, "Condition": {"StringMatches": {}}}})

    assert decide(stored, None).allowed
