"""The typical price: one rule for every page. Pure rules, no I/O.

The middle over shops of each shop's newest published price, seen in the last 35 days. With fewer than three
shops the region speaks, then the nation, and the page says so; without any, the last known price, called old.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from potato.calendar import start_of_day, yangon_day

WINDOW_DAYS = 35
"""Whole days in Yangon, today among them, in which a price must have been seen to count."""

MIN_SHOPS = 3
"""Shops that it takes for a middle to speak for a place."""

CHEAP_PERCENT = 10
"""So many percent under the country's typical price a place's must be to be called cheap."""

Scope = Literal["township", "region", "nation", "old", "none"]


@dataclass(frozen=True, slots=True)
class ShopPrice:
    """A published price in a shop; ``amount`` in pya per base unit, ``seen_at`` aware."""

    shop_id: int
    region_id: int
    township_id: int | None
    amount: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """The fresh prices of a place in a few numbers: pya per base unit, of each shop its newest price alone.

    Without any, all but ``n_shops`` are None.
    """

    median: int | None
    low: int | None
    high: int | None
    n_shops: int
    newest: datetime | None
    oldest: datetime | None


NO_PRICES = Summary(median=None, low=None, high=None, n_shops=0, newest=None, oldest=None)


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical price with what it rests on; ``scope`` says whose it is, or that it is old or missing."""

    amount: int | None
    low: int | None
    high: int | None
    n_shops: int
    newest: datetime | None
    oldest: datetime | None
    scope: Scope

    @property
    def is_thin(self) -> bool:
        """True when fewer shops than the rule asks for stand behind the amount."""
        return self.n_shops < MIN_SHOPS


def window_start(now: datetime) -> datetime:
    """Return the first moment (UTC) that counts as fresh: midnight in Yangon, 34 days before today's.

    So today and the 34 days before it count, 35 whole days in Yangon: a price counts when its day is later
    than today - 35 days. The window moves at midnight in Yangon and at no other time.
    """
    return start_of_day(yangon_day(now) - timedelta(days=WINDOW_DAYS - 1))


def is_fresh(seen_at: datetime, *, now: datetime) -> bool:
    """Tell whether a price seen then counts today; one of a later day than today does not count yet."""
    start, end = _window(now)
    return start <= seen_at < end


def is_of_window(day: date, *, today: date) -> bool:
    """Tell whether a price seen on that day in Yangon counts today."""
    return 0 <= (today - day).days < WINDOW_DAYS


@lru_cache(maxsize=16)
def _window(now: datetime) -> tuple[datetime, datetime]:
    # A page asks hundreds of times about the moment that it is made at.
    return window_start(now), start_of_day(yangon_day(now) + timedelta(days=1))


def summarise(prices: Sequence[ShopPrice], *, now: datetime) -> Summary:
    """Sum up the fresh prices of one place, item, type and base; of a shop only the newest speaks.

    Of prices of one shop seen at the same moment the later one in ``prices`` wins: give them in the order in
    which they were received.
    """
    newest: dict[int, ShopPrice] = {}
    for price in prices:
        known = newest.get(price.shop_id)
        if is_fresh(price.seen_at, now=now) and (known is None or price.seen_at >= known.seen_at):
            newest[price.shop_id] = price
    if not newest:
        return NO_PRICES
    amounts = [price.amount for price in newest.values()]
    times = [price.seen_at for price in newest.values()]
    return Summary(
        median=median_pya(amounts),
        low=min(amounts),
        high=max(amounts),
        n_shops=len(newest),
        newest=max(times),
        oldest=min(times),
    )


def median_pya(values: Sequence[int]) -> int:
    """Return the exact median in whole pya; between two middle values half-even.

    :raises ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values have no median")
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return half_even(ordered[middle - 1] + ordered[middle])


def half_even(total: int) -> int:
    """Return half of a whole number; a half goes to the even neighbour."""
    half, rest = divmod(total, 2)
    return half + (half % 2 if rest else 0)


def typical_for(
    *,
    local: Sequence[ShopPrice] = (),
    region: Summary = NO_PRICES,
    nation: Summary = NO_PRICES,
    last_known: ShopPrice | None = None,
    now: datetime,
) -> Typical:
    """Return the typical price of a place, by the one rule.

    The first of township, region and nation with at least three shops speaks. Where all are thin, the widest
    with any fresh price does, and its counts say how thin it is. Without any fresh price the last known one
    stands in, called old; without that there is none.

    :param local: the township's prices, none for a page about a region or the nation.
    :param region: the region's summary, ``NO_PRICES`` for a page about the nation.
    :param nation: the nation's summary as stored. A summary whose newest price has left the window since it
        was made is ignored.
    :param last_known: the newest price of the place, however old.
    """
    places: list[tuple[Scope, Summary]] = [
        ("township", summarise(local, now=now)),
        ("region", region),
        ("nation", nation),
    ]
    fresh = [
        (scope, summary)
        for scope, summary in places
        if summary.n_shops and summary.newest is not None and is_fresh(summary.newest, now=now)
    ]
    for scope, summary in fresh:
        if summary.n_shops >= MIN_SHOPS:
            return _speaks(scope, summary)
    if fresh:
        return _speaks(*fresh[-1])
    if last_known is not None and yangon_day(last_known.seen_at) <= yangon_day(now):
        amount, seen_at = last_known.amount, last_known.seen_at
        return Typical(
            amount=amount,
            low=amount,
            high=amount,
            n_shops=1,
            newest=seen_at,
            oldest=seen_at,
            scope="old",
        )
    return _speaks("none", NO_PRICES)


def change_percent(old: int, new: int) -> Decimal | None:
    """Return the change in percent with one decimal, half-even; None without an old price."""
    if old <= 0:
        return None
    return Decimal(f"{round(Fraction(new - old, old) * 1000)}e-1")


def cheaper_by(place: Typical, country: Typical) -> Decimal | None:
    """Return by how many percent (a negative number) a place is cheaper than the country, if that may be said.

    It may where both are today's prices of at least three shops, of the same item, type and base, and the place
    is at least 10 % cheaper.
    """
    for price in (place, country):
        if price.amount is None or price.scope in ("old", "none") or price.is_thin:
            return None
    assert place.amount is not None and country.amount is not None
    percent = change_percent(country.amount, place.amount)
    return percent if percent is not None and percent <= -CHEAP_PERCENT else None


def _speaks(scope: Scope, summary: Summary) -> Typical:
    return Typical(
        amount=summary.median,
        low=summary.low,
        high=summary.high,
        n_shops=summary.n_shops,
        newest=summary.newest,
        oldest=summary.oldest,
        scope=scope,
    )
