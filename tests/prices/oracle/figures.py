"""The figures that boards are made of, from raw entries and days."""

import math
import statistics
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

Document = dict[str, Any]


Series = tuple[int, int, str, str]


YANGON = timezone(timedelta(hours=6, minutes=30))


WINDOW = 35


NATION = 0


def rank(entry: Document) -> tuple[datetime, datetime, str]:
    return entry["lastSeenAt"], entry["receivedAt"], entry["_id"]


def region(entry: Document) -> int:
    return entry["location"]["region_id"]


def series(entry: Document) -> str:
    return f"{entry['type']}:{entry['unitPrice']['base']}"


def ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def day(moment: datetime) -> date:
    return moment.astimezone(YANGON).date()


def half(total: int) -> int:
    """Half of a whole number, a half to the even neighbour."""
    return round(Fraction(total, 2))


def middle(values: list[int]) -> int:
    ordered = sorted(values)
    n = len(ordered)
    return ordered[n // 2] if n % 2 else half(ordered[n // 2 - 1] + ordered[n // 2])


def percent(old: int, new: int) -> float | None:
    return None if old <= 0 else round(Fraction(100 * (new - old), old) * 10) / 10


def change(days: list[list[Any]], back: int, least: int, most: int) -> float | None:
    """From the day nearest to ``back`` days before the last one, the later one of two, to the last one."""
    gaps = {(days[-1][0] - one[0]).days: one for one in days}
    found = min(
        (gap for gap in gaps if least <= gap <= most), key=lambda gap: (abs(gap - back), gap), default=None
    )
    return None if found is None else percent(gaps[found][3], days[-1][3])


def weeks(days: list[list[Any]]) -> list[tuple[date, int, int]]:
    """For each day ``[day, n, median]`` the seven days up to it: that day, how many prices, and their middle."""
    found = []
    for at, (last, _, _) in enumerate(days):
        some = [one for one in days[max(0, at - 6) : at + 1] if (last - one[0]).days < 7]
        middles = [middle for _, n, middle in some for _ in range(n)]
        found.append((last, len(middles), middle(middles)))
    return found


def week_before(weeks: list[tuple[date, int, int]], day: date, back: int, least: int, most: int) -> Any:
    """The week that ended nearest to ``back`` days before a day, the later one of two."""
    some = [week for week in weeks if least <= (day - week[0]).days <= most]
    return min(some, key=lambda w: (abs((day - w[0]).days - back), (day - w[0]).days), default=None)


def shrunk(moves: list[float], other: float, rows: int) -> float:
    """How much prices usually move: the middle of the moves' sizes, and so many rows of something else."""
    if not moves:
        return other
    own = max(0.01, statistics.median(map(abs, moves))) / 0.765
    return math.exp((len(moves) * math.log(own) + rows * math.log(other)) / (len(moves) + rows))


def spark(days: list[list[Any]], *, today: date) -> list[int | None]:
    last = today.year * 12 + today.month - 1
    found: list[int | None] = []
    for month in range(last - 23, last + 1):
        middles = [one[3] for one in days if one[0].year * 12 + one[0].month - 1 == month]
        found.append(middle(middles) if middles else None)
    return found


def summary(latest: list[Document], *, today: date) -> Document:
    fresh = [entry for entry in latest if 0 <= (today - day(entry["lastSeenAt"])).days < WINDOW]
    amounts = [int(entry["unitPrice"]["amount"]) for entry in fresh]
    seen = [ms(entry["lastSeenAt"]) for entry in fresh]
    last = max(latest, key=lambda entry: (entry["lastSeenAt"], entry["shopId"]))
    return {
        "median": middle(amounts) if amounts else None,
        "low": min(amounts, default=None),
        "high": max(amounts, default=None),
        "shops": len({entry["shopId"] for entry in fresh}),
        "newest": max(seen, default=None),
        "oldest": min(seen, default=None),
        "last": {"amount": int(last["unitPrice"]["amount"]), "seen": ms(last["lastSeenAt"])},
    }


def newest_rows(latest: list[Document]) -> list[Document]:
    newest = sorted(latest, key=lambda e: (e["receivedAt"], e["lastSeenAt"], e["_id"]), reverse=True)
    return [row(entry) for entry in newest[:20]]


def row(entry: Document) -> Document:
    by = entry["submittedBy"]
    return {
        "shop": entry["shopId"],
        "item": entry["itemId"],
        "region": region(entry),
        "township": entry["location"]["township_id"],
        "type": entry["type"],
        "base": entry["unitPrice"]["base"],
        "entry": entry["_id"],
        "price": str(entry["price"]),
        "quantity": str(entry["quantity"]),
        "unit": entry["unit"],
        "amount": int(entry["unitPrice"]["amount"]),
        "seen": ms(entry["lastSeenAt"]),
        "received": ms(entry["receivedAt"]),
        "by": {"id": by["id"], "name": by["full_name"], "role": by["role"]},
        "source": entry["source"],
        "confirmations": entry["confirmations"],
        "demo": entry["demo"],
        "verdict": entry["judgement"]["verdict"],
    }


def sellers(latest: list[Document], *, today: date) -> list[Document]:
    """The thirty shops with most items at a price of the window; of as many the ones with newer prices first."""
    found = []
    for shop in {entry["shopId"] for entry in latest}:
        some = [entry for entry in latest if entry["shopId"] == shop]
        fresh = [entry for entry in some if 0 <= (today - day(entry["lastSeenAt"])).days < WINDOW]
        newest = max(ms(entry["lastSeenAt"]) for entry in some)
        found.append({"shop": shop, "items": len({entry["itemId"] for entry in fresh}), "newest": newest})
    return sorted(found, key=lambda one: (-one["items"], -one["newest"], one["shop"]))[:30]
