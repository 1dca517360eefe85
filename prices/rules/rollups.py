"""Days, weeks and months of prices, computed from raw amounts. Pure rules, no I/O.

A day is a day in Yangon, a week runs from Monday to Sunday, amounts are whole pya per base unit.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from potato.calendar import yangon_day
from prices.rules.typical_price import half_even, median_pya
from prices.types import DayMiddle, DayStat

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class PeriodStat:
    """A day, week or month put together from its days; ``start`` and ``end`` are its first and last day.

    ``low``, ``high``, ``n`` and ``sum`` are exact. ``middle_of_days`` is the weighted middle of the days'
    medians, see ``middle_of_days``; of a period with prices on one day it is that day's exact median.
    """

    start: date
    end: date
    n: int
    low: int
    middle_of_days: int
    high: int
    sum: int


def roll_up_days(amounts_by_time: Iterable[tuple[datetime, int]]) -> list[DayStat]:
    """Return one exact statistic for each Yangon day that has amounts, the earliest day first.

    :param amounts_by_time: when a price was seen (aware) and its amount, in any order.
    :raises ValueError: a time is naive.
    """
    amounts_by_day: defaultdict[date, list[int]] = defaultdict(list)
    for seen_at, amount in amounts_by_time:
        amounts_by_day[yangon_day(seen_at)].append(amount)
    return [
        DayStat(
            day=day,
            n=len(amounts),
            min=min(amounts),
            median=median_pya(amounts),
            max=max(amounts),
            sum=sum(amounts),
        )
        for day, amounts in sorted(amounts_by_day.items())
    ]


def month_key(day: date) -> str:
    """Return the key of the month that holds a day, such as ``2025-12``."""
    return f"{day.year:04d}-{day.month:02d}"


def split_months(days: Iterable[DayStat]) -> dict[str, tuple[DayStat, ...]]:
    """Sort days into months, as they are stored: by key, the earliest day first."""
    months: defaultdict[str, list[DayStat]] = defaultdict(list)
    for stat in sorted(days, key=lambda stat: stat.day):
        months[month_key(stat.day)].append(stat)
    return {month: tuple(stats) for month, stats in months.items()}


def summarise_period(days: Sequence[DayStat], by: Period) -> list[PeriodStat]:
    """Put days together into days, weeks or months; periods without prices are left out."""
    days_of: defaultdict[date, list[DayStat]] = defaultdict(list)
    for stat in days:
        days_of[period_start(stat.day, by=by)].append(stat)
    return [
        PeriodStat(
            start=start,
            end=period_end(start, by=by),
            n=sum(stat.n for stat in stats),
            low=min(stat.min for stat in stats),
            middle_of_days=middle_of_days(stats),
            high=max(stat.max for stat in stats),
            sum=sum(stat.sum for stat in stats),
        )
        for start, stats in sorted(days_of.items())
    ]


def middle_of_days(days: Sequence[DayStat | DayMiddle]) -> int:
    """Return the weighted middle of the days' medians.

    It is the median of a list in which each day's median stands as often as the day has prices (half-even
    between two middle values). It is not the median of all raw prices, which the days no longer know; both
    lie between the lowest and the highest of the days' medians.

    :raises ValueError: there are no days.
    """
    if not days:
        raise ValueError("no days have no middle")
    weights: defaultdict[int, int] = defaultdict(int)
    for stat in days:
        weights[stat.median] += stat.n
    total = sum(weights.values())
    return half_even(_at_rank(weights, (total - 1) // 2) + _at_rank(weights, total // 2))


def period_start(day: date, *, by: Period) -> date:
    """Return the first day of the day, week (Monday) or month that holds a day."""
    match by:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)


def period_end(day: date, *, by: Period) -> date:
    """Return the last day of the day, week (Sunday) or month that holds a day."""
    match by:
        case "day":
            return day
        case "week":
            return day + timedelta(days=6 - day.weekday())
        case "month":
            return _next_month(day) - timedelta(days=1)


def period_starts(first: date, last: date, *, by: Period) -> Iterator[date]:
    """Yield the first days of all periods from the one with ``first`` to the one with ``last``."""
    start = period_start(first, by=by)
    while start <= last:
        yield start
        start = period_end(start, by=by) + timedelta(days=1)


def _at_rank(weights: Mapping[int, int], rank: int) -> int:
    seen = 0
    for value, weight in sorted(weights.items()):
        seen += weight
        if rank < seen:
            return value
    raise ValueError("the rank is beyond the last value")


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
