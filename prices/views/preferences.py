"""The page on which a reader says how he likes prices; no account needed."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from potato import preferences as kept
from potato.stores.sessions import copy_suffices
from potato.web.htmx import go_to
from potato.web.resubmission import describe
from prices.forms.preferences import PreferencesForm


@copy_suffices
@describe(gettext_lazy("Save"), lambda: PreferencesForm(None, current=kept.current()))
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Unit, numerals, home region: kept in the reader's browser alone, then back to where he came from.

    Asked with ``?unit=viss``, that unit is already filled in.
    """
    sent = request.method == "POST"
    form = PreferencesForm(
        request.POST if sent else None, current=kept.current(), unit=request.GET.get("unit", "")
    )
    if sent and form.is_valid():
        response = go_to(request, _safe(request, request.POST.get("next", "")))
        kept.keep(response, form.preferences)
        messages.success(request, _("Saved."))
        return response
    came_from = request.POST.get("next", "") if sent else request.headers.get("Referer", "")
    context = {"form": form, "next": _safe(request, came_from)}
    return render(request, "prices/preferences.html", context, status=422 if sent else 200)


def _safe(request: HttpRequest, target: str) -> str:
    """An address of this site, other than this page's; else the first page."""
    is_ours = target.startswith(("/", "http")) and url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    if not is_ours or urlsplit(target).path.endswith("/preferences/"):
        return reverse("home")
    return target
