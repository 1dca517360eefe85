"""A reader's list of items: in the address for everybody, in the account for members."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import unsent
from accounts.decorators import MemberRequest, members_only
from potato.member import PageRequest
from potato.stores import degraded
from potato.stores.sessions import copy_suffices
from potato.text.wording import wording
from potato.web.htmx import go_to
from potato.web.resubmission import describe
from prices import selectors, services
from prices.pages.basket import query as basket_query
from prices.pages.basket.page import BasketPage, OtherList, board_keys
from prices.pages.basket.query import Wanted
from prices.pages.shared_parts import lookup
from prices.pages.shared_parts.links import Links
from prices.views import basket_cookie


@copy_suffices
@require_safe
def basket(request: PageRequest) -> HttpResponse:
    """What the list in the address costs where."""
    asked = basket_query.read(request.GET, words=wording())
    is_member = request.member.is_authenticated and "postgres" not in degraded.stores()
    begins_with = not (request.GET.getlist("i") or request.GET.getlist("item"))
    if is_member and begins_with:
        # The account has the list that this one begins with, or is added to.
        query = request.GET.urlencode()
        return redirect(reverse("my_basket") + (f"?{query}" if query else ""))
    remembered_lines = basket_cookie.read(request) if begins_with else []
    if remembered_lines:
        asked = basket_query.read(request.GET, words=wording(), kept=remembered_lines)
    has_own_address = (asked.is_form and not asked.ignored) or (remembered_lines and not asked.is_form)
    response = redirect(asked.address()) if asked.is_valid and has_own_address else _show(request, asked)
    # A form of which nothing was understood is no list that somebody emptied.
    is_made = asked.is_form and asked.is_valid and (asked.lines or not asked.ignored)
    if is_made and not request.member.is_authenticated:
        basket_cookie.keep(response, asked.lines)
    return response


class LinesField(forms.Field):
    def as_sent(self, given: Sequence[str]) -> str:
        return ngettext("%(number)s item", "%(number)s items", len(given)) % {
            "number": wording().number(len(given))
        }


class ListForm(forms.Form):
    """The lines of a list, as ``prices.pages.basket.query`` reads them."""

    i = LinesField(label=gettext_lazy("What I buy"))


@members_only
@describe(gettext_lazy("Keep this list in my account"), ListForm)
@require_http_methods(["GET", "HEAD", "POST"])
def my_basket(request: MemberRequest) -> HttpResponse:
    """What the list in the account costs where; sent by POST, a list takes its place."""
    if request.method == "POST":
        sent = basket_query.read(request.POST, words=wording())
        if sent.is_valid and not sent.ignored:
            services.keep_basket(
                by=request.user,
                lines=[
                    (line.item.id, line.quantity, line.measure.code)
                    for line in sent.valid
                    if line.quantity is not None
                ],
            )
            messages.success(request, _("Your account keeps this list now."))
            response = go_to(request, reverse("my_basket"))
            basket_cookie.keep(response, ())
            return response
        return _show(request, sent)
    if lines := unsent.take_lists(request).getlist("i"):
        # At its own address it can be looked at, and sent again.
        return redirect(f"{reverse('basket')}?{urlencode([('i', line) for line in lines])}")
    asked = basket_query.read(request.GET, words=wording(), kept=selectors.basket_of(request.user.pk))
    if asked.is_asked and asked.is_valid and not asked.ignored and asked.lines:
        return redirect(asked.address())
    return _show(request, asked, is_kept=not asked.is_asked)


def _show(request: HttpRequest, asked: Wanted, *, is_kept: bool = False) -> HttpResponse:
    """:param is_kept: whether this is the account's list as it is kept."""
    keys = board_keys(asked)
    boards = selectors.boards_for(keys) if keys else {}
    page = BasketPage(asked, boards, words=wording(), links=Links())
    kept = [] if asked.is_form else basket_cookie.read(request)
    shown = [str(line) for line in asked.valid]
    context = {
        "page": page,
        # A list that somebody sent takes no other's place unasked.
        "remembered": OtherList.beside(asked, kept) if kept and kept != shown else None,
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
        "as_of": lookup.as_of(boards.values()),
        "canonical": reverse("basket"),
    }
    return render(request, "prices/basket.html", context, status=200 if asked.is_valid else 422)
