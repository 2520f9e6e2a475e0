"""Has everything that a table or the specification lists a case that shows it?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from policyeval.decision import EXPLICIT_DENY, NO_ALLOW, REASONS, Layer
from policyeval.operators import OPERATORS, SetOperator, parse_operator
from policyeval.semantics import CHOICES, Semantics
from tests.fixture_cases import CASES, id_of

HERE = Path(__file__).parent
CITED = {id.removeprefix("§") for case in CASES for id in case.ids}
VECTORS = [f"V-{number}" for number in range(1, 184)]


def listed(name: str) -> dict[str, str]:
    """Read a list of ids, each with the reason why it needs no case, empty when it needs one."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    rows = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {id.strip(): why.strip() for id, _, why in rows}


RULES = listed("rule_ids.txt")
NOTES = listed("note_ids.txt")


# What the specification lists


@pytest.mark.parametrize("rule", [rule for rule, exempt in RULES.items() if not exempt])
def test_rule_is_shown_by_a_case(rule):
    assert rule in CITED


@pytest.mark.parametrize("note", NOTES)
def test_fact_of_the_notes_is_shown_by_a_case(note):
    assert note in CITED


@pytest.mark.parametrize("vector", VECTORS)
def test_scenario_vector_is_a_case(vector):
    assert vector in CITED


def test_cases_cite_only_what_there_is():
    known = {*RULES, *NOTES, *VECTORS, "0.2", "0.4", "KEHOE", "Table 7.2-A", "Table A", "Table B"}

    assert set() == CITED - known


def test_exempt_rules_are_not_cited():
    assert set() == CITED & {rule for rule, exempt in RULES.items() if exempt}


# What a case holds


def test_names_of_cases_are_unique_within_a_file():
    names = Counter(map(id_of, CASES))

    assert len(names) == len(CASES), names.most_common(3)


def test_cases_say_what_they_show_and_why_they_are_answered_so():
    complete = [
        case
        for case in CASES
        if case.ids and case.why and (case.reason is not None or case.expect == "invalid")
    ]

    assert complete == CASES


# What the tables list


@pytest.mark.parametrize("reason", [row.code for row in REASONS])
def test_reason_is_the_reason_of_a_case(reason):
    assert reason in {case.reason for case in CASES}


@pytest.mark.parametrize("row", REASONS, ids=str)
def test_reason_has_words(row):
    words = (row.sentence, row.advice, row.text, row.page)

    assert all(words)
    assert not any(text.endswith((".", "!")) for text in (row.sentence, row.advice))


def test_every_layer_of_policies_has_its_reasons():
    layers = {layer for layer in Layer if layer not in (Layer.S3_BPA, Layer.SERVICE, Layer.GRANT, Layer.NONE)}

    assert layers == set(EXPLICIT_DENY)
    assert layers - {Layer.RCP} == set(NO_ALLOW) - {Layer.GRANT}


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_operator_has_an_example_of_each_outcome(row):
    assert {True, False} == {example.holds for example in row.examples}


def conditions_in(value: object) -> Iterator[str]:
    """Walk the operator names in a value that holds policies."""
    if isinstance(value, dict):
        if isinstance(value.get("Condition"), dict):
            yield from value["Condition"]
        for member in value.values():
            yield from conditions_in(member)
    elif isinstance(value, list):
        for item in value:
            yield from conditions_in(item)


USED = {
    operator
    for case in CASES
    for entry, _ in case.policies.values()
    for name in conditions_in(entry)
    if (operator := parse_operator(name)) is not None
}


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_operator_is_used_by_a_case(row):
    assert row.name in {operator.row.name for operator in USED}


@pytest.mark.parametrize("set_operator", SetOperator)
def test_set_operator_is_used_by_a_case(set_operator):
    assert set_operator in {operator.set_operator for operator in USED}


# The options


def chosen(case) -> dict[str, str]:
    """Tell the options that a case names."""
    named, _ = case.policies.get("semantics", ({}, ()))
    return {option: str(value) for option, value in named.items()}


OTHER_READINGS = [
    (option, value)
    for option, (values, _) in CHOICES.items()
    for value in values
    if value != getattr(Semantics(), option)
]


@pytest.mark.parametrize(("option", "value"), OTHER_READINGS)
def test_other_reading_of_a_disputed_point_changes_the_answer_of_a_case(option, value):
    naming = [case for case in CASES if chosen(case).get(option) == value]
    by_default = [replace(case, policies={**case.policies, "semantics": ({}, ())}) for case in naming]

    assert any(case.run().got != other.run().got for case, other in zip(naming, by_default, strict=True))


@pytest.mark.parametrize("option", CHOICES)
def test_default_reading_of_a_disputed_point_is_a_value_of_the_option(option):
    assert getattr(Semantics(), option) in CHOICES[option][0]
