"""Reports of wrong prices: one for each person and price."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.types import Report, Reported

OPEN = "open"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def collection() -> Collection:
    return mongo.database()[documents.REPORTS]


def put(report: Report) -> None:
    """Store a person's report of a price in place of their earlier one, unless what is stored is as new.

    The price keeps its place in the queue while any report of it is open.
    """
    with answering(MONGO):
        first = collection().find_one(
            {"entryId": report.entry_id, "outcome": OPEN, "since": {"$ne": None}}, {"since": 1}
        )
        document = documents.from_report(replace(report, since=first["since"] if first else report.at))
        key = document.pop("_id")
        try:
            collection().update_one({"_id": key, "seq": {"$lt": report.seq}}, {"$set": document}, upsert=True)
        except DuplicateKeyError:
            # This act, or a later one, is stored: the relay came twice. What became of it since stays.
            return


def close(entry_id: str, *, outcome: str, seq: int) -> None:
    """Say what became of the open reports of an entry.

    :param seq: the number of the ledger row that decides: a report that came later stays open.
    """
    with answering(MONGO):
        collection().update_many(
            {"entryId": entry_id, "outcome": OPEN, "seq": {"$not": {"$gte": seq}}},
            {"$set": {"outcome": outcome}},
        )


def reported(*, limit: int, before: tuple[datetime, str] | None = None) -> list[tuple[datetime, str]]:
    """Entries with open reports, each once: since when they wait and their ids, the newest first.

    :param before: the last one of the page before.
    """
    found: dict[str, datetime] = {}
    with answering(MONGO):
        while len(found) < limit:
            # One read goes past all reports of the last entry, however many they are.
            page = list(
                collection()
                .find({"outcome": OPEN, **_after(before)}, {"_id": 0, "since": 1, "entryId": 1})
                .sort([("since", DESCENDING), ("entryId", ASCENDING)])
                .limit(limit)
            )
            for row in page:
                found.setdefault(row["entryId"], row["since"])
            if len(page) < limit:
                break
            before = (page[-1]["since"], page[-1]["entryId"])
    return [(since, entry_id) for entry_id, since in list(found.items())[:limit]]


def open_of(entry_ids: Sequence[str], *, newest: int = 5) -> dict[str, Reported]:
    """The open reports of entries: by how many people, and the newest of each entry."""
    if not entry_ids:
        return {}
    with answering(MONGO):
        found = collection().aggregate(
            [
                {"$match": {"entryId": {"$in": list(entry_ids)}, "outcome": OPEN}},
                {"$sort": {"at": DESCENDING, "by": ASCENDING}},
                {
                    "$group": {
                        "_id": "$entryId",
                        "people": {"$sum": 1},
                        "newest": {"$firstN": {"input": "$$ROOT", "n": newest}},
                    }
                },
            ]
        )
        return {
            row["_id"]: Reported(row["people"], tuple(documents.to_report(one) for one in row["newest"]))
            for row in found
        }


def of_entry(entry_id: str) -> list[Report]:
    with answering(MONGO):
        return [documents.to_report(row) for row in collection().find({"entryId": entry_id})]


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})


def rewrite_older() -> None:
    """Make one report for each person and price of those that older releases stored one for each act.

    Killed on the way, the next call finishes: an older document is deleted when its successor is stored.
    """
    with answering(MONGO):
        older: dict[str, list[dict[str, Any]]] = {}
        for document in collection().find({"seq": {"$exists": False}}):
            older.setdefault(documents.to_report(document).key, []).append(document)
        for group in older.values():
            _rewrite([documents.to_report(document) for document in group])
            collection().delete_many({"_id": {"$in": [document["_id"] for document in group]}})


def _rewrite(older: list[Report]) -> None:
    """Store the last of one person's reports of a price; one that was sent since stays as it is."""
    last = max(older, key=lambda report: (report.outcome == OPEN, report.at))
    of_price = {"entryId": last.entry_id, "outcome": OPEN, "since": {"$ne": None}}
    stored = collection().find(of_price, {"since": 1})
    since = min(
        [*(report.at for report in older if report.outcome == OPEN), *(row["since"] for row in stored)],
        default=None,
    )
    document = documents.from_report(replace(last, since=since))
    collection().update_one({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)
    if since is not None:
        collection().update_many(of_price, {"$min": {"since": since}})


def _after(last: tuple[datetime, str] | None) -> dict[str, Any]:
    """What follows in the order of :func:`reported`; only reports that say since when, as an older release's do not."""
    if last is None:
        return {"since": {"$lt": END_OF_TIME}}
    since, entry_id = last
    return {"$or": [{"since": {"$lt": since}}, {"since": since, "entryId": {"$gt": entry_id}}]}
