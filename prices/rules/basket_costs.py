"""What a list of items costs in a place, and where it costs least. Pure rules, no I/O.

A place's bill has a line for each item of the list: whole pya, rounded half-even once, or None where the place has no
price that counts. Of two bills the one that lacks fewer items is the better one, then the one that costs less: what is
not sold costs nothing, and must not look cheap for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from prices.types import Base

MOST_SHOPS_TRIED = 200
"""Shops of which every two are tried together: those that could be half of the cheapest two, if more, the likeliest."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of an item, each of ``to_base`` base units."""

    item_id: int
    base: Base
    quantity: Decimal
    to_base: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """What a place asks for a base unit of an item, in whole pya, and when that was seen."""

    amount: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Bill:
    """What a list costs in one place, or in two: whole pya by line, None where an item is missing."""

    costs: tuple[int | None, ...]
    seen: tuple[datetime | None, ...] = ()
    """When each line's price was seen."""

    @property
    def total(self) -> int:
        """The sum of what is there."""
        return sum(cost for cost in self.costs if cost is not None)

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the lines that the place has no price for."""
        return tuple(number for number, cost in enumerate(self.costs) if cost is None)

    @property
    def oldest(self) -> datetime | None:
        """When the oldest of its prices was seen."""
        return min((seen_at for seen_at in self.seen if seen_at), default=None)

    @property
    def n_covered(self) -> int:
        return len(self.costs) - len(self.missing)

    @property
    def rank(self) -> tuple[int, int]:
        """The lower, the better."""
        return (len(self.missing), self.total)


@dataclass(frozen=True, slots=True)
class Split:
    """A list bought in two shops, each item where it costs less (where it costs the same, in the first)."""

    shops: tuple[int, int]
    bill: Bill
    shop_of: tuple[int | None, ...]
    """The shop of each line; None where neither has the item."""
    is_proven: bool
    """Whether no two other shops can be better. False where there were too many to try them all."""


def cost_pya(amount: int, *, quantity: Decimal, to_base: Decimal) -> int:
    """Return what so many units cost, in whole pya, rounded half-even once.

    :param amount: pya for one base unit.
    :param to_base: base units in one unit.
    """
    return round(amount * Fraction(quantity) * Fraction(to_base))


def bill_of(lines: Sequence[Line], offers: Mapping[int, Offer]) -> Bill:
    """Return the bill of a place.

    :param offers: by number of the line, those that count: fresh, retail, for the line's base unit.
    """
    costs = tuple(
        cost_pya(offers[number].amount, quantity=line.quantity, to_base=line.to_base)
        if number in offers
        else None
        for number, line in enumerate(lines)
    )
    return Bill(
        costs, tuple(offers[number].seen_at if number in offers else None for number in range(len(lines)))
    )


def best_first(bills: Mapping[int, Bill]) -> list[int]:
    """The places that have anything of the list, the best first: complete ones by cost, then what lacks least."""
    some = [place for place, bill in bills.items() if bill.n_covered]
    return sorted(some, key=lambda place: (*bills[place].rank, place))


def cheapest_split(bills: Mapping[int, Bill], *, most_tried: int = MOST_SHOPS_TRIED) -> Split | None:
    """Return the two shops that have most of a list, of those the cheapest; None with fewer than two shops.

    Exact: a pair is left out only where even its better half together with the best of all shops is no better than a
    pair already found. Only where more than ``most_tried`` shops remain is it the best of those, and says so.
    """
    some = best_first(bills)
    if len(some) < 2:
        return None
    # One item more always outweighs any saving.
    missing = 1 + sum(
        max(cost or 0 for cost in column)
        for column in zip(*(bills[shop].costs for shop in some), strict=True)
    )
    rows = {shop: [missing if cost is None else cost for cost in bills[shop].costs] for shop in some}
    ideal = [min(column) for column in zip(*rows.values(), strict=True)]
    floor = {shop: sum(map(min, rows[shop], ideal)) for shop in some}
    order = sorted(some, key=lambda shop: (floor[shop], shop))
    tried = order[:most_tried]
    best, pair = None, (tried[0], tried[1])
    for number, first in enumerate(tried):
        if best is not None and floor[first] >= best:
            break
        for second in tried[number + 1 :]:
            if best is not None and floor[second] >= best:
                break
            total = sum(map(min, rows[first], rows[second]))
            if best is None or total < best:
                best, pair = total, (first, second)
    is_proven = len(tried) == len(order) or (best is not None and floor[order[most_tried]] >= best)
    return _split(pair, bills, is_proven=is_proven)


def _split(shops: tuple[int, int], bills: Mapping[int, Bill], *, is_proven: bool) -> Split:
    halves = [bills[shop] for shop in shops]
    costs: list[int | None] = []
    seen: list[datetime | None] = []
    shop_of: list[int | None] = []
    for number, pair in enumerate(zip(*(half.costs for half in halves), strict=True)):
        cost, chosen = min(
            ((cost, half) for half, cost in enumerate(pair) if cost is not None), default=(None, None)
        )
        costs.append(cost)
        shop_of.append(None if chosen is None else shops[chosen])
        seen.append(None if chosen is None or not halves[chosen].seen else halves[chosen].seen[number])
    return Split(shops, Bill(tuple(costs), tuple(seen)), tuple(shop_of), is_proven)
