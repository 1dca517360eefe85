"""The facts about a price that a judge needs, for all who ask one. Pure rules, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from prices.types import Base

LARGEST_LOT: Mapping[Base, Decimal] = {"kg": Decimal(10_000), "l": Decimal(10_000), "pc": Decimal(10_000)}
"""A lorry's load: more than that in one price is a slip of the quantity, whatever is sold by whichever unit."""


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What a judge needs to know about a price; amounts in pya per base unit.

    :param amount_pya: the unit price that follows from price, quantity and unit.
    :param unit_code: the unit as typed, for hints about viss and kilograms.
    :param low_pya: the lowest that is plausible for the item and base; None where nobody curated one.
    :param high_pya: the highest, likewise.
    :param lot: the quantity in base units.
    :param largest_lot: the largest lot, in base units, that makes sense for the item; None for any.
    :param minimum: the lower price of a quoted spread, in kyat; None for a single price.
    :param maximum: the upper price of a quoted spread, in kyat; None for a single price.
    """

    price: Decimal
    quantity: Decimal
    amount_pya: int
    base: Base
    unit_code: str = ""
    low_pya: int | None = None
    high_pya: int | None = None
    lot: Decimal | None = None
    largest_lot: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None


def facts_for(
    *,
    price: Decimal,
    quantity: Decimal,
    unit_code: str,
    amount_pya: int,
    base: Base,
    range_pya: tuple[int, int] | None,
) -> PriceFacts:
    """Return the facts about one price that was sent, typed, imported or made up.

    The lot follows from price and amount, to a tenth of a base unit: what was accepted does not say how much its
    unit held.

    :param price: kyat paid for ``quantity`` units.
    :param amount_pya: whole pya for one ``base``, above zero.
    :param range_pya: lowest and highest plausible pya for one ``base`` of the item; None where nobody curated them.
    """
    low_pya, high_pya = range_pya or (None, None)
    return PriceFacts(
        price=price,
        quantity=quantity,
        amount_pya=amount_pya,
        base=base,
        unit_code=unit_code,
        low_pya=low_pya,
        high_pya=high_pya,
        lot=round(price * 100 / amount_pya, 1),
        largest_lot=LARGEST_LOT[base],
    )
