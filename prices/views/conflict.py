"""The question to a contributor whose form came again with another price."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from potato import calendar
from prices.coordination.ids import uuid7
from prices.forms.choices import priced_units
from prices.forms.echo import echo_of
from prices.ledger.payloads import Offer, price_of
from prices.models import LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import price_text


def which_is_right(
    request: HttpRequest, earlier: LedgerRow, offer: Offer, *, seen_at: datetime | None
) -> HttpResponse:
    """The same form came again with another content: ask, and store nothing.

    :param seen_at: the time that the form gives; None where it says "now" or "as before".
    """
    was = earlier.payload
    is_same_place = (was.get("item"), was.get("shop")) == (offer.item.pk, offer.shop.pk)
    # A correction keeps item and shop; what was seen of another item or shop is a price of its own.
    replaces = is_same_place and earlier.state != LedgerRow.State.PARKED
    fields = {name: request.POST.get(name, "") for name in ("price", "quantity", "unit", "type", "note")}
    if replaces:
        fields |= _seen_fields(seen_at)
    else:
        fields |= {
            name: request.POST.get(name, "") for name in ("item", "shop", "seen", "seen_on", "seen_time")
        }
    was_price = price_of(was)
    context = {
        "earlier": earlier,
        "was": price_text.text_of(was_price) if was_price else None,
        "was_item": names.get("item", was.get("item")),
        "was_shop": names.shown("shop", was.get("shop"), otherwise=was.get("shop_name", "")),
        "new": echo_of(request.POST, item=offer.item, priced=priced_units(offer.item, offer.shop)),
        "new_item": offer.item,
        "new_shop": offer.shop,
        "replaces": replaces,
        "action": reverse("correct", args=[earlier.pk]) if replaces else reverse("submit"),
        "fields": {"submission_id": str(uuid7()), **fields},
    }
    return render(request, "prices/submit_which.html", context, status=409)


def _seen_fields(seen_at: datetime | None) -> dict[str, str]:
    if seen_at is None:
        return {"seen": "same"}
    local = seen_at.astimezone(calendar.YANGON)
    return {"seen": "earlier", "seen_on": f"{local:%Y-%m-%d}", "seen_time": f"{local:%H:%M}"}
