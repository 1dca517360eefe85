"""The geometry of the drawings that the server makes: history chart, sparkline, strip of shops.

Pure rules, no I/O and no markup: prices in, frozen models of plain texts out, drawn by the templates in
``templates/components``. Coordinates are texts, so that no language's decimal comma gets into an SVG. Lengths
across are percent of the width (the drawing stretches), heights are pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal, Self

from prices.rollups import Period, PeriodStat, period_start
from prices.units import per_unit_kyat

TickKind = Literal["day", "month", "year"]
AmountLabel = Callable[[int], str]
DateLabel = Callable[[date, TickKind], str]

# The history chart: an outer drawing in pixels, with an inner one of 350 x 100 stretched over the plot.
_HEIGHT = 232
_PLOT_TOP, _PLOT_HEIGHT = 8, 202
_PLOT_BOTTOM = _PLOT_TOP + _PLOT_HEIGHT
_PLOT_PERCENT = 85
_BOX_WIDTH, _BOX_HEIGHT = 350, 100
_LABEL_LINE = 13  # pixels that a line of text needs
_HEADROOM = 0.14  # of the span, above the highest price, for the label of the peak
_MOST_X_TICKS: dict[TickKind, int] = {"day": 5, "month": 5, "year": 6}
_X_STEPS: tuple[tuple[TickKind, int], ...] = (
    *(("day", step) for step in (1, 2, 3, 7, 14)),
    *(("month", step) for step in (1, 2, 3, 6)),
    *(("year", step) for step in (1, 2, 5, 10, 20, 50, 100)),
)
# Gaps in the chart: not more words than fit side by side on a phone.
_GAP_LABELS, _GAP_LABEL_WIDTH, _GAP_LABEL_ROOM = 3, 4.0, 24.0
_GAP_LABEL_LEFT, _GAP_LABEL_RIGHT = 10.0, 74.0

_SPARK_TOP, _SPARK_BOTTOM, _SPARK_WIDTH = 4, 24, 92

_STRIP_LEVELS, _STRIP_RISE, _STRIP_ROOM = 5, 11, 2.5
_STRIP_LEFT, _STRIP_RIGHT = 4, 96
_STRIP_LABEL_LEFT, _STRIP_LABEL_RIGHT = 20, 80

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Point:
    """A period of a history: its first day and its prices in pya; without a middle it is a gap."""

    day: date
    low: int | None = None
    middle: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class YTick:
    y: str
    label_y: str
    label: str
    """Empty where the label of the newest price needs the room."""


@dataclass(frozen=True, slots=True)
class XTick:
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with its price written at it; ``anchor`` is the class that aligns the text."""

    x: str
    y: str
    label: str = ""
    label_y: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A history ready to be drawn. ``line``, ``band`` and ``gaps`` are path data of the inner drawing."""

    line: str
    band: str
    gaps: str
    gap_labels: tuple[str, ...]
    """Where across to write that there are no prices: the widest gaps, as many as have room."""
    dots: tuple[Mark, ...]
    y_ticks: tuple[YTick, ...]
    x_ticks: tuple[XTick, ...]
    peak: Mark | None
    last: Mark
    from_zero: bool
    floor: str
    """The price at the foot of the scale, as a label; say it where ``from_zero`` is false."""
    height: int = _HEIGHT
    plot_top: int = _PLOT_TOP
    plot_height: int = _PLOT_HEIGHT
    plot_bottom: int = _PLOT_BOTTOM
    plot_width: str = f"{_PLOT_PERCENT}%"
    view_box: str = f"0 0 {_BOX_WIDTH} {_BOX_HEIGHT}"
    tick_end: int = _PLOT_BOTTOM + 6
    tick_label: int = _PLOT_BOTTOM + 16
    gap_label: int = _PLOT_BOTTOM - 6


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of prices; the newest is marked at ``x``, ``y``."""

    path: str
    x: str
    y: str
    view_box: str = f"0 0 {_SPARK_WIDTH + 4} {_SPARK_BOTTOM + 4}"


@dataclass(frozen=True, slots=True)
class Ring:
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Every shop's price on one line, equal ones stacked, with the middle marked."""

    rings: tuple[Ring, ...]
    low: str
    middle: str
    high: str
    low_label: str
    middle_label: str
    middle_label_x: str
    high_label: str
    """The labels that are drawn: empty where they would repeat another or lie on it."""
    middle_x: str
    """Empty without a middle."""
    height: int
    axis_y: int
    middle_top: int
    middle_bottom: int
    label_y: int


def kyat_text(pya: int) -> str:
    """Write an amount in kyat with Latin digits: ``1,840``, and with a decimal under ten."""
    kyat = per_unit_kyat(pya_per_base=pya, to_base=Decimal(1))
    return f"{kyat:,f}".removesuffix(".0")


def english_date(day: date, kind: TickKind) -> str:
    """Write a tick's date in English: ``15 Dec``, ``Dec``, and January as its year."""
    if kind == "day":
        return f"{day.day} {_MONTHS[day.month - 1]}"
    if kind == "month" and day.month > 1:
        return _MONTHS[day.month - 1]
    return str(day.year)


def points_of(periods: Sequence[PeriodStat]) -> list[Point]:
    """Return a history's periods as points; periods that are missing become gaps when drawn."""
    return [
        Point(day=stat.start, low=stat.low, middle=stat.middle_of_days, high=stat.high) for stat in periods
    ]


def history_chart(
    points: Sequence[Point],
    *,
    by: Period,
    first: date | None = None,
    last: date | None = None,
    amount_label: AmountLabel = kyat_text,
    date_label: DateLabel = english_date,
) -> Chart | None:
    """Return a history as a chart, or None when there is no price to draw.

    :param points: one for each period with prices, in any order; what is missing is a gap.
    :param by: how long a period is.
    :param first: a day in the first period to show, when that is earlier than the first point.
    :param last: a day in the last period to show, likewise.
    :param amount_label: writes pya as the page writes prices.
    :param date_label: writes a tick's date; years for ticks a year or more apart.
    :raises ValueError: two points are of the same period.
    """
    at = {_slot(point.day, by): point for point in points}
    if len(at) < len(points):
        raise ValueError("two points are of the same period")
    prices = {slot: _Price.of(point) for slot, point in sorted(at.items()) if point.middle is not None}
    if not prices:
        return None
    days = [point.day for point in points] + [day for day in (first, last) if day is not None]
    across = _Across(min(days), max(days), by)
    scale = _Scale.of(
        min(price.low for price in prices.values()), max(price.high for price in prices.values())
    )

    runs = [
        [slot for _, slot in run] for _, run in groupby(enumerate(prices), key=lambda pair: pair[1] - pair[0])
    ]
    line, band, dots = [], [], []
    for run in runs:
        top = [(across.x(slot), scale.y(prices[slot].high)) for slot in run]
        bottom = [(across.x(slot), scale.y(prices[slot].low)) for slot in run]
        if any(prices[slot].low < prices[slot].high for slot in run):
            band.append(_path(top + bottom[::-1]) + "z")
        if len(run) > 1:
            line.append(_path([(across.x(slot), scale.y(prices[slot].middle)) for slot in run]))
        elif run[0] != runs[-1][-1]:
            dots.append(Mark(x=across.percent(run[0]), y=scale.px(prices[run[0]].middle)))

    ticks = scale.ticks()
    newest = runs[-1][-1]
    mark, taken = _last_mark(across, scale, newest, prices[newest].middle, ticks, amount_label)
    gaps = _gaps(runs, across)
    return Chart(
        line="".join(line),
        band="".join(band),
        gaps="".join(_box(across.x(before), across.x(after)) for before, after in gaps),
        gap_labels=_gap_labels(gaps, across),
        dots=tuple(dots),
        y_ticks=tuple(
            YTick(
                y=scale.px(tick),
                label_y=_text(scale.pixels(tick) - 4),
                label=amount_label(tick) if tick not in taken else "",
            )
            for tick in ticks
        ),
        x_ticks=tuple(
            XTick(x=across.percent(across.position(day)), label=date_label(day, kind))
            for kind, day in _x_ticks(across)
        ),
        peak=_peak_mark(across, scale, prices, newest, amount_label),
        last=mark,
        from_zero=scale.floor == 0,
        floor=amount_label(scale.floor),
    )


def sparkline(points: Sequence[int | None]) -> Spark | None:
    """Return evenly spaced prices (None is a gap) as a small line, or None when there is no price."""
    known = [value for value in points if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    step = _SPARK_WIDTH / max(len(points) - 1, 1)

    def place(index: int, value: int) -> tuple[float, float]:
        share = (high - value) / (high - low) if high > low else 0.5
        return _SPARK_WIDTH - (len(points) - 1 - index) * step, _SPARK_TOP + share * (
            _SPARK_BOTTOM - _SPARK_TOP
        )

    path, newest = [], (0.0, 0.0)
    for is_known, run in groupby(enumerate(points), key=lambda pair: pair[1] is not None):
        if is_known:
            placed = [place(index, value) for index, value in run if value is not None]
            path.append(_path(placed) if len(placed) > 1 else f"{_path(placed)}h.1")
            newest = placed[-1]
    return Spark(path="".join(path), x=_text(newest[0]), y=_text(newest[1]))


def strip(
    prices: Sequence[int], middle: int | None, *, amount_label: AmountLabel = kyat_text
) -> Strip | None:
    """Return every shop's price (pya) on one line, or None without prices.

    Prices that would cover each other are stacked, up to five high; beyond that they cover each other.
    """
    if not prices:
        return None
    known = [*prices] if middle is None else [*prices, middle]
    low, high = min(known), max(known)

    def across(pya: int) -> float:
        share = (pya - low) / (high - low) if high > low else 0.5
        return _STRIP_LEFT + share * (_STRIP_RIGHT - _STRIP_LEFT)

    ends: list[float] = []
    placed: dict[tuple[str, int], None] = {}
    for pya in sorted(prices):
        x = across(pya)
        level = next((i for i, end in enumerate(ends) if x - end >= _STRIP_ROOM), len(ends))
        if level < len(ends):
            ends[level] = x
        elif level < _STRIP_LEVELS:
            ends.append(x)
        placed[_text(x), min(level, _STRIP_LEVELS - 1)] = None

    axis_y = 34 + _STRIP_RISE * max(0, len(ends) - 2)
    labels = [amount_label(pya) if pya is not None else "" for pya in (min(prices), middle, max(prices))]
    one_price = labels[0] == labels[2]
    middle_x = across(middle) if middle is not None else 50.0
    # Beside the lowest or highest price it would lie on that one's label; the page says the middle elsewhere.
    has_room = labels[1] not in (labels[0], labels[2]) and _STRIP_LABEL_LEFT <= middle_x <= _STRIP_LABEL_RIGHT
    return Strip(
        rings=tuple(Ring(x=f"{x}%", y=str(axis_y - _STRIP_RISE * level)) for x, level in placed),
        low=labels[0],
        middle=labels[1],
        high=labels[2],
        low_label="" if one_price else labels[0],
        middle_label=labels[0] if one_price else labels[1] if has_room else "",
        middle_label_x="50%" if one_price else f"{_text(middle_x)}%",
        high_label="" if one_price else labels[2],
        middle_x=f"{_text(middle_x)}%" if middle is not None else "",
        height=axis_y + 28,
        axis_y=axis_y,
        middle_top=20 if len(ends) <= 2 else 12,
        middle_bottom=axis_y + 10,
        label_y=axis_y + 24,
    )


def nice_step(span: int, *, least: int, most: int = 5) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, ... times ``least`` that fits at most so often in a span."""
    size = least
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * most >= span:
                return step
        size *= 10


@dataclass(frozen=True, slots=True)
class _Price:
    low: int
    middle: int
    high: int

    @classmethod
    def of(cls, point: Point) -> Self:
        middle = point.middle or 0
        return cls(
            low=middle if point.low is None else point.low,
            middle=middle,
            high=middle if point.high is None else point.high,
        )


class _Across:
    """Where a period or a day lies across the plot."""

    def __init__(self, first: date, last: date, by: Period) -> None:
        self.by = by
        self.first, self.last = period_start(first, by=by), period_start(last, by=by)
        self._start = _slot(first, by)
        self._slots = _slot(last, by) - self._start

    @property
    def start(self) -> int:
        return self._start

    @property
    def end(self) -> int:
        return self._start + self._slots

    def x(self, slot: float) -> float:
        share = (slot - self._start) / self._slots if self._slots else 0.5
        return share * _BOX_WIDTH

    def percent(self, slot: float) -> str:
        return f"{_text(self.share(slot))}%"

    def share(self, slot: float) -> float:
        """Percent of the outer drawing's width."""
        return self.x(slot) / _BOX_WIDTH * _PLOT_PERCENT

    def position(self, day: date) -> float:
        """The slot of a day, with its fraction where periods are weeks."""
        return (day.toordinal() - 1) / 7 if self.by == "week" else _slot(day, self.by)


@dataclass(frozen=True, slots=True)
class _Scale:
    """The scale up: from ``floor``, a round number or zero, to ``top``, a little above the highest price."""

    floor: int
    top: float
    step: int

    @classmethod
    def of(cls, low: int, high: int) -> Self:
        # A price that hardly moved must not look as if it did: at least a tenth of it is always in view.
        span = max(high - low, high // 10, 1)
        # Labels have whole kyat, and under ten kyat one decimal: a finer step would write the same twice.
        least = 100 if high >= 800 else 10
        # Where the low is under a third of the high, the scale may as well begin at zero and hide nothing.
        if low * 3 <= high:
            step = nice_step(high, least=least)
            return cls(floor=0, top=high + high * _HEADROOM, step=step)
        slack = (span - (high - low)) / 2
        step = nice_step(span, least=least)
        floor = max(0, int((low - slack) // step) * step)
        if floor == low and floor > 0:
            floor = max(0, floor - step)
        return cls(floor=floor, top=high + slack + span * _HEADROOM, step=step)

    def y(self, pya: int) -> float:
        return (self.top - pya) / (self.top - self.floor) * _BOX_HEIGHT

    def pixels(self, pya: int) -> float:
        return _PLOT_TOP + self.y(pya) * _PLOT_HEIGHT / _BOX_HEIGHT

    def px(self, pya: int) -> str:
        return _text(self.pixels(pya))

    def ticks(self) -> list[int]:
        return list(range(self.floor, int(self.top) + 1, self.step))


def _slot(day: date, by: Period) -> int:
    match by:
        case "day":
            return day.toordinal()
        case "week":
            return (day.toordinal() - 1) // 7  # day 1 was a Monday
        case "month":
            return day.year * 12 + day.month - 1


def _gaps(runs: list[list[int]], across: _Across) -> list[tuple[int, int]]:
    """Return from where to where there are no prices: between the runs, before the first, after the last."""
    edges = [across.start, *(slot for run in runs for slot in (run[0], run[-1])), across.end]
    between = zip(edges[::2], edges[1::2], strict=True)
    return [(before, after) for before, after in between if before < after]


def _gap_labels(gaps: list[tuple[int, int]], across: _Across) -> tuple[str, ...]:
    middles: list[float] = []
    for before, after in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        left, right = across.share(before), across.share(after)
        middle = min(max((left + right) / 2, _GAP_LABEL_LEFT), _GAP_LABEL_RIGHT)
        if right - left < _GAP_LABEL_WIDTH or len(middles) == _GAP_LABELS:
            break
        if all(abs(middle - other) >= _GAP_LABEL_ROOM for other in middles):
            middles.append(middle)
    return tuple(f"{_text(middle)}%" for middle in sorted(middles))


def _last_mark(
    across: _Across, scale: _Scale, slot: int, pya: int, ticks: list[int], amount_label: AmountLabel
) -> tuple[Mark, set[int]]:
    """Mark the newest price, its label beside the ticks' labels, and name the ticks it leaves no room for."""
    y = scale.pixels(pya)
    tick_labels = {tick: scale.pixels(tick) - 4 for tick in ticks}

    def covered(label_y: float) -> set[int]:
        return {tick for tick, at in tick_labels.items() if abs(at - label_y) < _LABEL_LINE}

    places = [y + 14, y - 6, y + 4.5]
    inside = [at for at in places if _LABEL_LINE <= at <= _PLOT_BOTTOM - 4] or places
    label_y = min(inside, key=lambda at: len(covered(at)))
    # On the left of the plot the label has room of its own; only at its right end does it meet the ticks'.
    taken = covered(label_y) if across.share(slot) > _PLOT_PERCENT - 15 else set()
    return (
        Mark(x=across.percent(slot), y=_text(y), label=amount_label(pya), label_y=_text(label_y)),
        taken,
    )


def _peak_mark(
    across: _Across, scale: _Scale, prices: dict[int, _Price], newest: int, amount_label: AmountLabel
) -> Mark | None:
    """Mark the highest middle, unless it is the newest price or its label would lie on that one's."""
    slot = max(prices, key=lambda slot: (prices[slot].middle, slot))
    pya = prices[slot].middle
    if pya == prices[newest].middle or min(price.middle for price in prices.values()) == pya:
        return None
    x, y = across.share(slot), scale.pixels(pya)
    close = across.share(newest) - x < 14 and scale.pixels(prices[newest].middle) - y < 2 * _LABEL_LINE + 10
    if close:
        return None
    # Above the band, where that rises over the line, so that the label stays readable.
    return Mark(
        x=across.percent(slot),
        y=_text(y),
        label=amount_label(pya),
        label_y=_text(max(scale.pixels(prices[slot].high) - 7, 10)),
        anchor="" if x < 6 else "e" if x > 78 else "m",
    )


def _x_ticks(across: _Across) -> list[tuple[TickKind, date]]:
    """Return the dates to write below the plot: as many as fit, days or firsts of months or of years."""
    finest: dict[Period, TickKind] = {"day": "day", "week": "day", "month": "month"}
    kinds: tuple[TickKind, ...] = ("day", "month", "year")
    allowed = kinds[kinds.index(finest[across.by]) :]
    for kind, step in _X_STEPS:
        if kind in allowed:
            days = _tick_days(across, kind, step)
            if days and len(days) <= _MOST_X_TICKS[kind]:
                return [(kind, day) for day in days]
    return []


def _tick_days(across: _Across, kind: TickKind, step: int) -> list[date]:
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


def _path(places: Sequence[tuple[float, float]]) -> str:
    """Return the path data of a line: after a move, further pairs are lines."""
    return "M" + " ".join(f"{_text(x)} {_text(y)}" for x, y in places)


def _box(left: float, right: float) -> str:
    """Return the path data of a box as high as the inner drawing."""
    return f"M{_text(left)} 0H{_text(right)}V{_BOX_HEIGHT}H{_text(left)}z"


def _text(number: float) -> str:
    """Write a coordinate with one decimal at most."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
