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


class _Malformed(Enum):
    MALFORMED = "malformed"


MALFORMED: Final = _Malformed.MALFORMED
Malformed = Literal[_Malformed.MALFORMED]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?")
_EPOCH = re.compile(r"[0-9]+(\.[0-9]+)?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2})"
    r"(T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?)?"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):(?P<zone_minute>[0-9]{2}))?)?)?)?"
)
_EPOCH_DAY = 719163  # date(1970, 1, 1).toordinal()
_CIDR = re.compile(r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?")


@lru_cache(maxsize=4096)
def read_number(text: str) -> Decimal | Malformed:
    """Read an exact decimal (C-56)."""
    from decimal import Decimal

    return Decimal(text) if _NUMBER.fullmatch(text) else MALFORMED


@lru_cache(maxsize=4096)
def read_date(text: str) -> Decimal | Malformed:
    """Read a W3C date-time, or seconds since 1970, as seconds since 1970 (C-60, C-61, C-62)."""
    from decimal import Decimal

    if is_epoch(text):
        return Decimal(text)
    found = _DATE.fullmatch(text)
    return MALFORMED if found is None else _seconds(found)


def is_epoch(text: str) -> bool:
    """Is a date written as seconds since 1970 (C-62)?"""
    return _EPOCH.fullmatch(text) is not None


def _seconds(found: re.Match[str]) -> Decimal | Malformed:
    from datetime import datetime
    from decimal import Decimal

    def part(name: str, default: int) -> int:
        return int(found[name] or default)

    try:
        moment = datetime(
            part("year", 0), part("month", 1), part("day", 1),
            part("hour", 0), part("minute", 0), part("second", 0),
        )  # fmt: skip
    except ValueError:
        return MALFORMED
    zone_hour, zone_minute = part("zone_hour", 0), part("zone_minute", 0)
    if zone_hour > 23 or zone_minute > 59:
        return MALFORMED
    offset = (zone_hour * 60 + zone_minute) * (-60 if found["sign"] == "-" else 60)
    days = moment.toordinal() - _EPOCH_DAY
    whole = days * 86400 + moment.hour * 3600 + moment.minute * 60 + moment.second
    return Decimal(whole - offset) + Decimal("0" + (found["fraction"] or ""))


def read_boolean(text: str) -> bool | Malformed:
    """Read `true` or `false` in any case (C-65)."""
    lowered = text.lower()
    return lowered == "true" if lowered in ("true", "false") else MALFORMED


@lru_cache(maxsize=4096)
def read_binary(text: str) -> bytes | Malformed:
    """Decode base64 (C-68)."""
    from base64 import b64decode

    try:
        return b64decode(text, validate=True)
    except ValueError:
        return MALFORMED


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
