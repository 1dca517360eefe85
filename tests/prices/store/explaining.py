"""A full store to read from, and what MongoDB says that it examined for a read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

from pymongo.monitoring import CommandListener

from potato.stores import mongo
from prices.store import boards, entries, history, latest, reference, reports
from prices.types import HistoryMonth, Name, PriceEntry, Report, Submitter
from tests.factories import make_entry
from tests.prices.store.test_derived import make_latest, make_month

ENTRIES, ITEMS, REGIONS, SHOPS = 20_000, 8, 15, 120
WAITING, REPORTS = 300, 3000
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLACES = {shop: (shop % REGIONS + 1, shop % 40 + 1) for shop in range(1, SHOPS + 1)}
"""Region and township of each shop."""


class Caught(CommandListener):
    """What was asked of the server, with its answer's size."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: Any) -> None:
        if event.command_name in ("find", "aggregate", "distinct"):
            self.commands.append(dict(event.command))

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


def seed() -> None:
    """Store entries over items, regions, shops and three years, what is derived from such, names and reports."""
    _seed_entries()
    _seed_latest_prices()
    _seed_history()
    _seed_boards()
    for rev in (100, 200, 300, 400, 500):
        reference.put_many([Name("shop", rev - id, "Shop", "", str(rev - id)) for id in range(100)], rev=rev)
    for number in range(REPORTS):
        outcome = "open" if number % 2 else "removed"
        reports.put(Report(f"e{number % 1000}", 1, number, "price", "", NOW, seq=number, outcome=outcome))


def _seed_entries() -> None:
    chance = Random(7)

    def entry(number: int) -> PriceEntry:
        shop = chance.randint(1, SHOPS)
        region, township = PLACES[shop]
        seen = NOW - timedelta(minutes=chance.randint(-60 * 24, 60 * 24 * 365 * 3))
        return make_entry(
            id=f"e{number}",
            item_id=chance.randint(1, ITEMS),
            shop_id=shop,
            region_id=region,
            township_id=township,
            amount=chance.randint(100_000, 300_000),
            type="RETAIL" if chance.random() < 0.9 else "WHOLESALE",
            base="kg" if chance.random() < 0.9 else "l",
            status="withdrawn" if chance.random() < 0.03 else "published",
            submitter=Submitter(chance.randint(1, 300), "Somebody", "CONTRIBUTOR"),
            seen_at=seen,
        )

    entries.add_many(entry(number) for number in range(ENTRIES))
    for status in ("pending", "quarantined"):
        entries.add_many(
            make_entry(status=status, dirty=True, shop_id=999, item_id=99) for _ in range(WAITING)
        )


def _seed_latest_prices() -> None:
    latest.put_many(
        {
            price.key: price
            for item in range(1, ITEMS + 1)
            for shop, (region, _) in PLACES.items()
            for price in [make_latest(item_id=item, shop_id=shop, region_id=region)]
        },
        rev=1,
    )


def _seed_history() -> None:
    months = [f"{year}-{month:02}" for year in (2024, 2025, 2026) for month in range(1, 13)]
    series: list[HistoryMonth] = [
        make_month(1, item_id=item, region_id=region, type=type, month=month)
        for item in range(1, ITEMS + 1)
        for region in range(REGIONS + 1)
        for type in ("RETAIL", "WHOLESALE")
        for month in months
    ]
    for start in range(0, len(series), 1000):
        history.put_over([(month, None) for month in series[start : start + 1000]], rev=1)


def _seed_boards() -> None:
    made: dict[str, dict[str, Any]] = {"home": {}, "alarms": {}}
    made |= {
        f"item:{item}:{region or 'nation'}": {"region": region}
        for item in range(1, 100)
        for region in range(REGIONS + 1)
    }
    made |= {f"shop:{shop}": {} for shop in PLACES}
    boards.put_many(made, rev=1, made_at=NOW)


class Examined(SimpleNamespace):
    keys: int
    documents: int
    given: int
    sorted_in_memory: bool


def explained(caught: Caught, read: Callable[[], object]) -> list[Examined]:
    """What MongoDB examined for the commands of one read."""
    caught.commands.clear()
    read()
    commands, found = list(caught.commands), []
    assert commands, "nothing was asked"
    for command in commands:
        asked = {
            name: value
            for name, value in command.items()
            if name not in ("lsid", "$db", "$clusterTime", "readConcern", "maxTimeMS", "$readPreference")
        }
        plan = mongo.database().command("explain", asked, verbosity="executionStats")
        stats = plan.get("executionStats") or plan["stages"][0]["$cursor"]["executionStats"]
        found.append(
            Examined(
                keys=stats["totalKeysExamined"],
                documents=stats["totalDocsExamined"],
                given=stats["nReturned"],
                sorted_in_memory="'SORT'" in str(_winning(plan)),
            )
        )
    return found


def _winning(plan: dict[str, Any]) -> object:
    planner = plan.get("queryPlanner") or plan["stages"][0]["$cursor"]["queryPlanner"]
    return planner["winningPlan"]
