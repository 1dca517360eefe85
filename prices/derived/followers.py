"""How many people follow each item and each shop: counted again from PostgreSQL, never incremented."""

from collections.abc import Mapping

from django.db.models import Count, Model

from catalog.models import Favourite as FollowedItem
from potato import clock
from prices.derived.refresh import until_written
from prices.store import boards
from prices.types import followers_key
from shops.models import Favourite as FollowedShop

TABLES: Mapping[str, type[Model]] = {"item": FollowedItem, "shop": FollowedShop}


def count() -> int:
    """Write the boards of items and shops that another number of people follows than they say.

    :return: how many were written.
    :raises Unavailable: MongoDB did not answer; the next run counts again.
    """
    changed: dict[str, dict[str, int]] = {}

    def write(*, rev: int) -> bool:
        # The boards first: what is counted is then at least as new.
        known = boards.followers()
        counted = _counted()
        changed.clear()
        for key in known.keys() | counted.keys():
            if known.get(key, 0) != (n := counted.get(key, 0)):
                changed[key] = {"n": n}
        return boards.put_many(changed, rev=rev, made_at=clock.now())

    until_written(write)
    return len(changed)


def _counted() -> dict[str, int]:
    return {
        followers_key(kind, id): n
        for kind, table in TABLES.items()
        for id, n in table._default_manager.values_list(f"{kind}_id").annotate(n=Count("pk"))
    }
