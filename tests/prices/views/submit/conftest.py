"""A contributor, what is sold in a market, and the form in which its price is sent."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Role
from catalog.models import PriceRange
from shops.models import Shop
from tests.factories import (
    make_item,
    make_region,
    make_shop,
    make_township,
    make_unit,
    make_user,
)
from tests.prices.sending import good_price

VISS = Decimal("1.63293")


@pytest.fixture
def viss():
    return make_unit(code="viss", name_en="viss", name_my="ပိဿာ", to_base=VISS)


@pytest.fixture
def kg():
    return make_unit(code="kg", name_en="kilogram", to_base=1)


@pytest.fixture
def onions(viss, kg):
    item = make_item(name_en="Onions", name_my="ကြက်သွန်နီ", slug="onions", default_unit=viss, usual_units=[kg])
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def market():
    insein = make_township(name_en="Insein", region=make_region(name_en="Yangon"))
    return make_shop(shop_name="YwarMa market", shop_name_my="ရွာမဈေး", township=insein, kind=Shop.Kind.MARKET)


@pytest.fixture
def contributor(client):
    user = make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya")
    client.force_login(user)
    return user


@pytest.fixture
def form(onions, market):
    return good_price(item=onions, shop=market)


def send(client, form, expect, **changes):
    response = client.post(reverse("submit"), {**form, **changes})
    assert response.status_code == expect, response.content.decode()
    return response


def html_of(response):
    return unescape(response.content.decode())


def value_of(text, name):
    """What a field holds: the value of an input or radio, the chosen option, the text of a textarea."""
    if area := re.search(rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', text, re.DOTALL):
        return area[1]
    if select := re.search(rf'<select name="{name}".*?</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        return chosen[1] if chosen else ""
    inputs = re.findall(rf'<input [^>]*name="{name}"[^>]*>', text)
    if 'type="radio"' in inputs[0]:
        inputs = [one for one in inputs if "checked" in one]
        if not inputs:
            return ""
    found = re.search(r'value="([^"]*)"', inputs[0])
    return found[1] if found else ""
