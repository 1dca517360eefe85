"""Finding items, places and shops by name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import names, selectors
from prices.pages import filters, found, lists
from prices.pages.kinds import heads_of
from prices.pages.links import Links
from prices.search import MAX_LENGTH, Haystack, find, haystack
from prices.types import HOME, RETAIL, Name, NameKind

FOUND_SHOWN = 20
ITEMS_LOOKED_AT = 500
KINDS: tuple[NameKind, ...] = ("item", "category", "region", "township", "shop")

_prepared: dict[tuple[str, int], Haystack] = {}


@copy_suffices
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Items with their prices, places and shops whose names hold the words asked for."""
    question = str(request.GET.get("q", ""))[: MAX_LENGTH + 1].strip()
    asked = filters.shown(question) if question else ""
    words, links = wording(), Links()
    matches = {
        kind: find(question, _haystacks(kind), limit=ITEMS_LOOKED_AT if kind == "item" else FOUND_SHOWN)
        for kind in KINDS
    }
    matches["item"] = [item for item in matches["item"] if item.facts.get("active", True)]
    board = selectors.boards_for([HOME]).get(HOME) if matches["item"] else None
    priced = lists.item_rows(board.data["items"] if board else [], type=RETAIL, words=words, links=links)
    by_item = {row.item.id: row for row in priced}
    # Those with prices first, and those of which only the kinds have some: nobody looks for an empty page.
    heads = heads_of(row.item for row in priced)
    matches["item"].sort(key=lambda item: (item.id not in by_item, item.id not in heads))
    del matches["item"][FOUND_SHOWN:]
    without = [item for item in matches["item"] if item.id not in by_item]
    context = {
        "q": asked,
        "items": [by_item[item.id] for item in matches["item"] if item.id in by_item],
        "items_by_kind": [(item, links.item(item)) for item in without if item.id in heads],
        "items_without": [(item, links.item(item)) for item in without if item.id not in heads],
        "categories": [(one, links.category(one), "") for one in matches["category"]],
        "places": [(one, links.region(one), "") for one in matches["region"]]
        + [
            (one, links.township(region, one), str(region))
            for one in matches["township"]
            if (region := _region(one))
        ],
        "shops": [(one, links.shop(one.id), _place(one)) for one in matches["shop"]],
        "n_found": sum(len(some) for some in matches.values()),
        "currency": words.currency(),
        "suggested": _suggested(links) if not any(matches.values()) else [],
        "as_of": found.as_of([board]),
    }
    return render(request, "prices/search.html", context)


def _haystacks(kind: NameKind) -> list[Haystack]:
    """The names of a kind, each prepared once as long as it stays the same."""
    result = []
    for name in names.all_of(kind):
        known = _prepared.get((kind, name.id))
        if known is None or known.name is not name:
            known = _prepared[kind, name.id] = haystack(name)
        result.append(known)
    return result


def _region(township: Name) -> Name | None:
    return names.get("region", township.facts.get("region"))


def _place(shop: Name) -> str:
    places = (
        names.get("township", shop.facts.get("township")),
        names.get("region", shop.facts.get("region")),
    )
    return ", ".join(str(place) for place in places if place)


def _suggested(links: Links) -> list[tuple[str, str]]:
    """The categories, for who found nothing."""
    return [(str(one), links.category(one)) for one in names.all_of("category")]
