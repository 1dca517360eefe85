"""The newest price of each item in each shop. Derived: written only where the stored ``rev`` is lower."""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.collection import Collection

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import put_newer
from prices.types import LatestAmount, LatestPrice

PRESENT = {"present": True}
AT_ONCE = 10_000


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


def of_item_in(item_id: int, region_ids: Iterable[int]) -> list[LatestPrice]:
    """The newest prices of an item in the shops of regions."""
    return _find({"itemId": item_id, "region_id": {"$in": sorted(region_ids)}, **PRESENT})


def get_many(keys: Iterable[str]) -> list[LatestPrice]:
    """Newest prices by their keys; those that are gone by now are left out."""
    return _find({"_id": {"$in": sorted(keys)}, **PRESENT})


def amounts_of_item(item_id: int) -> list[LatestAmount]:
    """What an item costs in every shop of the country."""
    return _amounts({"itemId": item_id, **PRESENT})


def amounts_of_region(region_id: int) -> list[LatestAmount]:
    """What everything costs in the shops of a region: for its board, in a background process."""
    return _amounts({"region_id": region_id, **PRESENT})


def all_amounts() -> list[LatestAmount]:
    """What everything costs everywhere: for the home board, in a background process."""
    return _amounts(PRESENT)


def keys_of_item(item_id: int) -> list[str]:
    """The keys of an item's rows, marks included."""
    with answering(MONGO):
        return [row["_id"] for row in collection().find({"itemId": item_id}, {"_id": 1})]


def remove_all() -> None:
    with answering(MONGO):
        collection().delete_many({})


def _amounts(wanted: dict[str, Any]) -> list[LatestAmount]:
    fields = dict.fromkeys(documents.LATEST_AMOUNT, 1)
    with answering(MONGO):
        found = collection().find(wanted, {"_id": 0, **fields}, batch_size=AT_ONCE)
        return [documents.to_latest_amount(row) for row in found]


def _find(wanted: dict[str, Any]) -> list[LatestPrice]:
    with answering(MONGO):
        return [documents.to_latest(row) for row in collection().find(wanted)]
