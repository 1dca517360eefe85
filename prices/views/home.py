"""The first page: today's board."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, get_language_from_request
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from potato.stores.sessions import copy_suffices
from potato.templatetags.look import in_language
from potato.text.wording import wording
from potato.web.fragments import lazily
from prices import selectors
from prices.names import cache as names
from prices.pages import movers as movers_page
from prices.pages import seo
from prices.pages.places import lists
from prices.pages.shared_parts import lookup
from prices.pages.shared_parts.links import Links
from prices.types import ALARMS, HOME, RETAIL
from prices.views import fragments

LATEST_SHOWN = 8
UNUSUAL_SHOWN = 3
COOKIE_DAYS = 365


@copy_suffices
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What staples cost in the country today, what rose and fell, the newest prices, the regions."""
    if language := _first_language(request):
        response: HttpResponse = redirect(in_language(request.get_full_path(), language))
        # He has been asked once: a link to the other language shall not bring him back. The page itself sets no cookie,
        # and is kept for everybody.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=COOKIE_DAYS * 86_400,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    else:
        response = _board(request)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _board(request: HttpRequest) -> HttpResponse:
    begun = fragments.begin()
    words, links = wording(), Links()
    boards = selectors.boards_for([HOME, ALARMS])
    board, alarms = boards.get(HOME), boards.get(ALARMS)
    data: dict[str, Any] = (
        board.data if board else {"items": [], "latest": [], "regions": [], "movers": {"up": [], "down": []}}
    )
    rows = lists.item_rows(data["items"], type=RETAIL, words=words, links=links)
    up, down = (
        lazily(partial(movers_page.mover_rows, data["movers"][way], words=words, links=links))
        for way in ("up", "down")
    )
    alarm_rows = alarms.data["rows"] if alarms else []
    staples = lists.staples(rows, data["items"])
    own = names.by_slug("region", words.prefers.region) if words.prefers.region else None
    context = {
        "live": "home=1",
        "today": words.long_day(words.today),
        "rows": staples,
        "lead": next((row for row in staples if not row.is_old), None),
        "n_items": words.number(len({row.item.id for row in rows})),
        "unusual": lazily(
            lambda: movers_page.unusual_rows(alarm_rows, words=words, links=links)[:UNUSUAL_SHOWN]
        ),
        "up": up,
        "down": down,
        "latest": lazily(
            lambda: lists.latest_rows(
                data["latest"], words=words, links=links, limit=LATEST_SHOWN, with_region=True
            )
        ),
        "home_region": own,
        "home_region_url": links.region(own) if own else "",
        "regions": [
            (region, links.region(region))
            for region in sorted(names.all_of("region"), key=lambda region: region != own)
        ],
        "currency": words.currency(),
        "as_of": lookup.as_of([board, alarms]),
        "canonical": request.path,
        "head": seo.of_home(staples, words=words),
    }
    parts = {"board": [HOME], "movers": [HOME], "latest": [HOME], "unusual": [ALARMS], "places": []}
    with fragments.page(begun, "home", request.path, parts=parts, boards=boards) as cached:
        return render(request, "prices/home.html", {**context, "fragments": cached})


def _first_language(request: HttpRequest) -> str | None:
    """The language to send a first visitor to; None where he has chosen by coming here, or reads this one."""
    try:
        came_from = urlsplit(request.headers.get("Referer", "")).netloc
    except ValueError:
        # Anybody may write anything there.
        came_from = ""
    if get_language() != settings.LANGUAGE_CODE or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return None
    if came_from == request.get_host():
        return None
    says_what_he_reads = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200])
    preferred = get_language_from_request(request) if says_what_he_reads else settings.POTATO_LANGUAGE
    return preferred if preferred != settings.LANGUAGE_CODE else None
