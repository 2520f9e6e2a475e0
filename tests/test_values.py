"""Which texts are numbers, dates, addresses …, and which are malformed?"""

import base64
import ipaddress
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.language.exact import date_text, plain, thousandth
from policyeval.language.values import (
    MALFORMED,
    lower_each,
    read_address,
    read_binary,
    read_boolean,
    read_date,
    read_network,
    read_number,
)

READERS = [read_number, read_date, read_boolean, read_binary, read_address, read_network]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@given(st.text() | st.text("0123456789.:/-+TZeE=abf", max_size=24))
def test_any_text_is_a_value_or_malformed(read, text):
    value = read(text)

    assert value is MALFORMED or value == read(text)


# Numbers


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimal_is_read_exactly(number):
    assert number == read_number(str(number))


@given(st.integers())
def test_integer_equals_itself_with_a_fraction_of_zero(number):
    assert read_number(f"{number}.0") == read_number(str(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10), ("+10", 10), ("-10", -10), ("007", 7), ("1e3", 1000), ("1.5E-1", Decimal("0.15")), ("-0", 0),
        ("0.1", Decimal("0.1")), ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)  # fmt: skip
def test_number(text, number):
    assert number == read_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " 10", "10 ", "10\n", "10abc", "0x10", "NaN", "Infinity", "-Infinity", ".5", "5.", "1e", "1e1.5", "1,000",
        "1_000", "--1", "\u0663", "\uff11\uff10", "true",
    ],
)  # fmt: skip
def test_text_that_is_no_number(text):
    assert read_number(text) is MALFORMED


def test_numbers_with_huge_exponents_are_compared_in_no_time():
    start = time.perf_counter()

    found = read_number("1e999999999") > read_number("9e999999998")

    assert (found, time.perf_counter() - start < 1) == (True, True)


NUMBERS_IN_ORDER = [
    "-2e99999999999999999999", "-1.5e99999999999999999999", "-1e400000000", "-1e399999999", "-1", "-1e-399999999",
    "-1e-99999999999", "-1e-999999999999", "0e99999999999999999999999", "1e-999999999999", "2e-999999999999",
    "1e-99999999999", "1e-99999999", "1", "1e0000000001", "1e399999999", "1e400000000", "1e99999999999999999999",
    "1.5e99999999999999999999", "15e99999999999999999999",
]  # fmt: skip


def test_numbers_of_any_size_are_in_order():
    numbers = [read_number(text) for text in NUMBERS_IN_ORDER]
    expected = [(one > other) - (one < other) for one in range(20) for other in range(20)]

    found = [(one > other) - (one < other) for one in numbers for other in numbers]
    equal = [one == other for one in numbers for other in numbers]

    assert (found, equal) == (expected, [sign == 0 for sign in expected])


@pytest.mark.parametrize(
    ("text", "same"),
    [("1e0000000001", "10"), ("1.50e100000000000000000000", "15e99999999999999999999"),
     ("0.015e100000000000000000001", "15e99999999999999999998"), ("-0e99999999999999999999", "0")],
)  # fmt: skip
def test_two_ways_to_write_a_number(text, same):
    assert (read_number(same), hash(read_number(same))) == (read_number(text), hash(read_number(text)))


def test_long_exponent_is_read_in_no_time():
    start = time.perf_counter()

    found = read_number("1e" + "9" * 1_000_000) < read_number("2e" + "9" * 1_000_000)

    assert (found, time.perf_counter() - start < 1) == (True, True)


# Dates


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_moment_is_read_in_every_zone(moment, minutes):
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    since_1970 = written - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = Decimal(since_1970 // timedelta(microseconds=1)) / 1_000_000

    assert seconds == read_date(written.isoformat())


@given(st.dates())
def test_day_begins_at_midnight_utc(day):
    assert read_date(day.isoformat()) == read_date(f"{day.isoformat()}T00:00:00Z")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2024-01", "2024-01-01"),
        ("2024-01-01", "1704067200"),
        ("2024-01-01T00:00Z", "1704067200"),
        ("2024-01-01T00:00:00", "1704067200"),
        ("2024-01-01T00:00:00.500Z", "1704067200.5"),
        ("2024-01-01T01:00:00+01:00", "1704067200"),
        ("2023-12-31T23:30:00-00:30", "1704067200"),
        ("1970-01-01", "0"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000+00:00"),
        ("-5.25", "1969-12-31T23:59:54.75Z"),  # aws:EpochTime tells a moment before 1970 so
        ("0000-12-31T23:00-01:00", "0001-01-01"),
        ("0000-03-01T00:30+01:00", "0000-02-29T23:30"),
        ("2024", "1970-01-01T00:33:44Z"),  # digits alone are seconds, also four of them (C-62)
    ],
)
def test_two_ways_to_write_a_moment(text, same):
    assert read_date(same) == read_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2024-1-1", "2024-13-01", "2024-02-30", "2023-02-29", "2024-01-01T24:00:00Z", "2024-01-01T00:60Z",
        "2024-01-01T00:00:60Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00+0100", "2024-01-01T00:00:00+24:00",
        "2024-01-01Z", "2024-01-01T00Z", "2024-01-01T00:00:00.Z", "20240101", "--5", "+5", "1e3", "0000-02-30",
        "10000-01-01", "2024-01-01T00:00:00z", "2024-01-01t00:00:00Z", " 2024-01-01",
        "2024-01-01\n", "\u0662\u0660\u0662\u0664-01-01",
    ],
)  # fmt: skip
def test_text_that_is_no_date(text):
    expected = Decimal(20240101) if text == "20240101" else MALFORMED

    assert expected == read_date(text)


LONG = "0.1234567890123456789012345678901234567890"


def test_nothing_is_rounded_whatever_the_decimal_context():
    with localcontext(prec=2):
        texts = ("2024-01-01T00:00:00{}Z", "1704067200{}", "1969-12-31T23:59:59{}Z")
        read = [read_date(text.format(LONG[1:])) for text in texts]
        divided = thousandth(read[1])
        written = [date_text(read[0]), plain(read[2])]

    fraction = Fraction(LONG)
    assert read == [
        1704067200 + fraction,
        1704067200 + fraction,
        fraction - 1,
    ]
    assert divided == (1704067200 + fraction) / 1000
    assert written == [f"2024-01-01T00:00:00{LONG[1:-1]}Z", "-0.876543210987654321098765432109876543211"]


# Booleans and bytes


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("FALSE", False), ("fAlSe", False)]
)
def test_boolean_in_any_letter_case(text, value):
    assert value is read_boolean(text)


@pytest.mark.parametrize("text", ["", "yes", "1", "0", "true ", " false", "truefalse", "null"])
def test_text_that_is_no_boolean(text):
    assert read_boolean(text) is MALFORMED


@given(st.binary())
def test_bytes_are_read_from_base64(value):
    assert value == read_binary(base64.b64encode(value).decode("ascii"))


@pytest.mark.parametrize(
    "text", ["Q", "QQ", "QQ=", "QQ== ", "Q Q==", "QQ==\n", "QQ-_", "é", "====", "QUJD=", "QUJD==", "QUJD===="]
)
def test_text_that_is_no_base64(text):
    assert read_binary(text) is MALFORMED


def test_bits_that_no_byte_needs_do_not_count():
    assert read_binary("QR==") == read_binary("QQ==")


@given(st.text())
def test_letters_are_lowered_one_by_one(text):
    assert lower_each(text) == "".join(map(lower_each, text))
    assert len(lower_each(text)) == len(text)


# Addresses and networks


@given(st.ip_addresses())
def test_address_is_read_in_every_spelling(address):
    expected = (address.version, int(address))
    spellings = {str(address), str(address).upper(), address.exploded}

    assert {expected} == {read_address(text) for text in spellings}


@given(st.ip_addresses(), st.integers(0, 128))
def test_network_holds_its_address_and_no_host_bits(address, bits):
    bits = min(bits, address.max_prefixlen)
    version, first, host_bits = read_network(f"{address}/{bits}")
    expected = ipaddress.ip_network((address, bits), strict=False)

    assert (expected.version, int(expected.network_address)) == (version, first << host_bits)


@given(st.ip_addresses())
def test_network_without_length_is_one_address(address):
    assert (address.version, int(address), 0) == read_network(str(address))


@pytest.mark.parametrize(
    "text",
    [
        "", "10.0.0", "10.0.0.0.1", "010.0.0.1", "10.0.0.256", "10.0.0.1:80", "10.0.0.1,10.0.0.2", "10.0.0.1-10.0.0.9",
        "::1%eth0", ":::", "2001:db8::g", "1", " 10.0.0.1", "10.0.0.1\n", "\uff110.0.0.1",
    ],
)  # fmt: skip
def test_text_that_is_no_address(text):
    assert [read_address(text), read_network(text)] == [MALFORMED, MALFORMED]


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0"]
)
def test_text_that_is_no_network(text):
    assert read_network(text) is MALFORMED


def test_address_of_a_request_has_no_length():
    assert read_address("10.0.0.0/8") is MALFORMED


def test_mapped_address_stays_of_version_six():
    assert read_address("::ffff:10.0.0.1") == (6, int(ipaddress.ip_address("::ffff:10.0.0.1")))
