"""Whether what is derived says what the raw entries say."""

from datetime import date, timedelta

from potato import clock
from prices import locks, refresh, rollups
from prices.refresh import Days
from prices.store import entries, history, latest
from prices.types import NATION


def recent_days_wrong(*, since: date, fix: bool = False) -> int:
    """Compute the days from ``since`` to today again from raw; how many months said something else.

    :param fix: also write what is right.
    """
    span = {since + timedelta(days=back) for back in range((clock.today() - since).days + 1)}
    wrong = 0
    for item_id in entries.item_ids():
        with locks.mode_stays(), locks.items([item_id]):
            days: Days = {}
            for price in latest.of_item(item_id):
                for region_id in (price.region_id, NATION):
                    days[region_id, price.type, price.base] = span
            # Also of what is no longer sold anywhere: its days may have been left behind.
            for month in history.of_item(item_id, since=rollups.month_key(since)):
                days[month.region_id, month.type, month.base] = span
            fresh, stored = refresh.months_from_raw(item_id, days)
            differ = [
                month
                for month in fresh
                if month.days != (stored[month.key][0].days if month.key in stored else ())
            ]
            if differ and fix:
                refresh.write_days(item_id, days)
        wrong += len(differ)
    return wrong
