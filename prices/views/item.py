"""The page of an item, and its history as files."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from potato.htmx import page_or_partial
from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import names, selectors
from prices.pages import filters, found, heads
from prices.pages import history as histories
from prices.pages.item import ItemPage, measures_for, settle
from prices.pages.kinds import board_key, family_of
from prices.pages.links import Links, with_query
from prices.types import NATION, Board, Name

CHANGE_DAYS = 401
"""Days of history that the change over a year needs: 365, and the window in which its price may lie."""


@copy_suffices
@require_safe
def item(request: HttpRequest, slug: str) -> HttpResponse:
    """What an item costs: typical price, shops or regions, history."""
    page, boards = _page(request, slug, with_kinds=True)
    history, kinds, ticket = _shown(page), page.kinds(), page.ticket()
    category, category_url = names.get("category", page.item.facts.get("category")), _category_url(page)
    query = {
        key: value for key, value in page.chosen.query().items() if key in ("region", "township", "type")
    }
    files = page.chosen.query(page=1, sort=filters.SORTS[0], max_age=None)
    context = {
        "item": page.item,
        "page": page,
        "chosen": page.chosen,
        "ticket": ticket,
        "options": page.options(),
        "shops": page.shops() if page.chosen.region else None,
        "townships": page.townships() if page.chosen.region else None,
        "regions": page.regions(),
        "history": history,
        "category": category,
        "category_url": category_url,
        "kinds": kinds,
        "kinds_first": page.is_by_kind and bool(kinds.rows),
        "csv_url": with_query(reverse("item_history_csv", args=[slug]), files),
        "json_url": with_query(reverse("item_history_json", args=[slug]), files),
        "ignored": page.chosen.ignored,
        "as_of": found.as_of(boards),
        "canonical": with_query(request.path, query),
        "head": heads.of_item(
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
    return page_or_partial(request, "prices/item.html", "prices/_item_prices.html", context)


@copy_suffices
@require_safe
def history_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The history that the item's page shows, as CSV."""
    page, _boards = _page(request, slug)
    text = histories.as_csv(_shown(page), measure=page.measure, about=_about(page))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="potato-{page.item.slug}.csv"'
    return response


@copy_suffices
@require_safe
def history_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The history that the item's page shows, as JSON."""
    page, _boards = _page(request, slug)
    rows = histories.as_rows(_shown(page), measure=page.measure)
    return JsonResponse({**_about(page), "unit": page.measure.code, "currency": "MMK", "history": rows})


def _page(
    request: HttpRequest, slug: str, *, with_kinds: bool = False
) -> tuple[ItemPage, list[Board | None]]:
    """One item's page as chosen: one read of boards, one of history."""
    item: Name = found.by_slug("item", slug)
    words = wording()
    measures = measures_for(item, words)
    chosen = filters.read(request.GET, measures=measures)
    family = family_of(item) if with_kinds else []
    wanted = {board_key(item, None), board_key(item, chosen.region)}
    found_boards = selectors.boards_for(wanted | {board_key(kind, chosen.region) for kind in family})
    nation = found_boards.get(board_key(item, None))
    region = found_boards.get(board_key(item, chosen.region)) if chosen.region else None
    kinds = {kind.id: board for kind in family if (board := found_boards.get(board_key(kind, chosen.region)))}
    chosen = settle(chosen, item=item, nation=nation, measures=measures, kinds=kinds.values())
    assert chosen.type and chosen.measure
    since = chosen.since(words.today)
    if since is not None:
        since = min(since, words.today - timedelta(days=CHANGE_DAYS))
    what = {"item_id": item.id, "type": chosen.type, "base": chosen.measure.base, "since": since}
    if chosen.region and chosen.township:
        days = selectors.township_history_of(
            region_id=chosen.region.id, township_id=chosen.township.id, **what
        )
    else:
        days = selectors.history_of(region_id=chosen.region.id if chosen.region else NATION, **what)
    page = ItemPage(
        item=item,
        chosen=chosen,
        measures=measures,
        nation=nation,
        region=region,
        days=days,
        kinds=kinds,
        words=words,
        links=Links(),
    )
    return page, [nation, region, *kinds.values()]


def _shown(page: ItemPage) -> histories.History:
    return histories.show(
        page.days,
        period=page.chosen.period,
        since=page.chosen.since(page.words.today),
        measure=page.measure,
        subject=page.subject(),
        words=page.words,
    )


def _about(page: ItemPage) -> dict[str, str]:
    chosen = page.chosen
    return {
        "item": page.item.slug,
        "region": chosen.region.slug if chosen.region else "",
        "township": chosen.township.slug if chosen.township else "",
        "type": page.type.lower(),
    }


def _category_url(page: ItemPage) -> str:
    category = names.get("category", page.item.facts.get("category"))
    return page.links.category(category) if category else ""
