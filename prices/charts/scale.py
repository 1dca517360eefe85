"""Where a price lies up and a period lies across, and what is written at the axes."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Self

from prices.charts.labels import DateLabel, TickKind, number_text, width_of
from prices.rules.rollups import Period, period_start

PLOT_TOP, PLOT_HEIGHT = 8, 202
PLOT_BOTTOM = PLOT_TOP + PLOT_HEIGHT
BOX_WIDTH, BOX_HEIGHT = 350, 100
"""The inner drawing, stretched over the plot."""
PLOT_PERCENT = 85
"""How much of the width the plot takes at most; the labels of prices stand beside it."""
NARROWEST = 288
"""Pixels of the drawing on the narrowest phone."""
TICK_LABEL_DX = 4

_HEADROOM = 0.14  # of the span, above the highest price, for the label of the peak
_BOLD = 1.2  # how much wider the label of the newest price is than one of 12 px
_APART = 6  # pixels between two labels
_MOST_X_TICKS: dict[TickKind, int] = {"day": 5, "month": 5, "year": 6}
_X_STEPS: tuple[tuple[TickKind, int], ...] = (
    *(("day", step) for step in (1, 2, 3, 7, 14)),
    *(("month", step) for step in (1, 2, 3, 6)),
    *(("year", step) for step in (1, 2, 5, 10, 20, 50, 100)),
)


def nice_step(span: float, *, least: int, most: int = 5) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... times ``least`` that fits at most so often in a span."""
    size = least
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * most >= span:
                return step
        size *= 10


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale up: from ``floor``, a round number or zero, to ``top``, a little above the highest price.

    It is round in the unit shown: ``floor``, ``top``, ``step`` and the ticks are pya for that unit.
    """

    floor: int
    top: float
    step: int
    to_base: Decimal

    @classmethod
    def of(cls, lowest: int, highest: int, *, to_base: Decimal) -> Self:
        low, high = float(lowest * to_base), float(highest * to_base)
        # A price that hardly moved must not look as if it did: at least a tenth of it is always in view.
        span = max(high - low, high / 10, 1.0)
        # Labels have whole kyat, and under ten kyat one decimal: a finer step would write the same twice.
        least = 100 if high >= 800 else 10
        # Where the low is under half of the high, the scale may as well begin at zero and hide nothing.
        if low * 2 <= high:
            step = nice_step(high, least=least)
            return cls(floor=0, top=high + high * _HEADROOM, step=step, to_base=to_base)
        slack = (span - (high - low)) / 2
        step = nice_step(span, least=least)
        floor = max(0, int((low - slack) // step) * step)
        if floor == low and floor > 0:
            floor = max(0, floor - step)
        return cls(floor=floor, top=high + slack + span * _HEADROOM, step=step, to_base=to_base)

    def y(self, pya: int) -> float:
        """Of a price for one base unit, in the inner drawing."""
        return self._y(float(pya * self.to_base))

    def pixels(self, pya: int) -> float:
        return PLOT_TOP + self.y(pya) * PLOT_HEIGHT / BOX_HEIGHT

    def px(self, pya: int) -> str:
        return number_text(self.pixels(pya))

    def tick_pixels(self, tick: int) -> float:
        return PLOT_TOP + self._y(tick) * PLOT_HEIGHT / BOX_HEIGHT

    def ticks(self) -> list[int]:
        return list(range(self.floor, int(self.top) + 1, self.step))

    def _y(self, shown: float) -> float:
        return (self.top - shown) / (self.top - self.floor) * BOX_HEIGHT


class Across:
    """Where a period or a day lies across the plot.

    :param first: a day in the first period; ``last`` one in the last.
    :param plot: how many percent of the width the plot takes.
    """

    def __init__(self, first: date, last: date, by: Period, *, plot: int = PLOT_PERCENT) -> None:
        self.by, self.plot = by, plot
        self.first, self.last = period_start(first, by=by), period_start(last, by=by)
        self.start, self.end = slot_of(first, by), slot_of(last, by)

    def x(self, slot: float) -> float:
        slots = self.end - self.start
        return ((slot - self.start) / slots if slots else 0.5) * BOX_WIDTH

    def share(self, slot: float) -> float:
        """Percent of the outer drawing's width."""
        return self.x(slot) / BOX_WIDTH * self.plot

    def percent(self, slot: float) -> str:
        return f"{number_text(self.share(slot))}%"

    def position(self, day: date) -> float:
        """The slot of a day, with its fraction where periods are weeks."""
        return (day.toordinal() - 1) / 7 if self.by == "week" else slot_of(day, self.by)


def slot_of(day: date, by: Period) -> int:
    """Number the periods: those that follow each other have numbers that do."""
    match by:
        case "day":
            return day.toordinal()
        case "week":
            return (day.toordinal() - 1) // 7  # day 1 was a Monday
        case "month":
            return day.year * 12 + day.month - 1


def plot_percent(newest_label: str, tick_labels: list[str]) -> int:
    """How much of the width the plot may take so that the labels beside it have room on the narrowest phone."""
    widest = max([_newest_width(newest_label), *(width_of(label) for label in tick_labels)])
    return min(PLOT_PERCENT, 100 - math.ceil(widest / NARROWEST * 100))


def meets_tick_labels(share: float, newest_label: str, tick_labels: list[str]) -> bool:
    """Whether the label of a price that lies so far across reaches the ticks' on the narrowest phone."""
    room = NARROWEST - max(map(width_of, tick_labels), default=0)
    return share / 100 * NARROWEST + _newest_width(newest_label) > room


def _newest_width(label: str) -> float:
    return width_of(label) * _BOLD + 5


def x_ticks(across: Across, date_label: DateLabel) -> list[tuple[float, str]]:
    """Return where to write which date below the plot: as many days, or firsts of months or of years, as fit."""
    finest: dict[Period, TickKind] = {"day": "day", "week": "day", "month": "month"}
    kinds: tuple[TickKind, ...] = ("day", "month", "year")
    allowed = kinds[kinds.index(finest[across.by]) :]
    for kind, step in _X_STEPS:
        if kind in allowed:
            ticks = [
                (across.share(across.position(day)), date_label(day, kind))
                for day in _tick_days(across, kind, step)
            ]
            inside = [tick for tick in ticks if _right_end(*tick) <= NARROWEST]
            if inside and len(inside) <= _MOST_X_TICKS[kind] and _have_room(inside):
                return inside
    return []


def _right_end(share: float, label: str) -> float:
    return share / 100 * NARROWEST + TICK_LABEL_DX + width_of(label)


def _have_room(ticks: list[tuple[float, str]]) -> bool:
    return all(
        _right_end(*left) + _APART <= right[0] / 100 * NARROWEST + TICK_LABEL_DX
        for left, right in pairwise(ticks)
    )


def _tick_days(across: Across, kind: TickKind, step: int) -> list[date]:
    first, last = across.first, across.last
    if kind == "day":
        if across.by == "week":
            # Further apart than a fortnight the firsts of months say more than some Monday.
            if step > 2:
                return []
            step *= 7
        return [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1, step)]
    if kind == "month":
        firsts = [
            date(year, month, 1) for year in range(first.year, last.year + 1) for month in range(1, 13, step)
        ]
    else:
        firsts = [date(year, 1, 1) for year in range(first.year, last.year + 1) if year % step == 0]
    return [day for day in firsts if first <= day <= last]
