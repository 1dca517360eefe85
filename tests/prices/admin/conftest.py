"""Moderators, the prices that wait for them, and the page on which they decide."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Role
from catalog.models import PriceRange
from prices.coordination.ids import uuid7
from tests.factories import make_item, make_shop, make_unit, make_user
from tests.prices.sending import publish_price


@pytest.fixture
def admin(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def moderator():
    user = make_user(role=Role.ADMIN)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def author():
    return make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya", email="mya@example.com")


@pytest.fixture
def onions():
    item = make_item(name_en="Onions", default_unit=make_unit(code="kg", name_en="kilogram"))
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def odd(client, author, onions):
    """Three quarantined prices."""
    shop = make_shop(shop_name="YwarMa market")
    client.force_login(author)
    return [
        publish_price(client, item=onions, shop=shop, price=price) for price in ("24000", "25000", "26000")
    ]


def check_page(client, expect=200, **query):
    response = client.get(reverse("admin:prices_to_check"), query)
    assert response.status_code == expect
    return unescape(response.content.decode())


def form_of(text):
    """The hidden id of the page's form, and its boxes by entry."""
    boxes = re.findall(r'name="entry" value="([^"]+)"', text)
    return re.search(r'name="act_id" value="([^"]+)"', text)[1], {box.partition(":")[0]: box for box in boxes}


def decide(client, *, act_id, entry, action, reason=""):
    fields = {"act_id": act_id, "entry": entry, "action": action, "reason": reason}
    return client.post(reverse("admin:prices_to_check"), fields)


def walk(client):
    """The ids of all prices to check, page by page."""
    found, query = [], ""
    while True:
        text = unescape(client.get(reverse("admin:prices_to_check") + query).content.decode())
        found += re.findall(r'href="[^"]*/prices/([0-9a-f-]{36})/"', text[text.index('class="queue"') :])
        older = re.search(r'href="(\?before=[^"]+)"', text)
        if older is None:
            return found
        query = older[1]


def report(client, entry_id, *, by, text="", reason="price"):
    """Send a report by its form."""
    client.force_login(by)
    form = {"act_id": str(uuid7()), "reason": reason, "text": text}
    response = client.post(reverse("report", args=[entry_id]), form)
    assert response.status_code == 303, response.content.decode()
