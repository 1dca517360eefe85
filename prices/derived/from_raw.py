"""What raw prices make of an item: its latest prices and its history. Read and computed here, written by ``refresh.py``."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from potato import calendar
from prices.rules import rollups
from prices.store import amounts, entries, history
from prices.store.entries import Seen
from prices.types import NATION, Base, HistoryMonth, LatestPrice, PriceEntry, PriceType, latest_key
from shops import selectors as places

Days = dict[tuple[int, PriceType, Base], set[date]]
"""Days of history by region (``NATION`` for the country), type and base."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What an item's published entries hold for its latest prices and its history."""

    newest: dict[str, Seen]
    """By the latest price's key."""
    amounts: dict[tuple[int, PriceType, Base], list[tuple[datetime, int]]]
    """When seen and pya for the base unit, by region (``NATION`` for the country), type and base."""
    dirty: list[tuple[str, int]]


def read_item(item_id: int, *, until: datetime) -> Raw:
    """Read all published entries of an item; those last seen after a moment count in its history alone."""
    raw = Raw(newest={}, amounts=defaultdict(list), dirty=[])
    for entry in entries.of_item(item_id):
        if entry.dirty:
            raw.dirty.append((entry.id, entry.rev))
        for region_id in (entry.region_id, NATION):
            raw.amounts[region_id, entry.type, entry.base].append((entry.seen_at, entry.amount))
        if entry.last_seen_at > until:
            continue
        key = latest_key(item_id, entry.shop_id, entry.type, entry.base)
        if key not in raw.newest or _rank(entry) > _rank(raw.newest[key]):
            raw.newest[key] = entry
    return raw


def newest_of(raw: Raw) -> dict[str, LatestPrice] | None:
    """Read the newest entries whole, by the latest price's key; None where one changed since it was read."""
    whole = entries.get_many([entry.id for entry in raw.newest.values()])
    if any(whole[entry.id].rev != entry.rev for entry in raw.newest.values()):
        return None
    return {key: latest_price(whole[entry.id]) for key, entry in raw.newest.items()}


def months_of(item_id: int, raw: Raw) -> dict[str, HistoryMonth]:
    """Compute all of an item's history, by the months' keys."""
    months = [
        HistoryMonth(item_id, region_id, type, base, month, days)
        for (region_id, type, base), seen in raw.amounts.items()
        for month, days in rollups.split_months(rollups.roll_up_days(seen)).items()
    ]
    return {month.key: month for month in months}


def months_with(item_id: int, days: Days) -> tuple[list[HistoryMonth], dict[str, tuple[HistoryMonth, int]]]:
    """The months of an item with the given days computed again from raw, and those months as they are stored."""
    wanted = [
        (
            HistoryMonth(item_id, region_id, type, base, month, ()),
            [day for day in some if rollups.month_key(day) == month],
        )
        for (region_id, type, base), some in days.items()
        for month in sorted({rollups.month_key(day) for day in some})
    ]
    stored = history.get_many(empty.key for empty, _ in wanted)
    all_regions = [region.pk for region in places.all_regions()]
    new = []
    for empty, touched in wanted:
        old = stored[empty.key][0].days if empty.key in stored else ()
        kept = {day.day: day for day in old if day.day not in touched}
        for day in touched:
            seen = amounts.of_days(
                item_id=item_id,
                region_ids=all_regions if empty.region_id == NATION else [empty.region_id],
                type=empty.type,
                base=empty.base,
                start=calendar.start_of_day(day),
                end=calendar.start_of_day(day + timedelta(days=1)),
            )
            kept.update((stat.day, stat) for stat in rollups.roll_up_days(seen))
        new.append(replace(empty, days=tuple(kept[day] for day in sorted(kept))))
    return new, stored


def latest_price(entry: PriceEntry) -> LatestPrice:
    """What a shop asks by its newest entry."""
    return LatestPrice(
        item_id=entry.item_id,
        shop_id=entry.shop_id,
        region_id=entry.region_id,
        township_id=entry.township_id,
        type=entry.type,
        base=entry.base,
        entry_id=entry.id,
        price=entry.price,
        quantity=entry.quantity,
        unit=entry.unit,
        amount=entry.amount,
        seen_at=entry.last_seen_at,
        received_at=entry.received_at,
        submitter=entry.submitter,
        source=entry.source,
        confirmations=entry.confirmations,
        demo=entry.demo,
        verdict=entry.judgement.verdict,
    )


def _rank(entry: Seen) -> tuple:
    return entry.last_seen_at, entry.received_at, entry.id
