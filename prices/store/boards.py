"""Boards: the ready-made data of pages. Derived: the newer computation wins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection

from potato.stores import mongo, revisions
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import put_newer
from prices.types import NATION, Board


def collection() -> Collection:
    return mongo.database()[documents.BOARDS]


def get_many(keys: Sequence[str]) -> dict[str, Board]:
    """Boards by key; those that do not exist are missing."""
    with answering(MONGO):
        return {
            row["_id"]: documents.to_board(row) for row in collection().find({"_id": {"$in": list(keys)}})
        }


def put_many(made: Mapping[str, dict[str, Any]], *, rev: int, made_at: datetime) -> bool:
    """Write boards. :return: False if one of them was newer already: draw a number, read and write again."""
    rows = {
        key: documents.from_board(Board(key=key, rev=rev, made_at=made_at, data=data))
        for key, data in made.items()
    }
    written = put_newer(collection(), rows, rev=rev)
    # Pages that web processes keep learn that they are out of date.
    revisions.tell(dict.fromkeys(rows, rev))
    return written


def newest_rev(*, kind: str, region_id: int | None = None) -> int:
    """The highest ``rev`` of the boards of a kind ("item", "shop", "region", "movers", "home", "alarms"), 0 without any.

    :param region_id: only those of this region (``NATION`` for the country's).
    """
    wanted: dict[str, Any] = {"kind": kind} | ({} if region_id is None else {"region": region_id})
    with answering(MONGO):
        found = collection().find_one(wanted, {"rev": 1}, sort=[("rev", DESCENDING)])
    return int(found["rev"]) if found else 0


def revs() -> dict[str, int]:
    """Every board's key and ``rev``, from the index alone."""
    with answering(MONGO):
        found = collection().find({}, {"_id": 1, "rev": 1}).hint("rev_id")
        return {row["_id"]: int(row["rev"]) for row in found}


def revs_of_nation() -> dict[int, int]:
    """The ``rev`` of each item's board of the nation, by the item's id: whatever changed of an item raises it."""
    wanted = {"kind": "item", "region": NATION}
    with answering(MONGO):
        found = collection().find(wanted, {"rev": 1}).hint("kind_region_rev")
        return {int(row["_id"].split(":")[1]): int(row["rev"]) for row in found}


def followers() -> dict[str, int]:
    """How many people follow what, as the boards say it, by key."""
    with answering(MONGO):
        found = collection().find({"kind": "followers"}, {"data.n": 1})
        return {row["_id"]: int(row["data"]["n"]) for row in found}


def regions_of_item(item_id: int) -> set[int]:
    """The regions in which an item has a board."""
    with answering(MONGO):
        found = collection().find({"_id": {"$regex": f"^item:{item_id}:[0-9]"}}, {"region": 1})
        return {row["region"] for row in found}


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})
