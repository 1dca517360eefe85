"""The page of an item, and its history as files."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from potato.errors import Unavailable
from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from potato.web.fragments import Fragments, lazily
from potato.web.htmx import page_or_partial
from prices import selectors
from prices.names import cache as names
from prices.pages import seo
from prices.pages.item import history as histories
from prices.pages.item import nearby_townships, tables
from prices.pages.item.page import ItemPage, measures_for, settle
from prices.pages.item.ticket import compared, followers_text, ticket_of
from prices.pages.item.varieties import board_key, family_of
from prices.pages.shared_parts import filters, lookup
from prices.pages.shared_parts.filters import ItemFilter
from prices.pages.shared_parts.links import Links, MapLinks, as_fields, with_query
from prices.rules.typical_price import WINDOW_DAYS
from prices.types import Board, DayStat, Name, Place, followers_key
from prices.views import fragments

Days = dict[Place, list[DayStat]] | None

LIVE_ITEMS = 20
"""Of which an open page is told of new prices: the item and its kinds."""

CHANGE_DAYS = 401
"""Days of history that the change over a year needs: 365, and the window in which its price may lie."""


@copy_suffices
@require_safe
def item(request: HttpRequest, slug: str) -> HttpResponse:
    """What an item costs: typical price, shops or regions, history."""
    begun = fragments.begin()
    page, boards, days = _page(request, slug, whole=True)
    with _fragments(begun, page, boards) as cached:
        context = {**_context(request, page, boards, days), "fragments": cached}
        return page_or_partial(request, "prices/item.html", "prices/_item_prices.html", context)


def _fragments(
    begun: fragments.Begun, page: ItemPage, boards: Mapping[str, Board]
) -> AbstractContextManager[Fragments]:
    own = [board_key(page.item, None)]
    if page.chosen.region:
        own.append(board_key(page.item, page.chosen.region))
    place = [one.slug for one in (page.chosen.region, page.chosen.township) if one]
    return fragments.page(
        begun,
        "/".join(["items", page.item.slug, *place]),
        page.address(),
        parts={
            "ticket": own,
            "filter": own,
            "tables": own,
            "history": own,
            # Those of its kinds and of the regions around it, too.
            "around": page.board_keys,
        },
        boards=boards,
        facts=(page.type, page.measure.code),
        # Of these choices there are more than Redis has room for, and nobody makes the same one soon.
        is_cached=not page.chosen.beside and page.chosen.compared_with is None,
    )


def _context(
    request: HttpRequest, page: ItemPage, boards: Mapping[str, Board], days: Days
) -> dict[str, object]:
    ticket = ticket_of(page)
    category, category_url = names.get("category", page.item.facts.get("category")), _category_url(page)
    query = {
        key: value for key, value in page.chosen.query().items() if key in ("region", "township", "type")
    }
    shared = query | {"unit": page.chosen.query()["unit"]}
    files = page.chosen.query(page=1, sort=filters.SORTS[0], max_age=None, compared_with=None)
    # Files know no preferences: their address says the unit.
    files["unit"] = page.measure.code
    chosen, slug = page.chosen, page.item.slug
    kinds = lazily(page.kinds)
    return {
        **_figures(page, days),
        "item": page.item,
        "live": "&".join(f"item={id}" for id in page.item_ids[:LIVE_ITEMS]),
        "page": page,
        "chosen": chosen,
        "ticket": ticket,
        "map_url": MapLinks().item(page.item, **shared | {"township": ""}),
        "near_url": page.links.near(page.item, **shared),
        "kept": as_fields(chosen.query(page=1)),
        "category": category,
        "category_url": category_url,
        "kinds": kinds,
        "kinds_first": page.is_by_kind and bool(kinds().rows),
        "csv_url": with_query(reverse("item_history_csv", args=[slug]), files),
        "json_url": with_query(reverse("item_history_json", args=[slug]), files),
        "rule_query": _rule_query(page),
        "followers": followers_text(
            selectors.followers(boards.get(followers_key("item", page.item.id))), words=page.words
        ),
        "ignored": chosen.ignored,
        "as_of": lookup.as_of(boards.values()),
        "canonical": with_query(request.path, query),
        "head": seo.of_item(
            page,
            ticket,
            crumbs=[
                (gettext("Board"), reverse("home")),
                *([(str(category), category_url)] if category else []),
                (str(page.item), request.path),
            ],
            absolute=request.build_absolute_uri,
        ),
    }


def _rule_query(page: ItemPage) -> str:
    """What the form for a rule about this price begins with; empty where there is no price."""
    amount = page.typical().amount
    query = page.chosen.query()
    about = {key: query.get(key, "") for key in ("region", "township", "type")}
    about |= {"unit": page.measure.code, "type": page.type.lower(), "amount": str(amount)}
    return (
        urlencode({"item": page.item.slug, **{key: text for key, text in about.items() if text}})
        if amount
        else ""
    )


def _figures(page: ItemPage, days: Days) -> dict[str, object]:
    """What fragments show, each made when one is to be rendered."""
    chosen = page.chosen
    return {
        "options": lazily(page.options),
        "shops": lazily(lambda: tables.shops(page) if chosen.region else None),
        "townships": lazily(
            lambda: tables.townships(page) if chosen.region and not chosen.township else None
        ),
        "near": lazily(lambda: tables.near(page)),
        "compared": lazily(lambda: compared(page)),
        "regions": lazily(lambda: tables.regions(page)),
        "drawing": lazily(page.regions_map),
        "history": lazily(lambda: _shown(page, days)),
        "to_draw": lazily(page.to_draw_beside),
    }


@copy_suffices
@require_safe
def history_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The history that the item's page shows, as CSV."""
    page, days = _whole_history(request, slug)
    text = histories.as_csv(_shown(page, days), measure=page.measure, abouts=_abouts(page))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="potato-{page.item.slug}.csv"'
    return response


@copy_suffices
@require_safe
def history_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The history that the item's page shows, as JSON; ``with`` are the lines beside it."""
    page, days = _whole_history(request, slug)
    history = _shown(page, days)
    own, *beside = (
        {**about, "history": histories.as_rows(stats, measure=page.measure)}
        for about, stats in zip(
            _abouts(page), (history.stats, *(line.stats for line in history.beside)), strict=True
        )
    )
    return JsonResponse({**own, "unit": page.measure.code, "currency": "MMK", "with": beside})


def _page(
    request: HttpRequest, slug: str, *, whole: bool = False
) -> tuple[ItemPage, Mapping[str, Board], Days]:
    """One item's page as chosen, its boards by key, and the days of its place and of those beside it.

    One read of boards, and one each of regions' history, of townships' and of shops' where such are asked for.

    :param whole: with its kinds and what lies around, and as the reader prefers; the files need neither.
    """
    item: Name = lookup.by_slug("item", slug)
    words = wording()
    measures = measures_for(item, words)
    chosen = filters.read(request.GET, measures=measures, today=words.today)
    family = family_of(item) if whole else []
    around = nearby_townships.regions_near(chosen.township) if whole and chosen.township else []
    wanted = {board_key(item, place) for place in (None, chosen.region, *around)}
    wanted |= {board_key(kind, chosen.region) for kind in family}
    boards = selectors.boards_for(wanted | ({followers_key("item", item.id)} if whole else set()))
    nation = boards.get(board_key(item, None))
    region = boards.get(board_key(item, chosen.region)) if chosen.region else None
    kinds = {kind.id: board for kind in family if (board := boards.get(board_key(kind, chosen.region)))}
    neighbours = [board for place in around if (board := boards.get(board_key(item, place)))]
    chosen = settle(
        chosen,
        item=item,
        nation=nation,
        measures=measures,
        kinds=kinds.values(),
        preferred=words.prefers.unit if whole else "",
    )
    days = _days_of(item, chosen, today=words.today)
    page = ItemPage(
        item=item,
        chosen=chosen,
        measures=measures,
        nation=nation,
        region=region,
        days=days[chosen.where] if days is not None else None,
        kinds=kinds,
        words=words,
        links=Links(),
        neighbours=neighbours,
        board_keys=wanted,
    )
    return page, boards, days


def _days_of(item: Name, chosen: ItemFilter, *, today: date) -> Days:
    """The days of history of a settled choice's place and of those beside it; None while MongoDB is unavailable."""
    assert chosen.type and chosen.measure
    since = chosen.since(today)
    if since is not None:
        since = min(since, today - timedelta(days=CHANGE_DAYS))
        if chosen.compared_with is not None:
            since = min(since, chosen.compared_with - timedelta(days=WINDOW_DAYS))
        # Whole months, as the chart shows them.
        since = since.replace(day=1)
    return selectors.histories_of(
        [chosen.where, *(one.place for one in chosen.beside)],
        item_id=item.id,
        type=chosen.type,
        base=chosen.measure.base,
        since=since,
    )


def _whole_history(request: HttpRequest, slug: str) -> tuple[ItemPage, Days]:
    """One item's page and days for a file, which is kept and cannot say that most of it was away.

    :raises Unavailable: history is away, and a board's 90 days are all there is.
    """
    page, _boards, days = _page(request, slug)
    if days is None:
        raise Unavailable("mongo", "a file of 90 days would be taken for all")
    return page, days


def _shown(page: ItemPage, days: Days) -> histories.History:
    return histories.show(
        page.days,
        period=page.chosen.period,
        since=page.chosen.since(page.words.today),
        measure=page.measure,
        subject=page.subject(),
        place=page.place_name,
        words=page.words,
        beside=page.chosen.beside,
        days_beside=days,
        url_with=lambda beside: page.address(beside=beside) + "#history",
    )


def _abouts(page: ItemPage) -> list[dict[str, str]]:
    """What each line of the chart is about, the page's own first."""
    return [_about(page, place) for place in (page.chosen.where, *(one.place for one in page.chosen.beside))]


def _about(page: ItemPage, place: Place) -> dict[str, str]:
    region, township = names.known("region", place.region_id), names.known("township", place.township_id)
    return {
        "item": page.item.slug,
        "region": region.slug if region else "",
        "township": township.slug if township else "",
        "type": page.type.lower(),
        "shop": str(place.shop_id or ""),
    }


def _category_url(page: ItemPage) -> str:
    category = names.get("category", page.item.facts.get("category"))
    return page.links.category(category) if category else ""
