"""What rose and fell, and what moved abnormally."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from prices import selectors
from prices.names import cache as names
from prices.pages import movers as movers_page
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.links import Links, with_query
from prices.pages.shared_parts.phrases import type_name
from prices.pages.shared_parts.view_models import Tab
from prices.rules import anomalies, typical_price
from prices.rules.boards import build
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
    strongest = build.strongest_movers((board.data for board in found_boards), period=chosen.period)
    of_choice = movers_page.of_choice(strongest, chosen)
    up_heading, down_heading = movers_page.headings(chosen.period)
    ways = []
    for heading, sign in ((up_heading, 1), (down_heading, -1)):
        some = [mover for mover in of_choice if mover["before"]["percent"] * sign > 0]
        rows = movers_page.mover_rows(some, words=words, links=links)
        hidden = max(0, len(rows) - MOVERS_SHOWN)
        ways.append((heading, rows[:MOVERS_SHOWN], words.number(hidden) if hidden else ""))
    context = {
        "chosen": chosen,
        "ways": ways,
        "options": movers_page.options(chosen),
        "types": [
            Tab(type_name(known), with_query(request.path, chosen.query(type=known)), known == chosen.type)
            for known in PRICE_TYPES
        ],
        "type_name": type_name(chosen.type),
        "currency": words.currency(),
        "least": words.number(build.MOVER_MIN_PRICES),
        "fresh_days": words.number(typical_price.WINDOW_DAYS),
        "ignored": chosen.ignored,
        "as_of": lookup.as_of(found_boards),
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
    of_choice = movers_page.of_choice(board.data["rows"] if board else [], chosen, of_type=False)
    rows = movers_page.unusual_rows(of_choice, words=words, links=links)
    context = {
        "chosen": chosen,
        "rows": rows[:UNUSUAL_SHOWN],
        "n_rows": words.number(len(rows)),
        "options": movers_page.options(chosen),
        "currency": words.currency(),
        "times": words.decimal(str(anomalies.TIMES)),
        "least_region": words.number(anomalies.MIN_PRICES_REGION),
        "least_township": words.number(anomalies.MIN_PRICES_TOWNSHIP),
        "least_moves": words.number(anomalies.MIN_MOVES),
        "weekly_days": words.number(anomalies.WEEKLY_FRESH_DAYS),
        "fresh_days": words.number(typical_price.WINDOW_DAYS),
        "ignored": chosen.ignored,
        "as_of": lookup.as_of([board]),
        "canonical": with_query(request.path, chosen.query()),
    }
    return render(request, "prices/unusual.html", context)
