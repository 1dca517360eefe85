"""What the tests of forms and pages send: a good price, changed in the one field that a test is about."""

from typing import Any

from django.urls import reverse

from catalog.models import Item
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from prices.names import cache as names
from prices.publishing import relay
from shops.models import Shop


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
