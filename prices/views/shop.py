"""The page of a shop."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import names, selectors
from prices.pages import found
from prices.pages import shop as shops
from prices.pages.links import Links
from prices.types import region_key, shop_key


@copy_suffices
@require_safe
def shop(request: HttpRequest, shop_id: int) -> HttpResponse:
    """What a shop asks for what, beside what is typical in its region."""
    place = found.by_id("shop", shop_id)
    words, links = wording(), Links()
    region = names.get("region", place.facts.get("region"))
    township = names.get("township", place.facts.get("township"))
    key = shop_key(place.id)
    boards = selectors.boards_for([key, region_key(region.id)] if region else [key])
    board, region_board = boards.get(key), boards.get(region_key(region.id)) if region else None
    data = board.data["rows"] if board else []
    rows = shops.price_rows(
        data, region_items=region_board.data["items"] if region_board else [], words=words, links=links
    )
    context = {
        "shop": place,
        "facts": shops.facts_of(place),
        "region": region,
        "region_url": links.region(region) if region else "",
        "township": township,
        "township_url": links.township(region, township) if region and township else "",
        "rows": rows,
        "n_items": words.number(len(rows)),
        "newest": words.age(max((row["seen"] for row in data), default=None)),
        "currency": words.currency(),
        "as_of": found.as_of([board, region_board]),
        "canonical": request.path,
    }
    return render(request, "prices/shop.html", context)
