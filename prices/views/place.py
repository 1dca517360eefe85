"""Lists of items: all of them, a category, a region, a township."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import Wording, wording
from potato.web.fragments import lazily
from prices import selectors
from prices.names import cache as names
from prices.pages import seo
from prices.pages.item.varieties import board_key
from prices.pages.maps import regions_map
from prices.pages.places import landing, lists
from prices.pages.places.lists import ItemRow
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.links import Links, type_asked, with_query
from prices.pages.shared_parts.phrases import type_name
from prices.pages.shared_parts.view_models import Tab
from prices.rules.typical_price import Typical
from prices.types import HOME, PRICE_TYPES, Board, Name, PriceType, region_key, shop_key
from prices.views import fragments

LATEST_SHOWN = 10
SHOPS_SHOWN = 60


@copy_suffices
@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """Every item by category, with what it typically costs in the country."""
    begun = fragments.begin()
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    boards = selectors.boards_for([HOME])
    board = boards.get(HOME)
    rows = lists.item_rows(board.data["items"] if board else [], type=type_, words=words, links=links)
    context = _catalogue_context(
        request, rows, names.all_of("category"), type=type_, words=words, links=links
    )
    context |= {
        "ignored": ignored,
        "as_of": lookup.as_of([board]),
        "head": seo.of_catalogue(rows, type=type_, words=words),
    }
    with fragments.page(
        begun, "items", request.path, parts={"board": [HOME]}, boards=boards, facts=(type_,)
    ) as cached:
        return render(request, "prices/items.html", {**context, "fragments": cached})


@copy_suffices
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """The items of one category, where they are cheap, and which of them moved."""
    begun = fragments.begin()
    chosen = lookup.by_slug("category", slug)
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    keys = {
        item.id: board_key(item, None)
        for item in names.all_of("item")
        if item.facts.get("category") == chosen.id and item.facts.get("active", True)
    }
    boards = selectors.boards_for([HOME, *keys.values()])
    items = boards[HOME].data["items"] if HOME in boards else []
    rows = [
        row
        for row in lists.item_rows(items, type=type_, words=words, links=links)
        if row.item.facts.get("category") == chosen.id
    ]
    context = _catalogue_context(request, rows, [chosen], type=type_, words=words, links=links)
    context |= {
        "category": chosen,
        "rows": rows,
        "cheap": lazily(partial(_cheap, keys, boards, type=type_, words=words, links=links)),
        "moved": lazily(
            lambda: landing.moved_rows(items, type=type_, words=words, links=links, category=chosen)
        ),
        "map_url": links.map(item=rows[0].item.slug, type=type_asked(type_)) if rows else "",
        "ignored": ignored,
        "as_of": lookup.as_of(boards.values()),
        "head": seo.of_category(
            chosen,
            rows,
            type=type_,
            words=words,
            breadcrumbs=seo.breadcrumbs_of(
                [(gettext("All items"), reverse("items")), (str(chosen), links.category(chosen))],
                request.build_absolute_uri,
            ),
        ),
    }
    with fragments.page(
        begun,
        f"categories/{slug}",
        request.path,
        parts={"board": [HOME], "cheap": keys.values(), "moved": [HOME]},
        boards=boards,
        facts=(type_,),
    ) as cached:
        return render(request, "prices/category.html", {**context, "fragments": cached})


@copy_suffices
@require_safe
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """What items typically cost in a region, and its newest prices."""
    begun = fragments.begin()
    place = lookup.by_slug("region", slug)
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    key = region_key(place.id)
    boards = selectors.boards_for([key, HOME])
    board = boards.get(key)
    shops = [shop for shop in names.all_of("shop") if shop.facts.get("region") == place.id]
    with_shops = {shop.facts.get("township") for shop in shops}
    townships = [one for one in names.all_of("township") if one.facts["region"] == place.id]
    townships.sort(key=lambda one: one.id not in with_shops)
    data = board.data if board else {"items": [], "latest": []}
    rows = lists.item_rows(data["items"], type=type_, words=words, links=links, region=place)
    context = _place_context(
        request,
        rows,
        lambda: landing.typicals_in(data["items"], type=type_, words=words),
        boards=boards,
        shops=shops,
        type=type_,
        words=words,
        links=links,
        region=place,
    )
    context |= {
        "lead": next((row for row in rows if not row.is_old), None),
        "moved": lazily(
            lambda: landing.moved_rows(data["items"], type=type_, words=words, links=links, region=place)
        ),
        # Boards that were made before they held shops do without.
        "sellers": lazily(lambda: landing.seller_rows(data.get("shops", []), words=words, links=links)),
        "latest": lazily(
            lambda: lists.latest_rows(
                data["latest"], words=words, links=links, limit=LATEST_SHOWN, with_region=False
            )
        ),
        "townships": [(one, links.township(place, one), one.id in with_shops) for one in townships],
        "ignored": ignored,
    }
    with fragments.page(
        begun,
        f"regions/{slug}",
        request.path,
        parts={"moves": [key, HOME], "board": [key], "sellers": [key], "latest": [key], "map": []},
        boards=boards,
        facts=(type_,),
    ) as cached:
        return render(request, "prices/region.html", {**context, "fragments": cached})


@copy_suffices
@require_safe
def township(request: HttpRequest, slug: str, township_slug: str) -> HttpResponse:
    """The shops of a township, and what items cost there."""
    begun = fragments.begin()
    above = lookup.by_slug("region", slug)
    place = lookup.by_slug("township", township_slug, region=above)
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    shops = [shop for shop in names.all_of("shop") if shop.facts.get("township") == place.id]
    keys = {shop.id: shop_key(shop.id) for shop in shops[:SHOPS_SHOWN]}
    boards = selectors.boards_for([HOME, *(own := [region_key(above.id), *keys.values()])])
    region_board = boards.get(region_key(above.id))
    rows_of = {shop_id: boards[key].data["rows"] for shop_id, key in keys.items() if key in boards}
    shop_rows = [row for rows in rows_of.values() for row in rows]
    rows = lists.township_rows(
        shop_rows=shop_rows,
        region_items=region_board.data["items"] if region_board else [],
        type=type_,
        region=above,
        township=place,
        words=words,
        links=links,
    )
    context = _place_context(
        request,
        rows,
        lambda: landing.typicals_of_shops(shop_rows, type=type_, words=words),
        boards=boards,
        shops=shops,
        type=type_,
        words=words,
        links=links,
        region=above,
        township=place,
    )
    context |= {
        "above": above,
        "above_url": links.region(above),
        "sellers": lazily(partial(_sellers, shops[:SHOPS_SHOWN], rows_of, words=words, links=links)),
        "more_shops": words.number(len(shops) - SHOPS_SHOWN) if len(shops) > SHOPS_SHOWN else "",
        "ignored": ignored,
    }
    with fragments.page(
        begun,
        f"regions/{slug}/{township_slug}",
        request.path,
        parts={"cheap": [HOME, *own], "board": own, "sellers": keys.values(), "map": []},
        boards=boards,
        facts=(type_,),
    ) as cached:
        return render(request, "prices/township.html", {**context, "fragments": cached})


def _cheap(
    keys: Mapping[int, str], boards: Mapping[str, Board], *, type: PriceType, words: Wording, links: Links
) -> list[landing.CheapRow]:
    """Where items are cheap, of those with a board."""
    data = {item_id: boards[key].data for item_id, key in keys.items() if key in boards}
    return landing.cheap_places(data, type=type, words=words, links=links)


def _sellers(
    shops: Sequence[Name], rows_of: Mapping[int, list[dict[str, Any]]], *, words: Wording, links: Links
) -> list[landing.SellerRow]:
    """The shops of a township, with how many prices each has and how old they are."""
    sellers = landing.sellers_of({shop.id: rows_of.get(shop.id, []) for shop in shops}, words=words)
    return landing.seller_rows(sellers, words=words, links=links, limit=SHOPS_SHOWN, with_township=False)


def _catalogue_context(
    request: HttpRequest,
    rows: Sequence[ItemRow],
    categories: Sequence[Name],
    *,
    type: PriceType,
    words: Wording,
    links: Links,
) -> dict[str, object]:
    """What the pages of all items and of one category show alike."""
    return {
        "groups": lazily(lambda: lists.groups(rows, categories=categories, links=links)),
        **_type_context(request.path, type, words),
    }


def _place_context(
    request: HttpRequest,
    rows: Sequence[ItemRow],
    typicals: Callable[[], Mapping[landing.Key, Typical]],
    *,
    boards: Mapping[str, Board],
    shops: Iterable[Name],
    type: PriceType,
    words: Wording,
    links: Links,
    region: Name,
    township: Name | None = None,
) -> dict[str, object]:
    """What the pages of a region and of a township show alike.

    :param typicals: the typical prices of the place, to compare with the country's.
    :param boards: those that were read, that of the home page among them.
    :param shops: those of the place, for its map.
    """
    place = township or region
    country = boards[HOME].data["items"] if HOME in boards else []
    title = gettext("Map of %(place)s: its shops") % {"place": place}
    return {
        "place": place,
        "today": words.long_day(words.today),
        "rows": rows,
        "cheap": lazily(
            lambda: landing.cheap_rows(
                typicals(),
                landing.typicals_in(country, type=type, words=words),
                type=type,
                words=words,
                links=links,
                region=region,
                township=township,
            )
        ),
        "place_map": lazily(partial(regions_map.of_place, region, shops, title=title)),
        "map_url": links.map(region=region.slug, type=type_asked(type)),
        "as_of": lookup.as_of(boards.values()),
        "head": seo.of_place(
            f"{township}, {region}" if township else str(region),
            rows,
            type=type,
            words=words,
            breadcrumbs=seo.breadcrumbs_of(_crumbs(region, township, links), request.build_absolute_uri),
        ),
        **_type_context(request.path, type, words),
    }


def _crumbs(region: Name, township: Name | None, links: Links) -> list[seo.Crumb]:
    crumbs = [(gettext("Board"), reverse("home")), (str(region), links.region(region))]
    if township:
        crumbs.append((str(township), links.township(region, township)))
    return crumbs


def _type_context(path: str, current: PriceType, words: Wording) -> dict[str, object]:
    """What every list of prices says of its kind of price, and the tabs to choose another."""
    addresses = {known: with_query(path, {"type": type_asked(known)}) for known in PRICE_TYPES}
    return {
        "types": [Tab(type_name(known), url, known == current) for known, url in addresses.items()],
        "type_name": type_name(current),
        "currency": words.currency(),
        "canonical": addresses[current],
    }
