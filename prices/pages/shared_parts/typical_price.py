"""The typical price of a place, from boards: the rule is ``prices/rules/typical_price.py``'s, this only fetches its inputs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from prices.rules import typical_price
from prices.rules.boards.format import from_ms
from prices.rules.typical_price import NO_PRICES, ShopPrice, Summary, Typical

Row = dict[str, Any]


def shop_price(row: Row) -> ShopPrice:
    """A board's row as the rule reads it."""
    return ShopPrice(
        shop_id=row["shop"],
        region_id=row["region"],
        township_id=row["township"],
        amount=row["amount"],
        seen_at=from_ms(row["seen"]),
    )


def summary_of(data: dict[str, Any] | None) -> Summary:
    """A summary as boards hold it."""
    if not data or data["median"] is None:
        return NO_PRICES
    return Summary(
        median=data["median"],
        low=data["low"],
        high=data["high"],
        n_shops=data["shops"],
        newest=from_ms(data["newest"]) if data["newest"] is not None else None,
        oldest=from_ms(data["oldest"]) if data["oldest"] is not None else None,
    )


def last_of(data: dict[str, Any] | None) -> ShopPrice | None:
    """The last known price of a board's summary."""
    last = (data or {}).get("last")
    if not last:
        return None
    return ShopPrice(
        shop_id=0, region_id=0, township_id=None, amount=last["amount"], seen_at=from_ms(last["seen"])
    )


def newest_of(prices: Iterable[ShopPrice]) -> ShopPrice | None:
    return max(prices, key=lambda price: price.seen_at, default=None)


def of_place(
    *,
    local: Sequence[ShopPrice] | None,
    region: Sequence[ShopPrice] | None,
    nation: dict[str, Any] | None,
    now: datetime,
) -> Typical:
    """The typical price of a township, a region or the nation.

    :param local: the township's prices; None for a page about a region or the nation.
    :param region: the region's prices; None for a page about the nation.
    :param nation: the nation's summary as the board holds it.
    """
    known = newest_of(local or ()) or newest_of(region or ()) or last_of(nation)
    return typical_price.typical_for(
        local=local or (),
        region=typical_price.summarise(region or (), now=now),
        nation=summary_of(nation),
        last_known=known,
        now=now,
    )


def of_summary(data: dict[str, Any] | None, *, now: datetime) -> Typical:
    """The typical price of one place from its own summary alone, for tables of places."""
    return typical_price.typical_for(nation=summary_of(data), last_known=last_of(data), now=now)
