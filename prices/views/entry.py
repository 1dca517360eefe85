"""One price: what it says, what became of it, and what people may do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import unsent
from accounts.decorators import contributors_only, members_only
from accounts.models import User
from accounts.names import shown_name
from catalog import selectors as catalog
from catalog.models import Item
from potato import clock
from potato.errors import Refused
from potato.htmx import go_to, wants_part
from potato.resubmission import describe
from potato.stores.sessions import copy_suffices
from prices import names, offered, said, selectors, services
from prices.forms import CorrectionForm, OnceForm, ReportForm, WithdrawForm
from prices.models import LedgerRow
from prices.numbers import plain
from prices.relay import entry_of
from prices.types import EDITABLE, Change, PriceEntry
from prices.views.submit import PRICE_KINDS, echo_of, which_is_right
from shops.models import Shop

PUBLIC = ("published", "pending")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to an entry, in words."""

    at: datetime
    text: str
    reason: str = ""
    entry_id: str = ""


@copy_suffices
@require_safe
def entry(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """A price as it was given and per base unit, whose it is, and everything that happened to it."""
    found = selectors.entry(str(entry_id))
    if found is None:
        if request.member.is_authenticated and _waiting(request.user, entry_id):
            return redirect("submission", entry_id)
        raise Http404("no price has this id")
    is_public = found.status in PUBLIC
    # Whether somebody sees what is hidden is asked of PostgreSQL; what a page merely offers is not.
    sees_all = is_public or (request.member.is_authenticated and _may_see(request, found))
    is_own = request.member.id == found.submitter.id
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
        "said": say(found) if sees_all else None,
        "why": said.why(found.judgement),
        "sender": shown_name(found.submitter.name, id=found.submitter.id),
        "standing": said.standing(found.submitter.role, source=found.source),
        "history": history_lines(found) if sees_all else [],
        "removed_because": _last_reason(found) if found.status == "removed" else "",
        "corrected_by": _corrected_by(found),
        "may_change": found.status in EDITABLE and (is_own or request.member.role == "ADMIN"),
        "may_confirm": found.status == "published",
    }
    return render(request, "prices/entry.html", context)


@contributors_only
@describe(gettext_lazy("Still this price"))
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Count a price as seen again today. A reader who comes by a link is sent to the price."""
    found = _find(request.user, entry_id)
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
                "why": said.parked(made.reason)
            }
    if wants_part(request):
        return render(request, "prices/_confirmed.html", {"refused": refused}, status=422 if refused else 200)
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, _("Thank you: this price counts as seen today."))
    return go_to(request, _back(request) or reverse("entry", args=[entry_id]))


@contributors_only
@describe(gettext_lazy("Send the correction"), CorrectionForm)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Let the author put another price in place of this one."""
    found = _find(request.user, entry_id)
    sent = request.method == "POST"
    initial = {
        "price": plain(found.price),
        "quantity": plain(found.quantity),
        "unit": found.unit,
        "type": found.type,
        "note": found.note,
    } | unsent.take(request)
    form = CorrectionForm(request.POST if sent else None, now=clock.now(), initial=initial)
    if reason := _not_yours(request.user, found, form):
        return _refused(request, reason, entry_id)
    if sent and form.is_valid():
        try:
            made = services.correct_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except services.SameIdOtherPrice as question:
            if question.earlier.kind in PRICE_KINDS:
                item, shop = Item.objects.get(pk=found.item_id), Shop.objects.get(pk=found.shop_id)
                return which_is_right(request, form, question.earlier, item=item, shop=shop)
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return go_to(request, reverse("submission", args=[made.id]))
    priced = catalog.units_for(item_id=found.item_id, region_id=found.region_id)
    form.offer(unit=offered.units(priced))
    typed = {name: form[name].value() for name in ("price", "quantity", "unit")}
    item = Item.objects.filter(pk=found.item_id).first()
    context = {
        "form": form,
        "entry": found,
        "said": say(found),
        "item": names.get("item", found.item_id),
        "echo": echo_of(typed, item=item, priced=priced),
    }
    return render(request, "prices/entry_correct.html", context, status=422 if form.errors else 200)


@contributors_only
@describe(gettext_lazy("Take it back"), WithdrawForm)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Ask whether a price shall be taken back, and take it back."""
    found = _find(request.user, entry_id)
    sent = request.method == "POST"
    form = WithdrawForm(request.POST if sent else None, initial=unsent.take(request))
    if reason := _not_yours(request.user, found, form):
        return _refused(request, reason, entry_id)
    if sent and form.is_valid():
        try:
            services.withdraw_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except services.SameIdOtherPrice:
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Taken back: it leaves the pages in a moment."))
            return go_to(request, reverse("my_prices"))
    context = {"form": form, "entry": found, "said": say(found), "item": names.get("item", found.item_id)}
    return render(request, "prices/entry_withdraw.html", context, status=422 if form.errors else 200)


@members_only
@describe(gettext_lazy("Send the report"), ReportForm)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Let a member say what is wrong with a price."""
    found = _find(request.user, entry_id)
    if found.status not in EDITABLE:
        return _refused(request, _("This price was withdrawn or removed before."), entry_id)
    if found.status not in PUBLIC and not _may_see(request, found):
        return _refused(request, _("This price waits for a check: only its author sees it."), entry_id)
    sent = request.method == "POST"
    form = ReportForm(request.POST if sent else None, initial=unsent.take(request))
    if sent and form.is_valid():
        try:
            services.report_price(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
        except services.SameIdOtherPrice:
            form.renew()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Thank you. A moderator will look at this price."))
            return go_to(request, reverse("entry", args=[entry_id]))
    context = {"form": form, "entry": found, "said": say(found), "item": names.get("item", found.item_id)}
    return render(request, "prices/entry_report.html", context, status=422 if form.errors else 200)


def say(found: PriceEntry) -> said.Said:
    """What an entry's price says, in words."""
    return said.say(
        price=found.price, quantity=found.quantity, unit=found.unit, amount=found.amount, base=found.base
    )


def history_lines(found: PriceEntry) -> list[HistoryLine]:
    """Everything that happened to an entry, the newest first."""
    lines = [_line(change) for change in found.changes]
    begun = _("Published") if found.judgement.verdict in ("fine", "unjudged") else _("Put aside for a check")
    lines.append(HistoryLine(found.published_at, begun, said.why(found.judgement)))
    if not said.is_survey(found.source):
        lines.append(HistoryLine(found.received_at, _("Sent")))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _line(change: Change) -> HistoryLine:
    words: dict[str, Any] = {
        "CONFIRM": _("Seen again by somebody"),
        "CORRECT": _("Corrected by another price"),
        "WITHDRAW": _("Taken back"),
        "MODERATE": {
            "published": _("Published by a moderator"),
            "quarantined": _("Put aside by a moderator"),
            "removed": _("Removed by a moderator"),
        }.get(change.status or "", _("Looked at by a moderator")),
    }
    text = words.get(change.kind, change.kind)
    if change.kind == "CORRECT":
        # The new entry has the id of the act.
        return HistoryLine(change.at, text, entry_id=change.id)
    return HistoryLine(change.at, text, change.reason)


def _corrected_by(found: PriceEntry) -> str:
    return next((change.id for change in reversed(found.changes) if change.kind == "CORRECT"), "")


def _last_reason(found: PriceEntry) -> str:
    return next((change.reason for change in reversed(found.changes) if change.status == "removed"), "")


def _may_see(request: HttpRequest, found: PriceEntry) -> bool:
    user: Any = request.user
    return bool(
        user.is_authenticated
        and (user.pk == found.submitter.id or user.is_staff)
        # This page trusts the session's copy, and a copy may have outlived a session that was ended.
        and request.session.exists(request.session.session_key)
    )


def _find(user: User, entry_id: UUID) -> PriceEntry:
    """The entry; before it is published, what one's own ledger row will make of it."""
    found = selectors.entry(str(entry_id)) or _waiting(user, entry_id)
    if found is None:
        raise Http404("no price has this id")
    return found


def _waiting(user: Any, entry_id: UUID) -> PriceEntry | None:
    row = LedgerRow.objects.filter(
        pk=entry_id, author=user.pk, kind__in=PRICE_KINDS, state=LedgerRow.State.ACCEPTED
    ).first()
    return entry_of(row, {}, now=row.received_at) if row and row.payload else None


def _not_yours(user: User, found: PriceEntry, form: OnceForm) -> str:
    """Why this person may do nothing to a price; empty where they may, or where they just did it with this form."""
    if found.submitter.id != user.pk and not user.is_staff:
        return _("This price was sent by somebody else. You can report it instead.")
    if found.status not in EDITABLE and not (
        form.is_valid() and services.is_accepted(by=user, act_id=form.cleaned_data[form.id_field])
    ):
        return _("This price was withdrawn or removed before.")
    return ""


def _refused(request: HttpRequest, reason: str, entry_id: UUID) -> HttpResponse:
    messages.error(request, reason)
    return go_to(request, reverse("entry", args=[entry_id]))


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_safe else ""
