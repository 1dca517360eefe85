"""Reads of the repositories, each beside its limit: the same commands sent to MongoDB again by the bare driver."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from pymongo import monitoring

from bench.figures import Report, Samples, figure
from potato import clock
from potato.stores import mongo
from prices import selectors
from prices.store import boards, entries, latest
from prices.types import HOME, NATION, RETAIL, LatestAmount, Place, item_region_key, shop_key

GROUP = "Reads of MongoDB"
CALLS = 300
WARM_UP_CALLS = 30
LONGEST_SECONDS = 2.0
# What a session adds to a command; a command that is sent again gets its own.
OF_A_SESSION = ("lsid", "$clusterTime", "$db", "txnNumber", "$readPreference")
ALL_AT_ONCE = 100_000

Read = Callable[[LatestAmount], object]


class _Commands(monitoring.CommandListener):
    """Remembers the reading commands that this process sends."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate"):
            self.sent.append(
                {name: value for name, value in event.command.items() if name not in OF_A_SESSION}
            )

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


_commands = _Commands()
# Before this process has a client; what it costs, it costs both sides of each comparison.
monitoring.register(_commands)


def measure(report: Report) -> None:
    """Each read again and again, about other prices each time."""
    prices = latest.all_amounts()
    some = Random(1).sample([price for price in prices if price.type == RETAIL], CALLS)
    admin = mongo.client().admin
    report.add(figure(GROUP, "ping", _timed(lambda _: admin.command("ping"), some), is_limit=True))
    for name, read in _reads().items():
        ours = _timed(read, some)
        commands = _sent_by(read, some)
        bare = _timed(mongo.database().command, commands)
        report.add(
            figure(GROUP, name, ours), figure(GROUP, "the same by the bare driver", bare, is_limit=True)
        )


def _reads() -> dict[str, Read]:
    now = clock.now()
    a_year_ago = clock.today() - timedelta(days=401)

    def history_of(one: LatestAmount, place: Place) -> object:
        return selectors.histories_of(
            [place], item_id=one.item_id, type=one.type, base=one.base, since=a_year_ago
        )

    reads: dict[str, Read] = {
        "selectors.boards_for: an item page (country, region)": lambda one: selectors.boards_for(
            [item_region_key(one.item_id, NATION), item_region_key(one.item_id, one.region_id)]
        ),
        "selectors.boards_for: a shop": lambda one: selectors.boards_for([shop_key(one.shop_id)]),
        "selectors.boards_for: home": lambda one: selectors.boards_for([HOME]),
        "selectors.histories_of: a year, the country": lambda one: history_of(one, Place()),
        "selectors.histories_of: a year, a region": lambda one: history_of(one, Place(one.region_id)),
        "selectors.histories_of: a year, a township": lambda one: history_of(
            one, Place(one.region_id, one.township_id or 0)
        ),
        "selectors.histories_of: a year, a shop": lambda one: history_of(
            one, Place(one.region_id, shop_id=one.shop_id)
        ),
        "entries.get": lambda one: entries.get(one.entry_id),
        "entries.newest: an item in a shop": lambda one: entries.newest(
            item_id=one.item_id, shop_id=one.shop_id, type=one.type, base=one.base, until=now
        ),
        "entries.count_by_shop": lambda one: entries.count_by_shop([one.shop_id], until=now),
        "latest.amounts_of_item": lambda one: latest.amounts_of_item(one.item_id),
        "latest.of_shop": lambda one: latest.of_shop(one.shop_id),
        "boards.newest_rev": lambda one: boards.newest_rev(kind="item", region_id=one.region_id),
    }
    return reads


def _timed(act: Callable[[Any], object], about: Sequence[Any]) -> Samples:
    for one in about[:WARM_UP_CALLS]:
        act(one)
    took = []
    started = now = time.perf_counter()
    for one in about:
        act(one)
        before, now = now, time.perf_counter()
        took.append(now - before)
        if now - started > LONGEST_SECONDS:
            break
    return Samples(took, now - started)


def _sent_by(read: Read, some: Sequence[LatestAmount]) -> list[dict[str, Any]]:
    """The commands that a read sends, one for each call, made to answer in one piece."""
    _commands.sent.clear()
    for one in some[: CALLS // 3]:
        read(one)
    commands = list(_commands.sent)
    for command in commands:
        if "aggregate" in command:
            command["cursor"] = {"batchSize": ALL_AT_ONCE}
        else:
            command["batchSize"] = ALL_AT_ONCE
    return commands
