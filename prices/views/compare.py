"""Shops, townships or regions side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from prices import selectors
from prices.pages.compare import choice
from prices.pages.compare import page as comparisons
from prices.pages.shared_parts import lookup
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.phrases import type_name


@copy_suffices
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What up to four places ask for the items that they share."""
    chosen = choice.read(request.GET)
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
        "is_full": len(chosen.places) == choice.MOST_PLACES,
        "found": choice.found_by_name(chosen) if chosen.find else [],
        "suggested": choice.suggested(chosen),
        "today": words.long_day(words.today),
        "ignored": chosen.ignored,
        "as_of": lookup.as_of(boards.values()),
        "canonical": chosen.address(),
    }
    return render(request, "prices/compare.html", context)
