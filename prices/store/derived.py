"""Writing what is computed from raw entries: the newer computation wins."""

from collections.abc import Mapping
from typing import Any

from pymongo import ReplaceOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from potato.stores.breaker import MONGO, answering

DUPLICATE_KEY = 11000
BATCH = 500


def put_newer(collection: Collection, rows: Mapping[str, Mapping[str, Any]], *, rev: int) -> bool:
    """Replace documents by id where the stored ``rev`` is lower, or there is none.

    :return: False if one of them had this ``rev`` or a higher one: draw a number, read and write again.
    """
    # A document that is there but not older matches no filter, and its insertion meets the unique _id.
    writes = [
        ReplaceOne({"_id": key, "rev": {"$lt": rev}}, {"_id": key, **row, "rev": rev}, upsert=True)
        for key, row in rows.items()
    ]
    all_written = True
    for start in range(0, len(writes), BATCH):
        with answering(MONGO):
            try:
                collection.bulk_write(writes[start : start + BATCH], ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise
                all_written = False
    return all_written


def only_duplicates(error: BulkWriteError) -> bool:
    """Whether all that failed are insertions under an ``_id`` that is taken."""
    return all(problem["code"] == DUPLICATE_KEY for problem in error.details["writeErrors"])
