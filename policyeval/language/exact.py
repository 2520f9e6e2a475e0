"""How are decimals computed with exactly? Sums, shifts, exponents of any size, and moments as ISO 8601 texts.

Arithmetic on Decimals rounds as the thread's decimal context says, which belongs to whoever uses the
library; what stands here rounds nowhere and asks no context. Comparing Decimals is exact as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_FLOOR, Context, Decimal, Inexact, InvalidOperation
from functools import total_ordering
from typing import Final

EXACT: Final = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
_EPOCH: Final = datetime(1970, 1, 1)
_YEAR_1, _YEAR_10000 = -62_135_596_800, 253_402_300_800  # in seconds since 1970
_FAR = 400_000_000  # numbers of more digits are no Decimals everywhere: on 32 bits these end at 425,000,000
_LARGE, _SMALL = Decimal("Infinity"), Decimal(f"1e-{_FAR}")


@total_ordering
class FarNumber:
    """A number that is larger than every Decimal, or nearer to zero, in order with these and its like.

    `order` begins with the Decimal whose place the number takes: infinity, or the smallest of all.
    """

    __slots__ = ("order",)

    def __init__(self, order: tuple[Decimal, Decimal, Decimal]) -> None:
        self.order = order

    def __eq__(self, other: object) -> bool:
        return self.order == _order(other)

    def __lt__(self, other: Decimal | FarNumber) -> bool:
        return self.order < _order(other)

    def __hash__(self) -> int:
        return hash(self.order)


def _order(number: object) -> tuple[object, ...]:
    return number.order if isinstance(number, FarNumber) else (number, 0, 0)


def scientific(mantissa: str, exponent: str) -> Decimal | FarNumber:
    """Read a number with an exponent of any size, in time that grows with the text alone (C-56)."""
    digits = Decimal(mantissa)
    size = EXACT.add(Decimal(exponent), Decimal(digits.adjusted()))
    if not digits or -_FAR < size < _FAR:
        return Decimal(f"{mantissa}e{exponent}") if digits else Decimal(0)
    place = (_LARGE if size > 0 else _SMALL).copy_sign(digits)
    order = size.copy_negate() if digits < 0 else size
    return FarNumber((place, order, EXACT.scaleb(digits, -digits.adjusted())))


def seconds_with(fraction: str, whole: int) -> Decimal:
    """Add a fraction such as `.25` to whole seconds (C-63)."""
    return EXACT.add(Decimal(whole), Decimal("0" + fraction))


def thousandth(value: Decimal) -> Decimal:
    """Divide by 1000."""
    return EXACT.scaleb(value, -3)


def halfway(one: Decimal, other: Decimal) -> Decimal:
    """Give the middle of two numbers."""
    return EXACT.multiply(EXACT.add(one, other), Decimal("0.5"))


def plain(number: Decimal) -> str:
    """Write a number without exponent, and without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_text(seconds: Decimal) -> str | None:
    """Write a moment in ISO 8601, with its whole fraction; None outside the years 1 to 9999."""
    if not _YEAR_1 <= seconds < _YEAR_10000:
        return None
    whole = seconds.to_integral_value(ROUND_FLOOR)
    fraction = plain(EXACT.subtract(seconds, whole))
    return f"{(_EPOCH + timedelta(seconds=int(whole))).isoformat()}{fraction[1:]}Z"
