"""The newest price of each item in each shop. Derived: written only where the stored ``rev`` is lower."""

from collections.abc import Mapping
from typing import Any

from pymongo.collection import Collection

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import put_newer
from prices.types import LatestPrice

PRESENT = {"present": True}


def collection() -> Collection:
    return mongo.database()[documents.LATEST]


def put_many(found: Mapping[str, LatestPrice | None], *, rev: int) -> bool:
    """Write what the newest price is under each key; None where there is none (any more).

    A row without a price stays as a mark with its ``rev``, so that an older computation cannot bring it back.

    :return: False if one of them was newer already: draw, read and write again.
    """
    return put_newer(
        collection(),
        {
            key: {"present": True, **documents.from_latest(latest)} if latest else documents.no_latest(key)
            for key, latest in found.items()
        },
        rev=rev,
    )


def of_item(item_id: int) -> list[LatestPrice]:
    """The newest prices of an item in every shop of the country."""
    return _find({"itemId": item_id, **PRESENT})


def of_shop(shop_id: int) -> list[LatestPrice]:
    return _find({"shopId": shop_id, **PRESENT})


def of_region(region_id: int) -> list[LatestPrice]:
    return _find({"region_id": region_id, **PRESENT})


def all_of_them() -> list[LatestPrice]:
    """Every newest price: for the home board, in a background process."""
    return _find(PRESENT)


def keys_of_item(item_id: int) -> list[str]:
    """The keys of an item's rows, marks included."""
    with answering(MONGO):
        return [row["_id"] for row in collection().find({"itemId": item_id}, {"_id": 1})]


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})


def _find(wanted: dict[str, Any]) -> list[LatestPrice]:
    with answering(MONGO):
        return [documents.to_latest(row) for row in collection().find(wanted)]
