"""The pages for what went wrong, in the reader's words: 400, 403, 404, 408, 500, and 503 while a store is away."""

import logging
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from potato import degraded
from potato.errors import Unavailable

RETRY_SECONDS = 10
logger = logging.getLogger(__name__)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "errors/400.html", 400)


@requires_csrf_token
def late(request: HttpRequest) -> HttpResponse:
    """What was sent did not arrive in time."""
    return _page(request, "errors/400.html", 408)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also says how to become a contributor, which is the usual reason."""
    return _page(request, "errors/403.html", 403)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or not from this site. The address is kept, what was typed is not sent on."""
    return _page(request, "errors/csrf.html", 403)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "errors/404.html", 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """A bug; or a store that failed in the middle of a middleware, where no view could say so."""
    error = sys.exc_info()[1]
    if isinstance(error, Unavailable):
        return unavailable(request, store=error.store)
    try:
        return _page(request, "errors/500.html", 500)
    except Exception:
        logger.exception("the page for errors has an error")
        # Without any template: it may be the base template that fails.
        title, text = (
            _("Something went wrong"),
            _("It is our mistake and has been written down. Please try again."),
        )
        return HttpResponseServerError(f"<!doctype html><title>Potato</title><h1>{title}</h1><p>{text}</p>")


@requires_csrf_token
def unavailable(request: HttpRequest, *, store: str) -> HttpResponse:
    """A store is away and the page cannot do without: 503, and a form that sends again what was typed."""
    degraded.mark(store)
    typed = _typed(request)
    response = _page(
        request,
        "errors/503.html",
        503,
        {
            "store": store,
            "kept": [pair for pair in typed if not _is_password(pair[0])],
            "had_password": any(_is_password(name) for name, _value in typed),
            "had_files": bool(_files(request)),
        },
    )
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    if request.headers.get("HX-Request"):
        # The answer to a part of a page is this page, in place of the whole.
        response["HX-Retarget"] = "body"
        response["HX-Reswap"] = "innerHTML"
    return response


def _page(
    request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    return HttpResponse(render_to_string(template, context, request), status=status)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of the form that was sent, but our own token."""
    if request.method != "POST":
        return []
    try:
        posted = request.POST
    except Exception:
        # It could not be read in the first place.
        return []
    return [
        (name, value) for name, values in posted.lists() if name != "csrfmiddlewaretoken" for value in values
    ]


def _is_password(name: str) -> bool:
    return "password" in name.lower()


def _files(request: HttpRequest) -> list[str]:
    try:
        return list(request.FILES)
    except Exception:
        return []
