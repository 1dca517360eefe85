"""A small market and the people who send its prices, for tests of what becomes of them."""

from decimal import Decimal
from typing import Any

from accounts.models import Role
from potato import clock
from prices import services
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from prices.store import entries
from prices.types import Submitter
from tests.factories import make_entry, make_item, make_moderator, make_shop, make_user
from tests.prices.sending import correct_price, submit_price


class Market:
    """An item, two shops of one region and one of another, and the people who send prices."""

    def __init__(self, **item: Any) -> None:
        self.item = make_item(**item)
        self.near, self.far = make_shop(), make_shop()
        self.next_door = make_shop(region=self.near.region, township=self.near.township)
        self.author, self.neighbour = (make_user(role=Role.CONTRIBUTOR) for _ in range(2))
        self.moderator = make_moderator()
        self.now = clock.now()
        forget_names()

    def send(self, price: int | str = 2400, **fields: Any) -> str:
        """Have a price accepted. :return: its id"""
        form = {
            "by": self.author,
            "submission_id": uuid7(),
            "item": self.item,
            "shop": self.near,
            "price": Decimal(price),
            "quantity": Decimal(1),
            "type": "RETAIL",
            "now": self.now,
        } | fields
        return submit_price(**{"unit": form["item"].default_unit} | form).id

    def entry(self, entry_id: str, **fields: Any) -> Any:
        """An entry as the author's page shows it, published or not yet."""
        return entries.get(entry_id) or make_entry(
            shop=self.near,
            **{
                "id": entry_id,
                "item_id": self.item.pk,
                "submitter": Submitter(self.author.pk, "Author", "CONTRIBUTOR"),
                "seen_at": self.now,
            }
            | fields,
        )

    def correct(self, entry_id: str, price: int | str = 2500, **fields: Any) -> str:
        form = {
            "by": self.author,
            "submission_id": uuid7(),
            "entry": self.entry(entry_id),
            "price": Decimal(price),
            "quantity": Decimal(1),
            "unit": self.item.default_unit,
            "type": "RETAIL",
            "now": self.now,
        } | fields
        return correct_price(**form).id

    def withdraw(self, entry_id: str, **fields: Any) -> str:
        form = {"by": self.author, "act_id": uuid7(), "entry": self.entry(entry_id), "now": self.now} | fields
        return services.withdraw_price(**form).id

    def confirm(self, entry_id: str, **fields: Any) -> str:
        form = {"by": self.neighbour, "entry": self.entry(entry_id), "now": self.now} | fields
        return services.confirm_price(**form).id

    def report(self, entry_id: str, **fields: Any) -> str:
        form = {
            "by": self.neighbour,
            "act_id": uuid7(),
            "entry": self.entry(entry_id),
            "now": self.now,
        } | fields
        return services.report_price(reason="too_high", **form).id

    def moderate(self, entry_id: str, status: str, *, seen: str, **fields: Any) -> str:
        form = {
            "by": self.moderator,
            "act_id": uuid7(),
            "entry": self.entry(entry_id),
            "status": status,
            "seen_status": seen,
            "now": self.now,
        } | fields
        return services.moderate(**form).id


def forget_names() -> None:
    LedgerRow.objects.filter(kind="REFERENCE").delete()
