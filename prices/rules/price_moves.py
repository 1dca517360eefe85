"""How a price moved: the middle of a place's newest week of prices against that of a week some time before. Pure, no I/O.

A *week* here is the seven days that end with a day on which there were prices. So places that are observed every
day, every week and every month are read by one rule, and one odd price of one day does not speak alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from prices.rules.rollups import middle_of_days
from prices.rules.typical_price import change_percent
from prices.types import DayMiddle, DayStat

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """How many days lie between two weeks that are compared: as near to ``days`` as there are prices, within limits."""

    days: int
    least: int
    most: int


WEEK = Span(7, 7, 13)
FOUR_WEEKS = Span(28, 28, 45)
MONTH = Span(30, 28, 45)
YEAR = Span(365, 351, 395)
MOVER_SPANS: Mapping[str, Span] = {"7": WEEK, "30": MONTH, "365": YEAR}


@dataclass(frozen=True, slots=True)
class Week:
    """The prices of the seven days up to ``day``: how many, and their middle in pya per base unit."""

    day: date
    n: int
    amount: int


class Timeline:
    """The days of one series in one place. A day is named by its place in the list.

    :param days: the earliest first, none to come.
    """

    def __init__(self, days: Sequence[DayStat | DayMiddle]) -> None:
        self._days = days
        self._ordinals = [day.day.toordinal() for day in days]
        self._weeks: dict[int, Week] = {}

    @property
    def newest(self) -> int:
        """The newest day; negative if there is none."""
        return len(self._days) - 1

    def week(self, at: int) -> Week:
        """The week that ends with a day."""
        if at not in self._weeks:
            first = bisect_right(self._ordinals, self._ordinals[at] - WEEK_DAYS)
            some = self._days[first : at + 1]
            self._weeks[at] = Week(some[-1].day, sum(day.n for day in some), middle_of_days(some))
        return self._weeks[at]

    def before(self, at: int, span: Span) -> int | None:
        """The day about a span before another; of two that are equally near the later one. None without any."""
        from_day = self._ordinals[at]
        older = bisect_right(self._ordinals, from_day - span.days) - 1
        gaps = [
            (abs(gap - span.days), gap, index)
            for index in (older, older + 1)
            if 0 <= index < at and span.least <= (gap := from_day - self._ordinals[index]) <= span.most
        ]
        return min(gaps)[2] if gaps else None

    def weekly(self) -> Iterator[int]:
        """The newest day, and days at least a week apart before it, the newest first."""
        at = self.newest
        while at >= 0:
            yield at
            at = bisect_right(self._ordinals, self._ordinals[at] - WEEK_DAYS) - 1


def up_to(days: Iterable[DayStat | DayMiddle], last: date) -> list[DayStat | DayMiddle]:
    """The days in order without those to come."""
    return list(takewhile(lambda day: day.day <= last, sorted(days, key=lambda day: day.day)))


def changes(days: Sequence[DayStat | DayMiddle]) -> dict[str, float | None]:
    """By how much the middle price changed, in percent, against a day about 7, 30 and 365 days before the newest one."""
    timeline = Timeline(days)
    found = {}
    for period, span in MOVER_SPANS.items():
        at = timeline.before(timeline.newest, span) if days else None
        percent = change_percent(days[at].median, days[-1].median) if at is not None else None
        found[period] = None if percent is None else float(percent)
    return found
