"""What latest prices, boards, statistics and history must be, computed from all raw entries in plain Python.

Written from the design and from what ``prices/boards.py`` says that a board holds. Shares no code with what it
judges: not the store, not refresh, rollups, boards, typical or the clock.
"""

import math
import statistics
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import connection
from pymongo import MongoClient

Document = dict[str, Any]
Series = tuple[int, int, str, str]

YANGON = timezone(timedelta(hours=6, minutes=30))
WINDOW = 35
NATION = 0


def differences(*, now: datetime | None = None, boards: bool = True) -> list[str]:
    """Everything that is derived and stored, beside what it must be; a line for each that differs.

    :param now: what readers take for now, if that is not the real time.
    :param boards: look at boards too; of tens of thousands of entries that takes minutes.
    """
    client: MongoClient = MongoClient(settings.MONGODB_URL, tz_aware=True)
    try:
        database = client.get_default_database()
        oracle = Oracle(list(database["price_entries"].find()), now=now)
        return [
            *_compare("latest", _stored_latest(database), oracle.latest_rows()),
            *_compare("history", _stored_history(database), oracle.history()),
            *_compare("statistics", _stored_statistics(), oracle.statistics(), nothing=(0, 0, 0, None)),
            *(_board_differences(list(database["boards"].find()), oracle) if boards else ()),
        ]
    finally:
        client.close()


class Oracle:
    """Computes from raw documents; ``now`` is when it is asked."""

    def __init__(self, entries: list[Document], *, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self.published = [entry for entry in entries if entry["status"] == "published"]
        newest: dict[tuple[int, int, str, str], Document] = {}
        for entry in self.published:
            if entry["lastSeenAt"] > self.now:
                continue
            key = (entry["itemId"], entry["shopId"], entry["type"], entry["unitPrice"]["base"])
            if key not in newest or _rank(entry) > _rank(newest[key]):
                newest[key] = entry
        self.newest = newest

    def latest_rows(self) -> dict[str, Document]:
        return {":".join(map(str, key)): _row(entry) for key, entry in self.newest.items()}

    def history(self) -> dict[str, list[list[Any]]]:
        """By item, region, type, base and month: ``[day, n, min, median, max, sum]`` for each day."""
        amounts: dict[tuple[Series, date], list[int]] = defaultdict(list)
        for entry in self.published:
            for region in (entry["location"]["region_id"], NATION):
                series = (entry["itemId"], region, entry["type"], entry["unitPrice"]["base"])
                amounts[series, _day(entry["timestamp"])].append(int(entry["unitPrice"]["amount"]))
        months: dict[str, list[list[Any]]] = defaultdict(list)
        for (series, day), some in sorted(amounts.items()):
            key = ":".join(map(str, series)) + f":{day:%Y-%m}"
            months[key].append([day, len(some), min(some), _middle(some), max(some), sum(some)])
        return dict(months)

    def statistics(self) -> dict[int, tuple[int, int, int, datetime | None]]:
        by_shop: dict[int, list[Document]] = defaultdict(list)
        for entry in self.published:
            if entry["lastSeenAt"] <= self.now:
                by_shop[entry["shopId"]].append(entry)
        return {
            shop: (
                len(some),
                len({entry["itemId"] for entry in some}),
                len({entry["submittedBy"]["id"] for entry in some}),
                max(entry["lastSeenAt"] for entry in some),
            )
            for shop, some in by_shop.items()
        }

    def board(self, key: str, *, today: date) -> Document:
        """What the board of that key holds when it was made on that day in Yangon."""
        match key.split(":"):
            case ["item", item, "nation"]:
                return self._nation(int(item), today=today)
            case ["item", item, region]:
                return self._item_region(int(item), int(region), today=today)
            case ["shop", shop]:
                rows = [_row(entry) for entry in self.newest.values() if entry["shopId"] == int(shop)]
                return {
                    "shop": int(shop),
                    "rows": sorted(rows, key=lambda r: (r["item"], r["type"], r["base"])),
                }
            case ["region", region]:
                latest = [entry for entry in self.newest.values() if _region(entry) == int(region)]
                return {
                    "region": int(region),
                    "day": today.isoformat(),
                    "items": self._items(latest, int(region), today=today),
                    "latest": _newest_rows(latest),
                    "shops": _sellers(latest, today=today),
                }
            case ["home"]:
                return self._home(today=today)
            case ["movers", region]:
                return {
                    "region": int(region),
                    "day": today.isoformat(),
                    "rows": self._movers(int(region), today=today),
                }
            case ["alarms"]:
                return {"day": today.isoformat(), "rows": self._alarms(today=today)}
        raise ValueError(key)

    def board_keys(self) -> set[str]:
        """The boards that must be there."""
        keys = set()
        for entry in self.newest.values():
            keys |= {
                f"item:{entry['itemId']}:{_region(entry)}",
                f"item:{entry['itemId']}:nation",
                f"shop:{entry['shopId']}",
                f"region:{_region(entry)}",
                f"movers:{_region(entry)}",
                "home",
            }
        return keys

    def _item_region(self, item: int, region: int, *, today: date) -> Document:
        rows = [
            _row(entry)
            for entry in self.newest.values()
            if entry["itemId"] == item and _region(entry) == region
        ]
        return {
            "item": item,
            "region": region,
            "rows": sorted(rows, key=lambda r: (r["type"], r["base"], r["amount"], r["shop"])),
            "days": self._recent_days(item, region, today=today),
        }

    def _nation(self, item: int, *, today: date) -> Document:
        series: dict[str, list[Document]] = defaultdict(list)
        for entry in self.newest.values():
            if entry["itemId"] == item:
                series[_series(entry)].append(entry)
        return {
            "item": item,
            "day": today.isoformat(),
            "series": {
                name: {
                    "nation": _summary(some, today=today),
                    "regions": {
                        str(region): _summary(
                            [entry for entry in some if _region(entry) == region], today=today
                        )
                        for region in {_region(entry) for entry in some}
                    },
                }
                for name, some in series.items()
            },
            "days": self._recent_days(item, NATION, today=today),
        }

    def _home(self, *, today: date) -> Document:
        latest = list(self.newest.values())
        movers = [
            {
                "region": region,
                "before": row["past"]["30"],
                **{name: row[name] for name in ("item", "series", "day", "now", "n")},
            }
            for region in {_region(entry) for entry in self.published}
            for row in self._movers(region, today=today)
            if row["past"].get("30", {}).get("percent")
        ]
        movers.sort(key=lambda m: (-abs(m["before"]["percent"]), m["item"], m["region"], m["series"]))
        return {
            "day": today.isoformat(),
            "items": self._items(latest, NATION, today=today),
            "latest": _newest_rows(latest),
            "regions": [
                {
                    "region": region,
                    "items": len({entry["itemId"] for entry in latest if _region(entry) == region}),
                    "newest": max(_ms(entry["lastSeenAt"]) for entry in latest if _region(entry) == region),
                }
                for region in sorted({_region(entry) for entry in latest})
            ],
            "movers": {
                "up": [mover for mover in movers if mover["before"]["percent"] > 0][:5],
                "down": [mover for mover in movers if mover["before"]["percent"] < 0][:5],
            },
        }

    def _days(self) -> dict[Series, list[list[Any]]]:
        days: dict[Series, list[list[Any]]] = defaultdict(list)
        for key, some in sorted(self.history().items()):
            item, region, type, base, _ = key.split(":")
            days[int(item), int(region), type, base].extend(some)
        return days

    def _recent_days(self, item: int, region: int, *, today: date) -> dict[str, list[list[Any]]]:
        found = {}
        for (an_item, a_region, type, base), days in self._days().items():
            recent = [
                [day.isoformat(), n, low, middle, high]
                for day, n, low, middle, high, _ in days
                if timedelta() <= today - day < timedelta(days=90)
            ]
            if (an_item, a_region) == (item, region) and recent:
                found[f"{type}:{base}"] = recent
        return found

    def _items(self, latest: list[Document], region: int, *, today: date) -> list[Document]:
        all_days, found = self._days(), []
        for item, series in sorted({(entry["itemId"], _series(entry)) for entry in latest}):
            type, base = series.split(":")
            days = [one for one in all_days[item, region, type, base] if one[0] <= today]
            some = [entry for entry in latest if (entry["itemId"], _series(entry)) == (item, series)]
            found.append(
                {
                    "item": item,
                    "series": series,
                    "summary": _summary(some, today=today),
                    "changes": {str(back): _change(days, back) for back in (7, 30, 365)},
                    "spark": _spark(days, today=today),
                }
            )
        return found

    def _movers(self, region: int, *, today: date) -> list[Document]:
        found = []
        for (item, a_region, type, base), days in self._days().items():
            weeks = (
                _weeks([one[:2] + one[3:4] for one in days if one[0] <= today]) if a_region == region else []
            )
            if not weeks:
                continue
            day, n, amount = weeks[-1]
            past = {
                str(back): {
                    "day": before[0].isoformat(),
                    "amount": before[2],
                    "n": before[1],
                    "percent": _percent(before[2], amount),
                }
                for back, least, most in ((7, 7, 13), (30, 28, 45), (365, 351, 395))
                if (before := _week_before(weeks, day, back, least, most)) and before[1] >= 3
            }
            if n >= 3 and past and (today - day).days < WINDOW:
                found.append(
                    {
                        "item": item,
                        "series": f"{type}:{base}",
                        "day": day.isoformat(),
                        "now": amount,
                        "n": n,
                        "past": past,
                    }
                )
        return sorted(found, key=lambda one: (one["item"], one["series"]))

    def _alarms(self, *, today: date) -> list[Document]:
        """By the rule in docs/market-alarm.md."""
        raw: dict[tuple[int, int, int | None, str], dict[date, list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for entry in self.published:
            day = _day(entry["timestamp"])
            if timedelta() <= today - day <= timedelta(days=730):
                for township in {None, entry["location"]["township_id"]}:
                    place = (entry["itemId"], _region(entry), township, _series(entry))
                    raw[place][day].append(int(entry["unitPrice"]["amount"]))
        weeks = {
            place: _weeks([[day, len(some), _middle(some)] for day, some in sorted(days.items())])
            for place, days in raw.items()
            if (today - max(days)).days < WINDOW
        }
        found: dict[tuple, tuple[float, Document]] = {}
        found_weekly: set[tuple] = set()
        for span, most, prior in ((7, 13, 0.06), (28, 45, 0.10)):
            now: dict[tuple, tuple] = {}
            past: dict[tuple, list[float]] = defaultdict(list)
            pool: dict[tuple, list[float]] = defaultdict(list)
            for place, some in weeks.items():
                item, _, township, series = place
                at = some[-1][0]
                for week in reversed(some):
                    if week is not some[-1] and (at - week[0]).days < 7:
                        continue
                    at = week[0]
                    before = _week_before(some, at, span, span, most)
                    if not before or min(week[1], before[1]) < (3 if township is None else 2):
                        continue
                    if week is some[-1]:
                        now[place] = week, before
                    else:
                        past[place].append(math.log(week[2] / before[2]))
                pool[item, township is None, series] += past[place]
            for place, (week, before) in now.items():
                item, region, township, series = place
                if len(past[place]) < 6:
                    continue
                usual = _shrunk(pool[item, township is None, series], prior, 10)
                r, s = math.log(week[2] / before[2]), max(0.06, _shrunk(past[place], usual, 8))
                is_weekly = span == 7 or place in found_weekly
                last = week[0] + timedelta(days=13 if is_weekly else 34)
                if abs(r) / s >= 3.5 and last >= today and abs(r) / s > found.get(place, (0,))[0]:
                    found[place] = (
                        abs(r) / s,
                        {
                            "item": item,
                            "region": region,
                            "township": township,
                            "series": series,
                            "span": span,
                            "day": week[0].isoformat(),
                            "now": week[2],
                            "n": week[1],
                            "before": {
                                "day": before[0].isoformat(),
                                "amount": before[2],
                                "n": before[1],
                                "percent": _percent(before[2], week[2]),
                            },
                            "times": round(abs(r) / s, 1),
                            "moves": len(past[place]),
                            "until": last.isoformat(),
                        },
                    )
            found_weekly |= set(now)
        rows = [row for _, row in found.values()]
        rows.sort(key=lambda r: (-r["times"], r["item"], r["region"], r["township"] or 0, r["series"]))
        return rows[:300]


def _rank(entry: Document) -> tuple[datetime, datetime, str]:
    return entry["lastSeenAt"], entry["receivedAt"], entry["_id"]


def _region(entry: Document) -> int:
    return entry["location"]["region_id"]


def _series(entry: Document) -> str:
    return f"{entry['type']}:{entry['unitPrice']['base']}"


def _ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _day(moment: datetime) -> date:
    return moment.astimezone(YANGON).date()


def _half(total: int) -> int:
    """Half of a whole number, a half to the even neighbour."""
    return round(Fraction(total, 2))


def _middle(values: list[int]) -> int:
    ordered = sorted(values)
    n = len(ordered)
    return ordered[n // 2] if n % 2 else _half(ordered[n // 2 - 1] + ordered[n // 2])


def _percent(old: int, new: int) -> float | None:
    return None if old <= 0 else round(Fraction(100 * (new - old), old) * 10) / 10


def _day_before(days: list[list[Any]], back: int) -> list[Any] | None:
    """The newest day at least so many days before the last one, and no more than a window further away."""
    wanted = days[-1][0] - timedelta(days=back)
    earlier = [one for one in days if one[0] <= wanted]
    return earlier[-1] if earlier and (wanted - earlier[-1][0]).days <= WINDOW else None


def _change(days: list[list[Any]], back: int) -> float | None:
    before = _day_before(days, back) if days else None
    return None if before is None else _percent(before[3], days[-1][3])


def _weeks(days: list[list[Any]]) -> list[tuple[date, int, int]]:
    """For each day ``[day, n, median]`` the seven days up to it: that day, how many prices, and their middle."""
    found = []
    for at, (last, _, _) in enumerate(days):
        some = [one for one in days[max(0, at - 6) : at + 1] if (last - one[0]).days < 7]
        middles = [middle for _, n, middle in some for _ in range(n)]
        found.append((last, len(middles), _middle(middles)))
    return found


def _week_before(weeks: list[tuple[date, int, int]], day: date, back: int, least: int, most: int) -> Any:
    """The week that ended nearest to ``back`` days before a day, the later one of two."""
    some = [week for week in weeks if least <= (day - week[0]).days <= most]
    return min(some, key=lambda w: (abs((day - w[0]).days - back), (day - w[0]).days), default=None)


def _shrunk(moves: list[float], other: float, rows: int) -> float:
    """How much prices usually move: the middle of the moves' sizes, and so many rows of something else."""
    if not moves:
        return other
    own = max(0.01, statistics.median(map(abs, moves))) / 0.765
    return math.exp((len(moves) * math.log(own) + rows * math.log(other)) / (len(moves) + rows))


def _spark(days: list[list[Any]], *, today: date) -> list[int | None]:
    last = today.year * 12 + today.month - 1
    found: list[int | None] = []
    for month in range(last - 23, last + 1):
        middles = [one[3] for one in days if one[0].year * 12 + one[0].month - 1 == month]
        found.append(_middle(middles) if middles else None)
    return found


def _summary(latest: list[Document], *, today: date) -> Document:
    fresh = [entry for entry in latest if 0 <= (today - _day(entry["lastSeenAt"])).days < WINDOW]
    amounts = [int(entry["unitPrice"]["amount"]) for entry in fresh]
    seen = [_ms(entry["lastSeenAt"]) for entry in fresh]
    last = max(latest, key=lambda entry: (entry["lastSeenAt"], entry["shopId"]))
    return {
        "median": _middle(amounts) if amounts else None,
        "low": min(amounts, default=None),
        "high": max(amounts, default=None),
        "shops": len({entry["shopId"] for entry in fresh}),
        "prices": len(fresh),
        "newest": max(seen, default=None),
        "oldest": min(seen, default=None),
        "last": {"amount": int(last["unitPrice"]["amount"]), "seen": _ms(last["lastSeenAt"])},
    }


def _newest_rows(latest: list[Document]) -> list[Document]:
    newest = sorted(latest, key=lambda e: (e["receivedAt"], e["lastSeenAt"], e["_id"]), reverse=True)
    return [_row(entry) for entry in newest[:20]]


def _row(entry: Document) -> Document:
    by = entry["submittedBy"]
    return {
        "shop": entry["shopId"],
        "item": entry["itemId"],
        "region": _region(entry),
        "township": entry["location"]["township_id"],
        "type": entry["type"],
        "base": entry["unitPrice"]["base"],
        "entry": entry["_id"],
        "price": str(entry["price"]),
        "quantity": str(entry["quantity"]),
        "unit": entry["unit"],
        "amount": int(entry["unitPrice"]["amount"]),
        "seen": _ms(entry["lastSeenAt"]),
        "received": _ms(entry["receivedAt"]),
        "by": {"id": by["id"], "name": by["full_name"], "role": by["role"]},
        "source": entry["source"],
        "confirmations": entry["confirmations"],
        "demo": entry["demo"],
        "verdict": entry["judgement"]["verdict"],
    }


def _stored_latest(database: Any) -> dict[str, Document]:
    return {
        row["_id"]: {
            "shop": row["shopId"],
            "item": row["itemId"],
            "region": row["region_id"],
            "township": row["township_id"],
            "entry": row["entryId"],
            "price": str(row["price"]),
            "quantity": str(row["quantity"]),
            "amount": int(row["amount"]),
            "seen": _ms(row["seenAt"]),
            "received": _ms(row["receivedAt"]),
            **{
                name: row[name]
                for name in ("type", "base", "unit", "by", "source", "confirmations", "demo", "verdict")
            },
        }
        for row in database["latest_prices"].find({"present": True})
    }


def _stored_history(database: Any) -> dict[str, list[list[Any]]]:
    columns = ("n", "min", "median", "max", "sum")
    found = {}
    for row in database["price_history"].find():
        year, month = map(int, row["month"].split("-"))
        days = row["days"]
        found[row["_id"]] = [
            [date(year, month, day), *(int(days[column][number]) for column in columns)]
            for number, day in enumerate(days["day"])
        ]
    return {key: days for key, days in found.items() if days}


def _stored_statistics() -> dict[int, tuple[int, int, int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT shop_id, entries, items, contributors, last_seen_at FROM shops_shopstatistics")
        return {
            shop: (entries, items, people, last) for shop, entries, items, people, last in cursor.fetchall()
        }


def _sellers(latest: list[Document], *, today: date) -> list[Document]:
    """The thirty shops with most items at a price of the window; of as many the ones with newer prices first."""
    found = []
    for shop in {entry["shopId"] for entry in latest}:
        some = [entry for entry in latest if entry["shopId"] == shop]
        fresh = [entry for entry in some if 0 <= (today - _day(entry["lastSeenAt"])).days < WINDOW]
        newest = max(_ms(entry["lastSeenAt"]) for entry in some)
        found.append({"shop": shop, "items": len({entry["itemId"] for entry in fresh}), "newest": newest})
    return sorted(found, key=lambda one: (-one["items"], -one["newest"], one["shop"]))[:30]


def _board_differences(stored: list[Document], oracle: Oracle) -> list[str]:
    found = [
        f"board {key} is missing" for key in sorted(oracle.board_keys() - {row["_id"] for row in stored})
    ]
    for row in stored:
        made = _day(row["madeAt"])
        if "day" in row["data"] and row["data"]["day"] != made.isoformat():
            found.append(
                f"board {row['_id']} says that it is of {row['data']['day']}, but was made on {made}"
            )
        # Of alarms, the numbers of the boards that they were made after are no figure.
        data = {name: value for name, value in row["data"].items() if name != "made"}
        found += _compare(f"board {row['_id']}", data, oracle.board(row["_id"], today=made))
    return found


def _compare(what: str, stored: dict[Any, Any], right: dict[Any, Any], *, nothing: Any = None) -> list[str]:
    """The keys under which two dictionaries differ; one without a key has ``nothing`` there."""
    return [
        f"{what} {key}: stored {stored.get(key, nothing)!r}, right is {right.get(key, nothing)!r}"
        for key in sorted(stored.keys() | right.keys(), key=str)
        if stored.get(key, nothing) != right.get(key, nothing)
    ]
