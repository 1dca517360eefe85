"""When and for how much an item was seen, from raw entries: what history is computed from, without the entries themselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from potato.stores.breaker import MONGO, answering
from prices.store import entries
from prices.types import Base, PriceType

AT_ONCE = 50_000
"""Amounts in the first answer: a place's history of years comes without asking again."""
COVERED = {"_id": 0, "timestamp": 1, "unitPrice.amount": 1}


def of_days(
    *, item_id: int, region_ids: Sequence[int], type: PriceType, base: Base, start: datetime, end: datetime
) -> list[tuple[datetime, int]]:
    """When and for how much an item was seen from ``start`` to before ``end``. Served by the index alone."""
    with answering(MONGO):
        found = entries.collection().find(
            {
                "itemId": item_id,
                "location.region_id": {"$in": list(region_ids)} if len(region_ids) > 1 else region_ids[0],
                "type": type,
                "unitPrice.base": base,
                "status": "published",
                "timestamp": {"$gte": start, "$lt": end},
            },
            COVERED,
        )
        return [_amount(document) for document in found]


def in_townships(
    *,
    item_id: int,
    region_ids: Iterable[int],
    township_ids: Iterable[int],
    type: PriceType,
    base: Base,
    start: datetime | None,
    end: datetime,
) -> dict[int, list[tuple[datetime, int]]]:
    """The same by township, up to and including ``end``. Each township lies in one of the regions."""
    seen: dict[str, datetime] = {"$lte": end} | ({"$gte": start} if start else {})
    amounts: dict[int, list[tuple[datetime, int]]] = {id: [] for id in township_ids}
    with answering(MONGO):
        found = entries.collection().find(
            {
                "itemId": item_id,
                "location.region_id": {"$in": sorted(set(region_ids))},
                "location.township_id": {"$in": sorted(amounts)},
                "type": type,
                "unitPrice.base": base,
                "status": "published",
                "timestamp": seen,
            },
            COVERED | {"location.township_id": 1},
            batch_size=AT_ONCE,
        )
        for document in found:
            amounts[document["location"]["township_id"]].append(_amount(document))
    return amounts


def in_shops(
    *,
    item_id: int,
    shop_ids: Iterable[int],
    type: PriceType,
    base: Base,
    start: datetime | None,
    end: datetime,
) -> dict[int, list[tuple[datetime, int]]]:
    """The same by shop: fetches a document for each of its prices of the item."""
    wanted: dict[str, Any] = {
        "itemId": item_id,
        "type": type,
        "unitPrice.base": base,
        "status": "published",
        "timestamp": {"$lte": end},
    }
    if start:
        # A confirmation moves lastSeenAt on, never back: what was seen since then is among these.
        wanted |= {"lastSeenAt": {"$gte": start}, "timestamp": {"$gte": start, "$lte": end}}
    amounts: dict[int, list[tuple[datetime, int]]] = {id: [] for id in shop_ids}
    with answering(MONGO):
        found = entries.collection().find(
            wanted | {"shopId": {"$in": sorted(amounts)}}, COVERED | {"shopId": 1}, batch_size=AT_ONCE
        )
        for document in found:
            amounts[document["shopId"]].append(_amount(document))
    return amounts


def _amount(document: dict[str, Any]) -> tuple[datetime, int]:
    return document["timestamp"], int(document["unitPrice"]["amount"])
