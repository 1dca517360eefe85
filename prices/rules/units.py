"""Prices per kilogram, litre or piece. Pure rules, no I/O. (How much a unit holds: ``catalog/selectors.py``.)"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from prices.types import Base

BASES: tuple[Base, ...] = ("kg", "l", "pc")
BASE_OF: Mapping[str, Base] = {base: base for base in BASES}
"""A base as tables and files write it."""

VISS_IN_KG = Decimal("1.63293")

INT64_MAX = 2**63 - 1

# Nothing that is sold needs numbers outside these, and exact arithmetic on 1E+999999 would take for ever.
_MOST_DIGITS = 40
_GREATEST_EXPONENT = 30


def unit_price_pya(*, price: Decimal, quantity: Decimal, to_base: Decimal) -> int:
    """Return whole pya per base unit: price x 100 / (quantity x to_base), rounded half-even once.

    :param price: kyat paid for ``quantity`` units.
    :param to_base: base units in one unit (1.63293 for a viss in kilograms).
    :raises ValueError: a number is not finite and positive or has no sensible size, or the result is
        below half a pya or does not fit into a 64-bit integer.
    """
    paid, amount, factor = (
        _exact(number, name=name)
        for number, name in ((price, "price"), (quantity, "quantity"), (to_base, "to_base"))
    )
    pya = round(paid * 100 / (amount * factor))
    if pya > INT64_MAX:
        raise ValueError("the price per base unit is too large to store")
    if pya == 0:
        raise ValueError("the price per base unit is less than half a pya")
    return pya


def per_unit_kyat(*, pya_per_base: int, to_base: Decimal) -> Decimal:
    """Return kyat per unit of ``to_base`` base units, to show: whole kyat, under 10 with one decimal.

    Rounded half-even once, from the exact value.

    :raises ValueError: ``to_base`` is not finite and positive.
    """
    exact = Fraction(pya_per_base) * _exact(to_base, name="to_base") / 100
    tenths = round(exact * 10)
    if abs(tenths) < 100:
        return Decimal(tenths) / 10 if tenths % 10 else Decimal(f"{tenths // 10}.0")
    return Decimal(round(exact))


def _exact(number: Decimal, *, name: str) -> Fraction:
    if not number.is_finite() or number <= 0:
        raise ValueError(f"{name} must be a finite number above zero")
    exponent = number.as_tuple().exponent
    if (
        abs(number.adjusted()) > _GREATEST_EXPONENT
        or not isinstance(exponent, int)
        or exponent < -_MOST_DIGITS
        or len(number.as_tuple().digits) > _MOST_DIGITS
    ):
        raise ValueError(f"{name} has too many digits")
    return Fraction(number)
