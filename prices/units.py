"""Prices per kilogram, litre or piece, and the factors that lead there. Pure rules, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Base = Literal["kg", "l", "pc"]
BASES: tuple[Base, ...] = ("kg", "l", "pc")

INT64_MAX = 2**63 - 1

# Nothing that is sold needs numbers outside these, and exact arithmetic on 1E+999999 would take for ever.
_MOST_DIGITS = 40
_GREATEST_EXPONENT = 30


class NoFactor(ValueError):
    """This unit cannot be brought to a kilogram, litre or piece of this item."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit of sale; ``to_base`` and ``base`` are None for units without a size of their own (a bundle)."""

    code: str
    kind: str
    to_base: Decimal | None
    base: Base | None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item; ``parent_id`` is the item that it is a variety of, ``bases`` what it is compared by."""

    id: int
    parent_id: int | None
    bases: frozenset[Base]


@dataclass(frozen=True, slots=True)
class FactorFacts:
    """One unit of this item is ``to_base`` base units; everywhere, or in one region only."""

    unit_code: str
    item_id: int
    region_id: int | None
    to_base: Decimal
    base: Base


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


def factor_for(
    *, unit: UnitFacts, item: ItemFacts, factors: Sequence[FactorFacts], region_id: int | None
) -> tuple[Decimal, Base]:
    """Return how many base units one unit of the item is, and of which base.

    The most specific factor wins: of the item in the region, of the item, of the item that it is a
    variety of in the region, of that item, and last the unit's own size. Only a base by which the item
    is compared counts: volume and mass never mix without a factor for the item.

    :raises NoFactor: nothing of these fits.
    """
    ranks: dict[tuple[int, int | None], int] = {}
    for owner in (item.id, item.parent_id):
        if owner is not None:
            for place in (region_id, None):
                ranks.setdefault((owner, place), len(ranks))
    fitting = [
        factor
        for factor in factors
        if factor.unit_code == unit.code
        and factor.base in item.bases
        and (factor.item_id, factor.region_id) in ranks
    ]
    if fitting:
        best = min(
            fitting,
            key=lambda factor: (ranks[factor.item_id, factor.region_id], BASES.index(factor.base)),
        )
        return best.to_base, best.base
    if unit.to_base is not None and unit.base is not None and unit.base in item.bases:
        return unit.to_base, unit.base
    raise NoFactor(f"no factor from {unit.code} to {', '.join(sorted(item.bases)) or 'anything'}")


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
