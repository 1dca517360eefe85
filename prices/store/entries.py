"""Price entries as they were sent: what everything else is computed from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING, InsertOne, ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import only_duplicates
from prices.types import Base, Change, PriceEntry, PriceType, Status

BATCH = 1000
SEEN = dict.fromkeys(
    [
        "shopId",
        "location.region_id",
        "type",
        "unitPrice",
        "timestamp",
        "lastSeenAt",
        "receivedAt",
        "rev",
        "dirty",
    ],
    1,
)


class EntryConflict(Exception):
    """Another entry has this id."""


@dataclass(frozen=True, slots=True)
class DirtyEntry:
    """What the rollup must know of an entry that changed: which day it counts in, and its revision."""

    id: str
    rev: int
    item_id: int
    region_id: int
    type: PriceType
    base: Base
    seen_at: datetime


class Seen(NamedTuple):
    """As much of an entry as latest prices and history are computed from."""

    id: str
    shop_id: int
    region_id: int
    type: PriceType
    base: Base
    amount: int
    seen_at: datetime
    last_seen_at: datetime
    received_at: datetime
    rev: int
    dirty: bool


@dataclass(frozen=True, slots=True)
class ShopCounts:
    shop_id: int
    entries: int
    items: int
    contributors: int
    last_seen_at: datetime | None


def collection() -> Collection:
    return mongo.database()[documents.ENTRIES]


def add(entry: PriceEntry) -> PriceEntry:
    """Store a price entry. Adding the same entry again changes nothing.

    :return: the entry as it is stored: what was judged the first time stays.
    :raises EntryConflict: another entry has this id.
    :raises Unavailable: MongoDB did not confirm a majority write in time.
    """
    with answering(MONGO):
        try:
            collection().insert_one(documents.from_entry(entry))
        except DuplicateKeyError:
            # The id is made with the form: the relay came twice. What was judged since may differ; what was sent may not.
            stored = get(entry.id)
            if stored is None or stored.body_hash != entry.body_hash:
                raise EntryConflict(entry.id) from None
            return stored
    return entry


def add_many(entries: Iterable[PriceEntry]) -> int:
    """Store many entries at once, leaving those that are there as they are.

    :return: how many were new.
    """
    new = 0
    batch: list[InsertOne] = []
    for entry in entries:
        batch.append(InsertOne(documents.from_entry(entry)))
        if len(batch) == BATCH:
            new += _insert(batch)
            batch = []
    return new + (_insert(batch) if batch else 0)


def replace_many(entries: Iterable[PriceEntry]) -> int:
    """Store entries in place of what they were made from: that with the same id and a ``rev`` one lower.

    :return: how many were replaced; the others changed meanwhile, or were replaced before.
    """
    changed = 0
    batch: list[ReplaceOne] = []
    for entry in entries:
        batch.append(ReplaceOne({"_id": entry.id, "rev": entry.rev - 1}, documents.from_entry(entry)))
        if len(batch) == BATCH:
            changed += _write(batch)
            batch = []
    return changed + (_write(batch) if batch else 0)


def get(entry_id: str) -> PriceEntry | None:
    with answering(MONGO):
        found = collection().find_one({"_id": entry_id})
    return documents.to_entry(found) if found else None


def get_many(ids: Sequence[str]) -> dict[str, PriceEntry]:
    if not ids:
        return {}
    with answering(MONGO):
        return {
            found["_id"]: documents.to_entry(found)
            for found in collection().find({"_id": {"$in": list(ids)}})
        }


def body_hashes(ids: Sequence[str]) -> dict[str, str]:
    """The body hashes of those of the ids that are stored."""
    hashes: dict[str, str] = {}
    for start in range(0, len(ids), 5 * BATCH):
        with answering(MONGO):
            found = collection().find({"_id": {"$in": list(ids[start : start + 5 * BATCH])}}, {"bodyHash": 1})
            hashes.update((document["_id"], document["bodyHash"]) for document in found)
    return hashes


def change(entry_id: str, change: Change, *, where: Sequence[Status]) -> bool:
    """Note a change on an entry, and its new status if the change has one. Once per change id.

    :param where: the statuses from which the change may start.
    :return: whether the change is on the entry now (by this call or an earlier one).
    """
    with answering(MONGO):
        update: dict[str, Any] = {
            "$push": {"changes": documents.from_change(change)},
            "$inc": {"rev": 1},
            "$set": {"dirty": True} | ({"status": change.status} if change.status else {}),
        }
        done = collection().update_one(
            {"_id": entry_id, "changes.id": {"$ne": change.id}, "status": {"$in": list(where)}}, update
        )
        return bool(done.modified_count) or _has(entry_id, change.id)


def confirm(entry_id: str, change: Change, *, author_id: int) -> bool:
    """Somebody saw the price again: it was last seen then. Counts distinct people other than the author.

    :return: whether the confirmation is on the entry now.
    """
    note = documents.from_change(change)
    others = {
        "$filter": {
            "input": {"$concatArrays": ["$changes", [{"$literal": note}]]},
            "as": "c",
            "cond": {"$and": [{"$eq": ["$$c.kind", "CONFIRM"]}, {"$ne": ["$$c.by", author_id]}]},
        }
    }
    with answering(MONGO):
        done = collection().update_one(
            {"_id": entry_id, "changes.id": {"$ne": change.id}, "status": "published"},
            [
                {
                    "$set": {
                        "confirmations": {
                            "$size": {"$setUnion": [{"$map": {"input": others, "as": "c", "in": "$$c.by"}}]}
                        },
                        "lastSeenAt": {"$max": ["$lastSeenAt", change.at]},
                        "changes": {"$concatArrays": ["$changes", [{"$literal": note}]]},
                        "rev": {"$add": ["$rev", 1]},
                        "dirty": True,
                    }
                }
            ],
        )
        return bool(done.modified_count) or _has(entry_id, change.id)


def newest(*, item_id: int, shop_id: int, type: PriceType, base: Base, until: datetime) -> PriceEntry | None:
    """The published entry last seen in a shop up to a moment; ties go to the one received, then sent, last."""
    with answering(MONGO):
        found = collection().find_one(
            {
                "shopId": shop_id,
                "itemId": item_id,
                "type": type,
                "unitPrice.base": base,
                "status": "published",
                "lastSeenAt": {"$lte": until},
            },
            sort=[("lastSeenAt", DESCENDING), ("receivedAt", DESCENDING), ("_id", DESCENDING)],
        )
    return documents.to_entry(found) if found else None


def of_item(item_id: int) -> Iterator[Seen]:
    """What all published entries of an item say, in no order: for rebuilding what is derived from them."""
    with answering(MONGO):
        for row in collection().find({"itemId": item_id, "status": "published"}, SEEN, batch_size=5000):
            yield Seen(
                id=row["_id"],
                shop_id=row["shopId"],
                region_id=row["location"]["region_id"],
                type=row["type"],
                base=row["unitPrice"]["base"],
                amount=int(row["unitPrice"]["amount"]),
                seen_at=row["timestamp"],
                last_seen_at=row["lastSeenAt"],
                received_at=row["receivedAt"],
                rev=int(row["rev"]),
                dirty=row["dirty"],
            )


def item_ids() -> list[int]:
    """Every item that has an entry."""
    with answering(MONGO):
        return sorted(collection().distinct("itemId"))


def dirty(*, limit: int, but_items: Iterable[int] = ()) -> list[DirtyEntry]:
    """Entries whose days of history wait to be computed again; without those of some items."""
    return _dirty({"itemId": {"$nin": sorted(but_items)}}, limit=limit)


def dirty_of_item(item_id: int) -> list[DirtyEntry]:
    """All entries of an item whose days of history wait to be computed again. It looks at those of every item."""
    return _dirty({"itemId": item_id}, limit=0)


def _dirty(some: dict[str, Any], *, limit: int) -> list[DirtyEntry]:
    wanted = {"dirty": True, **some}
    fields = {"rev": 1, "itemId": 1, "location.region_id": 1, "type": 1, "unitPrice.base": 1, "timestamp": 1}
    with answering(MONGO):
        return [
            DirtyEntry(
                id=document["_id"],
                rev=int(document["rev"]),
                item_id=document["itemId"],
                region_id=document["location"]["region_id"],
                type=document["type"],
                base=document["unitPrice"]["base"],
                seen_at=document["timestamp"],
            )
            for document in collection().find(wanted, fields, limit=limit)
        ]


def clean(done: Iterable[tuple[str, int]]) -> None:
    """Clear ``dirty`` of entries (id, rev) that did not change meanwhile."""
    by_rev: dict[int, list[str]] = {}
    for id, rev in done:
        by_rev.setdefault(rev, []).append(id)
    for rev, ids in by_rev.items():
        for start in range(0, len(ids), BATCH):
            with answering(MONGO):
                collection().update_many(
                    {"_id": {"$in": ids[start : start + BATCH]}, "rev": rev, "dirty": True},
                    {"$set": {"dirty": False}},
                )


def count_by_shop(shop_ids: Sequence[int], *, until: datetime) -> list[ShopCounts]:
    """What is published of each shop: entries, items, people, and when a price was last seen. From the index alone."""
    with answering(MONGO):
        found = {
            row["_id"]: row
            for row in collection().aggregate(
                [
                    {
                        "$match": {
                            "shopId": {"$in": list(shop_ids)},
                            "status": "published",
                            "lastSeenAt": {"$lte": until},
                        }
                    },
                    {
                        "$group": {
                            "_id": "$shopId",
                            "entries": {"$sum": 1},
                            "items": {"$addToSet": "$itemId"},
                            "people": {"$addToSet": "$submittedBy.id"},
                            "last": {"$max": "$lastSeenAt"},
                        }
                    },
                ],
                hint="shop_figures",
            )
        }
    return [
        ShopCounts(shop_id, row["entries"], len(row["items"]), len(row["people"]), row["last"])
        if (row := found.get(shop_id))
        else ShopCounts(shop_id, 0, 0, 0, None)
        for shop_id in shop_ids
    ]


def to_check(*, limit: int = 50, before: tuple[datetime, str] | None = None) -> list[PriceEntry]:
    """Entries that wait for a moderator, the newest first.

    :param before: ``received_at`` and ``id`` of the last one of the page before.
    """
    wanted: dict[str, Any] = {"status": {"$in": ["pending", "quarantined"]}}
    if before is not None:
        received_at, id = before
        # An import's prices of a whole day were received at the same moment.
        wanted["$or"] = [
            {"receivedAt": {"$lt": received_at}},
            {"receivedAt": received_at, "_id": {"$gt": id}},
        ]
    with answering(MONGO):
        found = collection().find(wanted).sort([("receivedAt", DESCENDING), ("_id", ASCENDING)]).limit(limit)
        return [documents.to_entry(document) for document in found]


def any_at_all() -> bool:
    with answering(MONGO):
        return collection().find_one({}, {"_id": 1}) is not None


def remove_demo() -> int:
    """Take away every entry of the demo. :return: how many there were."""
    with answering(MONGO):
        return collection().delete_many({"demo": True}).deleted_count


def _has(entry_id: str, change_id: str) -> bool:
    return collection().find_one({"_id": entry_id, "changes.id": change_id}, {"_id": 1}) is not None


def _insert(batch: list[InsertOne]) -> int:
    with answering(MONGO):
        try:
            return collection().bulk_write(batch, ordered=False).inserted_count
        except BulkWriteError as error:
            if not only_duplicates(error):
                raise
            return error.details["nInserted"]


def _write(batch: list[Any]) -> int:
    with answering(MONGO):
        return collection().bulk_write(batch, ordered=False).modified_count
