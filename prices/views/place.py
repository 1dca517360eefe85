"""Lists of items: all of them, a category, a region, a township."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import names, selectors
from prices.pages import filters, found, lists, regions_map
from prices.pages.links import Links, with_query
from prices.pages.nouns import Tab
from prices.pages.phrases import type_name
from prices.types import HOME, PRICE_TYPES, RETAIL, PriceType, region_key, shop_key

LATEST_SHOWN = 10
SHOPS_SHOWN = 60


@copy_suffices
@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """Every item by category, with what it typically costs in the country."""
    return _catalogue(request, "prices/items.html", {})


@copy_suffices
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """The items of one category."""
    chosen = found.by_slug("category", slug)
    return _catalogue(request, "prices/category.html", {"category": chosen})


@copy_suffices
@require_safe
def region(request: HttpRequest, slug: str) -> HttpResponse:
    """What items typically cost in a region, and its newest prices."""
    place = found.by_slug("region", slug)
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    key = region_key(place.id)
    board = selectors.boards_for([key]).get(key)
    data = board.data if board else {"items": [], "latest": []}
    rows = lists.item_rows(data["items"], type=type_, words=words, links=links, region=place)
    context = {
        "place": place,
        "today": words.long_day(words.today),
        "rows": rows,
        "lead": next((row for row in rows if not row.is_old), None),
        "types": _types(request.path, type_),
        "type_name": type_name(type_),
        "currency": words.currency(),
        "latest": lists.latest_rows(
            data["latest"], words=words, links=links, limit=LATEST_SHOWN, with_region=False
        ),
        "townships": [
            (one, links.township(place, one))
            for one in names.all_of("township")
            if one.facts["region"] == place.id
        ],
        "place_map": regions_map.of_place(
            place,
            [shop for shop in names.all_of("shop") if shop.facts.get("region") == place.id],
            title=gettext("Map of %(place)s: its shops") % {"place": place},
        ),
        "map_url": links.map(region=place.slug, type="" if type_ == RETAIL else type_.lower()),
        "ignored": ignored,
        "as_of": found.as_of([board]),
        "canonical": with_query(request.path, {"type": "" if type_ == RETAIL else type_.lower()}),
    }
    return render(request, "prices/region.html", context)


@copy_suffices
@require_safe
def township(request: HttpRequest, slug: str, township_slug: str) -> HttpResponse:
    """The shops of a township, and what items cost there."""
    above = found.by_slug("region", slug)
    place = found.by_slug("township", township_slug, region=above)
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    shops = [shop for shop in names.all_of("shop") if shop.facts.get("township") == place.id]
    keys = {shop.id: shop_key(shop.id) for shop in shops[:SHOPS_SHOWN]}
    region_board_key = region_key(above.id)
    boards = selectors.boards_for([region_board_key, *keys.values()])
    region_board = boards.get(region_board_key)
    rows_of = {shop_id: boards[key].data["rows"] for shop_id, key in keys.items() if key in boards}
    rows = lists.township_rows(
        shop_rows=[row for rows in rows_of.values() for row in rows],
        region_items=region_board.data["items"] if region_board else [],
        type=type_,
        region=above,
        township=place,
        words=words,
        links=links,
    )
    context = {
        "place": place,
        "above": above,
        "above_url": links.region(above),
        "today": words.long_day(words.today),
        "rows": rows,
        "types": _types(request.path, type_),
        "type_name": type_name(type_),
        "currency": words.currency(),
        "shops": [
            (
                shop,
                links.shop(shop.id),
                words.number(len(rows_of.get(shop.id, []))),
                words.age(max((row["seen"] for row in rows_of.get(shop.id, [])), default=None)),
            )
            for shop in shops[:SHOPS_SHOWN]
        ],
        "more_shops": words.number(len(shops) - SHOPS_SHOWN) if len(shops) > SHOPS_SHOWN else "",
        "ignored": ignored,
        "as_of": found.as_of(boards.values()),
        "canonical": with_query(request.path, {"type": "" if type_ == RETAIL else type_.lower()}),
    }
    return render(request, "prices/township.html", context)


def _catalogue(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    words, links = wording(), Links()
    type_, ignored = filters.read_type(request.GET)
    board = selectors.boards_for([HOME]).get(HOME)
    rows = lists.item_rows(board.data["items"] if board else [], type=type_, words=words, links=links)
    one = context.get("category")
    categories = [name for name in names.all_of("category") if one is None or name.id == one.id]  # type: ignore[attr-defined]
    context |= {
        "groups": lists.groups(rows, categories=categories, links=links),
        "types": _types(request.path, type_),
        "type_name": type_name(type_),
        "currency": words.currency(),
        "ignored": ignored,
        "as_of": found.as_of([board]),
        "canonical": with_query(request.path, {"type": "" if type_ == RETAIL else type_.lower()}),
    }
    return render(request, template, context)


def _types(path: str, current: PriceType) -> list[Tab]:
    return [
        Tab(
            type_name(known),
            with_query(path, {"type": "" if known == RETAIL else known.lower()}),
            known == current,
        )
        for known in PRICE_TYPES
    ]
