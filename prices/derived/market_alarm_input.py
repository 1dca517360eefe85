"""What the market alarm looks at: an item's days in regions, from history, and in townships, from raw entries."""

from collections import defaultdict
from datetime import date, timedelta

from potato import calendar
from prices.rules import market_alarm, rollups, typical_price
from prices.rules.market_alarm import Alarm, Place
from prices.store import amounts, history, latest
from prices.types import NATION, Base, DayStat, PriceType


def alarms_of(item_id: int, *, today: date) -> list[Alarm]:
    """The abnormal moves of an item everywhere. Reads of MongoDB: two, and one for each region's series."""
    first = today - timedelta(days=market_alarm.HISTORY_DAYS)
    places: dict[Place, list[DayStat]] = defaultdict(list)
    for month in history.of_item(item_id, since=rollups.month_key(first)):
        if month.region_id != NATION:
            places[Place(month.region_id, None, month.type, month.base)].extend(month.days)
    for (region_id, type, base), township_ids in _townships(item_id, today=today).items():
        seen = amounts.in_townships(
            item_id=item_id,
            region_ids=[region_id],
            township_ids=sorted(township_ids),
            type=type,
            base=base,
            start=calendar.start_of_day(first),
            end=calendar.start_of_day(today + timedelta(days=1)) - timedelta(milliseconds=1),
        )
        for township_id, some in seen.items():
            places[Place(region_id, township_id, type, base)] = rollups.roll_up_days(some)
    return market_alarm.find(places, today=today)


def _townships(item_id: int, *, today: date) -> dict[tuple[int, PriceType, Base], set[int]]:
    """The townships with fresh prices of an item, by region, type and base: nowhere else can there be an alarm."""
    found: dict[tuple[int, PriceType, Base], set[int]] = defaultdict(set)
    for price in latest.of_item(item_id):
        if (
            price.township_id
            and (today - calendar.yangon_day(price.seen_at)).days < typical_price.WINDOW_DAYS
        ):
            found[price.region_id, price.type, price.base].add(price.township_id)
    return found
