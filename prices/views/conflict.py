"""The question to a contributor whose form came again with another price."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.models import Item
from potato import calendar
from prices.coordination.ids import uuid7
from prices.forms.choices import priced_units
from prices.forms.echo import echo_of
from prices.forms.price import PriceForm
from prices.models import LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import price_text
from shops.models import Shop


def which_is_right(
    request: HttpRequest, form: PriceForm, earlier: LedgerRow, *, item: Item, shop: Shop
) -> HttpResponse:
    """The same form came again with another content: ask, and store nothing."""
    new, was = form.cleaned_data, earlier.payload
    is_same_place = (was.get("item"), was.get("shop")) == (item.pk, shop.pk)
    # A correction keeps item and shop; what was seen of another item or shop is a price of its own.
    replaces = is_same_place and earlier.state != LedgerRow.State.PARKED
    fields = {name: request.POST.get(name, "") for name in ("price", "quantity", "unit", "type", "note")}
    if replaces:
        fields |= _seen_fields(new["seen_at"])
    else:
        fields |= {
            name: request.POST.get(name, "") for name in ("item", "shop", "seen", "seen_on", "seen_time")
        }
    context = {
        "earlier": earlier,
        "was": price_text.said_in(was),
        "was_item": names.get("item", was.get("item")),
        "was_shop": names.shown("shop", was.get("shop"), otherwise=was.get("shop_name", "")),
        "new": echo_of(request.POST, item=item, priced=priced_units(item, shop)),
        "new_item": item,
        "new_shop": shop,
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
