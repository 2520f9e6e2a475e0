"""Which `${…}` in a text are variables, and what takes their place?"""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval import Engine, Policy
from policyeval.language.patterns import Glob, Wildcard
from policyeval.language.variables import Variable, template

VALUES = {"aws:username": "alice", "aws:PrincipalTag/Team": "*", "aws:PrincipalTag/Empty": ""}
TEXTS = st.text("${}*?a:, '", max_size=14) | st.lists(
    st.sampled_from(["${aws:username}", "${*}", "${?}", "${$}", "${aws:x, 'd'}", "${", "}", "*", "a", "${}"]),
    max_size=6,
).map("".join)
STAR = Wildcard.ANY_RUN


def split(text, *, wildcards=True):
    return template(text, variables=True, wildcards=wildcards)


def resolve(text):
    return split(text).resolve(VALUES.get)


# Splitting


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("a*b", ("a", STAR, "b")),
        ("${aws:username}", (Variable("${aws:username}", "aws:username"),)),
        ("${aws:username, 'anon'}", (Variable("${aws:username, 'anon'}", "aws:username", "anon"),)),
        ("${aws:username,'anon'}", (Variable("${aws:username,'anon'}", None),)),
        ("${aws:username, ''}", (Variable("${aws:username, ''}", "aws:username", ""),)),
        ("${aws:x, 'a}b{c,*d'}", (Variable("${aws:x, 'a}b{c,*d'}", "aws:x", "a}b{c,*d"),)),
        (
            "${www.amazon.com:user_id}/${token.actions.githubusercontent.com:sub}",
            (
                Variable("${www.amazon.com:user_id}", "www.amazon.com:user_id"),
                "/",
                Variable(
                    "${token.actions.githubusercontent.com:sub}", "token.actions.githubusercontent.com:sub"
                ),
            ),
        ),
        ("a${*}b${?}${$}", ("a*b?$",)),
        ("${*}*", ("*", STAR)),
        ("${", ("${",)),
        ("${aws:username", ("${aws:username",)),
        ("${aws:username*", ("${aws:username", STAR)),
        ("$aws:username}", ("$aws:username}",)),
        ("$${aws:username}", ("$", Variable("${aws:username}", "aws:username"))),
        ("${}", (Variable("${}", None),)),
        ("${username}", (Variable("${username}", None),)),
        ("${aws:user name}", (Variable("${aws:user name}", None),)),
        ("${aws:username,anon}", (Variable("${aws:username,anon}", None),)),
        ("${**}x", (Variable("${**}", None), "x")),
    ],
)
def test_text_is_split_into_literals_wildcards_and_variables(text, pieces):
    assert pieces == split(text).pieces


@given(TEXTS.filter(lambda text: not any(escape in text for escape in ("${*}", "${?}", "${$}"))))
def test_pieces_hold_the_whole_text(text):
    pieces = split(text).pieces

    assert text == "".join(
        piece.written
        if isinstance(piece, Variable)
        else piece.value
        if isinstance(piece, Wildcard)
        else piece
        for piece in pieces
    )


@given(TEXTS)
def test_text_is_ordinary_under_version_2008(text):
    pieces = template(text, variables=False, wildcards=False).pieces

    assert ((text,) if text else ()) == pieces


@given(TEXTS)
def test_neighbouring_literals_are_joined(text):
    pieces = split(text).pieces

    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in itertools.pairwise(pieces))


# Resolving


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("home/${aws:username}/*", ("home/", "alice", "/", STAR)),
        ("${aws:PrincipalTag/Team}", ("*",)),
        ("${aws:PrincipalTag/Empty}", ()),
        ("${aws:PrincipalTag/Empty, 'none'}", ("none",)),
        ("${aws:PrincipalTag/Absent, 'none'}", ("none",)),
        ("${aws:PrincipalTag/Absent, '${aws:username}'}", ("${aws:username}",)),
        ("${aws:username, 'none'}", ("alice",)),
        ("${aws:PrincipalTag/Absent}", None),
        ("${aws:PrincipalTag/Absent}${aws:username}", None),
        ("${username}", None),
    ],
)
def test_values_take_the_place_of_variables(text, tokens):
    assert tokens == resolve(text)


@given(value=st.text("*?${}a", max_size=8), text=st.text("*?${}a", max_size=8))
def test_value_is_literal_text_whatever_it_holds(value, text):
    tokens = split("${aws:username}").resolve(lambda _: value)

    assert (value == text) == Glob(tokens).matches(text)


@given(st.text("*?ab", max_size=8))
def test_escaped_wildcards_match_only_themselves(text):
    escaped = text.replace("*", "${STAR}").replace("?", "${?}").replace("${STAR}", "${*}")
    pattern = Glob(split(escaped).resolve(lambda _: None))

    assert [pattern.matches(text), pattern.matches(text + "a")] == [True, False]
    assert pattern.is_literal


@given(TEXTS)
def test_resolving_gives_text_and_wildcards_or_nothing(text):
    tokens = resolve(text)
    unresolved = any(
        one.key is None or (one.key not in VALUES and one.default is None) for one in split(text).variables
    )

    assert unresolved == (tokens is None)


# In a policy


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "StringEqualsIgnoreCase"])
@given(
    value=st.text("*?${}:aé\n", min_size=1, max_size=8), other=st.text("*?${}:aé\n", min_size=1, max_size=8)
)
def test_tag_is_compared_with_a_tag_as_text(operator, value, other):
    tags = {operator: {"aws:ResourceTag/Team": "${aws:PrincipalTag/Team}"}}
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": tags}
    engine = Engine(Policy.parse({"Version": "2012-10-17", "Statement": statement}))

    allowed = engine.allowed(
        "arn:aws:iam::111111111111:user/alice",
        "sqs:SendMessage",
        "arn:aws:sqs:us-east-1:111111111111:q",
        {"aws:PrincipalTag/Team": value, "aws:ResourceTag/Team": other},
    )

    assert (value == other) == allowed


HOSTILE = {
    "openings": "${" * 20_000,
    "open defaults": "${a:b, '" * 5_000,
    "an open variable": "${a:" + "b" * 40_000,
    "empty variables": "${}" * 10_000 + "${",
    "dollar signs": "$" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_text_of_broken_variables_is_read_in_no_time(text):
    start = time.perf_counter()

    template(text, variables=True, wildcards=True)

    assert time.perf_counter() - start < 2
