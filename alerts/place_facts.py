"""What a new price is compared with, by place: from the boards and the history of its item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from alerts.rules import SILENCE_DAYS, PlaceFacts, records_before
from potato.calendar import yangon_day
from potato.errors import Unavailable
from prices import selectors
from prices.rules import typical_price
from prices.rules.boards.format import from_ms, series_of
from prices.rules.typical_price import MIN_SHOPS, ShopPrice
from prices.types import NATION, DayStat, Place, PriceEntry, item_region_key

PlaceKind = Literal["shop", "township", "region", "nation"]
HISTORY_DAYS = 400
"""Days of history that are read: the longest silence that is measured, and some more."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a price that is the newest of its shop: its places with what is known of them, and the shop's price before it."""

    places: Mapping[PlaceKind, PlaceFacts]
    before: int | None
    """Pya per base unit."""


def facts_of(entry: PriceEntry, *, now: datetime) -> Facts | None:
    """What a price is compared with; None if its shop has a newer one: that is no news. At most five reads of MongoDB.

    :raises Unavailable: MongoDB does not answer.
    """
    keys = [item_region_key(entry.item_id, entry.region_id), item_region_key(entry.item_id, NATION)]
    boards = selectors.boards_for(keys)
    if any(board.copied_at is not None for board in boards.values()):
        raise Unavailable("mongo", "boards are copies")
    region, nation = (boards[key].data if key in boards else {} for key in keys)
    rows = [row for row in region.get("rows", ()) if (row["type"], row["base"]) == (entry.type, entry.base)]
    if not any(row["entry"] == entry.id for row in rows):
        return None
    days = _days(entry, today=yangon_day(now))
    prices = [_shop_price(row) for row in rows]
    by_kind: dict[PlaceKind, Sequence[ShopPrice]] = {
        "shop": [price for price in prices if price.shop_id == entry.shop_id],
        "region": prices,
    }
    if entry.township_id is not None:
        by_kind["township"] = [price for price in prices if price.township_id == entry.township_id]
    facts = {kind: _of_prices(some, kind, days[kind], entry, now=now) for kind, some in by_kind.items()}
    facts["nation"] = _of_nation(nation, days["nation"], entry, now=now)
    before = selectors.price_before(entry)
    return Facts(facts, before=before.amount if before else None)


def _days(entry: PriceEntry, *, today: date) -> dict[PlaceKind, list[DayStat]]:
    places: dict[PlaceKind, Place] = {
        "nation": Place(),
        "region": Place(entry.region_id),
        "shop": Place(entry.region_id, entry.township_id, entry.shop_id),
    }
    if entry.township_id is not None:
        places["township"] = Place(entry.region_id, entry.township_id)
    found = selectors.histories_of(
        places.values(),
        item_id=entry.item_id,
        type=entry.type,
        base=entry.base,
        since=(today - timedelta(days=HISTORY_DAYS)).replace(day=1),
    )
    if found is None:
        raise Unavailable("mongo", "the history is unavailable")
    return {kind: found.get(place, []) for kind, place in places.items()}


def _of_prices(
    prices: Sequence[ShopPrice], kind: PlaceKind, days: Sequence[DayStat], entry: PriceEntry, *, now: datetime
) -> PlaceFacts:
    summary = typical_price.summarise(prices, now=now)
    # A place of few shops has no typical price of its own; a shop's is its price.
    speaks = kind == "shop" or summary.n_shops >= MIN_SHOPS
    return _facts(summary.low, summary.high, summary.median if speaks else None, days, entry, now=now)


def _of_nation(
    board: Mapping[str, Any], days: Sequence[DayStat], entry: PriceEntry, *, now: datetime
) -> PlaceFacts:
    summary = board.get("series", {}).get(series_of(entry.type, entry.base), {}).get("nation") or {}
    if summary.get("median") is None:
        return _facts(entry.amount, entry.amount, None, days, entry, now=now)
    typical = summary["median"] if summary["shops"] >= MIN_SHOPS else None
    return _facts(summary["low"], summary["high"], typical, days, entry, now=now)


def _facts(
    lowest: int | None,
    highest: int | None,
    typical: int | None,
    days: Sequence[DayStat],
    entry: PriceEntry,
    *,
    now: datetime,
) -> PlaceFacts:
    today, seen = yangon_day(now), yangon_day(entry.seen_at)
    low, high = records_before(days, today)
    earlier = [day.day for day in days if day.day < seen]
    is_first_of_day = not any(day.day == seen and day.n > 1 for day in days)
    silent = (seen - earlier[-1]).days if earlier else SILENCE_DAYS
    return PlaceFacts(
        lowest=lowest,
        highest=highest,
        typical=typical,
        low_before=low,
        high_before=high,
        silent_days=min(silent, SILENCE_DAYS) if is_first_of_day else 0,
    )


def _shop_price(row: Mapping[str, Any]) -> ShopPrice:
    return ShopPrice(row["shop"], row["region"], row["township"], row["amount"], from_ms(row["seen"]))
