"""What rose and fell, and what moved abnormally."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.text.wording import Wording, wording
from potato.web.fragments import lazily
from prices import selectors
from prices.names import cache as names
from prices.pages import movers as movers_page
from prices.pages.movers import MoverRow
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.filters import ChangesFilter
from prices.pages.shared_parts.links import Links, with_query
from prices.pages.shared_parts.phrases import type_name
from prices.pages.shared_parts.view_models import Tab
from prices.rules import market_alarm, typical_price
from prices.rules.boards import build
from prices.types import ALARMS, PRICE_TYPES, Board, movers_key
from prices.views import fragments

MOVERS_SHOWN = 30
UNUSUAL_SHOWN = 100


@copy_suffices
@require_safe
def movers(request: HttpRequest) -> HttpResponse:
    """What rose and fell most, by region, category, period and kind of price."""
    begun = fragments.begin()
    words, links = wording(), Links()
    chosen = filters.read_changes(request.GET)
    regions = [chosen.region] if chosen.region else names.all_of("region")
    keys = [movers_key(region.id) for region in regions]
    boards = selectors.boards_for(keys)
    canonical = with_query(request.path, chosen.query())
    context = {
        "chosen": chosen,
        "ways": lazily(lambda: _ways(boards.values(), chosen, words=words, links=links)),
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
        "as_of": lookup.as_of(boards.values()),
        "canonical": canonical,
    }
    with fragments.page(begun, "movers", canonical, parts={"moves": keys}, boards=boards) as cached:
        return render(request, "prices/movers.html", {**context, "fragments": cached})


def _ways(
    boards: Iterable[Board], chosen: ChangesFilter, *, words: Wording, links: Links
) -> list[tuple[str, list[MoverRow], str]]:
    """What rose, and what fell: heading, rows, and how many more there are."""
    strongest = build.strongest_movers((board.data for board in boards), period=chosen.period)
    of_choice = movers_page.of_choice(strongest, chosen)
    ways = []
    for heading, sign in zip(movers_page.headings(chosen.period), (1, -1), strict=True):
        some = [mover for mover in of_choice if mover["before"]["percent"] * sign > 0]
        rows = movers_page.mover_rows(some, words=words, links=links)
        hidden = max(0, len(rows) - MOVERS_SHOWN)
        ways.append((heading, rows[:MOVERS_SHOWN], words.number(hidden) if hidden else ""))
    return ways


@copy_suffices
@require_safe
def unusual(request: HttpRequest) -> HttpResponse:
    """The market alarm: prices that moved much more than they usually do there, by region and category."""
    begun = fragments.begin()
    words, links = wording(), Links()
    chosen = filters.read_unusual(request.GET)
    boards = selectors.boards_for([ALARMS])
    alarms = boards[ALARMS].data["rows"] if ALARMS in boards else []
    canonical = with_query(request.path, chosen.query())
    found = lazily(
        lambda: movers_page.unusual_rows(
            movers_page.of_choice(alarms, chosen, of_type=False), words=words, links=links
        )
    )
    context = {
        "chosen": chosen,
        "rows": lazily(lambda: found()[:UNUSUAL_SHOWN]),
        "n_rows": lazily(lambda: words.number(len(found()))),
        "options": movers_page.options(chosen),
        "currency": words.currency(),
        "times": words.decimal(str(market_alarm.TIMES)),
        "least_region": words.number(market_alarm.MIN_PRICES_REGION),
        "least_township": words.number(market_alarm.MIN_PRICES_TOWNSHIP),
        "least_moves": words.number(market_alarm.MIN_MOVES),
        "weekly_days": words.number(market_alarm.WEEKLY_FRESH_DAYS),
        "fresh_days": words.number(typical_price.WINDOW_DAYS),
        "ignored": chosen.ignored,
        "as_of": lookup.as_of(boards.values()),
        "canonical": canonical,
    }
    with fragments.page(begun, "unusual", canonical, parts={"moves": [ALARMS]}, boards=boards) as cached:
        return render(request, "prices/unusual.html", {**context, "fragments": cached})
