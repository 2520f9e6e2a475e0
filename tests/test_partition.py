"""Are the values of a key divided exactly as the conditions on it tell them apart?"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.explain.unknown.automaton import Automaton, arn_pattern, glob_pattern, literal
from policyeval.explain.unknown.cells import (
    address_cells,
    binary_cells,
    date_cells,
    number_cells,
    text_cells,
    wanted_glob,
    wanted_text,
)
from policyeval.explain.unknown.cubes import cover, joined, meets
from policyeval.explain.unknown.words import phrases
from policyeval.language.arn import parse_arn
from policyeval.language.patterns import glob, tokens_of
from policyeval.language.values import read_address, read_date, read_network, read_number

LETTERS = "aAb:"
PATTERNS = st.text(alphabet=LETTERS + "*?", max_size=6)
TEXTS = st.text(alphabet=LETTERS + "c", max_size=7)


def made(kind, text):
    """Make a pattern, and the naive test that it stands for."""
    if kind == "glob":
        return glob_pattern(tokens_of(text)), glob(text).matches
    if kind == "exact":
        return literal(text), text.__eq__
    return literal(text, any_case=True), lambda value: value.lower() == text.lower()


WANTED = st.lists(st.tuples(st.sampled_from(["glob", "exact", "any case"]), PATTERNS), max_size=4)


# Texts


@given(WANTED, TEXTS)
def test_automaton_agrees_with_the_patterns(listed, text):
    automaton = Automaton([made(*one)[0] for one in listed])
    expected = sum(1 << index for index, one in enumerate(listed) if made(*one)[1](text))

    assert expected == automaton.accepted(text)


@given(WANTED, TEXTS.filter(bool))
def test_every_text_belongs_to_a_class_whose_witness_is_alike(listed, text):
    automaton = Automaton([made(*one)[0] for one in listed])
    bits = automaton.accepted(text)

    assert bits == automaton.accepted(automaton.classes()[bits])


@given(WANTED)
def test_every_class_has_a_witness_and_none_is_empty(listed):
    automaton = Automaton([made(*one)[0] for one in listed])
    found = automaton.classes()

    assert [True] * len(found) == [
        bool(text) and automaton.accepted(text) == bits for bits, text in found.items()
    ]


ARN_PARTS = st.lists(st.sampled_from(["*", "a", "a*", "?", "", "*b"]), min_size=4, max_size=4)


@given(ARN_PARTS, st.sampled_from(["*", "t*", "*:x", "t/?"]), st.text(alphabet="ab:tx/", max_size=9))
def test_wildcards_of_an_arn_do_not_cross_colons(parts, last, text):
    """C-80: only the last part may."""
    automaton = Automaton([arn_pattern([glob(part) for part in (*parts, last)])])
    arn = parse_arn(f"arn:{text}")
    fields = (arn.partition, arn.service, arn.region, arn.account, arn.resource) if arn else ()
    expected = bool(arn) and all(glob(p).matches(f) for p, f in zip((*parts, last), fields, strict=True))

    assert expected == bool(automaton.accepted(f"arn:{text}"))


def test_classes_of_overlapping_patterns():
    automaton = Automaton([glob_pattern(tokens_of("a*")), glob_pattern(tokens_of("*b"))])

    assert automaton.classes() == {0: "x", 1: "a", 2: "b", 3: "ab"}


def test_too_many_classes_are_given_up():
    automaton = Automaton([glob_pattern(tokens_of(f"*{letter}*")) for letter in "abcdefghij"])

    assert automaton.classes(classes=100) is None


def test_long_lists_of_texts_are_quick():
    accounts = [f"{number:012}" for number in range(300)]

    assert len(Automaton([literal(text) for text in accounts]).classes()) == 301


def test_witnesses_read_well():
    cells = text_cells([wanted_text("red"), wanted_glob(glob("home/*"))]).cells

    assert {"other", "red", "home/any"} == {cell.value for cell in cells}


def test_the_empty_text_is_a_cell_where_it_counts():
    assert [cell.value for cell in text_cells([wanted_text("red")], tells_empty=True).cells] == [
        "other",
        "red",
        "",
    ]


# Numbers, dates, addresses, bytes

NUMBERS = st.decimals(min_value=-50, max_value=50, places=1)


@given(st.lists(NUMBERS, max_size=4), NUMBERS)
def test_every_number_compares_like_a_cell(points, number):
    cells = number_cells(points).cells
    told = [tuple((read_number(cell.value) > point, read_number(cell.value) < point) for point in points)
            for cell in cells if not cell.is_malformed]  # fmt: skip

    assert tuple((number > point, number < point) for point in points) in told
    assert len(told) == len(set(told)) == 2 * len(set(points)) + 1


def test_dates_are_divided_at_moments():
    cells = date_cells([Decimal(0), Decimal("1767225600.5")]).cells
    expected = ["1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z", "1998-01-01T00:00:00.25Z", "2026-01-01T00:00:00.5Z",
                "2026-01-02T00:00:00.5Z", "other"]  # fmt: skip

    assert expected == [cell.value for cell in cells]
    assert all(isinstance(read_date(cell.value), Decimal) for cell in cells[:-1])


NETWORKS = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "255.255.255.255", "::/0",
                            "2001:db8::/32", "2001:db8::1"])  # fmt: skip
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str)


@given(st.lists(NETWORKS, unique=True), ADDRESSES | NETWORKS.map(lambda text: text.partition("/")[0]))
def test_every_address_is_in_the_same_ranges_as_a_cell(texts, address):
    networks = {read_network(text): text for text in texts}
    cells = address_cells(networks.items()).cells

    def ranges(text):
        version, number = read_address(text)
        return [net for net in networks if net[0] == version and number >> net[2] == net[1]]

    assert ranges(address) in [ranges(cell.value) for cell in cells if not cell.is_malformed]


def test_bytes_are_divided_by_what_they_decode_to():
    assert [cell.value for cell in binary_cells(["QQ==", "QQ=="]).cells] == ["QQ==", "b3RoZXI=", "!"]


# Cubes

WHOLE = (7, 7, 3)
CUBES = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 3)), max_size=5)
POINTS = [(1 << a, 1 << b, 1 << c) for a in range(3) for b in range(3) for c in range(2)]


def points_of(cubes):
    return {point for point in POINTS if any(meets(point, cube) for cube in cubes)}


@given(CUBES)
def test_joined_cubes_hold_the_same(cubes):
    assert points_of(cubes) == points_of(joined(cubes))


@given(CUBES, CUBES)
def test_a_cover_holds_what_is_wanted_and_nothing_unwanted(wanted, others):
    unwanted = [point for point in points_of(others) if point not in points_of(wanted)]
    found = points_of(cover(wanted, unwanted, WHOLE, lambda _, mask: mask.bit_count()))

    assert points_of(wanted) <= found
    assert not found & set(unwanted)


@pytest.mark.parametrize(
    ("wanted", "unwanted", "expected"),
    [
        ([(1, 1, 1), (1, 2, 1), (1, 4, 1)], [(2, 7, 3)], [(5, 7, 3)]),
        ([(1, 1, 3), (2, 2, 3)], [(1, 2, 3), (2, 1, 3), (4, 7, 3), (7, 4, 3)], [(1, 1, 3), (2, 2, 3)]),
    ],
)
def test_covers_are_wide_and_few(wanted, unwanted, expected):
    assert expected == cover(wanted, unwanted, WHOLE, lambda _, mask: 0)


# Words


def holds(phrase, marks):
    """Does a phrase hold for a cell that these marks name?"""
    inside = [mark in marks for mark in phrase.inside] or [True]
    return (all if phrase.every else any)(inside) and not any(mark in marks for mark in phrase.outside)


@given(WANTED, st.data())
def test_phrases_name_just_the_cells_that_are_meant(listed, data):
    wanted = [wanted_text(text) if kind == "exact" else wanted_glob(glob(text)) for kind, text in listed]
    cells = text_cells(wanted, tells_empty=data.draw(st.booleans()))
    used = frozenset(range(len(cells.cells)))
    chosen = frozenset(data.draw(st.sets(st.sampled_from(sorted(used)), min_size=1)))
    marks = [{mark for bit, mark in enumerate(cells.marks) if cell.marks >> bit & 1} for cell in cells.cells]
    named = {index for index in used if any(holds(one, marks[index]) for one in phrases(cells, chosen, used))}

    assert chosen == used or named == chosen
