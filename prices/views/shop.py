"""The page of a shop."""

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from potato.web.fragments import lazily
from prices import selectors
from prices.names import cache as names
from prices.pages import seo
from prices.pages.maps import regions_map
from prices.pages.places import shop as shops
from prices.pages.shared_parts import lookup
from prices.pages.shared_parts.links import Links, type_asked
from prices.types import Name, followers_key, region_key, shop_key
from prices.views import fragments


@copy_suffices
@require_safe
def shop(request: HttpRequest, shop_id: int) -> HttpResponse:
    """What a shop asks for what, beside what is typical in its region."""
    begun = fragments.begin()
    place = lookup.by_id("shop", shop_id)
    words, links = wording(), Links()
    region = names.get("region", place.facts.get("region"))
    township = names.get("township", place.facts.get("township"))
    key = shop_key(place.id)
    followers = followers_key("shop", place.id)
    boards = selectors.boards_for([key, followers, *([region_key(region.id)] if region else [])])
    board, region_board = boards.get(key), boards.get(region_key(region.id)) if region else None
    data = board.data["rows"] if board else []
    usual = region_board.data["items"] if region_board else []
    figures = shops.figures_of(data, followers=selectors.followers(boards.get(followers)), words=words)
    context = {
        "shop": place,
        "live": f"shop={place.id}",
        "facts": shops.facts_of(place),
        "figures": figures,
        "region": region,
        "region_url": links.region(region) if region else "",
        "township": township,
        "township_url": links.township(region, township) if region and township else "",
        "rows": lazily(partial(shops.price_rows, data, region_items=usual, words=words, links=links)),
        "currency": words.currency(),
        "place_map": lazily(lambda: _place_map(place, region)),
        "map_url": _map_url(place, region, data, links),
        "phone_map_url": f"geo:{point[1]},{point[0]}" if (point := place.facts.get("point")) else "",
        "as_of": lookup.as_of([board, region_board]),
        "canonical": request.path,
        "head": seo.of_shop(
            place,
            place=", ".join(str(name) for name in (township, region) if name) or gettext("Myanmar"),
            n_items=figures.n_items if figures.has_prices else "",
            newest=figures.newest,
            path=request.path,
            crumbs=[*_crumbs(region, township, links), (str(place), request.path)],
            absolute=request.build_absolute_uri,
        ),
    }
    with fragments.page(
        begun,
        f"shops/{shop_id}",
        request.path,
        parts={"map": [key], "prices": [key, region_key(region.id)] if region else [key]},
        boards=boards,
    ) as cached:
        return render(request, "prices/shop.html", {**context, "fragments": cached})


def _crumbs(region: Name | None, township: Name | None, links: Links) -> list[seo.Crumb]:
    crumbs = [(gettext("Board"), reverse("home"))]
    crumbs += [(str(region), links.region(region))] if region else []
    crumbs += [(str(township), links.township(region, township))] if region and township else []
    return crumbs


def _place_map(shop: Name, region: Name | None) -> regions_map.PlaceMap | None:
    if region is None:
        return None
    title = gettext("Where %(shop)s is in %(region)s") % {"shop": shop, "region": region}
    return regions_map.of_place(region, [shop], title=title)


def _map_url(shop: Name, region: Name | None, rows: list[dict[str, Any]], links: Links) -> str:
    """The map around a shop, with the newest of its prices; empty where nobody knows where it is."""
    point = shop.facts.get("point")
    if not point or region is None:
        return ""
    newest = max(rows, key=lambda row: row["seen"], default=None)
    item = names.get("item", newest["item"]) if newest else None
    type_ = type_asked(newest["type"]) if newest else ""
    url = links.map(item=item.slug if item else "", region=region.slug, type=type_)
    return f"{url}#at={point[1]},{point[0]}"
