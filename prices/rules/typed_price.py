"""What a price that is being typed comes to, and what the judge would say to it. Pure rules, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prices.rules.judging.facts import facts_for
from prices.rules.judging.structure import DIGIT_SLIPS, Hint, Verdict, judge
from prices.rules.typed_numbers import BadNumber, parse_decimal, plain
from prices.rules.units import unit_price_pya
from prices.types import Base

_UNIT_MEANT: Mapping[Hint, str] = {"per_viss_not_kg": "viss", "per_kg_not_viss": "kg"}


@dataclass(frozen=True, slots=True)
class Fix:
    """What would have been meant if the slip that the judge suspects were made: another price, or another unit."""

    price: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class TypedPrice:
    """A price as it was typed, read, computed and judged.

    :param price: kyat paid for ``quantity`` of ``unit`` (a unit's code).
    :param amount_pya: whole pya for one ``base``.
    :param range_pya: lowest and highest plausible pya for one ``base``; None where nobody curated them.
    :param fix: None where the judge suspects no slip, or the form would not take what was meant.
    """

    price: Decimal
    quantity: Decimal
    unit: str
    amount_pya: int
    base: Base
    range_pya: tuple[int, int] | None
    verdict: Verdict
    fix: Fix | None = None


def read_typed_price(
    *,
    price: str,
    quantity: str,
    unit: str,
    sizes: Mapping[str, tuple[Decimal, Base]],
    ranges_pya: Mapping[Base, tuple[int, int]],
) -> TypedPrice | None:
    """Return what price, quantity and unit come to as they were typed; None while they do not make a price.

    :param unit: a unit's code.
    :param sizes: by code the units that the item may be priced in: how much of which base unit one of them holds.
    :param ranges_pya: lowest and highest plausible pya for one of a base unit of the item.
    """
    if unit not in sizes:
        return None
    to_base, base = sizes[unit]
    try:
        paid = parse_decimal(price)
        count = parse_decimal(quantity, max_digits=9, decimals=3)
        amount = unit_price_pya(price=paid, quantity=count, to_base=to_base)
    except ValueError:  # among them BadNumber
        return None
    range_pya = ranges_pya.get(base)
    verdict = judge(
        facts_for(
            price=paid, quantity=count, unit_code=unit, amount_pya=amount, base=base, range_pya=range_pya
        )
    )
    fix = _fix(verdict.hint, price=paid, units=sizes)
    return TypedPrice(paid, count, unit, amount, base, range_pya, verdict, fix)


def _fix(hint: Hint | None, *, price: Decimal, units: Mapping[str, object]) -> Fix | None:
    if hint is None:
        return None
    if hint in DIGIT_SLIPS:
        try:
            return Fix(price=parse_decimal(plain(price * DIGIT_SLIPS[hint])))
        except BadNumber:
            return None
    unit = _UNIT_MEANT[hint]
    return Fix(unit=unit) if unit in units else None
