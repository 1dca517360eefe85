"""Where price entries are filed: the region and township that each says of its shop."""

from collections.abc import Sequence
from dataclasses import dataclass

from potato.stores.breaker import MONGO, answering
from prices.store import entries


@dataclass(frozen=True, slots=True)
class FiledAt:
    """A shop has prices of an item that are filed under a place."""

    shop_id: int
    item_id: int
    region_id: int
    township_id: int | None


def places_of_shops(shop_ids: Sequence[int], *, source: str) -> list[FiledAt]:
    """Where the prices of shops are filed that came from one source: each shop, item and place once."""
    with answering(MONGO):
        found = entries.collection().aggregate(
            [
                {"$match": {"shopId": {"$in": list(shop_ids)}, "source": source}},
                {
                    "$group": {
                        "_id": {
                            "shop": "$shopId",
                            "item": "$itemId",
                            "region": "$location.region_id",
                            "township": "$location.township_id",
                        }
                    }
                },
            ]
        )
        return [
            FiledAt(key["shop"], key["item"], key["region"], key["township"])
            for key in (row["_id"] for row in found)
        ]


def file_in_township(
    *, shop_id: int, region_id: int, source: str, township_id: int | None, township_name: str
) -> int:
    """File a shop's prices of one source under the township that its shop lies in; they become dirty.

    :return: how many lay elsewhere in the region.
    """
    with answering(MONGO):
        return (
            entries.collection()
            .update_many(
                {
                    "shopId": shop_id,
                    "source": source,
                    "location.region_id": region_id,
                    "location.township_id": {"$ne": township_id},
                },
                {
                    "$set": {
                        "location.township_id": township_id,
                        "location.township_name": township_name,
                        "dirty": True,
                    },
                    "$inc": {"rev": 1},
                },
            )
            .modified_count
        )
