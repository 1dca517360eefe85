"""People, and what they offer and act on."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

from django.db import connection

from accounts.models import Role
from potato.errors import Refused
from prices.coordination.ids import uuid7
from prices.types import Submitter
from tests.factories import make_entry, make_item, make_shop, make_user

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_contributor(**fields):
    return make_user(**{"role": Role.CONTRIBUTOR} | fields)


def offer(**fields):
    """The fields of a form that a contributor filled in."""
    if "item" not in fields:
        fields["item"] = make_item()
    return {
        "by": fields.get("by") or make_contributor(),
        "submission_id": uuid7(),
        "shop": fields.get("shop") or make_shop(),
        "price": Decimal(2400),
        "quantity": Decimal(1),
        "unit": fields["item"].default_unit,
        "type": "RETAIL",
        "now": NOW,
    } | fields


def entry_by(user, *, item=None, **fields):
    """A stored entry as the services are handed it."""
    shop = fields.pop("shop", None) or make_shop()
    return make_entry(
        shop=shop,
        item_id=(item or make_item()).pk,
        submitter=Submitter(user.pk, user.public_name, user.role),
        **fields,
    )


def at_once(act: Callable[..., Any], forms: list[dict[str, Any]]) -> list[Any]:
    """Send each form from a thread of its own, all at the same moment. :return: the answers, in their order."""
    barrier, answers = Barrier(len(forms)), [None] * len(forms)

    def send(number: int) -> None:
        try:
            barrier.wait(10)
            answers[number] = act(**forms[number])
        except Refused as refusal:
            answers[number] = refusal
        finally:
            connection.close()

    threads = [Thread(target=send, args=(number,)) for number in range(len(forms))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers
