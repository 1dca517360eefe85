"""Shops, townships or regions side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import selectors
from prices.pages import compare as comparisons
from prices.pages import found, places
from prices.pages.links import Links
from prices.pages.phrases import type_name


@copy_suffices
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What up to four places ask for the items that they share."""
    chosen = places.read(request.GET)
    words = wording()
    sources = comparisons.sources_of(chosen)
    keys = {key for source in sources.values() for key in source.keys}
    boards = selectors.boards_for(keys) if keys else {}
    context = {
        "chosen": chosen,
        "comparison": comparisons.compare(chosen, boards, sources=sources, words=words, links=Links()),
        "types": comparisons.types(chosen),
        "units": comparisons.units(chosen, words),
        "type_name": type_name(chosen.type),
        "is_full": len(chosen.places) == places.MOST_PLACES,
        "found": places.found_by_name(chosen) if chosen.find else [],
        "suggested": places.suggested(chosen),
        "today": words.long_day(words.today),
        "ignored": chosen.ignored,
        "as_of": found.as_of(boards.values()),
        "canonical": chosen.address(),
    }
    return render(request, "prices/compare.html", context)
