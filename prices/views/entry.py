"""One price: what it says, what became of it, and what people may do about it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import unsent
from accounts.decorators import contributors_only, members_only
from accounts.models import Role, User
from accounts.names import shown_name
from catalog import selectors as catalog
from catalog.models import Item
from potato import clock
from potato.errors import Refused
from potato.stores import degraded
from potato.stores.sessions import copy_suffices
from potato.web.htmx import go_to, wants_part
from potato.web.resubmission import describe
from prices import selectors, services
from prices.forms import choices
from prices.forms.acts import ModeratorWithdrawForm, OnceForm, ReportForm, WithdrawForm
from prices.forms.echo import echo_of
from prices.forms.price import CorrectionForm, ModeratorCorrectionForm
from prices.ledger import entries as ledger_entries
from prices.ledger.accept import SameIdOtherPrice
from prices.ledger.rights import may_moderate
from prices.models import PRICE_KINDS, LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import outcomes, price_text
from prices.rules.numbers import plain
from prices.types import CHANGEABLE, EDITABLE, PriceEntry
from prices.views.conflict import which_is_right
from shops.models import Shop

PUBLIC = ("published", "pending")
KNOWN = "known"
"""The field of forms and links that carries a price which the ledger does not know."""


@copy_suffices
@require_safe
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """A price as it was given and per base unit, whose it is, and everything that happened to it.

    Without MongoDB as the ledger knows it, or the link. One's own that waits to be published is a page of its own.
    """
    found = _shown(request, entry_id)
    if found is None:
        raise Http404("no price has this id")
    is_own = request.member.id == found.submitter.id
    if found.waits:
        return redirect("submission", entry_id)
    is_public = found.status in PUBLIC
    # Whether somebody sees what is hidden is asked of PostgreSQL; so is what staff are offered.
    sees_all = is_public or (request.member.is_authenticated and _is_seen(request, found))
    shop = names.get("shop", found.shop_id)
    places = names.get("township", found.township_id), names.get("region", found.region_id)
    context = {
        "entry": found,
        "item": names.get("item", found.item_id),
        "shop": shop,
        "where": ", ".join(str(place) for place in (shop or found.shop_name, *places) if place),
        "sees_all": sees_all,
        "is_public": is_public,
        "is_own": is_own,
        "said": price_text.say_entry(found) if sees_all else None,
        "why": price_text.why(found.judgement),
        "sender": shown_name(found.submitter.name, id=found.submitter.id),
        "standing": price_text.standing(found.submitter.role, source=found.source),
        "history": outcomes.history_lines(found) if sees_all else [],
        "outcome": outcomes.outcome(found),
        "unfinished": _unfinished(request, entry_id),
        "may_change": found.status in EDITABLE and (is_own or _is_moderator(request)),
        "may_confirm": found.status == "published",
        "known": _signed(found),
    }
    return render(request, "prices/entry.html", context)


def _about(request: HttpRequest, entry_id: UUID) -> list[str]:
    """The price that an act is about; of a hidden one item and shop alone, as on its page."""
    found = _find(request, entry_id)
    return [price_text.one_line(found, with_price=found.status in PUBLIC or _may_see(request, found))]


@contributors_only
@describe(gettext_lazy("Still this price"), forms.Form, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Count a price as seen again today. A reader who comes by a link is sent to the price."""
    found = _find(request, entry_id)
    if request.method != "POST":
        return redirect("entry", entry_id)
    refused = ""
    try:
        made = services.confirm_price(by=request.user, entry=found, now=clock.now())
    except Refused as refusal:
        refused = str(refusal)
    else:
        if made.state == LedgerRow.State.PARKED:
            refused = _("Your confirmation of today was not counted. %(why)s") % {
                "why": price_text.parked(made.reason)
            }
    if wants_part(request):
        return render(request, "prices/_confirmed.html", {"refused": refused}, status=422 if refused else 200)
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, _("Thank you: this price counts as seen today."))
    return go_to(request, _back(request) or _address(found))


@contributors_only
@describe(gettext_lazy("Send the correction"), ModeratorCorrectionForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Let the author put another price in place of this one."""
    found = _find(request, entry_id)
    sent = request.method == "POST"
    initial = {
        "price": plain(found.price),
        "quantity": plain(found.quantity),
        "unit": found.unit,
        "type": found.type,
        "note": found.note,
    } | unsent.take(request)
    is_own = found.submitter.id == request.user.pk
    form_class = CorrectionForm if is_own else ModeratorCorrectionForm
    form = form_class(request.POST if sent else None, now=clock.now(), initial=initial)
    if reason := _may_not_change(request.user, found, form):
        return _refused(request, reason, found)
    if sent and form.is_valid():
        try:
            made = services.correct_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except SameIdOtherPrice as question:
            if question.earlier.kind in PRICE_KINDS:
                item, shop = Item.objects.get(pk=found.item_id), Shop.objects.get(pk=found.shop_id)
                return which_is_right(request, form, question.earlier, item=item, shop=shop)
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return go_to(request, reverse("submission", args=[made.id]))
    priced = catalog.units_for(item_id=found.item_id, region_id=found.region_id)
    form.offer(unit=choices.units(priced))
    typed = {name: form[name].value() for name in ("price", "quantity", "unit")}
    item = Item.objects.filter(pk=found.item_id).first()
    context = {
        "form": form,
        "entry": found,
        "said": price_text.say_entry(found),
        "item": names.get("item", found.item_id),
        "shop": names.get("shop", found.shop_id),
        "echo": echo_of(typed, item=item, priced=priced),
        "is_own": is_own,
        "known": _signed(found),
    }
    return render(request, "prices/entry_correct.html", context, status=422 if form.errors else 200)


@contributors_only
@describe(gettext_lazy("Take it back"), WithdrawForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Ask whether a price shall be taken back, and take it back; of another person's a moderator removes it."""
    found = _find(request, entry_id)
    sent = request.method == "POST"
    is_own = found.submitter.id == request.user.pk
    form_class = WithdrawForm if is_own else ModeratorWithdrawForm
    initial = {"seen_status": found.status} | unsent.take(request)
    form = form_class(request.POST if sent else None, initial=initial)
    if reason := _may_not_change(request.user, found, form):
        return _refused(request, reason, found)
    if sent and form.is_valid():
        try:
            services.withdraw_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except SameIdOtherPrice:
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if not is_own:
                messages.success(request, _("Removed: it leaves the pages in a moment."))
                return go_to(request, _address(found))
            messages.success(request, _("Taken back: it leaves the pages in a moment."))
            return go_to(request, reverse("my_prices"))
    context = {
        "form": form,
        "entry": found,
        "said": price_text.say_entry(found),
        "item": names.get("item", found.item_id),
        "shop": names.get("shop", found.shop_id),
        "is_own": is_own,
        "known": _signed(found),
    }
    return render(request, "prices/entry_withdraw.html", context, status=422 if form.errors else 200)


@members_only
@describe(gettext_lazy("Send the report"), ReportForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Let a member report a price as wrong, or change their report."""
    found = _find(request, entry_id)
    if found.status not in EDITABLE:
        if found.status == "accepted":
            return _refused(
                request, _("This price is not published yet. Please try again in a moment."), found
            )
        return _refused(request, _("This price was withdrawn or removed before."), found)
    if found.status not in PUBLIC and not _may_see(request, found):
        return _refused(request, _("This price waits for a check: only its author sees it."), found)
    sent = request.method == "POST"
    form = ReportForm(request.POST if sent else None)
    act_id = form.cleaned_data["act_id"] if sent and form.is_valid() else None
    earlier = selectors.open_report(by=request.user.pk, entry_id=found.id, but=act_id)
    if not sent:
        form.initial |= ({"reason": earlier.reason, "text": earlier.text} if earlier else {}) | unsent.take(
            request
        )
    elif form.is_valid():
        try:
            services.report_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except SameIdOtherPrice:
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            changed = _("Your report was changed. A moderator will look at this price.")
            messages.success(
                request, changed if earlier else _("Thank you. A moderator will look at this price.")
            )
            return go_to(request, _address(found))
    context = {
        "form": form,
        "entry": found,
        "said": price_text.say_entry(found),
        "item": names.get("item", found.item_id),
        "shop": names.get("shop", found.shop_id),
        "known": _signed(found),
        "earlier": earlier,
    }
    return render(request, "prices/entry_report.html", context, status=422 if form.errors else 200)


def _is_seen(request: HttpRequest, found: PriceEntry) -> bool:
    """Whether to show somebody what is hidden. Without PostgreSQL nobody sees it."""
    try:
        return _may_see(request, found)
    except DatabaseError:
        degraded.mark("postgres")
        return False


def _may_see(request: HttpRequest, found: PriceEntry) -> bool:
    """Whether somebody may see what is hidden, asked of PostgreSQL."""
    user: Any = request.user
    return bool(
        user.is_authenticated
        and (user.pk == found.submitter.id or may_moderate(user))
        # This page trusts the session's copy, and a copy may have outlived a session that was ended.
        and request.session.exists(request.session.session_key)
    )


def _is_moderator(request: HttpRequest) -> bool:
    """Whether to offer what moderators may do. Only of staff PostgreSQL is asked, and without it nothing is offered."""
    if request.member.role != Role.ADMIN:
        return False
    try:
        return may_moderate(request.user)
    except DatabaseError:
        degraded.mark("postgres")
        return False


def _shown(request: HttpRequest, entry_id: UUID) -> PriceEntry | None:
    """The entry for its page; visitors' pages ask PostgreSQL only while MongoDB is unavailable."""
    found = selectors.price(
        entry_id, signed=request.GET.get(KNOWN, ""), by_visitor=not request.member.is_authenticated
    )
    return None if found is None or _is_hidden(found, request.member.id) else found


def _unfinished(request: HttpRequest, entry_id: UUID) -> list[str]:
    """What the reader did to this price that waits, or could not be carried out."""
    if not request.member.is_authenticated:
        return []
    try:
        acts = selectors.unfinished_acts(request.member.id, entry_id=entry_id)
    except DatabaseError:
        degraded.mark("postgres")
        return []
    # As for what is hidden: a copy may have outlived its session.
    if not acts or not request.session.exists(request.session.session_key):
        return []
    return [outcomes.unfinished(act) for act in acts]


def _find(request: HttpRequest, entry_id: UUID) -> PriceEntry:
    """The entry that somebody wants to act on; before it is published its author's alone."""
    found = selectors.price(entry_id, signed=request.POST.get(KNOWN) or request.GET.get(KNOWN, ""))
    if found is None or _is_hidden(found, request.user.pk):
        raise Http404("no price has this id")
    return found


def _is_hidden(found: PriceEntry, user_id: int | None) -> bool:
    """Whether a price waits to be published, and is not this person's."""
    return found.waits and found.submitter.id != user_id


def _signed(found: PriceEntry) -> str:
    """What forms carry of a price that the ledger may not know while MongoDB is unavailable."""
    return "" if ledger_entries.is_known(found, now=clock.now()) else ledger_entries.sign(found)


def _address(found: PriceEntry) -> str:
    """The price's page; while MongoDB is unavailable with what that page is made from, unless it is hidden from some."""
    address = reverse("entry", args=[found.id])
    known = _signed(found) if found.status in PUBLIC and "mongo" in degraded.stores() else ""
    return f"{address}?{urlencode({KNOWN: known})}" if known else address


def _may_not_change(user: User, found: PriceEntry, form: OnceForm) -> str:
    """Why this person may do nothing to a price; empty where they may, or where they just did it with this form."""
    if found.submitter.id != user.pk and not may_moderate(user):
        return _("This price was sent by somebody else. You can report it instead.")
    if found.status not in CHANGEABLE and not (
        form.is_valid() and services.is_accepted(by=user, act_id=form.cleaned_data[form.id_field])
    ):
        return _("This price was withdrawn or removed before.")
    return ""


def _refused(request: HttpRequest, reason: str, found: PriceEntry) -> HttpResponse:
    messages.error(request, reason)
    return go_to(request, _address(found))


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_safe else ""
