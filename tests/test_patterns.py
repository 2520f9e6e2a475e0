"""Does a pattern match what it should, and in time that no pattern can blow up?"""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.language import patterns
from policyeval.language.patterns import Glob, Wildcard, ascii_lower, glob, tokens_of

TEXTS = st.text("ab:/*?\n.", max_size=12)
TOKENS = st.lists(TEXTS | st.sampled_from(Wildcard), max_size=8)


def naive_match(tokens, text):
    """Match by trying everything."""
    if not tokens:
        return text == ""
    first, rest = tokens[0], tokens[1:]
    if first is Wildcard.ANY_RUN:
        return any(naive_match(rest, text[start:]) for start in range(len(text) + 1))
    if first is Wildcard.ANY_CHARACTER:
        return text != "" and naive_match(rest, text[1:])
    return text.startswith(first) and naive_match(rest, text[len(first) :])


def regular_expression(pattern):
    """Translate a pattern to a regular expression, character by character."""
    translated = {"*": ".*", "?": "."}
    return re.compile("".join(translated.get(one, re.escape(one)) for one in pattern), re.DOTALL)


# What matches


@given(pattern=TEXTS, text=TEXTS)
def test_pattern_matches_as_its_regular_expression_does(pattern, text):
    expected = regular_expression(pattern).fullmatch(text) is not None

    assert expected == glob(pattern).matches(text)


@given(tokens=TOKENS, text=TEXTS)
def test_pattern_of_literals_and_wildcards_matches_as_trying_everything_does(tokens, text):
    assert naive_match(tokens, text) == Glob(tokens).matches(text)


@given(st.data())
def test_pattern_matches_what_is_made_from_it(data):
    pattern = data.draw(TEXTS)
    filled = [
        data.draw(TEXTS if one == "*" else st.characters()) if one in ("*", "?") else one for one in pattern
    ]

    assert glob(pattern).matches("".join(filled))


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("", "", "a"),
        ("*", "", None),
        ("**", "a/b:c\n", None),
        ("?", "\n", ""),
        ("a*", "a", "ba"),
        ("*a", "ba", "ab"),
        ("a?c", "a/c", "ac"),
        ("a*b", "ab", "a"),
        ("a*a", "aa", "a"),
        ("ab*bc", "abbc", "abc"),
        ("*a*b*", "xaybz", "ba"),
        ("a.c", "a.c", "abc"),
        ("[ab]", "[ab]", "a"),
        ("é*", "éa", "e\u0301a"),
        ("b/*/test/*", "b/1/2/test/3/x", "b/1-test/x"),
    ],
)
def test_pattern_matches_one_text_and_not_the_other(pattern, matching, other):
    found = [glob(pattern).matches(text) for text in (matching, other) if text is not None]

    assert [True, False][: len(found)] == found


# What a pattern is


@given(TEXTS)
def test_tokens_hold_the_text(text):
    assert text == Glob(tokens_of(text)).text


@given(TEXTS)
def test_literal_pattern_has_no_wildcard(text):
    assert Glob(tokens_of(text)).is_literal == (not set(text) & {"*", "?"})


@given(TEXTS)
def test_pattern_of_stars_alone_is_everything(text):
    assert glob(text).is_everything == (bool(text) and set(text) == {"*"})


@pytest.mark.parametrize("text", ["S3:GetObject", "\u212a", "\u0130", "É", "ß"])
def test_only_the_letters_a_to_z_are_lowered(text):
    lowered = "".join(chr(ord(one) + 32) if "A" <= one <= "Z" else one for one in text)

    assert lowered == ascii_lower(text)


# What it costs


@pytest.fixture
def steps(monkeypatch):
    """Count the places at which a part of a pattern is tried."""
    counted = []
    stands_at = patterns._Chunk.stands_at

    def counting(chunk, text, start):
        counted.append(start)
        return stands_at(chunk, text, start)

    monkeypatch.setattr(patterns._Chunk, "stands_at", counting)
    return counted


HOSTILE = {
    "twenty stars": "*a" * 20 + "*b",
    "stars between question marks": "*?a?" * 20 + "b",
    "stars alone": "*" * 200 + "b",
    "question marks alone": "*" + "?" * 400 + "b*",
    "long literals": "*" + ("a" * 49 + "c*") * 10,
    "literal at every place": "*" + "a?" * 100 + "b*",
}


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("text", ["a" * 1_000, "ab" * 500, "a" * 999 + "b"], ids=["a", "ab", "a…b"])
def test_no_pattern_takes_more_steps_than_a_text_has_places_for_its_parts(pattern, text, steps):
    parts = len(pattern.split("*"))

    Glob(tokens_of(pattern)).matches(text)

    assert len(steps) <= len(text) + parts


def test_twenty_stars_against_a_thousand_characters_take_no_time():
    pattern, text = Glob(tokens_of("*a" * 20 + "*b")), "a" * 1_000
    start = time.perf_counter()

    found = pattern.matches(text)

    # It takes some ten microseconds; a matcher that tries everything needs longer than the universe has.
    assert (found, time.perf_counter() - start < 0.5) == (False, True)


def test_long_pattern_against_a_long_text_takes_little_time():
    pattern, text = Glob(tokens_of("*" + "a?" * 500 + "b*")), "a" * 10_000
    start = time.perf_counter()

    found = pattern.matches(text)

    assert (found, time.perf_counter() - start < 30) == (False, True)
