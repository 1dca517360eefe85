"""A price beside its own past: how it changed since a day, and whether it is a good one. Pure rules, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from prices.rules import typical_price
from prices.rules.rollups import period_start
from prices.types import DayStat

GOOD_PERCENT = 5
"""A price up to so much above the lowest is called good."""
GOOD_WEEKS = 5
GOOD_LOOKS_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest middle price of a day (pya per base unit) since a day."""

    amount: int
    since: date


@dataclass(frozen=True, slots=True)
class Since:
    """How the middle price changed between two days that have prices."""

    before: DayStat
    newest: DayStat
    percent: Decimal


def lowest_if_good(amount: int | None, days: Sequence[DayStat], *, today: date) -> Lowest | None:
    """The lowest middle price of the last year, if an amount is within 5 % of it; None if not.

    None as well with less than five weeks of history: the first price at least five weeks ago, and prices in at least
    five different weeks.

    :param days: oldest first.
    """
    year = [day for day in days if today - GOOD_LOOKS_BACK < day.day <= today]
    if amount is None or not year or today - year[0].day < timedelta(weeks=GOOD_WEEKS):
        return None
    if len({period_start(day.day, by="week") for day in year}) < GOOD_WEEKS:
        return None
    lowest = min(day.median for day in year)
    return Lowest(lowest, since=year[0].day) if amount * 100 <= lowest * (100 + GOOD_PERCENT) else None


def changed_since(days: Sequence[DayStat], since: date) -> Since | None:
    """From the newest day with prices at or before a day, and at most 35 days before it, to the newest day of all.

    None where there is no such day, or none after it.

    :param days: oldest first, none later than today.
    """
    before = next((day for day in reversed(days) if day.day <= since), None)
    if before is None or before is days[-1] or (since - before.day).days > typical_price.WINDOW_DAYS:
        return None
    percent = typical_price.change_percent(before.median, days[-1].median)
    return None if percent is None else Since(before, days[-1], percent)
