"""Prices that tests send, by the services or by a form: a good one, changed in the field that a test is about."""

from typing import Any

from django.urls import reverse

from catalog.models import Item
from prices import services
from prices.coordination.ids import uuid7
from prices.ledger.payloads import Offer
from prices.models import LedgerRow
from prices.names import cache as names
from prices.publishing import relay
from prices.types import PriceEntry, Submission
from shops.models import Shop

OFFERED = ("item", "shop", "price", "quantity", "unit", "type", "seen_at", "note")


def good_price(*, item: Item, shop: Shop, **changes: Any) -> dict[str, Any]:
    """The fields of a form as a browser sends them."""
    return {
        "submission_id": str(uuid7()),
        "item": str(item.pk),
        "shop": str(shop.pk),
        "price": "2,400",
        "quantity": "1",
        "unit": item.default_unit.code,
        "type": "RETAIL",
        "seen": "now",
        "seen_on": "",
        "seen_time": "",
        "note": "",
        **changes,
    }


def sent() -> Any:
    """What people sent, in the order of the ledger; without the changes of names."""
    return LedgerRow.objects.exclude(kind=LedgerRow.Kind.REFERENCE).order_by("seq")


def publish() -> None:
    """Let the relay publish all that waits, and let this process know the names."""
    relay.run_once(limit=100)
    names.refresh()


def publish_price(client: Any, *, item: Item, shop: Shop, **changes: Any) -> str:
    """Send a price by the form and publish it. :return: its id"""
    form = good_price(item=item, shop=shop, **changes)
    response = client.post(reverse("submit"), form)
    assert response.status_code == 303, response.content.decode()
    publish()
    return form["submission_id"]


def submit_price(**fields: Any) -> Submission:
    """:func:`prices.services.submit_price`, with the fields of the offer among its own."""
    offered = {name: fields.pop(name) for name in OFFERED if name in fields}
    return services.submit_price(offer=Offer(**offered), **fields)


def correct_price(*, entry: PriceEntry, **fields: Any) -> Submission:
    """:func:`prices.services.correct_price`, likewise."""
    offered = {name: fields.pop(name) for name in OFFERED if name in fields}
    return services.correct_price(entry=entry, offer=Offer.in_place_of(entry, **offered), **fields)
