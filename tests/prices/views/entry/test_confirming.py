"""Somebody else saw the same price."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.store import entries
from tests.factories import make_user
from tests.prices.reading import HTMX
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestConfirming:
    def test_counts_a_person_once_a_day(self, client, price, other):
        client.force_login(other)

        for _ in range(2):
            response = client.post(reverse("confirm", args=[price]))
            assert response.status_code == 303
            assert response["Location"] == reverse("entry", args=[price])
        publish()

        assert [row.kind for row in sent()] == ["PRICE", "CONFIRM"]
        assert entries.get(price).confirmations == 1

    def test_leads_back_to_the_page_with_the_button_and_nowhere_else(self, client, price, other):
        client.force_login(other)
        ask = reverse("confirm", args=[price])

        assert client.post(ask, {"next": "/shops/1/"})["Location"] == "/shops/1/"
        for stranger in ("https://example.com/", "//example.com", "javascript:alert(1)"):
            assert client.post(ask, {"next": stranger})["Location"] == reverse("entry", args=[price])

    def test_answers_htmx_in_the_place_of_the_button(self, client, price, other):
        client.force_login(other)

        response = client.post(reverse("confirm", args=[price]), headers=HTMX)

        assert response.status_code == 200
        assert "Thank you" in response.content.decode() and "<html" not in response.content.decode()

    def test_of_a_price_that_is_not_published_is_refused_in_words(self, client, odd_price, other):
        client.force_login(other)

        assert client.post(reverse("confirm", args=[odd_price]), headers=HTMX).status_code == 422
        response = client.post(reverse("confirm", args=[odd_price]), follow=True)

        assert "Only a published price can be confirmed." in response.content.decode()
        assert sent().filter(kind="CONFIRM").count() == 0

    def test_that_was_parked_today_is_not_thanked_for_again(self, client, price, other):
        client.force_login(other)
        decide(price, status="quarantined")
        client.post(reverse("confirm", args=[price]), headers=HTMX)
        publish()
        decide(price, status="published")
        publish()

        part = client.post(reverse("confirm", args=[price]), headers=HTMX)
        whole = client.post(reverse("confirm", args=[price]), follow=True)

        assert sent().get(kind="CONFIRM").state == "parked"
        assert part.status_code == 422
        for response in (part, whole):
            text = unescape(response.content.decode())
            assert "Your confirmation of today was not counted. The price was no longer published." in text
            assert "Thank you" not in text

    def test_needs_a_contributor_and_a_post(self, client, price):
        client.force_login(make_user(role=Role.USER))
        assert client.post(reverse("confirm", args=[price])).status_code == 403
        client.logout()
        assert client.post(reverse("confirm", args=[price])).status_code == 302
        client.force_login(make_user(role=Role.CONTRIBUTOR))
        assert client.get(reverse("confirm", args=[price]))["Location"] == reverse("entry", args=[price])
        assert sent().filter(kind="CONFIRM").count() == 0
