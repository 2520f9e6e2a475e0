"""Which keys does a request carry, whatever the letter case of their names and however values are given?"""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import Context, RequestError
from policyeval.context import NOT_GIVEN

NAMES = st.sampled_from(
    ["aws:PrincipalTag/Team", "aws:principaltag/TEAM", "aws:SourceIp", "aws:TagKeys", "x:Y/z", "X:y/Z"]
)
VALUES = (
    st.none()
    | st.text(max_size=4)
    | st.booleans()
    | st.integers()
    | st.lists(st.text(max_size=3), max_size=1)
)


# Values


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("red", "red"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (10, "10"),
        (1.5, "1.5"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00"),
        (["a", "b"], ("a", "b")),
        (("a", 1, True), ("a", "1", "true")),
        ({"b", "a"}, ("a", "b")),
        ([], ()),
        (None, None),
    ],
)
def test_value_of_a_key_that_nobody_knows_is_taken_as_it_is(value, read):
    assert read == Context({"example:Key": value}).get("example:key")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("aws:SourceIp", "10.0.0.1", "10.0.0.1"),
        ("aws:SourceIp", ["10.0.0.1"], "10.0.0.1"),
        ("aws:TagKeys", "team", ("team",)),
        ("aws:TagKeys", ["team", "cost"], ("team", "cost")),
        ("aws:PrincipalTag/team", ["red"], "red"),
        ("s3:max-keys", [10], "10"),
        ("events:detail-type", ["x"], ("x",)),
        ("cognito-identity.amazonaws.com:amr", ["authenticated", "x"], ("authenticated", "x")),
    ],
)
def test_known_key_has_one_value_or_several_as_its_table_says(name, value, read):
    assert read == Context({name: value}).get(name.lower())


@pytest.mark.parametrize("name", ["aws:SourceIp", "AWS:SOURCEIP", "aws:PrincipalTag/team", "s3:prefix"])
def test_several_values_of_a_single_valued_key_are_refused(name):
    with pytest.raises(RequestError, match="is single-valued, the request gives 2 values") as raised:
        Context({name: ["a", "b"]})

    assert raised.value.diagnostics[0].path == ("context", name)


@pytest.mark.parametrize("value", [{}, {"a": "b"}, object(), b"bytes", [["a"]], [None]])
def test_value_that_is_no_text_is_refused(value):
    with pytest.raises(RequestError, match="the value of `example:Key` is no text"):
        Context({"example:Key": value})


# Names


def test_key_is_found_in_any_letter_case():
    context = Context({"AWS:SourceIP": "10.0.0.1"})

    assert context.get("aws:sourceip") == "10.0.0.1"
    assert "aws:sourceip" in context
    assert list(context.names()) == ["AWS:SourceIP"]


def test_key_that_is_not_given_is_told_from_one_that_is_absent():
    context = Context({"aws:SourceIp": None})

    assert context.get("aws:sourceip") is None
    assert context.get("aws:vpcsourceip") is NOT_GIVEN
    assert "aws:sourceip" not in context


def test_of_names_that_differ_in_case_the_exact_one_counts_else_the_first():
    context = Context({"aws:RequestTag/ec2": "one", "aws:RequestTag/EC2": "two"})
    written = ["aws:RequestTag/ec2", "aws:RequestTag/EC2", "aws:RequestTag/Ec2", None]

    found = [context.get("aws:requesttag/ec2", name) for name in written]

    assert found == ["one", "two", "one", "one"]
    assert context.is_ambiguous("aws:requesttag/ec2")


def test_tags_of_a_family_are_named():
    given_tags = {"aws:RequestTag/Team": "red", "aws:requesttag/cost": "1", "aws:RequestTag/COST": "2"}
    context = Context({**given_tags, "aws:RequestTag/Gone": None, "aws:PrincipalTag/x": "y"})

    assert context.tag_keys("aws:requesttag/") == ("Team", "cost", "COST")
    assert context.tag_keys("aws:resourcetag/") is None


# Contexts made from others


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_merged_context_looks_in_the_second_one_first(first, second):
    one, other = Context(first), Context(second)
    merged = one.merged(other)

    for name in (*first, *second):
        lower = name.lower()
        source = one if other.get(lower) is NOT_GIVEN else other
        assert source.get(lower, name) == merged.get(lower, name)


@given(st.dictionaries(NAMES, VALUES))
def test_context_is_merged_with_itself_to_itself(values):
    context = Context(values)

    assert context == context.merged(context) == context.merged(Context())
    assert hash(context) == hash(context.merged(Context()))


def test_context_with_a_further_key_leaves_the_first_as_it_was():
    first = Context({"a:b": "1"})
    second = first.with_key("A:B", "2").with_key("c:d", ("3",))

    assert (first.get("a:b"), second.get("a:b"), second.get("c:d")) == ("1", "2", ("3",))
    assert len(first) == 1


def test_key_given_twice_with_different_values_is_refused():
    with pytest.raises(RequestError, match="given twice"):
        Context({"aws:SourceIp": "198.51.100.1", "aws:sourceip": "203.0.113.9"})


def test_key_given_twice_with_the_same_value_is_one_key():
    context = Context({"aws:SourceIp": "198.51.100.1", "aws:sourceip": "198.51.100.1"})

    assert context.get("aws:sourceip") == "198.51.100.1"
