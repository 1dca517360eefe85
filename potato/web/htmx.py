"""One address answers a whole page or a part of it, and sends the reader on."""

from typing import Any, cast

from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget
from django_htmx.middleware import HtmxDetails

from potato.member import PageRequest


def details(request: HttpRequest) -> HtmxDetails:
    """What htmx says of a request; false if it did not send it."""
    return cast(PageRequest, request).htmx


def page_or_partial(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], status: int | None = None
) -> HttpResponse:
    """The page, or for htmx its part alone. A form in the context that was sent and is invalid makes it 422."""
    if status is None:
        status = 422 if any(_is_refused(value) for value in context.values()) else 200
    response = render(request, partial if wants_part(request) else page, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go_to(request: HttpRequest, to: Any) -> HttpResponse:
    """Send the reader on after something was done; ``to`` is an address, a name of one, or a model."""
    url = resolve_url(to)
    if details(request):
        # HttpResponseLocation would have htmx ask for a part only.
        return HttpResponseClientRedirect(url, status=204)
    # 303: whatever was sent, the next page is asked for by GET.
    return HttpResponseRedirect(url, status=303)


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page; a boosted link or a restored page wants the whole."""
    htmx = details(request)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def is_background(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page that somebody is reading or filling in; a form sent by htmx is not."""
    return request.method in ("GET", "HEAD") and wants_part(request)


def unchanged() -> HttpResponse:
    """An empty answer, on which htmx leaves the page as it is. Whatever asks again after each answer stops."""
    response = HttpResponse(status=204)
    patch_vary_headers(response, ["HX-Request"])
    return response


def in_place_of_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, which htmx shows in place of the whole page, whatever its status (``static/potato/reach.js``)."""
    return reswap(retarget(response, "body"), "innerHTML") if details(request) else response


def _is_refused(value: object) -> bool:
    return isinstance(value, (BaseForm, BaseFormSet)) and value.is_bound and not value.is_valid()
