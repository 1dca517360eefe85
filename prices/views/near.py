"""Shops near somebody who shares his position, or names a township."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from potato.errors import Unavailable
from potato.stores import degraded
from potato.stores.sessions import copy_suffices
from potato.text.wording import Wording, wording
from potato.web.resubmission import describe
from prices import selectors
from prices.forms.near import CHEAPEST, DEFAULT_RADIUS, RADII, NearForm
from prices.names import cache as names
from prices.pages.item.page import measures_for, settle
from prices.pages.item.varieties import board_key, series_in
from prices.pages.maps import near_me
from prices.pages.maps.near_me import NearMap, NearRow, Position
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.box import MYANMAR
from prices.pages.shared_parts.filters import ItemFilter
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import lower_first, type_name
from prices.types import Board, Name
from shops.selectors import shops_near


@dataclass(frozen=True, slots=True)
class Result:
    """What was found near somebody."""

    heading: str
    measured_from: str
    at: str
    """Latitude and longitude of where he is, for the map."""
    rows: tuple[NearRow, ...]
    more: str
    """How many more there are than are shown; empty without any."""
    amount_heading: str
    drawing: NearMap | None
    nearest: NearRow | None
    """Where there is none within the radius: the nearest shop with a price, however far."""
    is_abroad: bool


@copy_suffices
@sensitive_post_parameters("latitude", "longitude")
@never_cache
@describe(gettext_lazy("Show"), lambda: NearForm(measures=(), words=wording(), initial={}))
@require_http_methods(["GET", "HEAD", "POST"])
def near_shops(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask where somebody is, and say what an item costs in the shops around him. Nothing of it is kept."""
    item = lookup.by_slug("item", slug)
    words = wording()
    measures = measures_for(item, words)
    nation_key = board_key(item, None)
    nation = selectors.boards_for([nation_key]).get(nation_key)
    measures = _with_prices(measures, nation)
    asked = settle(
        filters.read(request.GET, measures=measures, today=words.today),
        item=item,
        nation=nation,
        measures=measures,
    )
    radius, no_radius = filters.read_radius(request.GET, known=RADII, usual=DEFAULT_RADIUS)
    form = NearForm(
        request.POST if request.method == "POST" else None,
        measures=measures.values(),
        words=words,
        initial=_initial(asked, radius),
    )
    result: Result | None = None
    boards: list[Board] = []
    if form.is_valid():
        result, boards = _look(item, form.cleaned_data, measures=measures, words=words)
    context = {
        "item": item,
        "item_url": Links().item(item),
        "form": form,
        "result": result,
        "ignored": asked.ignored + no_radius,
        "as_of": lookup.as_of([nation, *boards]),
        "tiles_url": settings.TILES_URL,
        "tiles_credit": settings.TILES_CREDIT,
        "canonical": request.path,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "prices/near.html", context, status=status)


def _with_prices(measures: dict[str, Measure], nation: Board | None) -> dict[str, Measure]:
    """The units in which there are prices, of either kind; all where there is no price yet."""
    bases = {series.split(":")[1] for series in series_in(nation)} if nation else set()
    return {code: one for code, one in measures.items() if one.base in bases} or measures


def _initial(asked: ItemFilter, radius: int) -> dict[str, Any]:
    assert asked.measure
    return {
        "township": str(asked.township.id) if asked.township else "",
        "radius": str(radius),
        "sort": CHEAPEST,
        "type": asked.type,
        "unit": asked.measure.code,
    }


@sensitive_variables("wanted", "at")
def _look(
    item: Name, wanted: dict[str, Any], *, measures: dict[str, Any], words: Wording
) -> tuple[Result, list[Board]]:
    """What shops within the radius ask; where none does, one more reading finds the nearest that has a price."""
    at: Position = wanted["at"]
    km, measure, township = int(wanted["radius"]), measures[wanted["unit"]], wanted["township"]
    distances, region_ids = _shops_within(at, metres=km * 1000)

    def read(regions: list[Name]) -> tuple[list[dict[str, Any]], list[Board]]:
        boards = list(selectors.boards_for(board_key(item, region) for region in regions).values())
        return [
            row
            for board in boards
            for row in board.data["rows"]
            if (row["type"], row["base"]) == (wanted["type"], measure.base)
        ], boards

    regions = names.all_of("region")
    seen, boards = read([region for region in regions if region.id in region_ids]) if region_ids else ([], [])
    rows = near_me.sorted_rows(seen, distances, sort=wanted["sort"], words=words)
    links, nearest = Links(), None
    if not rows:
        seen, boards = read(regions)
        if best := near_me.nearest(seen, at, words=words):
            nearest = near_me.near_row(*best, cheapest=None, measure=measure, words=words, links=links)
    said = {
        "item": item,
        "n": words.number(km),
        "type": type_name(wanted["type"]).lower(),
        "currency": lower_first(words.currency(measure.per)),
    }
    heading = (
        _("Within %(n)s km: %(type)s, %(currency)s")
        if rows
        else _("Nothing within %(n)s km: %(type)s, %(currency)s")
    ) % said
    return Result(
        heading=heading,
        measured_from=_("Measured from the middle of %(township)s.") % {"township": township}
        if township
        else _("Measured from your position, which is not kept."),
        at=f"{at[1]},{at[0]}",
        rows=tuple(near_me.near_rows(rows, distances, measure=measure, words=words, links=links)),
        more=words.number(len(rows) - near_me.ROWS_SHOWN) if len(rows) > near_me.ROWS_SHOWN else "",
        amount_heading=words.currency(measure.per),
        drawing=near_me.drawing(at, metres=km * 1000, rows=rows, title=heading) if rows else None,
        nearest=nearest,
        is_abroad=not MYANMAR.holds(at),
    ), boards


@sensitive_variables("at")
def _shops_within(at: Position, *, metres: float) -> tuple[dict[int, float], set[int]]:
    """Shops within a distance with how far they are, and their regions: PostgreSQL's, or without it those in memory."""
    try:
        there = shops_near(longitude=at[0], latitude=at[1], metres=metres)
    except (OperationalError, InterfaceError, Unavailable):
        degraded.mark("postgres")
        distances = near_me.shops_around(at, metres=metres)
        shops = [names.get("shop", shop_id) for shop_id in distances]
        return distances, {shop.facts["region"] for shop in shops if shop}
    return {one.shop_id: one.metres for one in there}, {one.region_id for one in there}
