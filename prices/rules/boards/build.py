"""What boards hold, and how they are made from latest prices and history. Pure: no I/O.

A board is a page's data, ready made. It holds values and ids only, so that a renamed shop needs no new board,
and absolute times, so that it ages without being written. Times are whole milliseconds since 1970 (``ms``),
amounts whole pya per base unit, days ``"2025-12-15"``: the same in MongoDB and in PostgreSQL's copy.

A *series* is a price type and a base unit: ``"RETAIL:kg"``. Retail and wholesale never meet in one figure.

======================  =============================================================================
``row``                 ``{shop, item, region, township, type, base, entry, price, quantity, unit, amount,
                        seen, received, by: {id, name, role}, source, confirmations, demo, verdict}``
``summary``             ``{median, low, high, shops, newest, oldest}`` of the prices in the window
                        (see ``typical_price.py``), plus ``last: {amount, seen} | None``: the last known price
``day``                 ``[day, n, min, median, max]``
item x region           ``{item, region, rows: [row], days: {series: [day]}}``, the last 90 days
item x nation           ``{item, day, series: {series: {nation: summary, regions: {"6": summary}}},
                        days: {series: [day]}}``
shop                    ``{shop, rows: [row]}``
region                  ``{region, day, items: [{item, series, summary, changes, spark}], latest: [row],
                        shops: [{shop, items, newest}]}``, those with most items of the window
movers x region         ``{region, day, rows: [{item, series, day, now, n, past: {"30": past}}]}``: the middle
                        price of the newest week, and in ``past`` (``"7"``, ``"30"``, ``"365"``, those that there
                        are) ``{day, amount, n, percent}`` of a week so many days before; see ``price_moves.py``
home                    ``{day, items: [{item, series, summary, changes, spark}], latest: [row],
                        regions: [{region, items, newest}], movers: {up: [mover], down: [mover]}}``
alarms                  ``{day, rows: [alarm], made: {"12": rev}}``, the strongest first; ``made`` is the ``rev``
                        of each item's national board when the item was looked at
``changes``             ``{"7": percent | None, "30": ..., "365": ...}``: middle price of the newest day
                        against that of the day nearest to so many days before it; see ``price_moves.py``
``spark``               ``[median | None] * 24``, by month, the newest last
``mover``               ``{item, region, series, day, now, n, before: {day, amount, n, percent}}``, over 30 days
``alarm``               ``{item, region, township (or None), series, span, day, now, n, before: {day, amount, n,
                        percent}, times, moves, until}``: see ``market_alarm.py``; news up to the day ``until``
======================  =============================================================================

``day`` in a board is the day in Yangon for which its summaries were made: they move at midnight only.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from potato import calendar
from prices.rules import typical_price
from prices.rules.boards.format import series_of, to_ms
from prices.rules.market_alarm import Alarm
from prices.rules.price_moves import MOVER_SPANS, Timeline, Week, changes, up_to
from prices.types import DayMiddle, DayStat, HistoryMonth, LatestAmount, LatestPrice, MonthOfMiddles

DAYS_KEPT = 90
LATEST_KEPT = 20
SHOPS_KEPT = 30
SPARK_MONTHS = 24
MOVERS_AT_HOME = 5
MOVER_MIN_PRICES = 3
ALARMS_KEPT = 300

Data = dict[str, Any]
Month = HistoryMonth | MonthOfMiddles
Amount = TypeVar("Amount", bound=LatestAmount)


def row(latest: LatestPrice) -> Data:
    return {
        "shop": latest.shop_id,
        "item": latest.item_id,
        "region": latest.region_id,
        "township": latest.township_id,
        "type": latest.type,
        "base": latest.base,
        "entry": latest.entry_id,
        "price": str(latest.price),
        "quantity": str(latest.quantity),
        "unit": latest.unit,
        "amount": latest.amount,
        "seen": to_ms(latest.seen_at),
        "received": to_ms(latest.received_at),
        "by": {"id": latest.submitter.id, "name": latest.submitter.name, "role": latest.submitter.role},
        "source": latest.source,
        "confirmations": latest.confirmations,
        "demo": latest.demo,
        "verdict": latest.verdict,
    }


def item_region(
    *,
    item_id: int,
    region_id: int,
    latest: Sequence[LatestPrice],
    months: Sequence[HistoryMonth],
    now: datetime,
) -> Data:
    """The board of an item in one region, a row per shop."""
    rows = sorted(
        (row(price) for price in latest), key=lambda r: (r["type"], r["base"], r["amount"], r["shop"])
    )
    return {"item": item_id, "region": region_id, "rows": rows, "days": recent_days(months, now=now)}


def item_nation(
    *, item_id: int, latest: Sequence[LatestAmount], months: Sequence[HistoryMonth], now: datetime
) -> Data:
    """The board of an item in the whole country: a summary per region, never a row per shop."""
    by_series: dict[str, list[LatestAmount]] = defaultdict(list)
    for price in latest:
        by_series[series_of(price.type, price.base)].append(price)
    series = {}
    for key, prices in sorted(by_series.items()):
        by_region: dict[int, list[LatestAmount]] = defaultdict(list)
        for price in prices:
            by_region[price.region_id].append(price)
        series[key] = {
            "nation": summary(prices, now=now),
            "regions": {str(region): summary(some, now=now) for region, some in sorted(by_region.items())},
        }
    return {
        "item": item_id,
        "day": calendar.yangon_day(now).isoformat(),
        "series": series,
        "days": recent_days(months, now=now),
    }


def shop(*, shop_id: int, latest: Sequence[LatestPrice]) -> Data:
    rows = sorted((row(price) for price in latest), key=lambda r: (r["item"], r["type"], r["base"]))
    return {"shop": shop_id, "rows": rows}


def region(
    *,
    region_id: int,
    latest: Sequence[LatestAmount],
    newest: Sequence[LatestPrice],
    months: Sequence[Month],
    now: datetime,
) -> Data:
    """The board of a region: what each item typically costs there, and the newest prices.

    :param newest: the first of ``latest`` :func:`in_order`, with what their rows say.
    """
    return {
        "region": region_id,
        "day": calendar.yangon_day(now).isoformat(),
        "items": _items(latest, months, now=now),
        "latest": [row(price) for price in newest],
        "shops": sellers(latest, now=now),
    }


def home(
    *,
    latest: Sequence[LatestAmount],
    newest: Sequence[LatestPrice],
    months: Sequence[Month],
    movers: Iterable[Data],
    now: datetime,
) -> Data:
    """The board of the home page, from the whole country's latest prices and national history.

    :param newest: as for :func:`region`.
    :param movers: the movers' boards of all regions.
    """
    strongest = strongest_movers(movers, period="30")
    regions: dict[int, list[LatestAmount]] = defaultdict(list)
    for price in latest:
        regions[price.region_id].append(price)
    return {
        "day": calendar.yangon_day(now).isoformat(),
        "items": _items(latest, months, now=now),
        "latest": [row(price) for price in newest],
        "regions": [
            {
                "region": region_id,
                "items": len({price.item_id for price in prices}),
                "newest": max(to_ms(price.seen_at) for price in prices),
            }
            for region_id, prices in sorted(regions.items())
        ],
        "movers": {
            "up": [one for one in strongest if one["before"]["percent"] > 0][:MOVERS_AT_HOME],
            "down": [one for one in strongest if one["before"]["percent"] < 0][:MOVERS_AT_HOME],
        },
    }


def movers(*, region_id: int, months: Sequence[Month], now: datetime) -> Data:
    """What became of prices in a region in a week, a month and a year; thin and old data are left out.

    :param months: the region's history of the last 14 months.
    """
    by_series: dict[tuple[int, str], list[DayStat | DayMiddle]] = defaultdict(list)
    for month in months:
        by_series[month.item_id, series_of(month.type, month.base)].extend(month.days)
    today = calendar.yangon_day(now)
    rows = []
    for (item_id, series), days in sorted(by_series.items()):
        timeline = Timeline(up_to(days, today))
        if timeline.newest < 0:
            continue
        newest = timeline.week(timeline.newest)
        if (today - newest.day).days >= typical_price.WINDOW_DAYS or newest.n < MOVER_MIN_PRICES:
            continue
        past = {
            period: _past(before, newest)
            for period, span in MOVER_SPANS.items()
            if (at := timeline.before(timeline.newest, span)) is not None
            and (before := timeline.week(at)).n >= MOVER_MIN_PRICES
        }
        if past:
            rows.append(
                {
                    "item": item_id,
                    "series": series,
                    "day": newest.day.isoformat(),
                    "now": newest.amount,
                    "n": newest.n,
                    "past": past,
                }
            )
    return {"region": region_id, "day": today.isoformat(), "rows": rows}


def strongest_movers(boards: Iterable[Data], *, period: str) -> list[Data]:
    """The movers of regions' boards over a period, what changed most first; what stayed is left out."""
    found = [
        {
            **{name: row[name] for name in ("item", "series", "day", "now", "n")},
            "region": board["region"],
            "before": before,
        }
        for board in boards
        for row in board["rows"]
        if (before := row["past"].get(period)) and before["percent"]
    ]
    return sorted(
        found, key=lambda one: (-abs(one["before"]["percent"]), one["item"], one["region"], one["series"])
    )


def alarm(item_id: int, found: Alarm) -> Data:
    return {
        "item": item_id,
        "region": found.place.region_id,
        "township": found.place.township_id,
        "series": series_of(found.place.type, found.place.base),
        "span": found.span.days,
        "day": found.now.day.isoformat(),
        "now": found.now.amount,
        "n": found.now.n,
        "before": _past(found.before, found.now),
        "times": round(found.times, 1),
        "moves": found.n_moves,
        "until": found.until.isoformat(),
    }


def alarms(*, rows: Iterable[Data], made: Mapping[int, int], now: datetime) -> Data:
    """The board of abnormal moves. ``made``: the ``rev`` of each item's national board, as it was before reading."""
    strongest = sorted(
        rows, key=lambda row: (-row["times"], row["item"], row["region"], row["township"] or 0, row["series"])
    )
    return {
        "day": calendar.yangon_day(now).isoformat(),
        "rows": strongest[:ALARMS_KEPT],
        "made": {str(item_id): rev for item_id, rev in sorted(made.items())},
    }


def summary(latest: Iterable[LatestAmount], *, now: datetime) -> Data:
    """The typical price's figures of one series in one place, and the last known price for when all are old."""
    prices = [
        typical_price.ShopPrice(
            shop_id=price.shop_id,
            region_id=price.region_id,
            township_id=price.township_id,
            amount=price.amount,
            seen_at=price.seen_at,
        )
        for price in latest
    ]
    found = typical_price.summarise(prices, now=now)
    last = max(prices, key=lambda price: (price.seen_at, price.shop_id), default=None)
    return {
        "median": found.median,
        "low": found.low,
        "high": found.high,
        "shops": found.n_shops,
        "newest": to_ms(found.newest) if found.newest else None,
        "oldest": to_ms(found.oldest) if found.oldest else None,
        "last": {"amount": last.amount, "seen": to_ms(last.seen_at)} if last else None,
    }


def recent_days(months: Iterable[HistoryMonth], *, now: datetime) -> dict[str, list[list[Any]]]:
    """The last 90 days of each series."""
    today = calendar.yangon_day(now)
    first = today - timedelta(days=DAYS_KEPT - 1)
    days: dict[str, list[list[Any]]] = defaultdict(list)
    for month in sorted(months, key=lambda month: month.month):
        days[series_of(month.type, month.base)].extend(
            [day.day.isoformat(), day.n, day.min, day.median, day.max]
            for day in month.days
            if first <= day.day <= today
        )
    return {series: some for series, some in sorted(days.items()) if some}


def in_order(latest: Iterable[Amount]) -> list[Amount]:
    """The newest prices by when they came in, as many as a page's list of latest prices shows."""
    newest = sorted(
        latest, key=lambda price: (price.received_at, price.seen_at, price.entry_id), reverse=True
    )
    return newest[:LATEST_KEPT]


def sellers(latest: Iterable[LatestAmount], *, now: datetime) -> list[Data]:
    """The shops that have most items at a price of the window, with when the newest of all their prices was seen."""
    by_shop: dict[int, list[LatestAmount]] = defaultdict(list)
    for price in latest:
        by_shop[price.shop_id].append(price)
    found = [
        {
            "shop": shop_id,
            "items": len(
                {price.item_id for price in prices if typical_price.is_fresh(price.seen_at, now=now)}
            ),
            "newest": max(to_ms(price.seen_at) for price in prices),
        }
        for shop_id, prices in by_shop.items()
    ]
    found.sort(key=lambda one: (-one["items"], -one["newest"], one["shop"]))
    return found[:SHOPS_KEPT]


def spark(days: Sequence[DayStat | DayMiddle], *, today: date) -> list[int | None]:
    """The middle price of each of the last 24 months, the newest last; None where there is no price."""
    months = [_months_before(today, back) for back in range(SPARK_MONTHS - 1, -1, -1)]
    by_month: dict[tuple[int, int], list[int]] = defaultdict(list)
    for day in days:
        by_month[day.day.year, day.day.month].append(day.median)
    return [typical_price.median_pya(by_month[month]) if by_month[month] else None for month in months]


def _items(latest: Sequence[LatestAmount], months: Sequence[Month], *, now: datetime) -> list[Data]:
    prices: dict[tuple[int, str], list[LatestAmount]] = defaultdict(list)
    for price in latest:
        prices[price.item_id, series_of(price.type, price.base)].append(price)
    history: Mapping[tuple[int, str], list[DayStat | DayMiddle]] = defaultdict(list)
    for month in months:
        history[month.item_id, series_of(month.type, month.base)].extend(month.days)
    today = calendar.yangon_day(now)
    found = []
    for (item_id, series), some in sorted(prices.items()):
        days = sorted((day for day in history[item_id, series] if day.day <= today), key=lambda day: day.day)
        found.append(
            {
                "item": item_id,
                "series": series,
                "summary": summary(some, now=now),
                "changes": changes(days),
                "spark": spark(days, today=today),
            }
        )
    return found


def _past(before: Week, now: Week) -> Data:
    percent = typical_price.change_percent(before.amount, now.amount)
    return {
        "day": before.day.isoformat(),
        "amount": before.amount,
        "n": before.n,
        "percent": None if percent is None else float(percent),
    }


def _months_before(today: date, back: int) -> tuple[int, int]:
    months = today.year * 12 + today.month - 1 - back
    return months // 12, months % 12 + 1
