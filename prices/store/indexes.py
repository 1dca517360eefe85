"""Every index, beside the query that it serves. ``manage.py ensure_indexes`` applies them.

Queries on raw entries carry item and region (the shard key to come), except those by ``_id``, shop or author and
the moderators' and the rollup's queues: asked rarely, or by background processes only.
"""

from pymongo import ASCENDING, DESCENDING, IndexModel

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents, reports

_SERIES = [("type", ASCENDING), ("unitPrice.base", ASCENDING), ("status", ASCENDING)]
_SEEN = [("timestamp", DESCENDING), ("unitPrice.amount", ASCENDING)]

INDEXES: dict[str, list[IndexModel]] = {
    documents.ENTRIES: [
        # amounts.of_days: covered. (Status stands in the key: a partial index would fetch every document.)
        IndexModel([("itemId", 1), ("location.region_id", 1), *_SERIES, *_SEEN], name="region_days"),
        # amounts.in_townships: covered.
        IndexModel(
            [("itemId", 1), ("location.region_id", 1), ("location.township_id", 1), *_SERIES, *_SEEN],
            name="township_days",
        ),
        # entries.newest: one key and one document. amounts.in_shops: a document for each price.
        IndexModel(
            [
                ("shopId", 1),
                ("itemId", 1),
                *_SERIES,
                ("lastSeenAt", DESCENDING),
                ("receivedAt", DESCENDING),
                ("_id", DESCENDING),
            ],
            name="shop_newest",
        ),
        # entries.count_by_shop: covered, a key for each published price of the shop.
        IndexModel(
            [
                ("shopId", 1),
                ("status", 1),
                ("lastSeenAt", DESCENDING),
                ("itemId", 1),
                ("submittedBy.id", 1),
            ],
            name="shop_figures",
        ),
        # A person's own prices, for exports and the judge's look at an author's day.
        IndexModel([("submittedBy.id", 1), ("timestamp", DESCENDING)], name="author"),
        # entries.to_check.
        IndexModel(
            [("receivedAt", DESCENDING), ("_id", ASCENDING)],
            name="to_check",
            partialFilterExpression={"status": {"$in": ["pending", "quarantined"]}},
        ),
        # entries.dirty, dirty_of_item.
        IndexModel([("dirty", 1)], name="dirty", partialFilterExpression={"dirty": True}),
        # entries.remove_demo.
        IndexModel([("demo", 1)], name="demo", partialFilterExpression={"demo": True}),
    ],
    documents.REPORTS: [
        # reports.reported: covered.
        IndexModel(
            [("outcome", 1), ("since", DESCENDING), ("entryId", ASCENDING)],
            name="queue",
            partialFilterExpression={"outcome": "open"},
        ),
        # reports.open_of, put, close and of_entry.
        IndexModel([("entryId", 1), ("outcome", 1), ("at", DESCENDING)], name="entry_outcome"),
    ],
    documents.LATEST: [
        # latest.of_item, of_item_in, amounts_of_item and keys_of_item.
        IndexModel([("itemId", 1), ("region_id", 1), ("present", 1)], name="item_region"),
        # latest.of_shop.
        IndexModel([("shopId", 1), ("present", 1)], name="shop"),
        # latest.amounts_of_region.
        IndexModel([("region_id", 1), ("present", 1)], name="region"),
    ],
    documents.HISTORY: [
        # history.months_of, history.months_of_regions.
        IndexModel(
            [("itemId", 1), ("region_id", 1), ("type", 1), ("base", 1), ("month", 1)],
            name="series",
            unique=True,
        ),
        # history.middles_of_region.
        IndexModel([("region_id", 1), ("month", 1)], name="region_month"),
    ],
    documents.BOARDS: [
        # boards.newest_rev, of a region and of all.
        IndexModel([("kind", 1), ("region", 1), ("rev", DESCENDING)], name="kind_region_rev"),
        IndexModel([("kind", 1), ("rev", DESCENDING)], name="kind_rev"),
        # boards.revs: covered.
        IndexModel([("rev", 1), ("_id", 1)], name="rev_id"),
    ],
    documents.REFERENCE: [
        # reference.changed_since.
        IndexModel([("rev", 1)], name="rev"),
    ],
}

# Of older releases: no query uses them any more.
OBSOLETE = {documents.REPORTS: ["open", "entry"]}


def ensure() -> list[str]:
    """Create the indexes that are missing, and bring what older releases stored into today's shape.

    :return: the names of the indexes that were missing.
    """
    absent = missing()
    with answering(MONGO):
        for collection, indexes in INDEXES.items():
            mongo.database()[collection].create_indexes(indexes)
        for collection, names in OBSOLETE.items():
            for name in mongo.database()[collection].index_information().keys() & set(names):
                mongo.database()[collection].drop_index(name)
    reports.rewrite_older()
    return absent


def missing() -> list[str]:
    """``collection.index`` of those that MongoDB does not have."""
    absent = []
    with answering(MONGO):
        for collection, indexes in INDEXES.items():
            there = mongo.database()[collection].index_information()
            absent += [
                f"{collection}.{index.document['name']}"
                for index in indexes
                if index.document["name"] not in there
            ]
    return absent
