"""The list of shops from the names in memory, for the time without PostgreSQL (:class:`shops.selectors.ShopList`)."""

from collections.abc import Sequence
from dataclasses import replace

from potato.errors import Unavailable
from prices import selectors
from prices.names import cache as names
from prices.names import search as name_search
from prices.rules.boards.format import from_ms
from prices.types import Board, Name, shop_key
from shops.models import Region, Shop, ShopStatistics, Township
from shops.selectors import LAST_PAGE, PAGE_SIZE, ShopPage, empty_page


def all_regions() -> list[Region]:
    """Every region, by English name."""
    return [_region(name) for name in names.all_of("region")]


def townships_of(region_id: int) -> list[Township]:
    """The townships of a region, by English name."""
    return [_township(name) for name in names.all_of("township") if name.facts["region"] == region_id]


def shops_page(
    *, words: Sequence[str], region: Region | None, township: Township | None, number: int
) -> ShopPage:
    """A page of shops that are not closed for good, by name; their figures come from their boards in one read.

    :param words: pieces of the name of a shop or of its place; all must be found.
    :param number: the page wanted, from 1; beyond the end the last one is given.
    """
    found = [
        shop
        for shop in _called(words)
        if shop.facts.get("status") != Shop.Status.CLOSED
        and (region is None or shop.facts["region"] == region.pk)
        and (township is None or shop.facts.get("township") == township.pk)
    ]
    found.sort(key=lambda shop: (shop.name_en, shop.id))
    page = empty_page(total=len(found), number=number)
    shown = found[page.first : page.first + PAGE_SIZE]
    try:
        known = selectors.boards_for(shop_key(shop.id) for shop in shown)
    except Unavailable:
        return replace(page, shops=[_shop(shop, None) for shop in shown], has_figures=False)
    return replace(page, shops=[_shop(shop, known.get(shop_key(shop.id))) for shop in shown])


def _called(words: Sequence[str]) -> list[Name]:
    if not words:
        return names.all_of("shop")
    answer = name_search.answer(" ".join(words), limits={"shop": PAGE_SIZE * LAST_PAGE}, by_place=True)
    return [] if answer.is_guess else answer.names("shop")


def _region(name: Name) -> Region:
    return Region(pk=name.id, slug=name.slug, name_en=name.name_en, name_my=name.name_my)


def _township(name: Name) -> Township:
    return Township(
        pk=name.id,
        slug=name.slug,
        name_en=name.name_en,
        name_my=name.name_my,
        region_id=name.facts["region"],
    )


def _shop(name: Name, board: Board | None) -> Shop:
    region = names.known("region", name.facts["region"])
    township = names.known("township", name.facts.get("township"))
    shop = Shop(
        pk=name.id,
        shop_name=name.name_en,
        shop_name_my=name.name_my,
        region=_region(region) if region else Region(),
        township=_township(township) if township else None,
        kind=name.facts["kind"],
        status=name.facts["status"],
        is_demo=name.facts["demo"],
    )
    rows = board.data["rows"] if board else []
    seen = [row["seen"] for row in rows]
    # Whoever asks the shop for its statistics gets these, and PostgreSQL is not asked.
    ShopStatistics(
        shop=shop,
        items=len({row["item"] for row in rows}),
        last_seen_at=from_ms(max(seen)) if seen else None,
    )
    return shop
