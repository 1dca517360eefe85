"""What a person sent, and what became of it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.decorators import MemberRequest, members_only
from prices import selectors
from prices.ledger.payloads import price_of
from prices.models import LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import outcomes, price_text
from prices.types import Name, Submission

PAGE = 30


@dataclass(frozen=True, slots=True)
class MyPrice:
    """A line of the list: the price, and how it stands with it in words."""

    sent: Submission
    price: price_text.PriceText | None
    item: Name | None
    shop_name: str
    standing: str
    reason: str
    counts: bool


@members_only
@require_safe
def my_prices(request: MemberRequest) -> HttpResponse:
    """A person's prices, the newest first."""
    before, note = _before(request.GET.get("before", ""))
    found = selectors.submissions_of(request.user.pk, before=before, limit=PAGE + 1)
    rows = [my_price(one) for one in found[:PAGE]]
    older = found[PAGE - 1].seq if len(found) > PAGE else None
    refused = selectors.unfinished_acts(request.user.pk) if before is None else []
    context = {
        "rows": rows,
        "older": older,
        "is_first": before is None,
        "note": note,
        "refused": [(act.target, outcomes.unfinished(act)) for act in refused],
    }
    return render(request, "prices/mine.html", context)


def my_price(sent: Submission) -> MyPrice:
    """How it stands with something sent."""
    entry = sent.entry
    standing, reason, counts = _("Published"), "", True
    ended = outcomes.outcome(entry) if entry else None
    if sent.state == LedgerRow.State.ACCEPTED and ended is None:
        standing, counts = _("On its way"), False
    elif sent.state == LedgerRow.State.PARKED:
        standing, reason, counts = _("Not published"), price_text.parked(sent.reason), False
    elif entry is not None and entry.status != "published":
        counts = False
        if ended is not None:
            standing, reason = ended.short, ended.reason
        elif entry.status == "quarantined":
            standing, reason = _("Waits for a check"), price_text.why(entry.judgement)
        elif entry.status == "pending":
            standing, reason = _("Waits for a second price"), price_text.why(entry.judgement)
    price = entry or price_of(sent.payload)
    return MyPrice(
        sent=sent,
        price=price_text.text_of(price) if price else None,
        item=names.get("item", sent.item_id),
        shop_name=names.shown(
            "shop",
            entry.shop_id if entry else sent.payload.get("shop"),
            otherwise=entry.shop_name if entry else sent.payload.get("shop_name", ""),
        ),
        standing=standing,
        reason=reason,
        counts=counts,
    )


def _before(text: str) -> tuple[int | None, str]:
    if not text:
        return None, ""
    if not text.isdecimal() or len(text) > 18:
        return None, _("This page does not exist; here are the newest.")
    return int(text), ""
