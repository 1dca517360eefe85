"""Days of an item in a region or the nation, a document a month. Derived: the newer computation wins."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import only_duplicates, put_newer
from prices.types import Base, HistoryMonth, MonthOfMiddles, PriceType

AT_ONCE = 2000
"""Months in the first answer: twenty years of a few regions come without asking again."""


def collection() -> Collection:
    return mongo.database()[documents.HISTORY]


def months_of(*, item_id: int, region_id: int, since: str | None = None) -> list[HistoryMonth]:
    """The months of all series of an item in a region (``NATION`` for the country), oldest first.

    :param since: the first month, ``"2025-12"``; None: all.
    """
    wanted: dict[str, Any] = {"itemId": item_id, "region_id": region_id}
    if since is not None:
        wanted["month"] = {"$gte": since}
    with answering(MONGO):
        return [documents.to_month(row) for row in collection().find(wanted).sort("month", 1)]


def months_of_regions(
    *, item_id: int, region_ids: Iterable[int], type: PriceType, base: Base, since: str | None = None
) -> list[HistoryMonth]:
    """The months of one series in several regions at once, the nation too; a region's oldest first."""
    wanted: dict[str, Any] = {
        "itemId": item_id,
        "region_id": {"$in": sorted(region_ids)},
        "type": type,
        "base": base,
    }
    if since is not None:
        wanted["month"] = {"$gte": since}
    with answering(MONGO):
        found = collection().find(wanted, batch_size=AT_ONCE).sort([("region_id", 1), ("month", 1)])
        return [documents.to_month(row) for row in found]


def of_item(item_id: int, *, since: str) -> list[HistoryMonth]:
    """An item's months everywhere, the nation included: for the market alarm, and the nightly look at raw entries."""
    with answering(MONGO):
        found = collection().find({"itemId": item_id, "month": {"$gte": since}})
        return [documents.to_month(row) for row in found]


def middles_of_region(region_id: int, *, since: str) -> list[MonthOfMiddles]:
    """All items' months in a region (or the nation): for the region's boards, in a background process."""
    fields = dict.fromkeys(documents.MIDDLES, 1)
    with answering(MONGO):
        found = collection().find(
            {"region_id": region_id, "month": {"$gte": since}}, {"_id": 0, **fields}, batch_size=AT_ONCE
        )
        return [documents.to_middles(row) for row in found]


def get_many(keys: Iterable[str]) -> dict[str, tuple[HistoryMonth, int]]:
    """Months by key, each with the ``rev`` that it was written with."""
    with answering(MONGO):
        found = collection().find({"_id": {"$in": sorted(keys)}})
        return {row["_id"]: (documents.to_month(row), int(row["rev"])) for row in found}


def put_over(months: Sequence[tuple[HistoryMonth, int | None]], *, rev: int) -> bool:
    """Write months, each in place of the ``rev`` that it was read with (None: there was none).

    A month is changed day by day, so it may only replace what its other days were taken from.

    :return: False if one of them was written meanwhile: draw a number, read and write again.
    """
    if not months:
        return True
    writes = []
    for month, over in months:
        row = {"_id": month.key, **documents.from_month(month), "rev": rev}
        # Without an older one the filter can match nothing, and the insertion meets the unique _id if one came.
        writes.append(
            UpdateOne(
                {"_id": month.key, "rev": -1 if over is None else over},
                {"$set": _fields(row)},
                upsert=over is None,
            )
        )
    with answering(MONGO):
        try:
            done = collection().bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if not only_duplicates(error):
                raise
            return False
    return done.matched_count + done.upserted_count == len(writes)


def replace_item(item_id: int, months: Mapping[str, HistoryMonth], *, rev: int) -> bool:
    """Write all months of an item; those that are stored but not given become empty.

    :return: False if one of them was newer already.
    """
    with answering(MONGO):
        stored = [documents.to_month(row) for row in collection().find({"itemId": item_id})]
    empty = {
        month.key: HistoryMonth(month.item_id, month.region_id, month.type, month.base, month.month, ())
        for month in stored
        if month.key not in months
    }
    rows = {key: documents.from_month(month) for key, month in {**months, **empty}.items()}
    return put_newer(collection(), rows, rev=rev)


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "_id"}
