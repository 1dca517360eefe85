"""The prices of the stalls that most tests of pages look at, and the addresses where they are shown."""

from datetime import timedelta
from decimal import Decimal

from potato import clock
from prices.derived import refresh
from prices.names import cache as names
from prices.publishing import relay
from prices.store import entries
from tests.factories import make_entry

VISITED = [
    "/",
    "/items/",
    "/items/rice/",
    "/items/rice/?region=yangon",
    "/items/rice/?region=yangon&township=insein",
    "/items/rice/?region=yangon&since=2020-01-01",
]
VISITED += ["/categories/cereals/", "/regions/yangon/", "/regions/yangon/insein/", "/search/?q=rice"]
VISITED += ["/movers/", "/movers/?region=yangon&period=365", "/movers/unusual/"]
VISITED += ["/items/rice/history.csv?region=yangon", "/items/rice/history.json"]


def price(stalls, shop, kyat: int, *, days: int = 0, hours: int = 0, **fields):
    fields.setdefault("item_id", stalls.rice.pk)
    seen_at = clock.now() - timedelta(days=days, hours=hours)
    return make_entry(shop=shop, price=Decimal(kyat), amount=kyat * 100, seen_at=seen_at, **fields)


def put(*prices) -> None:
    """Store prices, and make every board and name that follows from them."""
    relay.run_once(limit=1000)
    names.refresh()
    entries.add_many(prices)
    shop_ids = set()
    for item_id in {one.item_id for one in prices}:
        shop_ids |= refresh.rebuild(item_id)
    refresh.rebuild_shops(shop_ids)
    refresh.renew_places(all_of_them=True)
