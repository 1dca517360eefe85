"""Somebody says that it is wrong."""

import re
from html import unescape

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from accounts.models import Role
from prices.coordination.ids import uuid7
from prices.store import entries, reports
from tests.factories import make_user
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import decide, page, remove

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

        found = reports.of_entry(price)
        assert [(one.reason, one.text, one.outcome) for one in found] == [("unit", "that is per kg", "open")]
        assert entries.get(price).status == "published"

    def test_of_ones_hidden_price_is_not_refused_when_postgresql_fails_meanwhile(
        self, client, odd_price, author
    ):
        client.force_login(author)
        page(client, "entry", odd_price)

        def refuse(execute, sql, params, many, context):
            if sql.startswith('SELECT %s AS "a" FROM "accounts_session"'):
                raise OperationalError("no answer")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse):
            answer = client.post(reverse("report", args=[odd_price]), self.report())

        assert answer.status_code == 503
        assert "that is per kg" in unescape(answer.content.decode())

    def test_again_changes_ones_report(self, client, price):
        client.force_login(make_user(role=Role.USER))
        first, second = self.report(text="<first>"), self.report(reason="price", text="it is 1,400")
        thanks = client.post(reverse("report", args=[price]), first, follow=True).content.decode()

        # Before and after a relay has published the first one.
        for _ in range(2):
            text = page(client, "report", price)
            assert "You reported this price before" in text and "Change the report" in text
            assert re.search(r'name="reason" value="unit"[^>]* checked', text) and "<first>" in text
            publish()
        told = client.post(reverse("report", args=[price]), second, follow=True).content.decode()
        publish()

        assert "Thank you. A moderator will look" in thanks and "Your report was changed." in told
        found = reports.of_entry(price)
        assert [(one.reason, one.text, one.outcome) for one in found] == [("price", "it is 1,400", "open")]

    def test_again_after_a_decision_is_another_report(self, client, price):
        client.force_login(make_user(role=Role.USER))
        client.post(reverse("report", args=[price]), self.report())
        publish()
        decide(price, status="published")
        publish()

        text = page(client, "report", price)
        told = client.post(
            reverse("report", args=[price]), self.report(text="still"), follow=True
        ).content.decode()
        publish()

        assert "You reported this price before" not in text and "that is per kg" not in text
        assert "Thank you. A moderator will look" in told
        assert [(one.text, one.outcome) for one in reports.of_entry(price)] == [("still", "open")]

    def test_shows_nobody_elses_report(self, client, price, other):
        client.force_login(make_user(role=Role.USER))
        client.post(reverse("report", args=[price]), self.report(text="theirs"))
        client.force_login(other)

        assert "theirs" not in page(client, "report", price)

    def test_by_two_people_reaches_the_moderators_from_both(self, client, price, other):
        for user, text in ((make_user(role=Role.USER), "one"), (other, "two")):
            client.force_login(user)
            client.post(reverse("report", args=[price]), self.report(text=text))
        publish()

        assert sorted(one.text for one in reports.of_entry(price)) == ["one", "two"]

    def test_more_often_than_allowed_is_an_error_about_reports_and_keeps_the_form(
        self, client, price, settings
    ):
        settings.NEW_ACCOUNT_REPORTS_PER_HOUR = 1
        client.force_login(make_user(role=Role.USER))
        client.post(reverse("report", args=[price]), self.report(text="one"))

        response = client.post(reverse("report", args=[price]), self.report(text="two"))

        assert response.status_code == 422
        text = unescape(response.content.decode())
        assert "That is a lot of reports." in text and "a lot of prices" not in text
        assert ">\ntwo</textarea>" in text

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
