"""A history as a chart: the line of its middles, its band from low to high, its gaps, and other lines beside it.

An outer drawing in pixels holds the words and marks; an inner one is stretched over the plot and holds the lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Self

from prices.charts import scale as scales
from prices.charts.labels import (
    AmountLabel,
    DateLabel,
    english_date,
    kyat_text,
    number_text,
    path_text,
)
from prices.charts.scale import (
    BOX_HEIGHT,
    BOX_WIDTH,
    PLOT_BOTTOM,
    PLOT_HEIGHT,
    PLOT_TOP,
    Across,
    Scale,
    slot_of,
)
from prices.rules.rollups import Period, PeriodStat

_HEIGHT = 232
_LABEL_LINE = (
    16.2  # pixels that a line of text needs, tails of Burmese numerals included, and what rounding takes
)
_TOO_HIGH, _IN_VIEW = 3, 2  # times the highest middle
_MARKS = 5  # that a line beside the first one has along its way
# Gaps in the chart: not more words than fit side by side on a phone.
_GAP_LABELS, _GAP_LABEL_WIDTH, _GAP_LABEL_ROOM = 3, 4.0, 24.0
_GAP_LABEL_LEFT, _GAP_LABEL_RIGHT = 10.0, 74.0

_AXIS = f"M0 {PLOT_TOP}V{PLOT_BOTTOM}"
_AXIS_CUT = f"M0 {PLOT_TOP}V{PLOT_BOTTOM - 22}l-5 3 10 5-10 5 5 3V{PLOT_BOTTOM}"


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
    """A point, some with their price written at them; ``anchor`` is the class that aligns the text."""

    x: str
    y: str
    label: str = ""
    label_y: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """The middles of another history: path data of the inner drawing, and marks that tell it from the others."""

    path: str
    marks: tuple[Mark, ...]


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
    last: Mark | None
    """The newest price; None where only other lines have any."""
    others: tuple[Line, ...]
    oldest_x: str
    newest_x: str
    """Percent across of the first and the last period with a price in any line; the others lie evenly between."""
    from_zero: bool
    floor: str
    """The price at the foot of the scale, as a label; say it where ``from_zero`` is false."""
    above: str
    """The highest price, where the band is cut above; say it."""
    axis: str
    plot_width: str
    height: int = _HEIGHT
    plot_top: int = PLOT_TOP
    plot_height: int = PLOT_HEIGHT
    plot_bottom: int = PLOT_BOTTOM
    view_box: str = f"0 0 {BOX_WIDTH} {BOX_HEIGHT}"
    tick_end: int = PLOT_BOTTOM + 6
    tick_label: int = PLOT_BOTTOM + 16
    gap_label: int = PLOT_BOTTOM - 6


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
    others: Sequence[Sequence[Point]] = (),
    to_base: Decimal = Decimal(1),
    amount_label: AmountLabel = kyat_text,
    tick_label: AmountLabel = kyat_text,
    date_label: DateLabel = english_date,
) -> Chart | None:
    """Return a history as a chart, or None when there is no price to draw.

    :param points: one for each period with prices, in any order; what is missing is a gap.
    :param by: how long a period is.
    :param first: a day in the first period to show, when that is earlier than the first point.
    :param last: a day in the last period to show, likewise.
    :param others: histories whose middles are drawn as lines beside it.
    :param to_base: base units in the unit shown, in which the scale is round.
    :param amount_label: writes pya for a base unit as the page writes prices.
    :param tick_label: writes pya for the unit shown.
    :param date_label: writes a tick's date; years for ticks a year or more apart.
    :raises ValueError: two points of one history are of the same period.
    """
    lines = [_prices(line, by) for line in (points, *others)]
    if not any(lines):
        return None
    days = [point.day for line in (points, *others) for point in line]
    days += [day for day in (first, last) if day is not None]
    labels = _Labels(amount_label, tick_label, date_label)
    scale, above = _scale_of(lines, to_base=to_base)
    newest = max(lines[0], default=None)
    newest_label = amount_label(lines[0][newest].middle) if newest is not None else ""
    tick_texts = [tick_label(tick) for tick in scale.ticks()]
    across = Across(min(days), max(days), by, plot=scales.plot_percent(newest_label, tick_texts))
    mark: Mark | None = None
    taken: set[int] = set()
    if newest is not None:
        mark, taken = _last_mark(across, scale, newest, lines[0][newest].middle, newest_label, tick_texts)
    return _drawn(lines, across, scale, labels, last=mark, taken=taken, above=above)


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


def _prices(points: Sequence[Point], by: Period) -> dict[int, _Price]:
    """Return what has a price by its period's number, the oldest first."""
    at = {slot_of(point.day, by): point for point in points}
    if len(at) < len(points):
        raise ValueError("two points are of the same period")
    return {slot: _Price.of(point) for slot, point in sorted(at.items()) if point.middle is not None}


@dataclass(frozen=True, slots=True)
class _Labels:
    """How the page writes prices, the ticks beside them, and dates."""

    amount: AmountLabel
    tick: AmountLabel
    date: DateLabel


def _scale_of(lines: Sequence[dict[int, _Price]], *, to_base: Decimal) -> tuple[Scale, int | None]:
    """Return the scale, and the highest price in pya for a base unit where that is out of view."""
    own, *others = ([*line.values()] for line in lines)
    middles = [price.middle for line in (own, *others) for price in line]
    lowest = min([*middles, *(price.low for price in own)])
    highest = max([*middles, *(price.high for price in own)])
    # A few prices far above all others would press the line of the middles flat.
    is_cut_above = highest > _TOO_HIGH * max(middles)
    in_view = _IN_VIEW * max(middles) if is_cut_above else highest
    return Scale.of(lowest, in_view, to_base=to_base), highest if is_cut_above else None


def _drawn(
    lines: Sequence[dict[int, _Price]],
    across: Across,
    scale: Scale,
    labels: _Labels,
    *,
    last: Mark | None,
    taken: set[int],
    above: int | None,
) -> Chart:
    """Return the chart of lines of which at least one has a price.

    :param last: the mark of the newest price of the first line; ``taken`` are the ticks that its label covers.
    :param above: the highest price in pya for a base unit, where it is out of view.
    """
    prices, *others = lines
    runs = _runs(prices)
    gaps = _gaps(runs, across)
    slots = [slot for line in lines for slot in line]
    return Chart(
        line=_line(runs, prices, across, scale),
        band=_band(runs, prices, across, scale),
        gaps="".join(_box(across.x(before), across.x(after)) for before, after in gaps),
        gap_labels=_gap_labels(gaps, across),
        dots=_dots(runs, prices, across, scale),
        y_ticks=_y_ticks(scale, labels.tick, without_label=taken),
        x_ticks=tuple(
            XTick(x=f"{number_text(share)}%", label=label)
            for share, label in scales.x_ticks(across, labels.date)
        ),
        peak=_peak_mark(across, scale, prices, labels.amount) if prices else None,
        last=last,
        others=tuple(_other(line, across, scale) for line in others),
        oldest_x=f"{across.share(min(slots)):.2f}",
        newest_x=f"{across.share(max(slots)):.2f}",
        from_zero=scale.floor == 0,
        floor=labels.tick(scale.floor),
        above=labels.amount(above) if above is not None else "",
        axis=_AXIS if scale.floor == 0 else _AXIS_CUT,
        plot_width=f"{across.plot}%",
    )


def _runs(prices: dict[int, _Price]) -> list[list[int]]:
    """Return the periods with prices that follow each other without a gap."""
    return [
        [slot for _, slot in run] for _, run in groupby(enumerate(prices), key=lambda pair: pair[1] - pair[0])
    ]


def _lone(runs: list[list[int]]) -> list[int]:
    return [run[0] for run in runs if len(run) == 1]


def _line(runs: list[list[int]], prices: dict[int, _Price], across: Across, scale: Scale) -> str:
    return "".join(
        path_text([(across.x(slot), scale.y(prices[slot].middle)) for slot in run])
        for run in runs
        if len(run) > 1
    )


def _band(runs: list[list[int]], prices: dict[int, _Price], across: Across, scale: Scale) -> str:
    """Return the path data from low to high, cut at the top of the drawing."""
    band = []
    for run in runs:
        if any(prices[slot].low < prices[slot].high for slot in run):
            top = [(across.x(slot), max(scale.y(prices[slot].high), 0)) for slot in run]
            bottom = [(across.x(slot), scale.y(prices[slot].low)) for slot in run]
            band.append(path_text(top + bottom[::-1]) + "z")
    return "".join(band)


def _dots(runs: list[list[int]], prices: dict[int, _Price], across: Across, scale: Scale) -> tuple[Mark, ...]:
    """Mark the prices that no line reaches; the newest has a mark of its own."""
    return tuple(
        Mark(x=across.percent(slot), y=scale.px(prices[slot].middle))
        for slot in _lone(runs)
        if slot != max(prices)
    )


def _y_ticks(scale: Scale, tick_label: AmountLabel, *, without_label: set[int]) -> tuple[YTick, ...]:
    return tuple(
        YTick(
            y=number_text(scale.tick_pixels(tick)),
            label_y=number_text(scale.tick_pixels(tick) - 4),
            label=tick_label(tick) if tick not in without_label else "",
        )
        for tick in scale.ticks()
    )


def _other(prices: dict[int, _Price], across: Across, scale: Scale) -> Line:
    """A line of middles. Marked are its newest price, some on the way, and those that no line reaches."""
    runs, slots = _runs(prices), list(prices)
    marked = {*slots[::-1][:: max(1, len(slots) // _MARKS)], *_lone(runs)}
    return Line(
        path=_line(runs, prices, across, scale),
        marks=tuple(Mark(x=across.percent(slot), y=scale.px(prices[slot].middle)) for slot in sorted(marked)),
    )


def _gaps(runs: list[list[int]], across: Across) -> list[tuple[int, int]]:
    """Return from where to where there are no prices: between the runs, before the first, after the last."""
    edges = [across.start, *(slot for run in runs for slot in (run[0], run[-1])), across.end]
    between = zip(edges[::2], edges[1::2], strict=True)
    return [(before, after) for before, after in between if before < after]


def _gap_labels(gaps: list[tuple[int, int]], across: Across) -> tuple[str, ...]:
    middles: list[float] = []
    for before, after in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        left, right = across.share(before), across.share(after)
        middle = min(max((left + right) / 2, _GAP_LABEL_LEFT), _GAP_LABEL_RIGHT)
        if right - left < _GAP_LABEL_WIDTH or len(middles) == _GAP_LABELS:
            break
        if all(abs(middle - other) >= _GAP_LABEL_ROOM for other in middles):
            middles.append(middle)
    return tuple(f"{number_text(middle)}%" for middle in sorted(middles))


def _last_mark(
    across: Across, scale: Scale, slot: int, pya: int, label: str, tick_texts: list[str]
) -> tuple[Mark, set[int]]:
    """Mark the newest price, its label beside the ticks' labels, and name the ticks it leaves no room for."""
    y = scale.pixels(pya)
    tick_labels = {tick: scale.tick_pixels(tick) - 4 for tick in scale.ticks()}

    def covered(label_y: float) -> set[int]:
        return {tick for tick, at in tick_labels.items() if abs(at - label_y) < _LABEL_LINE}

    places = [y + 14, y - 6, y + 4.5]
    inside = [at for at in places if _LABEL_LINE <= at <= PLOT_BOTTOM - 4] or places
    label_y = min(inside, key=lambda at: len(covered(at)))
    # On the left of the plot the label has room of its own; only at its right end does it meet the ticks'.
    taken = covered(label_y) if scales.meets_tick_labels(across.share(slot), label, tick_texts) else set()
    return Mark(x=across.percent(slot), y=number_text(y), label=label, label_y=number_text(label_y)), taken


def _peak_mark(
    across: Across, scale: Scale, prices: dict[int, _Price], amount_label: AmountLabel
) -> Mark | None:
    """Mark the highest middle, unless it is the newest price or its label would lie on that one's."""
    newest = max(prices)
    slot = max(prices, key=lambda slot: (prices[slot].middle, slot))
    pya = prices[slot].middle
    if pya == prices[newest].middle or min(price.middle for price in prices.values()) == pya:
        return None
    x, y = across.share(slot), scale.pixels(pya)
    close = across.share(newest) - x < 14 and scale.pixels(prices[newest].middle) - y < 2 * _LABEL_LINE + 10
    if close:
        return None
    # Above the band, where that rises over the line and ends in view, so that the label stays readable.
    above_band, above_line = scale.pixels(prices[slot].high) - 9, y - 9
    return Mark(
        x=across.percent(slot),
        y=number_text(y),
        label=amount_label(pya),
        label_y=number_text(above_band if above_band >= 10 else max(above_line, 10)),
        anchor="" if x < 6 else "e" if x > across.plot - 7 else "m",
    )


def _box(left: float, right: float) -> str:
    """Return the path data of a box as high as the inner drawing."""
    return f"M{number_text(left)} 0H{number_text(right)}V{BOX_HEIGHT}H{number_text(left)}z"
