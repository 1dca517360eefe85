"""The history of an item in a place: a chart, the same numbers as a table, and as files."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from potato.wording import Wording
from prices import charts, rollups
from prices.charts import Chart, TickKind
from prices.pages.measures import Measure
from prices.rollups import DayStat, Period, PeriodStat

GOOD_WITHIN = Fraction(105, 100)
"""A price up to this much of the lowest middle price of a year is called good."""
GOOD_NEEDS_DAYS = 6
ENOUGH_WEEKS = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A period as the table shows it; without prices ``middle`` is empty."""

    label: str
    middle: str = ""
    low: str = ""
    high: str = ""
    n: str = ""


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


def show(
    days: Sequence[DayStat],
    *,
    period: str,
    since: date | None,
    measure: Measure,
    subject: str,
    words: Wording,
) -> History:
    """A history from its days: by day for 30 days, by week for a year where there are enough, else by month.

    :param days: oldest first, none later than today.
    :param since: the first day to show; None for all.
    :param subject: what it is the price of: ``Rice, Yangon, retail``.
    """
    shown = [day for day in days if since is None or day.day >= since]
    by = step_of(shown, period=period)
    stats = rollups.summarise_period(shown, by)

    def amount_label(pya: int) -> str:
        return words.kyat(pya, to_base=measure.to_base)

    chart = charts.history_chart(
        charts.points_of(stats),
        by=by,
        first=since,
        last=words.today,
        amount_label=amount_label,
        date_label=lambda day, kind: date_label(day, kind, words),
    )
    headings = {
        "day": gettext("Price by day"),
        "week": gettext("Price by week"),
        "month": gettext("Price by month"),
    }
    return History(
        by=by,
        heading=headings[by],
        stats=tuple(stats),
        rows=tuple(_rows(stats, by, measure, words)),
        chart=chart,
        title=gettext("%(subject)s: %(heading)s") % {"subject": subject, "heading": headings[by].lower()},
        desc=_describe(stats, by, measure, words),
    )


def step_of(days: Sequence[DayStat], *, period: str) -> Period:
    """How finely a period is drawn: thin histories by month, so that a line is left to see."""
    if period == "30d":
        return "day"
    if period == "1y" and days:
        weeks = {rollups.period_start(day.day, by="week") for day in days}
        span = (days[-1].day - days[0].day).days // 7 + 1
        if len(weeks) > 8 and len(weeks) >= span * ENOUGH_WEEKS:
            return "week"
    return "month"


def is_good(amount: int | None, days: Sequence[DayStat], *, today: date) -> int | None:
    """The lowest middle price of the last year, if an amount is within 5 % of it; None if not, or with few days."""
    year = [day.median for day in days if day.day > today - timedelta(days=365)]
    if amount is None or len(year) < GOOD_NEEDS_DAYS:
        return None
    lowest = min(year)
    return lowest if amount <= lowest * GOOD_WITHIN else None


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


def as_csv(history: History, *, measure: Measure, about: dict[str, str]) -> str:
    """What is shown, as CSV: kyat with two decimals for the unit shown, days as ``2025-12-15``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["from", "to", "low", "middle", "high", "prices", "unit", *about])
    for row in as_rows(history, measure=measure):
        writer.writerow([*row.values(), measure.code, *about.values()])
    return out.getvalue()


def as_rows(history: History, *, measure: Measure) -> list[dict[str, Any]]:
    """What is shown, as plain rows: kyat as text with two decimals, in the unit shown."""
    return [
        {
            "from": stat.start.isoformat(),
            "to": stat.end.isoformat(),
            "low": _kyat(stat.low, measure),
            "middle": _kyat(stat.middle_of_days, measure),
            "high": _kyat(stat.high, measure),
            "prices": stat.n,
        }
        for stat in history.stats
    ]


def _kyat(pya: int, measure: Measure) -> str:
    exact = Fraction(pya) * Fraction(measure.to_base)
    return str(Decimal(round(exact)).scaleb(-2))


def _rows(stats: Sequence[PeriodStat], by: Period, measure: Measure, words: Wording) -> list[HistoryRow]:
    """Newest first; a period without prices between others has a row that says so."""
    if not stats:
        return []
    by_start = {stat.start: stat for stat in stats}
    rows = []
    for start in reversed(list(rollups.period_starts(stats[0].start, stats[-1].start, by=by))):
        stat = by_start.get(start)
        label = words.month(start) if by == "month" else words.day(start)
        if by == "week":
            label = gettext("week of %(day)s") % {"day": label}
        if stat is None:
            rows.append(HistoryRow(label))
            continue
        low, middle, high = (
            words.kyat(pya, to_base=measure.to_base) for pya in (stat.low, stat.middle_of_days, stat.high)
        )
        rows.append(HistoryRow(label, middle, low, high, words.number(stat.n)))
    return rows


def _describe(stats: Sequence[PeriodStat], by: Period, measure: Measure, words: Wording) -> str:
    if not stats:
        return ""

    def said(stat: PeriodStat) -> dict[str, str]:
        when = words.month(stat.start) if by == "month" else words.day(stat.start)
        return {"price": words.money(stat.middle_of_days, to_base=measure.to_base), "when": when}

    first, last = stats[0], stats[-1]
    peak = max(stats, key=lambda stat: stat.middle_of_days)
    parts = [gettext("%(price)s in %(when)s") % said(stat) for stat in (first, peak, last)]
    if len(stats) == 1:
        return parts[0]
    return gettext(
        "From %(first)s to %(last)s; the highest middle price was %(peak)s. The table below has every number."
    ) % {
        "first": parts[0],
        "peak": parts[1],
        "last": parts[2],
    }
