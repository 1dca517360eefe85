"""What rose and fell, and what moved abnormally."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import alarms, boards, names, selectors, typical
from prices.pages import changes, filters, found
from prices.pages.links import Links, with_query
from prices.pages.nouns import Tab
from prices.pages.phrases import type_name
from prices.types import ALARMS, PRICE_TYPES, movers_key

MOVERS_SHOWN = 30
UNUSUAL_SHOWN = 100


@copy_suffices
@require_safe
def movers(request: HttpRequest) -> HttpResponse:
    """What rose and fell most, by region, category, period and kind of price."""
    words, links = wording(), Links()
    chosen = filters.read_changes(request.GET)
    regions = [chosen.region] if chosen.region else names.all_of("region")
    found_boards = list(selectors.boards_for([movers_key(region.id) for region in regions]).values())
    strongest = boards.strongest_movers((board.data for board in found_boards), period=chosen.period)
    of_choice = changes.of_choice(strongest, chosen)
    up_heading, down_heading = changes.headings(chosen.period)
    ways = []
    for heading, sign in ((up_heading, 1), (down_heading, -1)):
        some = [mover for mover in of_choice if mover["before"]["percent"] * sign > 0]
        rows = changes.mover_rows(some, words=words, links=links)
        hidden = max(0, len(rows) - MOVERS_SHOWN)
        ways.append((heading, rows[:MOVERS_SHOWN], words.number(hidden) if hidden else ""))
    context = {
        "chosen": chosen,
        "ways": ways,
        "options": changes.options(chosen),
        "types": [
            Tab(type_name(known), with_query(request.path, chosen.query(type=known)), known == chosen.type)
            for known in PRICE_TYPES
        ],
        "type_name": type_name(chosen.type),
        "currency": words.currency(),
        "least": words.number(boards.MOVER_MIN_PRICES),
        "fresh_days": words.number(typical.WINDOW_DAYS),
        "ignored": chosen.ignored,
        "as_of": found.as_of(found_boards),
        "canonical": with_query(request.path, chosen.query()),
    }
    return render(request, "prices/movers.html", context)


@copy_suffices
@require_safe
def unusual(request: HttpRequest) -> HttpResponse:
    """The market alarm: prices that moved much more than they usually do there, by region and category."""
    words, links = wording(), Links()
    chosen = filters.read_unusual(request.GET)
    board = selectors.boards_for([ALARMS]).get(ALARMS)
    of_choice = changes.of_choice(board.data["rows"] if board else [], chosen, of_type=False)
    rows = changes.unusual_rows(of_choice, words=words, links=links)
    context = {
        "chosen": chosen,
        "rows": rows[:UNUSUAL_SHOWN],
        "n_rows": words.number(len(rows)),
        "options": changes.options(chosen),
        "currency": words.currency(),
        "times": words.decimal(str(alarms.TIMES)),
        "least_region": words.number(alarms.MIN_PRICES_REGION),
        "least_township": words.number(alarms.MIN_PRICES_TOWNSHIP),
        "least_moves": words.number(alarms.MIN_MOVES),
        "weekly_days": words.number(alarms.WEEKLY_FRESH_DAYS),
        "fresh_days": words.number(typical.WINDOW_DAYS),
        "ignored": chosen.ignored,
        "as_of": found.as_of([board]),
        "canonical": with_query(request.path, chosen.query()),
    }
    return render(request, "prices/unusual.html", context)
