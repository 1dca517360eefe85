"""People who want to know, and a market that sends prices."""

from typing import Any

import pytest

from accounts.following import set_following
from accounts.models import User
from alerts.models import AlertRule, Notification
from catalog.models import Favourite
from prices.publishing import relay
from tests.factories import make_user
from tests.prices.market import Market


class AlertMarket(Market):
    """A market with people who have rules and follow."""

    def rule(self, kind: str, **fields: Any) -> AlertRule:
        """A rule of somebody of its own, for the item in the whole country by default."""
        numbers = {
            "BELOW": {"amount": 200_000},
            "ABOVE": {"amount": 300_000},
            "CHANGE": {"percent": 5},
            "SILENCE": {"days": 3},
        }
        unit = self.item.default_unit
        form = {
            "item": self.item,
            "type": "RETAIL",
            "base": "kg",
            "unit": unit,
            **numbers.get(kind, {}),
            **fields,
        }
        return AlertRule.objects.create(kind=kind, user=form.pop("user", None) or make_user(), **form)

    def follower(self, shop: Any = None, **fields: Any) -> User:
        """Somebody who follows a shop, or the item."""
        user = make_user(**fields)
        if shop is None:
            Favourite.objects.create(user=user, item=self.item)
        else:
            set_following("shop", shop.pk, by=user, on=True)
        return user

    def publish(self, price: int | str = 2400, **fields: Any) -> str:
        """Have a price published. :return: its id"""
        id = self.send(price, **fields)
        relay.run_once(limit=1000)
        return id


def prices_notified_of(user: User) -> list[str]:
    """The prices of which somebody has a notification, the oldest first."""
    return [
        str(row.entry_id) for row in Notification.objects.filter(user=user).order_by("pk") if row.entry_id
    ]


@pytest.fixture
def market(mongo_store: None) -> AlertMarket:
    return AlertMarket()
