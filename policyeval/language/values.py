"""What does a text mean as a number, a date, an address …? (SEMANTICS C-56, C-60..C-62, C-65, C-68, C-70..C-73)

Each reader returns the parsed value, or MALFORMED for a text that is none (C-18). Modules that only
some conditions need are imported when first used.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from policyeval.language.exact import FarNumber


class _Malformed(Enum):
    MALFORMED = "malformed"


MALFORMED: Final = _Malformed.MALFORMED
Malformed = Literal[_Malformed.MALFORMED]

_NUMBER = re.compile(r"(?P<mantissa>[+-]?[0-9]+(\.[0-9]+)?)([eE](?P<exponent>[+-]?[0-9]+))?")
_EPOCH = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?)?"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2}))?)?)?)?"
)
_EPOCH_DAY = 719163  # date(1970, 1, 1).toordinal()
_400_YEARS = 146097  # in days; after them the calendar repeats itself
_BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_CIDR = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?")


@lru_cache(maxsize=4096)
def read_number(text: str) -> Decimal | FarNumber | Malformed:
    """Read an exact decimal, of any size (C-56)."""
    from decimal import Decimal

    found = _NUMBER.fullmatch(text)
    if found is None:
        return MALFORMED
    if found["exponent"] is None:
        return Decimal(text)
    from policyeval.language.exact import scientific

    return scientific(found["mantissa"], found["exponent"])


@lru_cache(maxsize=4096)
def read_date(text: str) -> Decimal | Malformed:
    """Read a W3C date-time, or seconds since 1970, as seconds since 1970, exactly (C-60..C-63)."""
    from decimal import Decimal

    if is_epoch(text):
        return Decimal(text)
    found = _DATE.fullmatch(text)
    return MALFORMED if found is None else _seconds(found)


def is_epoch(text: str) -> bool:
    """Is a date written as seconds since 1970 (C-62)? Before 1970 they are negative: aws:EpochTime tells them so."""
    return _EPOCH.fullmatch(text) is not None


def _seconds(found: re.Match[str]) -> Decimal | Malformed:
    from datetime import datetime

    from policyeval.language.exact import seconds_with

    def part(name: str, default: int) -> int:
        return int(found[name] or default)

    year = part("year", 0)
    try:
        moment = datetime(
            year or 400, part("month", 1), part("day", 1),
            part("hour", 0), part("minute", 0), part("second", 0),
        )  # fmt: skip
    except ValueError:
        return MALFORMED
    zone_hour, zone_minute = part("zone_hour", 0), part("zone_minute", 0)
    if zone_hour > 23 or zone_minute > 59:
        return MALFORMED
    offset = (zone_hour * 60 + zone_minute) * (-60 if found["sign"] == "-" else 60)
    days = moment.toordinal() - _EPOCH_DAY - (0 if year else _400_YEARS)
    whole = days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    return seconds_with(found["fraction"] or "", whole - offset)


def lower_each(text: str) -> str:
    """Lower each character by itself, whatever stands around it, to one character (C-51).

    `str.lower` has another rule for a sigma that ends a word, and makes two characters of `İ`.
    """
    return text.lower() if text.isascii() else "".join([character.lower()[0] for character in text])


def read_boolean(text: str) -> bool | Malformed:
    """Read `true` or `false` in any case (C-65)."""
    lowered = text.lower()
    return lowered == "true" if lowered in ("true", "false") else MALFORMED


@lru_cache(maxsize=4096)
def read_binary(text: str) -> bytes | Malformed:
    """Decode base64 of RFC 4648, section 4 (C-68).

    Padding is neither left out nor added to. Bits of the last character that no byte needs do not count,
    as in most decoders (section 3.5 leaves it to them): `QR==` holds the bytes of `QQ==`.
    """
    from base64 import b64decode

    return b64decode(text) if _BASE64.fullmatch(text) else MALFORMED


@lru_cache(maxsize=16384)
def read_address(text: str) -> tuple[int, int] | Malformed:
    """Read an IPv4 or IPv6 address as (version, number) (C-71, C-73)."""
    from ipaddress import ip_address

    try:
        address = ip_address(text) if _CIDR.fullmatch(text) else None
    except ValueError:
        return MALFORMED
    return (address.version, int(address)) if address is not None else MALFORMED


@lru_cache(maxsize=4096)
def read_network(text: str) -> tuple[int, int, int] | Malformed:
    """Read an address or CIDR block as (version, first bits, bits after them); host bits do not count (C-70)."""
    from ipaddress import ip_network

    try:
        network = ip_network(text, strict=False) if _CIDR.fullmatch(text) else None
    except ValueError:
        return MALFORMED
    if network is None:
        return MALFORMED
    host_bits = network.max_prefixlen - network.prefixlen
    return network.version, int(network.network_address) >> host_bits, host_bits
