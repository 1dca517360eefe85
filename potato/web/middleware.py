"""What stands around every page: the stores' faults, senders who are too slow, and who is signed in."""

import codecs
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.sessions import middleware as sessions
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from potato import member, preferences
from potato.errors import Unavailable
from potato.pwa import service_worker
from potato.stores import degraded, member_documents
from potato.stores.breaker import REDIS
from potato.stores.sessions import copy_suffices_for
from potato.text import wording
from potato.web import errors_pages, page_cache, request_bodies
from potato.web.page_cache import members, personal

View = Callable[..., HttpResponse]


class StoresMiddleware:
    """Answers for stores that do not: a 503 page that keeps what was typed, a header on every degraded page."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL has no NUL in its texts, so nothing can be found under such an address.
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return errors_pages.not_found(request)
        # Every page is UTF-8, so every browser sends UTF-8. Some names of codecs (base64, zlib) are no encodings
        # of text at all, and Django finds that out too late.
        if request.encoding:
            is_utf_8 = codecs.lookup(request.encoding).name == "utf-8"
            # However it is spelt ("utf8"), and so that whoever makes the page for another one can look at the request.
            request.encoding = "utf-8"
            if not is_utf_8:
                return errors_pages.bad_request(request)
        preferred = preferences.read(request.META)
        with (
            degraded.page(),
            preferences.page(preferred),
            wording.page(),
            page_cache.page() as revs,
            personal.page() as parts,
        ):
            response = self.get_response(request)
            stores = degraded.stores()
            if stores:
                response[degraded.HEADER] = ", ".join(stores)
            # A page without Redis is as good as any other, and would be asked for all the more without the page cache.
            if stores in ([], [REDIS.name]) and _is_for_everybody(request, response):
                if revs:
                    response[page_cache.BOARDS] = ",".join(f"{board}={rev}" for board, rev in revs.items())
                if not _has_asked_for_reader(request):
                    request.META[personal.PARTS] = parts
                # A page, at an address of which there are not too many: visitors' devices may keep it, too.
                if set(request.GET) <= page_cache.QUERY_KEYS and response["Content-Type"].startswith(
                    "text/html"
                ):
                    response[service_worker.KEEP] = "1"
            if response.get("Content-Type", "").startswith("text/html"):
                # What its reader prefers is in a cookie, whoever he is.
                patch_vary_headers(response, ["Cookie"])
            if "Cache-Control" not in response:
                # Whoever goes back gets the page as it was; nobody else gets it, and it is asked for anew otherwise.
                response["Cache-Control"] = "private, no-cache"
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        return errors_pages.late(request) if request_bodies.LATE in request.META else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if store := store_of(error):
            return errors_pages.unavailable(request, store=store)
        if isinstance(error, DataError) and "NUL" in str(error):
            # A value that no form has looked at. Forms refuse it by themselves, at the field.
            return errors_pages.bad_request(request, error)
        return None


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, with ``request.member`` for the menu, and the rule of which views may trust a session's copy."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.member = SimpleLazyObject(partial(member.read, request))  # type: ignore[attr-defined]

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        request.session.trust_copy = copy_suffices_for(view, request)  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            member.remember_seen(request)
            response = super().process_response(request, response)
        except (OperationalError, InterfaceError, Unavailable) as error:
            response = errors_pages.unavailable(request, store=store_of(error) or "postgres")
        if getattr(request, "member_was_read", False):
            patch_vary_headers(response, ["Cookie"])
        if request.META.get(members.DOCUMENT_IS_MISSING):
            id = member.shown_to(request).id
            if id is not None:
                member_documents.renew(id)
        return response


def _is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a page shows nothing of who asked for it: a price page, for a visitor without a session."""
    session = getattr(request, "session", None)
    return (
        session is not None
        and session.trust_copy
        and session.session_key is None
        and response.status_code == 200
        and not response.cookies
        and not response.streaming
    )


def _has_asked_for_reader(request: HttpRequest) -> bool:
    """Whether anything of a visitor's page but its ``{% personal %}`` parts may depend on who reads it."""
    # A visitor has no session: only who looks for somebody's data in it reads it, ``request.user`` among them.
    return getattr(request, "member_was_read", False) or request.session.accessed


def store_of(error: BaseException | None) -> str | None:
    """Which store an exception says is away; None if it is about something else."""
    if isinstance(error, Unavailable):
        return error.store
    if isinstance(error, (OperationalError, InterfaceError)):
        return "postgres"
    return None
