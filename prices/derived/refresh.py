"""What entries touch, computed again from raw.

``refresh`` is the relay's: latest prices, boards and statistics of what a few entries touched. ``roll_up`` is the
worker's: the touched days of history, exact medians from raw. ``rebuild`` makes everything of an item anew.

Each takes a number before it reads its inputs and writes only where the stored one is lower; refused, it draws,
reads and writes again. A board's number is drawn after the latest prices that it shows are written: whoever
draws later has read at least as much. Callers hold the items' locks (``prices/coordination/locks.py``).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from potato import calendar, clock
from prices.coordination.sequences import next_rev
from prices.derived import from_raw, market_alarm_input
from prices.derived.from_raw import Days
from prices.rules import rollups
from prices.rules.boards import build as make
from prices.store import boards, entries, history, latest
from prices.store.entries import DirtyEntry
from prices.types import (
    ALARMS,
    HOME,
    NATION,
    Base,
    LatestAmount,
    LatestPrice,
    PriceEntry,
    PriceType,
    item_region_key,
    latest_key,
    movers_key,
    region_key,
    shop_key,
    shop_of,
)
from shops import selectors as places
from shops import services as shops
from shops.types import ShopFigures

TRIES = 20


@dataclass(frozen=True, slots=True)
class Touched:
    """An item's price in a shop, of one type and base unit, that may have another newest entry now."""

    item_id: int
    shop_id: int
    region_id: int
    type: PriceType
    base: Base

    @classmethod
    def by(cls, entry: PriceEntry) -> "Touched":
        return cls(entry.item_id, entry.shop_id, entry.region_id, entry.type, entry.base)


class Contended(RuntimeError):
    """Somebody newer wrote first, many times in a row; the row stays in the queue."""


def refresh(touched: Iterable[Touched], *, until: datetime | None = None) -> None:
    """Make latest prices, boards and statistics of what was touched right.

    :param until: the moment up to which prices count as seen; now unless told.
    :raises Unavailable: MongoDB did not answer; nothing is lost by running again.
    """
    all_touched = sorted(set(touched), key=lambda t: (t.item_id, t.shop_id, t.type, t.base))
    if not all_touched:
        return
    until_written(_write_latest, all_touched, until=until)
    until_written(
        _write_boards,
        item_regions={(t.item_id, t.region_id) for t in all_touched},
        shop_ids={t.shop_id for t in all_touched},
        until=until,
    )


def roll_up(dirty: Sequence[DirtyEntry]) -> None:
    """Compute the days of history in which these entries count again, from raw; then refresh the boards with them.

    The entries are of one item, whose lock the caller holds. Repeating it changes nothing.
    """
    if not dirty:
        return
    days: Days = defaultdict(set)
    for entry in dirty:
        for region_id in (entry.region_id, NATION):
            days[region_id, entry.type, entry.base].add(calendar.yangon_day(entry.seen_at))
    write_days(dirty[0].item_id, days)
    entries.clean((entry.id, entry.rev) for entry in dirty)


def write_days(item_id: int, days: Days) -> None:
    """Compute days of an item's history again from raw, then the boards that show them."""
    until_written(_write_days, item_id, days)
    regions = {(item_id, region_id) for region_id, _, _ in days if region_id != NATION}
    until_written(_write_boards, item_regions=regions, items={item_id})


def rebuild(item_id: int) -> set[int]:
    """Make everything of an item anew from raw: latest prices, all history, boards. The caller holds its lock.

    Shop boards and statistics are left to :func:`rebuild_shops`, once for all items.

    :return: the shops that the item has, or had, prices in.
    """
    now = clock.now()
    shop_ids: set[int] = set()

    def write(*, rev: int) -> bool:
        raw = from_raw.read_item(item_id, until=now)
        newest = from_raw.newest_of(raw)
        if newest is None:
            return False
        found: dict[str, LatestPrice | None] = dict.fromkeys(latest.keys_of_item(item_id))
        found.update(newest)
        # Also shops that the item has no price in any more.
        shop_ids.update(shop_of(key) for key in found)
        months = from_raw.months_of(item_id, raw)
        if not (latest.put_many(found, rev=rev) and history.replace_item(item_id, months, rev=rev)):
            return False
        entries.clean(raw.dirty)
        return True

    until_written(write)
    regions = {price.region_id for price in latest.of_item(item_id)} | boards.regions_of_item(item_id)
    until_written(_write_boards, item_regions={(item_id, region) for region in regions}, items={item_id})
    return shop_ids


def rebuild_shops(shop_ids: Iterable[int]) -> None:
    """Make the boards and statistics of shops anew."""
    ids = sorted(set(shop_ids))
    for start in range(0, len(ids), 50):
        until_written(_write_boards, shop_ids=set(ids[start : start + 50]))


def renew_places(*, all_of_them: bool = False) -> int:
    """Make the boards of regions, their movers and home anew where an item's board is newer, or the day is over.

    :return: how many were made.
    """
    today = clock.today().isoformat()
    made = 0
    region_ids = [region.pk for region in places.all_regions()]
    keys = [key for region_id in region_ids for key in (region_key(region_id), movers_key(region_id))]
    stored = boards.get_many([*keys, HOME])
    for region_id in region_ids:
        pair = [stored.get(region_key(region_id)), stored.get(movers_key(region_id))]
        newest = boards.newest_rev(kind="item", region_id=region_id)
        behind = any(newest > (board.rev if board else 0) for board in pair)
        if behind or any(board and board.data["day"] != today for board in pair) or (all_of_them and newest):
            until_written(_write_region, region_id)
            made += 2
    home = stored.get(HOME)
    newest = boards.newest_rev(kind="item")
    # Home shows the regions' movers, too.
    if made or newest > (home.rev if home else 0) or (home and home.data["day"] != today) or all_of_them:
        until_written(_write_home, region_ids)
        made += 1
    return made


def renew_alarms(*, all_of_them: bool = False) -> int:
    """Look for abnormal moves again: of every item whose board is another one than then; on a new day of all.

    :return: how many items were looked at.
    """
    looked_at: list[int] = []

    def write(*, rev: int) -> bool:
        now = clock.now()
        today = calendar.yangon_day(now)
        # Before what the boards stand for is read: an item that changes from here on is looked at again.
        revs = boards.revs_of_nation()
        stored = boards.get_many([ALARMS]).get(ALARMS)
        is_todays = stored is not None and stored.data["day"] == today.isoformat() and not all_of_them
        known = stored.data if stored and is_todays else {"rows": [], "made": {}}
        looked_at[:] = [id for id, current in revs.items() if known["made"].get(str(id)) != current]
        if not looked_at:
            return True
        again = set(looked_at)
        rows = [row for row in known["rows"] if row["item"] not in again]
        for item_id in looked_at:
            rows += [make.alarm(item_id, one) for one in market_alarm_input.alarms_of(item_id, today=today)]
        return boards.put_many({ALARMS: make.alarms(rows=rows, made=revs, now=now)}, rev=rev, made_at=now)

    until_written(write)
    return len(looked_at)


def renew_nation(item_ids: Iterable[int]) -> None:
    """Make the boards of items in the whole country anew: their summaries move at midnight in Yangon."""
    for item_id in item_ids:
        until_written(_write_boards, items={item_id})


def until_written(write: Callable[..., bool], *args: Any, **kwargs: Any) -> None:
    """Call ``write(*args, **kwargs, rev=...)`` with a new number until nobody newer wrote first."""
    for _ in range(TRIES):
        if write(*args, **kwargs, rev=next_rev()):
            return
    raise Contended


def _write_latest(touched: Sequence[Touched], *, until: datetime | None, rev: int) -> bool:
    found = {}
    for one in touched:
        entry = entries.newest(
            item_id=one.item_id,
            shop_id=one.shop_id,
            type=one.type,
            base=one.base,
            until=until or clock.now(),
        )
        found[latest_key(one.item_id, one.shop_id, one.type, one.base)] = (
            from_raw.latest_price(entry) if entry else None
        )
    return latest.put_many(found, rev=rev)


def _write_boards(
    *,
    item_regions: Collection[tuple[int, int]] = (),
    items: Iterable[int] = (),
    shop_ids: Collection[int] = (),
    until: datetime | None = None,
    rev: int,
) -> bool:
    now = clock.now()
    since = rollups.month_key(calendar.yangon_day(now) - timedelta(days=make.DAYS_KEPT))
    made = {}
    for item_id in sorted({item_id for item_id, _ in item_regions} | set(items)):
        region_ids = sorted(region_id for an_item, region_id in item_regions if an_item == item_id)
        rows = latest.of_item_in(item_id, region_ids) if region_ids else []
        for region_id in region_ids:
            made[item_region_key(item_id, region_id)] = make.item_region(
                item_id=item_id,
                region_id=region_id,
                latest=[price for price in rows if price.region_id == region_id],
                months=history.months_of(item_id=item_id, region_id=region_id, since=since),
                now=now,
            )
        made[item_region_key(item_id, NATION)] = make.item_nation(
            item_id=item_id,
            latest=latest.amounts_of_item(item_id),
            months=history.months_of(item_id=item_id, region_id=NATION, since=since),
            now=now,
        )
    for shop_id in sorted(shop_ids):
        made[shop_key(shop_id)] = make.shop(shop_id=shop_id, latest=latest.of_shop(shop_id))
    counted = entries.count_by_shop(sorted(shop_ids), until=until or now) if shop_ids else []
    figures = [
        ShopFigures(c.shop_id, c.entries, c.items, c.contributors, c.last_seen_at, rev=rev) for c in counted
    ]
    all_written = boards.put_many(made, rev=rev, made_at=now)
    # Of a shop that is gone nothing is written, and nothing needs to be.
    refused = set(shop_ids) - shops.set_statistics(figures)
    return all_written and not places.existing_shops(refused)


def _write_days(item_id: int, days: Days, *, rev: int) -> bool:
    new, read = from_raw.months_with(item_id, days)
    return history.put_over(
        [(month, read[month.key][1] if month.key in read else None) for month in new], rev=rev
    )


def _write_region(region_id: int, *, rev: int) -> bool:
    now = clock.now()
    since = rollups.month_key(calendar.yangon_day(now) - timedelta(days=31 * make.SPARK_MONTHS))
    months = history.middles_of_region(region_id, since=since)
    amounts = latest.amounts_of_region(region_id)
    made = {
        region_key(region_id): make.region(
            region_id=region_id, latest=amounts, newest=_newest(amounts), months=months, now=now
        ),
        movers_key(region_id): make.movers(region_id=region_id, months=months, now=now),
    }
    return boards.put_many(made, rev=rev, made_at=now)


def _write_home(region_ids: Sequence[int], *, rev: int) -> bool:
    now = clock.now()
    since = rollups.month_key(calendar.yangon_day(now) - timedelta(days=31 * make.SPARK_MONTHS))
    movers = boards.get_many([movers_key(region_id) for region_id in region_ids])
    amounts = latest.all_amounts()
    data = make.home(
        latest=amounts,
        newest=_newest(amounts),
        months=history.middles_of_region(NATION, since=since),
        movers=[board.data for board in movers.values()],
        now=now,
    )
    return boards.put_many({HOME: data}, rev=rev, made_at=now)


def _newest(amounts: Iterable[LatestAmount]) -> list[LatestPrice]:
    """What the rows of the newest prices say. One that was replaced since is the one that is read now."""
    return make.in_order(latest.get_many(amount.key for amount in make.in_order(amounts)))
