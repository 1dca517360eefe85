"""What the form says while somebody fills it in."""

import json

import pytest
from django.urls import reverse

from tests.factories import make_shop, make_unit
from tests.prices.sending import publish, sent
from tests.prices.views.submit.conftest import html_of, send, value_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestTheEcho:
    def ask(self, client, onions, **changes):
        query = {"item": onions.pk, "price": "2,400", "quantity": "1", "unit": "viss", **changes}
        response = client.get(reverse("submit_echo"), query)
        assert response.status_code == 200
        return html_of(response)

    def test_says_what_a_price_comes_to_per_base_unit(self, client, contributor, onions):
        text = self.ask(client, onions)

        assert '= K 2,400 a viss = <b class="n">K 1,470 a kg</b>' in text
        assert 'role="alert"' not in text

    def test_asks_about_a_zero_and_offers_the_price_that_may_be_meant(self, client, contributor, onions):
        text = self.ask(client, onions, price="၂၄၀၀၀")

        assert "One zero too many?" in text
        assert '<button class="btn quiet" name="price" value="2400">Make it 2,400</button>' in text
        assert "24,000 is right" in text

    @pytest.mark.parametrize("has_range", [True, False])
    def test_asks_about_a_quantity_that_is_unusual(self, client, contributor, onions, has_range):
        if not has_range:
            onions.ranges.all().delete()

        text = self.ask(client, onions, price="24,000,000", quantity="10,000")

        assert "That is an unusually large quantity." in text
        assert "Sent as it is, it waits until somebody has looked at it." in text
        assert "usually from" not in text
        assert '<button class="btn quiet">10,000 viss is right</button>' in text

    @pytest.mark.parametrize(
        "changes",
        [{"price": v} for v in ("", "abc", "-1", "9" * 400)]
        + [
            {"quantity": "0"},
            {"unit": "\x00x"},
            {"unit": "gone"},
            {"item": ""},
            {"item": "9" * 30},
            {"shop": "x" * 5000},
        ],
    )
    def test_is_silent_while_there_is_no_price(self, client, contributor, onions, changes):
        if "shop" in changes:
            assert "K 1,470" in self.ask(client, onions, **changes)
        elif changes.get("unit") == "\x00x":
            assert client.get(reverse("submit_echo"), changes).status_code in (200, 404)
        else:
            assert "ticket" not in self.ask(client, onions, **changes)

    def test_is_shown_with_the_form_when_it_comes_back(self, client, contributor, form):
        text = html_of(send(client, form, 422, seen="nonsense", price="24,000"))

        assert "One zero too many?" in text

    def test_changes_the_price_by_its_button_without_a_script(self, client, contributor, form):
        # The button stands behind the field of the same name, and the last one counts.
        body = (
            "&".join(f"{name}={value}" for name, value in {**form, "price": "24000"}.items()) + "&price=2400"
        )

        response = client.post(reverse("submit"), body, content_type="application/x-www-form-urlencoded")

        assert response.status_code == 303
        assert sent().get().payload["price"] == "2400"


class TestTheListsOfTheForm:
    def test_units_are_those_of_the_item_its_usual_ones_first(self, client, contributor, onions):
        make_unit(code="ton", name_en="ton", to_base=1000)
        make_unit(code="litre", kind="volume", base="l")

        response = client.get(reverse("submit_units"), {"item": onions.pk})

        text = html_of(response)
        assert value_of(text, "unit") == "viss"
        assert (
            text.index("viss")
            < text.index("kilogram")
            < text.index('label="Other units"')
            < text.index(">ton<")
        )
        assert "litre" not in text
        assert json.loads(response["HX-Trigger-After-Swap"]) == {"units-changed": {}}

    def test_shops_are_found_while_typing(self, client, contributor, market):
        publish()

        text = html_of(client.get(reverse("submit_shops"), {"shop_q": "ywar"}))

        assert value_of(text, "shop") == str(market.pk)
        assert "<form" not in text

    def test_shops_say_when_there_are_more_than_fit(self, client, contributor, market):
        for number in range(42):
            make_shop(shop_name=f"Stall {number:02}", region=market.region, township=market.township)
        publish()

        text = html_of(client.get(reverse("submit_shops"), {"shop_q": "stall"}))

        assert "More than 40 shops" in text
        assert text.count("Stall ") == 40
