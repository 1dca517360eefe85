"""One price: what it says, what became of it, and what people may do about it."""

from collections.abc import Callable
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
from accounts.decorators import MemberRequest, contributors_only, members_only
from accounts.models import Role
from accounts.names import shown_name
from catalog import selectors as catalog
from catalog.models import Item
from potato import clock
from potato.errors import Refused
from potato.member import PageRequest
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
from prices.ledger.payloads import Offer
from prices.ledger.rights import may_moderate, refuse_unless_may_change, refuse_unless_reportable
from prices.models import LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import outcomes, price_text
from prices.types import EDITABLE, PriceEntry, Submission
from prices.views.submit import send_price

PUBLIC = ("published", "pending")
KNOWN = "known"
"""The field of forms and links that carries a price which the ledger does not know."""


@copy_suffices
@require_safe
def entry(request: PageRequest, entry_id: UUID) -> HttpResponse:
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
        "price": price_text.text_of(found) if sees_all else None,
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


def _about(request: MemberRequest, entry_id: UUID) -> list[str]:
    """The price that an act is about; of a hidden one item and shop alone, as on its page."""
    found = _find(request, entry_id)
    is_seen = found.status in PUBLIC or _may_see(request, found)
    return [price_text.one_line(found, with_price=is_seen)]


@contributors_only
@describe(gettext_lazy("Still this price"), forms.Form, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: MemberRequest, entry_id: UUID) -> HttpResponse:
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
def correct(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Let the author put another price in place of this one."""
    found = _find(request, entry_id)
    is_own = found.submitter.id == request.user.pk
    form_class = CorrectionForm if is_own else ModeratorCorrectionForm
    posted = request.POST if request.method == "POST" else None
    form = form_class(posted, entry=found, now=clock.now(), initial=unsent.take(request))
    if refusal := _refusal_to_change(request, found, form):
        return refusal

    def send(offer: Offer) -> Submission:
        return services.correct_price(
            by=request.user,
            submission_id=form.cleaned_data["submission_id"],
            entry=found,
            offer=offer,
            reason=form.cleaned_data.get("reason", ""),
            now=clock.now(),
        )

    if form.is_valid() and (answer := send_price(request, form, send)):
        return answer
    priced = catalog.units_for(item_id=found.item_id, region_id=found.region_id)
    form.show_choices(unit=choices.units(priced))
    item = Item.objects.filter(pk=found.item_id).first()
    echo = echo_of(form.typed(), item=item, priced=priced)
    return _ask(request, "prices/entry_correct.html", found, form, echo=echo, is_own=is_own)


@contributors_only
@describe(gettext_lazy("Take it back"), WithdrawForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Ask whether a price shall be taken back, and take it back; of another person's a moderator removes it."""
    found = _find(request, entry_id)
    is_own = found.submitter.id == request.user.pk
    form_class = WithdrawForm if is_own else ModeratorWithdrawForm
    posted = request.POST if request.method == "POST" else None
    form = form_class(posted, initial={"seen_status": found.status} | unsent.take(request))
    if refusal := _refusal_to_change(request, found, form):
        return refusal
    if form.is_valid() and _carry_out(request, services.withdraw_price, found, form):
        if not is_own:
            messages.success(request, _("Removed: it leaves the pages in a moment."))
            return go_to(request, _address(found))
        messages.success(request, _("Taken back: it leaves the pages in a moment."))
        return go_to(request, reverse("my_prices"))
    return _ask(request, "prices/entry_withdraw.html", found, form, is_own=is_own)


@members_only
@describe(gettext_lazy("Send the report"), ReportForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: MemberRequest, entry_id: UUID) -> HttpResponse:
    """Let a member report a price as wrong, or change their report."""
    found = _find(request, entry_id)
    try:
        refuse_unless_reportable(found)
    except Refused as refusal:
        return _refused(request, str(refusal), found)
    if found.status not in PUBLIC and not _may_see(request, found):
        return _refused(request, _("This price waits for a check: only its author sees it."), found)
    sent = request.method == "POST"
    form = ReportForm(request.POST if sent else None)
    act_id = form.cleaned_data["act_id"] if form.is_valid() else None
    earlier = selectors.open_report(by=request.user.pk, entry_id=found.id, but=act_id)
    if not sent:
        before = {"reason": earlier.reason, "text": earlier.text} if earlier else {}
        form.initial.update(before | unsent.take(request))
    if form.is_valid() and _carry_out(request, services.report_price, found, form):
        changed = _("Your report was changed. A moderator will look at this price.")
        thanks = changed if earlier else _("Thank you. A moderator will look at this price.")
        messages.success(request, thanks)
        return go_to(request, _address(found))
    return _ask(request, "prices/entry_report.html", found, form, earlier=earlier)


def _carry_out(
    request: MemberRequest, act: Callable[..., Submission], found: PriceEntry, form: OnceForm
) -> bool:
    """Do what a valid form asks for. :return: whether it was accepted; if not, the form says why."""
    try:
        act(by=request.user, entry=found, now=clock.now(), **form.cleaned_data)
    except SameIdOtherPrice:
        form.renew()
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return True
    return False


def _ask(request: HttpRequest, template: str, found: PriceEntry, form: OnceForm, **more: Any) -> HttpResponse:
    """A page with a form about a price."""
    context = {
        "form": form,
        "entry": found,
        "price": price_text.text_of(found),
        "item": names.get("item", found.item_id),
        "shop": names.get("shop", found.shop_id),
        "known": _signed(found),
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _is_seen(request: PageRequest, found: PriceEntry) -> bool:
    """Whether to show somebody what is hidden. Without PostgreSQL nobody sees it."""
    try:
        return _may_see(request, found)
    except DatabaseError:
        degraded.mark("postgres")
        return False


def _may_see(request: PageRequest, found: PriceEntry) -> bool:
    """Whether somebody may see what is hidden, asked of PostgreSQL."""
    user: Any = request.user
    return bool(
        user.is_authenticated
        and (user.pk == found.submitter.id or may_moderate(user))
        # This page trusts the session's copy, and a copy may have outlived a session that was ended.
        and request.session.exists(request.session.session_key or "")
    )


def _is_moderator(request: PageRequest) -> bool:
    """Whether to offer what moderators may do. Only of staff PostgreSQL is asked, and without it nothing is offered."""
    if request.member.role != Role.ADMIN:
        return False
    try:
        return may_moderate(request.user)
    except DatabaseError:
        degraded.mark("postgres")
        return False


def _shown(request: PageRequest, entry_id: UUID) -> PriceEntry | None:
    """The entry for its page; visitors' pages ask PostgreSQL only while MongoDB is unavailable."""
    found = selectors.price(
        entry_id, signed=request.GET.get(KNOWN, ""), by_visitor=not request.member.is_authenticated
    )
    return None if found is None or _is_hidden(found, request.member.id) else found


def _unfinished(request: PageRequest, entry_id: UUID) -> list[str]:
    """What the reader did to this price that waits, or could not be carried out."""
    if request.member.id is None:
        return []
    try:
        acts = selectors.unfinished_acts(request.member.id, entry_id=entry_id)
    except DatabaseError:
        degraded.mark("postgres")
        return []
    # As for what is hidden: a copy may have outlived its session.
    if not acts or not request.session.exists(request.session.session_key or ""):
        return []
    return [outcomes.unfinished(act) for act in acts]


def _find(request: MemberRequest, entry_id: UUID) -> PriceEntry:
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


def _refusal_to_change(request: MemberRequest, found: PriceEntry, form: OnceForm) -> HttpResponse | None:
    """The answer to somebody who may do nothing to a price, and has not just done it with this form."""
    act_id = form.cleaned_data[form.id_field] if form.is_valid() else None
    try:
        refuse_unless_may_change(request.user, found, act_id=act_id)
    except Refused as refusal:
        return _refused(request, str(refusal), found)
    return None


def _refused(request: HttpRequest, reason: str, found: PriceEntry) -> HttpResponse:
    messages.error(request, reason)
    return go_to(request, _address(found))


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_safe else ""
