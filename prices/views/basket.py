"""A reader's list of items: in the address for everybody, in the account for members."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import members_only
from potato import degraded
from potato.htmx import go_to
from potato.stores.sessions import copy_suffices
from potato.wording import wording
from prices import selectors, services
from prices.pages import found, wanted
from prices.pages.basket import BasketPage, board_keys
from prices.pages.links import Links
from prices.pages.wanted import Wanted


@copy_suffices
@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """What the list in the address costs where."""
    asked = wanted.read(request.GET, words=wording())
    is_member = request.member.is_authenticated and "postgres" not in degraded.stores()
    begins_with = not (request.GET.getlist("i") or request.GET.getlist("item"))
    if is_member and begins_with:
        # The account has the list that this one begins with, or is added to.
        query = request.GET.urlencode()
        return redirect(reverse("my_basket") + (f"?{query}" if query else ""))
    if asked.is_form and asked.is_valid and not asked.ignored and not begins_with:
        return redirect(asked.address())
    return _show(request, asked)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def my_basket(request: HttpRequest) -> HttpResponse:
    """What the list in the account costs where; sent by POST, a list takes its place."""
    if request.method == "POST":
        sent = wanted.read(request.POST, words=wording())
        if sent.is_valid and not sent.ignored:
            services.keep_basket(
                by=request.user,
                lines=[(line.item.id, line.quantity, line.measure.code) for line in sent.valid],
            )
            messages.success(request, _("Your account keeps this list now."))
            return go_to(request, reverse("my_basket"))
        return _show(request, sent)
    asked = wanted.read(request.GET, words=wording(), kept=selectors.basket_of(request.user.pk))
    if asked.is_asked and asked.is_valid and not asked.ignored and asked.lines:
        return redirect(asked.address())
    return _show(request, asked, is_kept=not asked.is_asked)


def _show(request: HttpRequest, asked: Wanted, *, is_kept: bool = False) -> HttpResponse:
    """:param is_kept: whether this is the account's list as it is kept."""
    keys = board_keys(asked)
    boards = selectors.boards_for(keys) if keys else {}
    page = BasketPage(asked, boards, words=wording(), links=Links())
    context = {
        "page": page,
        "wanted": asked,
        "rows": page.rows(),
        "best": page.best(),
        "two_shops": page.two_shops() if asked.region else None,
        "shops": page.shops() if asked.region else None,
        "townships": page.townships() if asked.region else None,
        "regions": page.regions(),
        "currency": wording().currency(),
        "is_kept": is_kept,
        "ignored": asked.ignored,
        "as_of": found.as_of(boards.values()),
        "canonical": reverse("basket"),
    }
    return render(request, "prices/basket.html", context, status=200 if asked.is_valid else 422)
