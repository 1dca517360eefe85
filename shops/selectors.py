"""What others read of places and shops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import Q

from shops.models import Region, Shop, Township
from shops.types import ShopNear

PAGE_SIZE = 50
MOST_NEAR = 2000
LAST_PAGE = 100
"""How far the list of shops can be turned; beyond, a reader searches."""

NAMES = (
    "shop_name",
    "shop_name_my",
    "township__name_en",
    "township__name_my",
    "region__name_en",
    "region__name_my",
)


@dataclass(frozen=True, slots=True)
class ShopPage:
    """A page of shops, with how many match altogether."""

    shops: list[Shop]
    total: int
    number: int
    last: int
    has_figures: bool = True
    """Whether the shops' statistics are known; else they are empty, which says nothing of the shops."""

    @property
    def first(self) -> int:
        """How many shops stand on the pages before."""
        return (self.number - 1) * PAGE_SIZE


class ShopList(Protocol):
    """Where the list of shops comes from: this module, or who holds the names in memory."""

    def all_regions(self) -> list[Region]: ...

    def townships_of(self, region_id: int) -> list[Township]: ...

    def shops_page(
        self, *, words: Sequence[str], region: Region | None, township: Township | None, number: int
    ) -> ShopPage: ...


_fallback: ShopList | None = None


def fall_back_on(shop_list: ShopList) -> None:
    """Take the list of shops for the time without PostgreSQL; its models are not saved, and never asked for more."""
    global _fallback
    _fallback = shop_list


def fallback() -> ShopList | None:
    return _fallback


def all_regions() -> list[Region]:
    """The 15 states, regions and the union territory, by English name."""
    return list(Region.objects.all())


def townships_of(region_id: int) -> list[Township]:
    """The townships of a region, by English name."""
    return list(Township.objects.filter(region=region_id).select_related("region"))


def shops_page(
    *, words: Sequence[str], region: Region | None, township: Township | None, number: int
) -> ShopPage:
    """A page of shops that are not closed for good, by name; two queries.

    :param words: pieces of an English or Burmese name or of the place's name; all must be found.
    :param number: the page wanted, from 1; beyond the end the last one is given.
    """
    shops = Shop.objects.exclude(status=Shop.Status.CLOSED)
    if township is not None:
        shops = shops.filter(township=township)
    elif region is not None:
        shops = shops.filter(region=region)
    for word in words:
        shops = shops.filter(_named(word))
    page = empty_page(total=shops.count(), number=number)
    found = shops.select_related("region", "township", "statistics")[page.first : page.first + PAGE_SIZE]
    return replace(page, shops=list(found))


def empty_page(*, total: int, number: int) -> ShopPage:
    """The page of that number, or the nearest that there is, still without its shops."""
    last = max(1, min(-(-total // PAGE_SIZE), LAST_PAGE))
    return ShopPage([], total, max(1, min(number, last)), last)


def shops_near(*, longitude: float, latitude: float, metres: float) -> list[ShopNear]:
    """Shops within a distance that are not closed for good, the nearest first; one query, by the index on points.

    :param metres: along the ground, as the others are given back.
    """
    here = Point(longitude, latitude, srid=4326)
    shops = Shop.objects.exclude(status=Shop.Status.CLOSED).filter(point__dwithin=(here, D(m=metres)))
    rows = shops.annotate(away=Distance("point", here)).order_by("away", "pk")[:MOST_NEAR]
    return [
        ShopNear(pk, region_id, away.m) for pk, region_id, away in rows.values_list("pk", "region_id", "away")
    ]


def existing_shops(shop_ids: Iterable[int]) -> set[int]:
    """Those of the ids that are shops. No query for no ids."""
    ids = list(shop_ids)
    return set(Shop.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _named(word: str) -> Q:
    # Two ways to spell "market" look the same and differ as text; both are in use.
    match = Q()
    for spelling in {word, word.replace("စျ", "ဈ"), word.replace("ဈ", "စျ")}:
        for field in NAMES:
            match |= Q(**{f"{field}__icontains": spelling})
    return match
