"""Somebody says that it is wrong."""

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.ids import uuid7
from prices.store import entries, reports
from tests.factories import make_user
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import page, remove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestReporting:
    def report(self, **changes):
        return {"act_id": str(uuid7()), "reason": "unit", "text": "that is per kg", **changes}

    def test_reaches_the_moderators_once(self, client, price):
        client.force_login(make_user(role=Role.USER))
        assert "What is wrong?" in page(client, "report", price)
        form = self.report()

        for _ in range(2):
            assert client.post(reverse("report", args=[price]), form).status_code == 303
        publish()

        found = reports.open()
        assert [(one.entry_id, one.reason, one.text) for one in found] == [(price, "unit", "that is per kg")]
        assert entries.get(price).status == "published"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("reason", ""),
            ("reason", "nonsense"),
            ("reason", "\x00"),
            ("text", "\x00"),
            ("text", "x" * 100_000),
        ],
    )
    def test_with_bad_input_is_an_error_at_the_field(self, client, price, field, value):
        response = client.post(reverse("report", args=[price]), self.report(**{field: value}))

        assert response.status_code == 422
        assert f'id="id_{field}_error"' in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_needs_somebody_signed_in(self, client, price):
        client.logout()

        assert client.get(reverse("report", args=[price])).status_code == 302

    def test_of_a_price_in_quarantine_does_not_tell_it(self, client, odd_price, other):
        client.force_login(other)

        response = client.get(reverse("report", args=[odd_price]), follow=True)

        assert "waits for a check" in response.content.decode()
        assert "24,000" not in response.content.decode()

    def test_of_a_removed_price_is_refused_in_words(self, client, price, other):
        remove(price, reason="no")
        client.force_login(other)

        response = client.post(reverse("report", args=[price]), self.report(), follow=True)

        assert "withdrawn or removed before" in response.content.decode()
