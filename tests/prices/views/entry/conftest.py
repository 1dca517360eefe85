"""A published price and an odd one, their author, and somebody else."""

from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Role
from catalog.models import PriceRange
from potato import clock
from prices import services
from prices.coordination.ids import uuid7
from prices.store import entries
from tests.factories import make_item, make_shop, make_unit, make_user
from tests.prices.sending import publish, publish_price

UNKNOWN = "01a202d5-3ec3-77d7-adbf-a35422e79b32"


@pytest.fixture
def onions():
    viss = make_unit(code="viss", name_en="viss", to_base=Decimal("1.63293"))
    item = make_item(name_en="Onions", name_my="ကြက်သွန်နီ", slug="onions", default_unit=viss)
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def market():
    return make_shop(shop_name="YwarMa market")


@pytest.fixture
def author():
    return make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya")


@pytest.fixture
def other():
    return make_user(role=Role.CONTRIBUTOR, display_name="Ko Aung")


@pytest.fixture
def price(client, author, onions, market):
    """A published price of the author's, who is signed in."""
    client.force_login(author)
    return publish_price(client, item=onions, shop=market, note="from the new harvest")


@pytest.fixture
def odd_price(client, author, onions, market):
    """A price that waits in quarantine."""
    client.force_login(author)
    return publish_price(client, item=onions, shop=market, price="24,000")


def page(client, name, id, expect=200):
    response = client.get(reverse(name, args=[id]))
    assert response.status_code == expect, response.content.decode()
    return unescape(response.content.decode())


def remove(id, *, reason):
    decide(id, status="removed", reason=reason)
    publish()


def decide(id, *, status, reason=""):
    """A moderator's act, accepted."""
    moderator = make_user(is_superuser=True)
    entry = entries.get(id)
    services.moderate(
        by=moderator,
        act_id=uuid7(),
        entry=entry,
        status=status,
        seen_status=entry.status,
        reason=reason,
        now=clock.now(),
    )
