"""The pages for what went wrong, in the reader's words: 400, 403, 404, 408, 500, and 503 while a store is away."""

import logging
import sys
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django_htmx.http import reswap

from potato.errors import Unavailable
from potato.stores import degraded
from potato.web import resubmission
from potato.web.htmx import in_place_of_page, is_background

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
    """A form without a valid token: too old, since its sender has signed in or out meanwhile, or from another site.

    One of our own pages' is shown, to be sent again by one tap. Of another site's nothing is given back.
    """
    if _is_too_long(request):
        return bad_request(request)
    context: dict[str, Any] = {}
    if request.method == "POST" and request.POST and resubmission.is_same_origin(request):
        try:
            context = _sent_again(request)
        except (OperationalError, InterfaceError, Unavailable) as error:
            return unavailable(request, store=getattr(error, "store", "postgres"))
    return _form_page(request, context)


@requires_csrf_token
def not_staff(request: HttpRequest) -> HttpResponse:
    """Return an admin form to somebody who is no longer signed in as staff, to be sent again once they are."""
    return _form_page(request, _sent_again(request))


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
    may_send_again = request.method == "POST" and resubmission.may_be_given_back(request)
    sent = resubmission.read(request) if may_send_again else None
    response = _page(request, "errors/503.html", 503, {"store": store, "sent": sent})
    response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response if is_background(request) else in_place_of_page(request, response)


def _page(
    request: HttpRequest, template: str, status: int, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The page; for a part that htmx asks for by itself nothing, so that what stands in its place stays."""
    if is_background(request):
        response = reswap(HttpResponse(status=status), "none")
    else:
        response = HttpResponse(render_to_string(template, context, request), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _form_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = in_place_of_page(request, _page(request, "errors/csrf.html", 403, context))
    response["Cache-Control"] = "no-store"
    return response


def _sent_again(request: HttpRequest) -> dict[str, Any]:
    """What the page shows of a form that one of our own pages sent, and under which account it would be sent now."""
    user: Any = request.user
    name = request.resolver_match.url_name if request.resolver_match else ""
    is_admin = request.resolver_match is not None and "admin" in request.resolver_match.namespaces
    sent = None if resubmission.changes_who_may_sign_in(request) else resubmission.read(request)
    return {
        "is_ours": True,
        "sent": sent,
        "about": resubmission.about(request) if sent else [],
        "shown": resubmission.shown(request, sent) if sent else [],
        "button": _("Sign out") if name == "account_logout" else resubmission.button_of(request),
        "sender": user if user.is_authenticated else None,
        "needs_account": resubmission.needs_account(request),
        "needs_staff": is_admin and not (user.is_authenticated and user.is_staff),
        "signs_in": name in ("account_login", "account_signup"),
        "signs_out": name == "account_logout",
        "has_cookies": settings.CSRF_COOKIE_NAME in request.COOKIES,
    }


def _is_too_long(request: HttpRequest) -> bool:
    """Whether what was sent is more than is taken: then nothing of it was read (``potato/web/request_bodies.py``)."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
