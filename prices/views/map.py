"""The map: regions in the colour of what an item costs, shops with their price."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from prices import selectors
from prices.names import cache as names
from prices.pages.item import tables
from prices.pages.item.page import ItemPage, measures_for, settle
from prices.pages.item.varieties import board_key
from prices.pages.maps import near_me, regions_map, shops_map
from prices.pages.maps.regions_map import PlaceMap
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.links import Links, MapLinks, with_query
from prices.pages.shared_parts.view_models import Option
from prices.types import HOME, RETAIL, Board, Name


@copy_suffices
@require_safe
def shops_on_map(request: HttpRequest) -> HttpResponse:
    """What an item costs by region, or in one region's shops, as a map and as the same in a table."""
    item, not_found = filters.read_item(request.GET)
    home = None
    if item is None:
        home = selectors.boards_for([HOME]).get(HOME)
        item = _most_priced(home)
    words = wording()
    measures = measures_for(item, words)
    chosen = filters.read(request.GET, measures=measures, today=words.today)
    boards = selectors.boards_for({board_key(item, None), board_key(item, chosen.region)})
    nation = boards.get(board_key(item, None))
    region = boards.get(board_key(item, chosen.region)) if chosen.region else None
    page = ItemPage(
        item=item,
        chosen=settle(chosen, item=item, nation=nation, measures=measures),
        measures=measures,
        nation=nation,
        region=region,
        days=(),
        kinds={},
        words=words,
        links=MapLinks(),
    )
    asked = {key: value for key, value in page.chosen.query().items() if key in ("region", "type", "unit")}
    context = {
        "item": item,
        "item_url": Links().item(item, **asked),
        "near_url": Links().near(item, type=asked["type"], unit=asked["unit"]),
        "items": _item_options(item),
        "page": page,
        "chosen": page.chosen,
        "options": page.options(),
        "drawing": page.regions_map(),
        "table": tables.shops(page) if page.chosen.region else tables.regions(page),
        "n_unplaced": words.number(n) if (n := shops_map.n_unplaced(page.local_rows)) else "",
        "place_map": _place_map(page),
        "markers_url": with_query(reverse("map_shops"), {"item": item.slug, **asked}),
        "bounds": _bounds(page.chosen.region, page.local_rows),
        "tiles_url": settings.TILES_URL,
        "tiles_credit": settings.TILES_CREDIT,
        "ignored": not_found + page.chosen.ignored,
        "as_of": lookup.as_of([home, nation, region]),
        "canonical": with_query(request.path, {"item": item.slug, **asked}),
    }
    return render(request, "prices/map.html", context)


@copy_suffices
@require_safe
def map_shops(request: HttpRequest) -> HttpResponse:
    """The markers of a piece of the map, at most 300: shops with their price, those close to each other as one."""
    item, ignored = filters.read_item(request.GET)
    if item is None:
        raise Http404("no such item")
    words = wording()
    measures = measures_for(item, words)
    chosen = filters.read(request.GET, measures=measures, today=words.today)
    zoom, box, not_seen = filters.read_view(request.GET)
    regions = (
        [chosen.region]
        if chosen.region
        else [one for one in names.all_of("region") if box.meets(one.facts.get("bounds") or ())]
    )
    keys = [board_key(item, region) for region in regions]
    boards = selectors.boards_for([board_key(item, None), *keys])
    nation = boards.get(board_key(item, None))
    chosen = settle(chosen, item=item, nation=nation, measures=measures)
    assert chosen.type and chosen.measure
    points = shops_map.points_of(
        (row for key in keys if key in boards for row in boards[key].data["rows"]),
        box=box,
        type=chosen.type,
        base=chosen.measure.base,
        words=words,
    )
    shown = shops_map.markers_of(points, zoom=zoom, measure=chosen.measure, words=words, links=Links())
    return JsonResponse(
        {"markers": [asdict(one) for one in shown], "ignored": [*ignored, *chosen.ignored, *not_seen]}
    )


def _place_map(page: ItemPage) -> PlaceMap | None:
    """The drawing of the chosen region with the shops that have a price, shown where there is no JavaScript."""
    if page.chosen.region is None:
        return None
    shops = [shop for row in page.local_rows if (shop := names.get("shop", row["shop"]))]
    return regions_map.of_place(page.chosen.region, shops, title=page.subject())


def _bounds(region: Name | None, rows: list[dict[str, Any]]) -> str:
    """What the map shows at first: a region's shops, else all of it; west, south, east, north, or empty for the country.

    Of many shops the outermost may be left out: one on an island far off would have all others in a heap.
    """
    points = [point for row in rows if (point := near_me.position_of(row["shop"]))]
    if points:
        out = len(points) // 20
        longitudes, latitudes = (
            sorted(degrees)[out : len(points) - out] for degrees in zip(*points, strict=True)
        )
        box = (longitudes[0], latitudes[0], longitudes[-1], latitudes[-1])
    else:
        box = tuple((region.facts.get("bounds") if region else None) or ())
    return ",".join(str(degrees) for degrees in box)


def _most_priced(home: Board | None) -> Name:
    """The item that most shops have a fresh price of, for who has not chosen. :raises Http404: there are no items."""
    items = home.data["items"] if home else []
    shops = {one["item"]: one["summary"]["shops"] for one in items if one["series"].startswith(RETAIL)}
    known = [item for item in names.all_of("item") if item.facts.get("active", True)]
    if not known:
        raise Http404("there are no items")
    return max(known, key=lambda item: shops.get(item.id, -1))


def _item_options(chosen: Name) -> list[tuple[Name, list[Option]]]:
    """The items to choose from, by category."""
    items = [item for item in names.all_of("item") if item.facts.get("active", True) or item.id == chosen.id]
    return [
        (
            category,
            [
                Option(item.slug, str(item), item.id == chosen.id)
                for item in items
                if item.facts.get("category") == category.id
            ],
        )
        for category in names.all_of("category")
    ]
