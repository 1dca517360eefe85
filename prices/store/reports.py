"""Reports of wrong prices."""

from pymongo import DESCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.types import Report


def collection() -> Collection:
    return mongo.database()[documents.REPORTS]


def add(report: Report) -> None:
    """Store a report. Adding it again changes nothing."""
    with answering(MONGO):
        try:
            collection().insert_one(documents.from_report(report))
        except DuplicateKeyError:
            return


def open(*, limit: int = 50) -> list[Report]:
    """Reports that nobody has dealt with, the newest first."""
    with answering(MONGO):
        found = collection().find({"outcome": "open"}).sort("at", DESCENDING).limit(limit)
        return [documents.to_report(row) for row in found]


def close(entry_id: str, *, outcome: str) -> None:
    """Say what became of all open reports of an entry."""
    with answering(MONGO):
        collection().update_many({"entryId": entry_id, "outcome": "open"}, {"$set": {"outcome": outcome}})


def of_entry(entry_id: str) -> list[Report]:
    with answering(MONGO):
        return [documents.to_report(row) for row in collection().find({"entryId": entry_id})]


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})
