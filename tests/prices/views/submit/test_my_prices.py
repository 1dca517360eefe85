"""What somebody has sent, and how it stands with each."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from potato import clock
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from tests.factories import (
    make_user,
)
from tests.prices.sending import good_price, publish, publish_price, sent
from tests.prices.views.submit.conftest import html_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestMyPrices:
    def test_says_how_it_stands_with_each(self, client, contributor, onions, market):
        fine = publish_price(client, item=onions, shop=market)
        far = publish_price(client, item=onions, shop=market, price="9,999,999")
        back = publish_price(client, item=onions, shop=market, price="2,410")
        client.post(reverse("withdraw", args=[back]), {"act_id": str(uuid7()), "reason": ""})
        publish()
        send(client, good_price(item=onions, shop=market, price="2,420"), 303)

        text = html_of(client.get(reverse("my_prices")))

        for piece in ("far above", "K 2,400 a viss"):
            assert piece in text
        states = re.findall(r'<span class="tag[^>]*>([^<]+)<', text)
        assert states == ["On its way", "Taken back", "Waits for a check", "Published"]
        assert all(reverse("submission", args=[id]) in text for id in (fine, far, back))

    def test_shows_nobody_elses(self, client, contributor, form):
        send(client, form, 303)
        client.force_login(make_user(role=Role.CONTRIBUTOR))

        assert "You have not sent a price yet" in html_of(client.get(reverse("my_prices")))

    def test_goes_on_page_by_page_without_losing_one(self, client, contributor, form):
        now = clock.now()
        for number in range(35):
            send(client, form, 303, submission_id=str(uuid7()), price=str(1000 + number))
        for number, row in enumerate(sent()):
            LedgerRow.objects.filter(pk=row.pk).update(received_at=now - timedelta(minutes=number))

        seen, address = [], reverse("my_prices")
        while address:
            text = html_of(client.get(address))
            seen += re.findall(r"K (1,\d{3}) a viss", text)
            older = re.search(r'rel="next" href="([^"]+)"', text)
            address = reverse("my_prices") + older[1] if older else None

        assert len(seen) == len(set(seen)) == 35

    @pytest.mark.parametrize("before", ["abc", "-1", "9" * 400, "1e5", "9" * 19])
    def test_ignores_a_page_that_does_not_exist_and_says_so(self, client, contributor, before):
        response = client.get(reverse("my_prices"), {"before": before})

        assert response.status_code == 200
        assert "This page does not exist" in html_of(response)
