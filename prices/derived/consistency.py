"""Whether what is derived says what the raw entries say."""

from collections import defaultdict
from datetime import date, timedelta

from potato import calendar, clock
from prices.coordination import locks
from prices.derived import from_raw, refresh
from prices.derived.from_raw import Days
from prices.rules import rollups
from prices.store import entries, history, latest
from prices.types import NATION, DayStat, HistoryMonth


def recent_days_wrong(*, since: date, fix: bool = False) -> int:
    """Compute the days from ``since`` to today again from raw; how many months said something else.

    Days in which changed entries count whose rollup is still due are behind, and not wrong: they are left out.

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
            fresh, stored = from_raw.months_with(item_id, days)
            pairs = [(month, stored[month.key][0] if month.key in stored else None) for month in fresh]
            differ = [(new, old) for new, old in pairs if new.days != (old.days if old else ())]
            if differ:
                # Only now: what was read and is in no rollup yet is still dirty, for a rollup needs the item's lock.
                behind = _days_behind(item_id)
                differ = [(new, old) for new, old in differ if _without(behind, new) != _without(behind, old)]
            if differ and fix:
                refresh.write_days(item_id, days)
        wrong += len(differ)
    return wrong


def _days_behind(item_id: int) -> Days:
    """The days of an item's history that wait to be computed again."""
    behind: Days = defaultdict(set)
    for entry in entries.dirty_of_item(item_id):
        for region_id in (entry.region_id, NATION):
            behind[region_id, entry.type, entry.base].add(calendar.yangon_day(entry.seen_at))
    return behind


def _without(behind: Days, month: HistoryMonth | None) -> list[DayStat]:
    if month is None:
        return []
    left_out = behind.get((month.region_id, month.type, month.base), set())
    return [day for day in month.days if day.day not in left_out]
