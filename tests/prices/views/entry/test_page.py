"""A price's own page."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.models import Role, Session
from potato import calendar, clock
from potato.text.wording import BURMESE_DIGITS
from prices.store import entries
from tests.factories import make_moderator, make_user
from tests.prices.sending import good_price, publish, publish_price
from tests.prices.views.entry.conftest import UNKNOWN, page, remove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestAPricesPage:
    def test_shows_everybody_the_price_its_age_place_author_and_standing(self, client, price):
        client.logout()

        text = page(client, "entry", price)

        for piece in (
            "K 2,400 a viss",
            "K 1,470 a kg",
            "Onions",
            "ကြက်သွန်နီ",
            "YwarMa market",
            "Daw Mya",
            "(contributor)",
            "just now",
            "from the new harvest",
            "Retail",
        ):
            assert piece in text
        assert "That is you" not in text and reverse("withdraw", args=[price]) not in text

    def test_names_an_author_without_a_name_in_the_readers_language(self, client, onions, market):
        nameless = make_user(role=Role.CONTRIBUTOR, display_name="")
        client.force_login(nameless)
        with override("my"):
            price = publish_price(client, item=onions, shop=market)
        client.logout()

        for name, argument in (("entry", price), ("shop", market.pk)):
            english = page(client, name, argument)
            with override("my"):
                burmese = page(client, name, argument)

            assert f"Contributor {nameless.pk}" in english
            assert f"ဈေးတင်သူ {str(nameless.pk).translate(BURMESE_DIGITS)}" in burmese
        assert entries.get(price).submitter.name == ""

    def test_asks_postgresql_for_nothing_when_nobody_is_signed_in(self, client, price):
        client.logout()

        with CaptureQueriesContext(connection) as queries:
            page(client, "entry", price)

        assert [query["sql"] for query in queries] == []

    def test_offers_its_author_what_may_be_done(self, client, price):
        text = page(client, "entry", price)

        assert "That is you" in text
        assert all(reverse(name, args=[price]) in text for name in ("confirm", "correct", "withdraw"))
        assert reverse("report", args=[price]) not in text

    def test_offers_others_to_confirm_and_to_report(self, client, price, other):
        client.force_login(other)

        text = page(client, "entry", price)

        assert all(reverse(name, args=[price]) in text for name in ("confirm", "report"))
        assert reverse("correct", args=[price]) not in text

    @pytest.mark.parametrize(
        "id",
        [UNKNOWN, UNKNOWN.upper(), "abc", "1", "-", "9" * 400, "00000000-0000-0000-0000-00000000000g", "%00"],
    )
    def test_is_not_found_for_unknown_and_malformed_ids(self, client, id):
        assert client.get(f"/prices/{id}/").status_code == 404

    @pytest.mark.parametrize("name", ["confirm", "correct", "withdraw", "report"])
    def test_has_no_acts_for_an_unknown_id(self, client, other, name):
        client.force_login(other)

        for response in (
            client.get(reverse(name, args=[UNKNOWN])),
            client.post(reverse(name, args=[UNKNOWN])),
        ):
            assert response.status_code == 404

    def test_leads_its_author_to_the_submission_while_it_is_on_its_way(
        self, client, author, other, onions, market
    ):
        client.force_login(author)
        form = good_price(item=onions, shop=market)
        client.post(reverse("submit"), form)
        address = reverse("entry", args=[form["submission_id"]])

        assert client.get(address)["Location"] == reverse("submission", args=[form["submission_id"]])
        client.force_login(other)
        assert client.get(address).status_code == 404

    def test_of_a_quarantined_price_tells_the_reason_to_its_author_and_moderators_only(
        self, client, odd_price, other
    ):
        mine = page(client, "entry", odd_price)
        client.force_login(make_moderator())
        moderators = page(client, "entry", odd_price)
        client.force_login(make_user(role=Role.ADMIN))
        staffs = page(client, "entry", odd_price)
        client.force_login(other)
        others = page(client, "entry", odd_price)
        client.logout()
        everybodys = page(client, "entry", odd_price)

        for text in (mine, moderators):
            assert "waits for a check" in text and "far above" in text and "K 24,000" in text
        for text in (staffs, others, everybodys):
            assert "waits for a check" in text and "far above" not in text and "24,000" not in text
            assert 'content="noindex"' in text

    def test_of_a_quarantined_price_trusts_no_copy_of_a_session_that_was_ended(self, client, odd_price):
        assert "24,000" in page(client, "entry", odd_price)
        # As when Redis was away at signing out: only the copy is left.
        Session.objects.all().delete()

        assert "24,000" not in page(client, "entry", odd_price)

    def test_of_a_removed_price_says_why_to_everybody(self, client, price):
        remove(price, reason="Made up for a joke")
        client.logout()

        text = page(client, "entry", price)

        assert "was removed" in text and "Made up for a joke" in text and "2,400" not in text

    def test_tells_its_history(self, client, price, other):
        client.force_login(other)
        client.post(reverse("confirm", args=[price]))
        publish()

        text = page(client, "entry", price)

        lines = re.findall(r'<li class="msg">.*?<p>(.*?)</p>', text, re.DOTALL)
        assert lines == ["Seen again by somebody", "Published", "Sent"]
        assert re.search(r"Confirmed by</dt>\s*<dd>1</dd>", text)


class TestWithoutPostgresql:
    """A member's page is named by the copy of the session, and offers what needs no question."""

    @pytest.mark.parametrize("make", [make_moderator, lambda: make_user(role=Role.CONTRIBUTOR)])
    def test_shows_the_price_all_the_same(self, client, price, make):
        client.force_login(make())
        page(client, "entry", price)

        def refuse(*args):
            raise OperationalError("no answer")

        with connection.execute_wrapper(refuse):
            response = client.get(reverse("entry", args=[price]))

        assert response.status_code == 200
        text = response.content.decode()
        assert "K 2,400 a viss" in text and reverse("withdraw", args=[price]) not in text
        assert "postgres" in response["X-Potato-Degraded"]

    def test_shows_a_member_that_a_price_was_taken_back_as_it_shows_visitors(self, client, price, author):
        remove(price, reason="made up")
        client.force_login(make_user(role=Role.CONTRIBUTOR))
        page(client, "entry", price)

        def refuse(*args):
            raise OperationalError("no answer")

        with connection.execute_wrapper(refuse):
            response = client.get(reverse("entry", args=[price]))

        assert response.status_code == 200
        text = response.content.decode()
        assert "removed by a moderator" in text and "K 2,400 a viss" not in text
        assert "postgres" in response["X-Potato-Degraded"]


class TestTheClock:
    def test_of_readers_decides_what_today_is(self, client, author, onions, market, settings):
        settings.POTATO_AS_OF = clock.today() - timedelta(days=340)
        client.force_login(author)

        id = publish_price(client, item=onions, shop=market, seen="today")

        assert calendar.yangon_day(entries.get(id).seen_at) == settings.POTATO_AS_OF
