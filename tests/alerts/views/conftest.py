"""A market, a member who reads, and their notifications."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Role, User
from alerts.models import AlertRule, Notification
from potato.calendar import yangon_day
from tests.factories import make_user
from tests.prices import conftest as market

# Of the pages' tests, which begin and end in English.
english, stalls = market.english, market.stalls


@pytest.fixture
def reader(client: Client) -> User:
    """A member without any further right, signed in."""
    user = make_user(role=Role.USER)
    client.force_login(user)
    return user


def make_rule(*, user: User, stalls: Any, **fields: Any) -> AlertRule:
    """Rice at 1,800 kyat a kilogram or less, in Yangon, by default otherwise."""
    return AlertRule.objects.create(
        **{
            "user": user,
            "kind": "BELOW",
            "item": stalls.rice,
            "region": stalls.yangon,
            "type": "RETAIL",
            "base": "kg",
            "unit": stalls.kg,
            "amount": 180_000,
            **fields,
        }
    )


def make_notification(*, user: User, stalls: Any, **fields: Any) -> Notification:
    """Of a price of rice at YwarMa that met a rule, just now, by default otherwise."""
    created_at = fields.pop("created_at", datetime.now(UTC))
    return Notification.objects.create(
        **{
            "user": user,
            "kind": "RULE",
            "day": yangon_day(created_at),
            "created_at": created_at,
            "entry_id": uuid4(),
            "item_id": stalls.rice.pk,
            "shop_id": stalls.ywarma.pk,
            "type": "RETAIL",
            "base": "kg",
            "amount": 175_000,
            "seen_at": created_at,
            "facts": {"kind": "BELOW", "amount": 180_000, "unit": stalls.kg.pk, "region": stalls.yangon.pk},
            **fields,
        }
    )
