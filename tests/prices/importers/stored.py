"""Everything that is stored of prices, in words that two installations with different numbers share."""

from typing import Any

from catalog.models import Item
from potato import clock
from potato.stores import mongo
from prices.models import ImportBatch, LedgerRow
from prices.store import entries as entry_store
from prices.types import NATION, PriceEntry
from shops.models import Region, Shop, Township
from tests.prices import oracle

Document = dict[str, Any]
COLLECTIONS = ("price_entries", "latest_prices", "price_history", "boards", "reports", "reference")


def everything() -> dict[str, Any]:
    """Shops, entries, latest prices and history, without revisions and without when it was published."""
    return {
        "shops": shops(),
        "entries": entries(),
        "latest": _in_words("latest_prices", {"present": True}),
        "history": [
            row | {"key": None} for row in _in_words("price_history", {"days.n.0": {"$exists": True}})
        ],
    }


def entries() -> list[Document]:
    return _in_words("price_entries", {})


def shops() -> list[tuple[Any, ...]]:
    return sorted(
        (
            shop.source_key,
            shop.shop_name,
            shop.kind,
            shop.region.slug,
            shop.township.slug if shop.township else None,
            (round(shop.point.x, 6), round(shop.point.y, 6)) if shop.point else None,
        )
        for shop in Shop.objects.select_related("region", "township")
    )


def documents(collection: str) -> list[Document]:
    return list(mongo.database()[collection].find())


def count_all() -> dict[str, int]:
    """How many documents and rows there are of each kind that an import could write."""
    counts = {name: mongo.database()[name].count_documents({}) for name in COLLECTIONS}
    return counts | {
        model.__name__: model._default_manager.count() for model in (Shop, Item, ImportBatch, LedgerRow)
    }


def _in_words(collection: str, wanted: Document) -> list[Document]:
    words = {
        "itemId": dict(Item.objects.values_list("pk", "slug")),
        "shopId": dict(Shop.objects.values_list("pk", "source_key")),
        "region_id": {NATION: "nation", **dict(Region.objects.values_list("pk", "slug"))},
        "township_id": {None: None, **dict(Township.objects.values_list("pk", "slug"))},
    }

    def said(document: Document) -> Document:
        plain = {}
        for name, value in sorted(document.items()):
            if name in words:
                plain[name] = words[name][value]
            elif isinstance(value, dict):
                plain[name] = said(value)
            elif name == "id" or (name == "_id" and collection != "price_entries"):
                continue
            elif name not in ("rev", "publishedAt"):
                plain[name] = str(value)
        return plain

    return sorted((said(row) for row in mongo.database()[collection].find(wanted)), key=str)


def only_entry() -> PriceEntry:
    (document,) = documents("price_entries")
    entry = entry_store.get(document["_id"])
    assert entry is not None
    return entry


def wrong() -> list[str]:
    """What is derived and not what it must be."""
    return oracle.differences(now=clock.now())


def empty() -> None:
    """As before any import."""
    for name in COLLECTIONS:
        mongo.database()[name].delete_many({})
    for model in (ImportBatch, LedgerRow, Shop):
        model._default_manager.all().delete()
