"""Finding items, places and shops by name."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from prices import selectors
from prices.names import cache as names
from prices.names import search as name_search
from prices.names.search import KINDS, Answer
from prices.pages.item.varieties import heads_of
from prices.pages.places import lists
from prices.pages.search_suggestions import SHOWN_OF_A_KIND, suggestions
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.links import Links
from prices.rules.name_index import MAX_LENGTH
from prices.types import HOME, RETAIL, Name

FOUND_SHOWN = 20
GUESSED_SHOWN = 6
ITEMS_LOOKED_AT = 500


@copy_suffices
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Items with their prices, places and shops whose names hold the words asked for, or nearly so."""
    question, ignored = filters.read_question(request.GET, most=MAX_LENGTH)
    words, links = wording(), Links()
    answer = name_search.answer(
        question, limits=dict.fromkeys(KINDS, FOUND_SHOWN) | {"item": ITEMS_LOOKED_AT}
    )
    shown = GUESSED_SHOWN if answer.is_guess else FOUND_SHOWN
    board = selectors.boards_for([HOME]).get(HOME) if answer.names("item") else None
    priced = lists.item_rows(board.data["items"] if board else [], type=RETAIL, words=words, links=links)
    by_item = {row.item.id: row for row in priced}
    # Those with prices first, and those of which only the kinds have some: nobody looks for an empty page.
    heads = heads_of(row.item for row in priced)
    items = sorted(answer.names("item"), key=lambda item: (item.id not in by_item, item.id not in heads))
    without = [item for item in items[:shown] if item.id not in by_item]
    context = {
        "q": question,
        "asked": filters.shown(question),
        "answer": answer,
        "ignored": ignored,
        "items": [by_item[item.id] for item in items[:shown] if item.id in by_item],
        "items_by_kind": [(item, links.item(item)) for item in without if item.id in heads],
        "items_without": [(item, links.item(item)) for item in without if item.id not in heads],
        "categories": [(one, links.category(one), "") for one in answer.names("category")[:shown]],
        "places": _places(answer, links, shown),
        "shops": [(one, links.shop(one.id), _place(one)) for one in answer.names("shop")[:shown]],
        "currency": words.currency(),
        "suggested": _suggested(links) if answer.is_empty else [],
        "as_of": lookup.as_of([board]),
    }
    return render(request, "prices/search.html", context)


@copy_suffices
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What a question that is being typed may mean: a few options for the list under the field."""
    question, _ignored = filters.read_question(request.GET, most=MAX_LENGTH)
    answer = name_search.answer(
        question, limits=dict.fromkeys(KINDS, SHOWN_OF_A_KIND) | {"item": ITEMS_LOOKED_AT}
    )
    items = selectors.items_at_hand() if answer.names("item") else []
    context = {
        "answer": answer,
        "suggestions": suggestions(answer, board_items=items, words=wording(), links=Links()),
    }
    return render(request, "prices/_suggestions.html", context)


def _places(answer: Answer, links: Links, shown: int) -> list[tuple[Name, str, str]]:
    regions = [(one, links.region(one), "") for one in answer.names("region")]
    townships = [
        (one, links.township(region, one), str(region))
        for one in answer.names("township")
        if (region := names.get("region", one.facts.get("region")))
    ]
    return regions[:shown] + townships[:shown]


def _place(shop: Name) -> str:
    places = (
        names.get("township", shop.facts.get("township")),
        names.get("region", shop.facts.get("region")),
    )
    return ", ".join(str(place) for place in places if place)


def _suggested(links: Links) -> Sequence[tuple[str, str]]:
    """The categories, for who found nothing."""
    return [(str(one), links.category(one)) for one in names.all_of("category")]
