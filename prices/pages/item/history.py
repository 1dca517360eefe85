"""The history of an item in a place: a chart, the same numbers as a table, and as files."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from potato.text.wording import EN_DASH, Wording
from prices import charts
from prices.charts import Chart, TickKind
from prices.pages.shared_parts.chart_lines import Beside
from prices.pages.shared_parts.measures import Measure
from prices.rules import rollups
from prices.rules.rollups import Period, PeriodStat
from prices.types import DayStat, Place

ENOUGH = Fraction(1, 2)
ENOUGH_WEEKS = 9


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A period as the table shows it; without prices ``middle`` is empty, and so is each of ``beside``."""

    label: str
    middle: str = ""
    low: str = ""
    high: str = ""
    n: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LineBeside:
    """What is drawn beside the page's own line, as the legend says it; ``without_url`` is the page without it."""

    of: Beside
    name: str
    newest: str
    without_url: str
    stats: tuple[PeriodStat, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """How the table's rows are read out: the newest, and what a script fills with a row's cells, ``{0}`` to ``{4}``."""

    newest: str
    one: str
    many: str
    none: str


@dataclass(frozen=True, slots=True)
class History:
    """What is shown of a history; ``stats`` are the numbers behind it, oldest first."""

    by: Period
    heading: str
    stats: tuple[PeriodStat, ...]
    rows: tuple[HistoryRow, ...]
    chart: Chart | None
    title: str
    desc: str
    own: str
    """The page's own line, as the legend says it."""
    beside: tuple[LineBeside, ...]
    sentences: Sentences


def show(
    days: Sequence[DayStat],
    *,
    period: str,
    since: date | None,
    measure: Measure,
    subject: str,
    place: str,
    words: Wording,
    beside: Sequence[Beside] = (),
    days_beside: Mapping[Place, Sequence[DayStat]] | None = None,
    url_with: Callable[[tuple[Beside, ...]], str] = lambda _beside: "",
) -> History:
    """A history from its days: by day for 30 days, by week for a year, longer or where prices are few by month.

    :param days: oldest first, none later than today; from the first of a month on.
    :param since: the first day to show, with the week or month that it lies in; None for all.
    :param subject: what it is the price of: ``Rice, Yangon, retail``; ``place`` is its place.
    :param beside: what is drawn beside it, with its days in ``days_beside``; None while they are away.
    :param url_with: the page with these beside it.
    """
    lines = [days, *((days_beside or {}).get(one.place, ()) for one in beside)]
    by = step_of([_since(line, since) for line in lines], period=period)
    # A week or a month of which only the end were shown would say something else than the same one elsewhere.
    first = since and rollups.period_start(since, by=by)
    stats, *more = ([*rollups.summarise_period(_since(line, first), by)] for line in lines)
    drawn = tuple(
        LineBeside(
            of=one,
            name=one.name,
            newest=gettext("away for a moment") if days_beside is None else _newest(line, by, measure, words),
            without_url=url_with(tuple(other for other in beside if other is not one)),
            stats=tuple(line),
        )
        for one, line in zip(beside, more, strict=True)
    )
    heading = _heading(by)
    rows = tuple(_rows(stats, more, by, measure, words))
    return History(
        by=by,
        heading=heading,
        stats=tuple(stats),
        rows=rows,
        chart=_chart(stats, more, by, first=first, measure=measure, words=words),
        title=_title(subject, drawn, heading, words),
        desc=_describe(stats, drawn, by, measure, words),
        own=_named(place, _newest(stats, by, measure, words)) if beside else gettext("middle price"),
        beside=drawn,
        sentences=_sentences(rows, drawn, words),
    )


def _chart(
    stats: Sequence[PeriodStat],
    more: Sequence[Sequence[PeriodStat]],
    by: Period,
    *,
    first: date | None,
    measure: Measure,
    words: Wording,
) -> Chart | None:
    """The drawing, from the first day to show up to today."""
    return charts.history_chart(
        charts.points_of(stats),
        by=by,
        first=first,
        last=words.today,
        others=[charts.points_of(line) for line in more],
        to_base=measure.to_base,
        amount_label=lambda pya: words.kyat(pya, to_base=measure.to_base),
        tick_label=words.kyat,
        date_label=lambda day, kind: date_label(day, kind, words),
    )


def _heading(by: Period) -> str:
    match by:
        case "day":
            return gettext("Price by day")
        case "week":
            return gettext("Price by week")
        case "month":
            return gettext("Price by month")


def _since(days: Sequence[DayStat], first: date | None) -> list[DayStat]:
    return [day for day in days if first is None or day.day >= first]


def step_of(lines: Sequence[Sequence[DayStat]], *, period: str) -> Period:
    """How finely a period is drawn: coarser where prices of a line are few, so that a line is left to see."""
    steps: dict[str, tuple[Period, Period]] = {"30d": ("day", "week"), "1y": ("week", "month")}
    fine, coarse = steps.get(period, ("month", "month"))
    return fine if all(_is_dense(line, fine) for line in lines if line) else coarse


def _is_dense(days: Sequence[DayStat], by: Period) -> bool:
    """Whether at least half of the periods from the first to the last price have one; of weeks more than a few."""
    there = {rollups.period_start(day.day, by=by) for day in days}
    n = len(list(rollups.period_starts(days[0].day, days[-1].day, by=by)))
    return len(there) >= n * ENOUGH and (by != "week" or len(there) >= ENOUGH_WEEKS)


def days_of_board(rows: Sequence[Sequence[Any]]) -> list[DayStat]:
    """The last 90 days that a board carries, for when the history is away."""
    return [
        DayStat(day=date.fromisoformat(day), n=n, min=low, median=median, max=high, sum=0)
        for day, n, low, median, high in rows
    ]


def date_label(day: date, kind: TickKind, words: Wording) -> str:
    """A tick below the chart."""
    if kind == "day":
        return words.day(day, year=False)
    if kind == "month" and day.month > 1:
        return words.month_name(day)
    return words.digits(str(day.year))


def as_csv(history: History, *, measure: Measure, abouts: Sequence[Mapping[str, str]]) -> str:
    """What is shown, as CSV: kyat with two decimals for the unit shown, days as ``2025-12-15``.

    :param abouts: what the page's own line is about, and each beside it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["from", "to", "low", "middle", "high", "prices", "unit", *abouts[0]])
    for about, stats in zip(abouts, (history.stats, *(line.stats for line in history.beside)), strict=True):
        for row in as_rows(stats, measure=measure):
            writer.writerow([*row.values(), measure.code, *about.values()])
    return out.getvalue()


def as_rows(stats: Sequence[PeriodStat], *, measure: Measure) -> list[dict[str, Any]]:
    """What is shown of one line, as plain rows: kyat as text with two decimals, in the unit shown."""
    return [
        {
            "from": stat.start.isoformat(),
            "to": stat.end.isoformat(),
            "low": _kyat(stat.low, measure),
            "middle": _kyat(stat.middle_of_days, measure),
            "high": _kyat(stat.high, measure),
            "prices": stat.n,
        }
        for stat in stats
    ]


def _kyat(pya: int, measure: Measure) -> str:
    exact = Fraction(pya) * Fraction(measure.to_base)
    return str(Decimal(round(exact)).scaleb(-2))


def _when(start: date, by: Period, words: Wording) -> str:
    """A period: ``Jun 2024``, ``week of 10 Jun 2024``, ``15 Jun 2024``."""
    if by == "month":
        return words.month(start)
    return gettext("week of %(day)s") % {"day": words.day(start)} if by == "week" else words.day(start)


def _rows(
    stats: Sequence[PeriodStat],
    more: Sequence[Sequence[PeriodStat]],
    by: Period,
    measure: Measure,
    words: Wording,
) -> list[HistoryRow]:
    """Newest first; a period without prices between others has a row that says so."""
    own, *beside = ({stat.start: stat for stat in line} for line in (stats, *more))
    starts = sorted({start for line in (own, *beside) for start in line})
    if not starts:
        return []

    def kyat(pya: int) -> str:
        return words.kyat(pya, to_base=measure.to_base)

    rows = []
    for start in reversed(list(rollups.period_starts(starts[0], starts[-1], by=by))):
        stat = own.get(start)
        rows.append(
            HistoryRow(
                label=_when(start, by, words),
                middle=kyat(stat.middle_of_days) if stat else "",
                low=kyat(stat.low) if stat else "",
                high=kyat(stat.high) if stat else "",
                n=words.number(stat.n) if stat else "",
                beside=tuple(kyat(line[start].middle_of_days) if start in line else "" for line in beside),
            )
        )
    return rows


def _newest(stats: Sequence[PeriodStat], by: Period, measure: Measure, words: Wording) -> str:
    return _said(stats[-1], by, measure, words) if stats else gettext("no prices in this period")


def _said(stat: PeriodStat, by: Period, measure: Measure, words: Wording) -> str:
    return gettext("%(price)s (%(when)s)") % {
        "price": words.money(stat.middle_of_days, to_base=measure.to_base),
        "when": _when(stat.start, by, words),
    }


def _named(name: str, newest: str) -> str:
    return gettext("%(name)s: %(price)s") % {"name": name, "price": newest}


def _title(subject: str, beside: Sequence[LineBeside], heading: str, words: Wording) -> str:
    said = {"subject": subject, "heading": heading.lower()}
    if not beside:
        return gettext("%(subject)s: %(heading)s") % said
    said["others"] = words.listed(line.name for line in beside)
    return gettext("%(subject)s, beside %(others)s: %(heading)s") % said


def _describe(
    stats: Sequence[PeriodStat], beside: Sequence[LineBeside], by: Period, measure: Measure, words: Wording
) -> str:
    parts = []
    if len(stats) > 1:
        peak = max(stats, key=lambda stat: stat.middle_of_days)
        first, last, highest = (_said(stat, by, measure, words) for stat in (stats[0], stats[-1], peak))
        parts.append(
            gettext(
                "From %(first)s to %(last)s; the highest middle price was %(peak)s. The table below has every number."
            )
            % {"first": first, "last": last, "peak": highest}
        )
    elif stats:
        parts.append(_said(stats[0], by, measure, words))
    end = pgettext("ends a sentence", ".")
    return " ".join([*parts, *(_named(line.name, line.newest) + end for line in beside)])


def _sentences(rows: Sequence[HistoryRow], beside: Sequence[LineBeside], words: Wording) -> Sentences:
    one, many = (
        ngettext(
            "%(when)s: middle %(middle)s, low %(low)s, high %(high)s, %(n)s price",
            "%(when)s: middle %(middle)s, low %(low)s, high %(high)s, %(n)s prices",
            n,
        )
        for n in (1, 2)
    )
    none = gettext("%(when)s: no prices")
    newest = ""
    if rows:
        row = rows[0]
        own = (one if row.n == words.number(1) else many) if row.middle else none
        said = {"when": row.label, "middle": row.middle, "low": row.low, "high": row.high, "n": row.n}
        prices = (f"{line.name} {price or EN_DASH}" for line, price in zip(beside, row.beside, strict=True))
        newest = " · ".join([own % said, *prices])
    to_fill = {"when": "{0}", "middle": "{1}", "low": "{2}", "high": "{3}", "n": "{4}"}
    return Sentences(newest=newest, one=one % to_fill, many=many % to_fill, none=none % to_fill)
