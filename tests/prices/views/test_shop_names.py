"""Whoever reads Burmese finds a shop by its Burmese name on every page about a price."""

from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Role
from catalog.models import PriceRange
from prices.names import cache as names
from prices.names import rows as name_rows
from prices.store import reference
from tests.factories import make_item, make_moderator, make_shop, make_township, make_unit, make_user
from tests.prices.sending import publish_price

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def quarantined(client):
    """A price that waits for a check, of a shop and a township with names in both languages; its author is signed in."""
    item = make_item(name_en="Onions", default_unit=make_unit(code="kg", name_en="kilogram"))
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    township = make_township(name_en="Insein", name_my="အင်းစိန်")
    shop = make_shop(shop_name="YwarMa market", shop_name_my="ရွာမဈေး", township=township)
    reference.put_many(name_rows.everything(), rev=2)
    names.forget()
    client.force_login(make_user(role=Role.CONTRIBUTOR))
    return publish_price(client, item=item, shop=shop, price="24000")


def in_burmese(client, name, *args):
    with translation.override("my"):
        response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.mark.parametrize("page", ["entry", "submission", "correct", "withdraw", "my_prices"])
def test_the_author_finds_the_shop_by_its_burmese_name(client, quarantined, page):
    shown = in_burmese(client, page, *([] if page == "my_prices" else [quarantined]))

    assert "ရွာမဈေး" in shown
    assert "YwarMa" not in shown


def test_somebody_who_reports_it_finds_the_shop_by_its_burmese_name(client, quarantined):
    client.force_login(make_moderator())

    shown = in_burmese(client, "report", quarantined)

    assert "ရွာမဈေး" in shown
    assert "YwarMa" not in shown


def test_a_moderator_finds_shop_and_place_by_their_burmese_names(client, quarantined):
    client.force_login(make_moderator())
    queue = in_burmese(client, "admin:prices_to_check")
    assert "ရွာမဈေး, အင်းစိန်" in queue
    assert "YwarMa" not in queue and "Insein" not in queue

    act_id = queue.partition('name="act_id" value="')[2].partition('"')[0]
    fields = {"act_id": act_id, "entry": f"{quarantined}:quarantined", "action": "removed", "reason": "သုညပို"}
    with translation.override("my"):
        client.post(reverse("admin:prices_to_check"), fields)
    decided = in_burmese(client, "admin:prices_to_check")

    assert "ရွာမဈေး" in decided
    assert "YwarMa" not in decided
