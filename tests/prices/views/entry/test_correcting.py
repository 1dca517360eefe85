"""Its author says what it should have been, or takes it back."""

import re

import pytest
from django.urls import reverse

from catalog.models import Item
from prices.coordination.ids import uuid7
from prices.store import entries
from shops.models import Shop
from tests.factories import make_unit
from tests.prices.sending import good_price, publish, sent
from tests.prices.views.entry.conftest import page, remove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestCorrecting:
    def correction(self, **changes):
        return {
            "submission_id": str(uuid7()),
            "price": "၂၅၀၀",
            "quantity": "1",
            "unit": "viss",
            "type": "RETAIL",
            "seen": "same",
            "seen_on": "",
            "seen_time": "",
            "note": "",
            **changes,
        }

    def test_begins_with_what_was_said(self, client, price):
        text = page(client, "correct", price)

        assert 'name="price" value="2400"' in text
        assert 'value="viss" selected' in text
        assert "from the new harvest" in text
        assert 'name="item"' not in text and 'name="shop"' not in text

    def test_asks_about_what_is_unusual_when_the_form_comes_back(self, client, price):
        changes = {"price": "24,000,000", "quantity": "10,000", "seen": "nonsense"}

        response = client.post(reverse("correct", args=[price]), self.correction(**changes))

        assert response.status_code == 422
        assert "That is an unusually large quantity." in response.content.decode()

    def test_says_what_it_comes_to_there_while_it_is_typed_though_item_and_shop_left_the_lists(
        self, client, price, onions, market
    ):
        basket = make_unit(code="basket", name_en="basket", kind="volume", to_base=None, base="")
        for region, kg in ((None, 16), (market.region, 20)):
            onions.factors.create(unit=basket, region=region, to_base=kg, base="kg", source="seen")
        Item.objects.update(is_active=False)
        Shop.objects.update(status=Shop.Status.PAUSED)
        asked = re.search('hx-get="([^"]*/echo/[^"]*)"', page(client, "correct", price))[1]

        response = client.get(f"{asked}&price=40000&quantity=1&unit=basket")

        assert "K 2,000 a kg" in response.content.decode()

    def test_makes_a_new_price_and_keeps_the_old_one_in_the_record(self, client, price):
        form = self.correction()

        for _ in range(2):
            response = client.post(reverse("correct", args=[price]), form)
            assert response.status_code == 303
        publish()

        old, new = entries.get(price), entries.get(form["submission_id"])
        assert (old.status, new.status, new.price, new.corrects) == ("withdrawn", "published", 2500, price)
        assert new.seen_at == old.seen_at
        assert "was corrected" in page(client, "entry", price)
        assert reverse("entry", args=[new.id]) in page(client, "entry", price)
        assert reverse("entry", args=[price]) in page(client, "entry", new.id)
        assert "Published" in page(client, "submission", new.id)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price", "abc"),
            ("price", "\x00"),
            ("quantity", "NaN"),
            ("unit", "gone"),
            ("type", "GIFT"),
            ("seen", "now"),
            ("seen_on", "2025-99-99"),
            ("note", "x" * 501),
        ],
    )
    def test_with_bad_input_is_an_error_at_the_field(self, client, price, field, value):
        response = client.post(reverse("correct", args=[price]), self.correction(**{field: value}))

        assert response.status_code == 422
        assert f'id="id_{field}_error"' in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_twice_with_one_form_asks_which_one_is_right(self, client, price):
        form = self.correction()
        client.post(reverse("correct", args=[price]), form)

        response = client.post(reverse("correct", args=[price]), {**form, "price": "2,600"})

        assert response.status_code == 409
        text = response.content.decode()
        assert "K 2,500 a viss" in text and "K 2,600 a viss" in text
        assert reverse("correct", args=[form["submission_id"]]) in text
        # The newer correction, too, is of the same moment as the price before.
        assert re.search(r'name="seen" value="same"', text)
        assert 'name="seen_time"' not in text

    def test_sent_again_after_it_was_published_gets_the_same_answer(self, client, price):
        form = self.correction()
        first = client.post(reverse("correct", args=[price]), form)
        publish()

        again = client.post(reverse("correct", args=[price]), form)
        other = client.post(reverse("correct", args=[price]), {**form, "price": "2,600"})

        assert again["Location"] == first["Location"] == reverse("submission", args=[form["submission_id"]])
        assert other.status_code == 409
        assert [row.kind for row in sent()] == ["PRICE", "CORRECT"]

    def test_is_the_authors_alone(self, client, price, other):
        client.force_login(other)

        for response in (
            client.get(reverse("correct", args=[price]), follow=True),
            client.post(reverse("correct", args=[price]), self.correction(), follow=True),
        ):
            assert "sent by somebody else" in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_of_a_price_whose_shop_is_gone_is_refused_in_words(self, client, price, market):
        market.delete()

        response = client.post(reverse("correct", args=[price]), self.correction())

        assert response.status_code == 422
        assert "not in the lists any more" in response.content.decode()

    def test_of_a_price_taken_back_is_refused_in_words(self, client, price):
        remove(price, reason="no")

        response = client.get(reverse("correct", args=[price]), follow=True)

        assert "withdrawn or removed before" in response.content.decode()


class TestTakingBack:
    def test_asks_first_and_then_leaves_the_pages(self, client, price, onions):
        text = page(client, "withdraw", price)
        act = re.search(r'name="act_id" value="([^"]+)"', text)[1]

        for _ in range(2):
            response = client.post(reverse("withdraw", args=[price]), {"act_id": act, "reason": "wrong shop"})
            assert response.status_code == 303
        publish()

        assert [row.kind for row in sent()] == ["PRICE", "WITHDRAW"]
        assert entries.get(price).status == "withdrawn"
        client.logout()
        assert "took this price back" in page(client, "entry", price)

    def test_sent_again_after_it_was_published_gets_the_same_answer(self, client, price):
        form = {"act_id": str(uuid7()), "reason": "wrong shop"}
        client.post(reverse("withdraw", args=[price]), form)
        publish()

        again = client.post(reverse("withdraw", args=[price]), form, follow=True)
        another = client.post(reverse("withdraw", args=[price]), {"act_id": str(uuid7())}, follow=True)

        assert "Taken back" in again.content.decode()
        assert "withdrawn or removed before" in another.content.decode()
        assert [row.kind for row in sent()] == ["PRICE", "WITHDRAW"]

    def test_works_while_the_price_is_on_its_way(self, client, author, onions, market):
        client.force_login(author)
        form = good_price(item=onions, shop=market)
        client.post(reverse("submit"), form)

        client.post(reverse("withdraw", args=[form["submission_id"]]), {"act_id": str(uuid7())})
        publish()

        assert entries.get(form["submission_id"]).status == "withdrawn"
        assert {row.state for row in sent()} == {"published"}

    @pytest.mark.parametrize("fields", [{}, {"act_id": "abc"}, {"act_id": str(uuid7()), "reason": "\x00"}])
    def test_with_a_damaged_form_does_nothing(self, client, price, fields):
        response = client.post(reverse("withdraw", args=[price]), fields)

        assert response.status_code == 422
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_with_the_form_of_another_act_asks_to_be_sent_again(self, client, price):
        response = client.post(reverse("withdraw", args=[price]), {"act_id": price})

        assert response.status_code == 422
        assert "used before" in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_is_the_authors_alone(self, client, price, other):
        client.force_login(other)

        response = client.post(reverse("withdraw", args=[price]), {"act_id": str(uuid7())}, follow=True)

        assert "sent by somebody else" in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]
