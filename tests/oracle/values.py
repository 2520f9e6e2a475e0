"""The values that conditions compare: numbers, dates, booleans, bytes, IP addresses."""

from __future__ import annotations

import re
import string
from decimal import Decimal
from fractions import Fraction

_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\Z")
_SIXTY_FOUR = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_EPOCH = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*(={0,2})\Z")
_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?\Z"
)


def number(text: str) -> tuple[int, str, int] | None:
    """C-56: sign, digits and exponent, exact and normalised; None when malformed."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    fraction = found[3] or ""
    digits = (found[2] + fraction).lstrip("0")
    if digits == "":
        return (0, "", 0)
    exponent = int(Decimal(found[4] or "0")) - len(fraction)
    stripped = digits.rstrip("0")
    exponent += len(digits) - len(stripped)
    return (-1 if found[1] == "-" else 1, stripped, exponent)


def compare_numbers(left: tuple[int, str, int], right: tuple[int, str, int]) -> int:
    """C-56: -1, 0 or 1, without ever writing the number out."""
    if left == right:
        return 0
    if left[0] != right[0]:
        return -1 if left[0] < right[0] else 1
    sign = left[0]
    size_left = len(left[1]) + left[2]
    size_right = len(right[1]) + right[2]
    if size_left != size_right:
        return sign if size_left > size_right else -sign
    width = max(len(left[1]), len(right[1]))
    larger = left[1].ljust(width, "0") > right[1].ljust(width, "0")
    return sign if larger else -sign


def days_before(year: int, month: int, day: int) -> int:
    """Count the days from 1970-01-01 to a date of the Gregorian calendar."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    for each in range(1, month):
        days += month_length(year, each)
    return days + day - 1 - 719162


def month_length(year: int, month: int) -> int:
    """Give the number of days of a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def date(text: str, milliseconds: bool = False) -> Fraction | None:
    """C-60 to C-63: seconds since 1970; None when malformed."""
    if is_epoch(text):
        return Fraction(Decimal(text)) / (1000 if milliseconds else 1)
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    hour, minute, second = int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)
    if not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = zone_seconds(found[8])
    if zone is None:
        return None
    whole = days_before(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone
    return Fraction(whole) + (Fraction(Decimal("0" + found[7])) if found[7] else 0)


def is_epoch(text: str) -> bool:
    """C-62: digits, with a minus before 1970."""
    return _EPOCH.match(text) is not None


def seconds_text(moment: Fraction) -> str:
    """C-62: write seconds since 1970, with as many digits as there are."""
    sign, rest = ("-" if moment < 0 else ""), abs(moment)
    return f"{sign}{int(rest)}{fraction_text(rest - int(rest))}"


def fraction_text(rest: Fraction) -> str:
    """C-63: write what is left of a second, digit by digit; nothing is left of a whole one."""
    digits = ""
    while rest:
        rest *= 10
        digits += str(int(rest))
        rest -= int(rest)
    return f".{digits}" if digits else ""


def zone_seconds(text: str | None) -> int | None:
    """C-60, C-61: the offset from UTC; nothing written means UTC."""
    if text is None or text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if text[0] == "-" else 1)


def boolean(text: str) -> bool | None:
    """C-65: true or false in any case; None when malformed."""
    return {"true": True, "false": False}.get(text.lower())


def simply_lowered(text: str) -> str:
    """C-51: each character on its own, by the one letter that Unicode's simple mapping names."""
    return "".join("i" if each == "\u0130" else each.lower() for each in text)


def decoded(text: str) -> bytes | None:
    """C-68: the bytes behind base64 (RFC 4648, 4); None when malformed, be it by the padding."""
    found = _BASE64.match(text)
    if found is None or len(text) % 4 != 0:
        return None
    bits = "".join(f"{_SIXTY_FOUR.index(each):06b}" for each in text.rstrip("="))
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))


# ---------------------------------------------------------------- IP addresses


def address(text: str) -> tuple[int, int] | None:
    """C-70 to C-73: bit width and value; None when malformed."""
    if ":" in text:
        value = ipv6(text)
        return None if value is None else (128, value)
    value = ipv4(text)
    return None if value is None else (32, value)


def ipv4(text: str) -> int | None:
    """C-73: four decimal octets without leading zeros."""
    octets = text.split(".")
    if len(octets) != 4:
        return None
    value = 0
    for octet in octets:
        if not re.fullmatch(r"0|[1-9][0-9]{0,2}", octet) or int(octet) > 255:
            return None
        value = value * 256 + int(octet)
    return value


def ipv6(text: str) -> int | None:
    """C-71: eight groups of hexadecimal digits, one `::`, perhaps an IPv4 tail."""
    if text.count("::") > 1 or ":::" in text:
        return None
    if "::" not in text:
        groups = groups_of(text)
        return joined(groups) if groups is not None and len(groups) == 8 else None
    head, _, tail = text.partition("::")
    before = groups_of(head, last=False) if head else []
    after = groups_of(tail) if tail else []
    if before is None or after is None or len(before) + len(after) > 7:
        return None
    return joined(before + [0] * (8 - len(before) - len(after)) + after)


def groups_of(text: str, last: bool = True) -> list[int] | None:
    """Read groups parted by colons; the last may be an IPv4 address."""
    groups: list[int] = []
    parts = text.split(":")
    for index, part in enumerate(parts):
        if last and index == len(parts) - 1 and "." in part:
            tail = ipv4(part)
            if tail is None:
                return None
            groups += [tail >> 16, tail & 0xFFFF]
        elif re.fullmatch(r"[0-9A-Fa-f]{1,4}", part):
            groups.append(int(part, 16))
        else:
            return None
    return groups


def joined(groups: list[int]) -> int:
    """Put eight groups together."""
    value = 0
    for group in groups:
        value = value * 65536 + group
    return value


def network(text: str) -> tuple[int, int, int] | None:
    """C-70: bit width, address and prefix length; None when malformed."""
    host, slash, prefix = text.partition("/")
    parsed = address(host)
    if parsed is None:
        return None
    width, value = parsed
    if not slash:
        return (width, value, width)
    if not re.fullmatch(r"[0-9]{1,3}", prefix) or int(prefix) > width:
        return None
    return (width, value, int(prefix))


def in_network(where: tuple[int, int], net: tuple[int, int, int]) -> bool:
    """C-70, C-72: same family and same leading bits."""
    width, value, prefix = net
    return where[0] == width and where[1] >> (width - prefix) == value >> (width - prefix)
