"""What everything derived must be."""

import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.prices.oracle import figures
from tests.prices.oracle.figures import NATION, WINDOW, Document, Series

Week = tuple[date, int, int]
"""Its last day, how many prices, and their middle."""
Market = tuple[int, int, int | None, str]
"""Item, region, township and series; without a township the whole region."""
SPANS = ((7, 7, 13), (30, 28, 45), (365, 351, 395))


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
            if key not in newest or figures.rank(entry) > figures.rank(newest[key]):
                newest[key] = entry
        self.newest = newest

    def latest_rows(self) -> dict[str, Document]:
        return {":".join(map(str, key)): figures.row(entry) for key, entry in self.newest.items()}

    def history(self) -> dict[str, list[list[Any]]]:
        """By item, region, type, base and month: ``[day, n, min, median, max, sum]`` for each day."""
        amounts: dict[tuple[Series, date], list[int]] = defaultdict(list)
        for entry in self.published:
            for region in (entry["location"]["region_id"], NATION):
                series = (entry["itemId"], region, entry["type"], entry["unitPrice"]["base"])
                amounts[series, figures.day(entry["timestamp"])].append(int(entry["unitPrice"]["amount"]))
        months: dict[str, list[list[Any]]] = defaultdict(list)
        for (series, day), some in sorted(amounts.items()):
            key = ":".join(map(str, series)) + f":{day:%Y-%m}"
            months[key].append([day, len(some), min(some), figures.middle(some), max(some), sum(some)])
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
                rows = [figures.row(entry) for entry in self.newest.values() if entry["shopId"] == int(shop)]
                return {
                    "shop": int(shop),
                    "rows": sorted(rows, key=lambda r: (r["item"], r["type"], r["base"])),
                }
            case ["region", region]:
                latest = [entry for entry in self.newest.values() if figures.region(entry) == int(region)]
                return {
                    "region": int(region),
                    "day": today.isoformat(),
                    "items": self._items(latest, int(region), today=today),
                    "latest": figures.newest_rows(latest),
                    "shops": figures.sellers(latest, today=today),
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
                f"item:{entry['itemId']}:{figures.region(entry)}",
                f"item:{entry['itemId']}:nation",
                f"shop:{entry['shopId']}",
                f"region:{figures.region(entry)}",
                f"movers:{figures.region(entry)}",
                "home",
            }
        return keys

    def _item_region(self, item: int, region: int, *, today: date) -> Document:
        rows = [
            figures.row(entry)
            for entry in self.newest.values()
            if entry["itemId"] == item and figures.region(entry) == region
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
                series[figures.series(entry)].append(entry)
        return {
            "item": item,
            "day": today.isoformat(),
            "series": {
                name: {
                    "nation": figures.summary(some, today=today),
                    "regions": {
                        str(region): figures.summary(
                            [entry for entry in some if figures.region(entry) == region], today=today
                        )
                        for region in {figures.region(entry) for entry in some}
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
            for region in {figures.region(entry) for entry in self.published}
            for row in self._movers(region, today=today)
            if row["past"].get("30", {}).get("percent")
        ]
        movers.sort(key=lambda m: (-abs(m["before"]["percent"]), m["item"], m["region"], m["series"]))
        return {
            "day": today.isoformat(),
            "items": self._items(latest, NATION, today=today),
            "latest": figures.newest_rows(latest),
            "regions": [
                {
                    "region": region,
                    "items": len({entry["itemId"] for entry in latest if figures.region(entry) == region}),
                    "newest": max(
                        figures.ms(entry["lastSeenAt"]) for entry in latest if figures.region(entry) == region
                    ),
                }
                for region in sorted({figures.region(entry) for entry in latest})
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
        for item, series in sorted({(entry["itemId"], figures.series(entry)) for entry in latest}):
            type, base = series.split(":")
            days = [one for one in all_days[item, region, type, base] if one[0] <= today]
            some = [entry for entry in latest if (entry["itemId"], figures.series(entry)) == (item, series)]
            found.append(
                {
                    "item": item,
                    "series": series,
                    "summary": figures.summary(some, today=today),
                    "changes": {
                        str(back): figures.change(days, back, least, most) if days else None
                        for back, least, most in SPANS
                    },
                    "spark": figures.spark(days, today=today),
                }
            )
        return found

    def _movers(self, region: int, *, today: date) -> list[Document]:
        found = []
        for (item, a_region, type, base), days in self._days().items():
            weeks = (
                figures.weeks([one[:2] + one[3:4] for one in days if one[0] <= today])
                if a_region == region
                else []
            )
            if not weeks:
                continue
            day, n, amount = weeks[-1]
            past = {
                str(back): {
                    "day": before[0].isoformat(),
                    "amount": before[2],
                    "n": before[1],
                    "percent": figures.percent(before[2], amount),
                }
                for back, least, most in SPANS
                if (before := figures.week_before(weeks, day, back, least, most)) and before[1] >= 3
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
        weeks = self._weeks(today=today)
        found: dict[Market, tuple[float, Document]] = {}
        found_weekly: set[Market] = set()
        for span, most, prior in ((7, 13, 0.06), (28, 45, 0.10)):
            now, past = _moves(weeks, span=span, most=most)
            pool: dict[tuple, list[float]] = defaultdict(list)
            for (item, _, township, series), moves in past.items():
                pool[item, township is None, series] += moves
            for place, (week, before) in now.items():
                item, _, township, series = place
                moves = past[place]
                if len(moves) < 6:
                    continue
                usual = figures.shrunk(pool[item, township is None, series], prior, 10)
                r, s = math.log(week[2] / before[2]), max(0.06, figures.shrunk(moves, usual, 8))
                times = abs(r) / s
                is_weekly = span == 7 or place in found_weekly
                last = week[0] + timedelta(days=13 if is_weekly else 34)
                if times >= 3.5 and last >= today and times > found.get(place, (0,))[0]:
                    about = {"span": span, "times": round(times, 1), "moves": len(moves)}
                    found[place] = times, _alarm(place, week, before) | about | {"until": last.isoformat()}
            found_weekly |= set(now)
        rows = [row for _, row in found.values()]
        rows.sort(key=lambda r: (-r["times"], r["item"], r["region"], r["township"] or 0, r["series"]))
        return rows[:300]

    def _weeks(self, *, today: date) -> dict[Market, list[Week]]:
        """The weeks of two years in each region and township that has a price of the window."""
        raw: dict[Market, dict[date, list[int]]] = defaultdict(lambda: defaultdict(list))
        for entry in self.published:
            day = figures.day(entry["timestamp"])
            if timedelta() <= today - day <= timedelta(days=730):
                for township in {None, entry["location"]["township_id"]}:
                    place = (entry["itemId"], figures.region(entry), township, figures.series(entry))
                    raw[place][day].append(int(entry["unitPrice"]["amount"]))
        return {
            place: figures.weeks(
                [[day, len(some), figures.middle(some)] for day, some in sorted(days.items())]
            )
            for place, days in raw.items()
            if (today - max(days)).days < WINDOW
        }


def _moves(
    weeks: dict[Market, list[Week]], *, span: int, most: int
) -> tuple[dict[Market, tuple[Week, Week]], dict[Market, list[float]]]:
    """By market: the newest week with the one that it is compared with; how far prices moved in the weeks before."""
    now: dict[Market, tuple[Week, Week]] = {}
    past: dict[Market, list[float]] = defaultdict(list)
    for place, some in weeks.items():
        at, least = some[-1][0], 3 if place[2] is None else 2
        for week in reversed(some):
            if week is not some[-1] and (at - week[0]).days < 7:
                continue
            at = week[0]
            before = figures.week_before(some, at, span, span, most)
            if not before or min(week[1], before[1]) < least:
                continue
            if week is some[-1]:
                now[place] = week, before
            else:
                past[place].append(math.log(week[2] / before[2]))
    return now, past


def _alarm(place: Market, week: Week, before: Week) -> Document:
    item, region, township, series = place
    return {
        "item": item,
        "region": region,
        "township": township,
        "series": series,
        "day": week[0].isoformat(),
        "now": week[2],
        "n": week[1],
        "before": {
            "day": before[0].isoformat(),
            "amount": before[2],
            "n": before[1],
            "percent": figures.percent(before[2], week[2]),
        },
    }
