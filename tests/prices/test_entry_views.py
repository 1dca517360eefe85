import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from catalog.models import PriceRange
from potato import clock
from prices import services
from prices.ids import uuid7
from prices.store import entries, reports
from tests.factories import make_item, make_shop, make_unit, make_user
from tests.prices.sending import good_price, publish, publish_price, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

HTMX = {"HX-Request": "true"}
UNKNOWN = "01a202d5-3ec3-77d7-adbf-a35422e79b32"


@pytest.fixture
def onions():
    viss = make_unit(code="viss", name_en="viss", to_base=Decimal("1.63293"))
    item = make_item(name_en="Onions", name_my="ကြက်သွန်နီ", slug="onions", default_unit=viss)
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def market():
    return make_shop(shop_name="YwarMa market")


@pytest.fixture
def author():
    return make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya")


@pytest.fixture
def other():
    return make_user(role=Role.CONTRIBUTOR, display_name="Ko Aung")


@pytest.fixture
def price(client, author, onions, market):
    """A published price of the author's, who is signed in."""
    client.force_login(author)
    return publish_price(client, item=onions, shop=market, note="from the new harvest")


@pytest.fixture
def odd_price(client, author, onions, market):
    """A price that waits in quarantine."""
    client.force_login(author)
    return publish_price(client, item=onions, shop=market, price="24,000")


def page(client, name, id, expect=200):
    response = client.get(reverse(name, args=[id]))
    assert response.status_code == expect, response.content.decode()
    return unescape(response.content.decode())


def remove(id, *, reason):
    decide(id, status="removed", reason=reason)
    publish()


def decide(id, *, status, reason=""):
    """A moderator's act, accepted."""
    moderator = make_user(is_superuser=True)
    entry = entries.get(id)
    services.moderate(
        by=moderator,
        act_id=uuid7(),
        entry=entry,
        status=status,
        seen_status=entry.status,
        reason=reason,
        now=clock.now(),
    )


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

    def test_of_a_quarantined_price_tells_the_reason_to_its_author_and_staff_only(
        self, client, odd_price, other
    ):
        mine = page(client, "entry", odd_price)
        client.force_login(make_user(role=Role.ADMIN))
        staffs = page(client, "entry", odd_price)
        client.force_login(other)
        others = page(client, "entry", odd_price)
        client.logout()
        everybodys = page(client, "entry", odd_price)

        for text in (mine, staffs):
            assert "waits for a check" in text and "far above" in text and "K 24,000" in text
        for text in (others, everybodys):
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

    def test_sent_again_after_it_was_published_gets_the_same_answer(self, client, price):
        form = self.correction()
        first = client.post(reverse("correct", args=[price]), form)
        publish()

        again = client.post(reverse("correct", args=[price]), form)
        other = client.post(reverse("correct", args=[price]), {**form, "price": "2,600"})

        assert again["Location"] == first["Location"] == reverse("submission", args=[form["submission_id"]])
        assert other.status_code == 409
        assert [row.kind for row in sent()] == ["PRICE", "CORRECT"]

    def test_is_the_authors_and_staffs_alone(self, client, price, other):
        client.force_login(other)

        for response in (
            client.get(reverse("correct", args=[price]), follow=True),
            client.post(reverse("correct", args=[price]), self.correction(), follow=True),
        ):
            assert "sent by somebody else" in response.content.decode()
        client.force_login(make_user(role=Role.ADMIN))
        assert client.post(reverse("correct", args=[price]), self.correction()).status_code == 303
        assert [row.kind for row in sent()] == ["PRICE", "CORRECT"]

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


class TestTheClock:
    def test_of_readers_decides_what_today_is(self, client, author, onions, market, settings):
        settings.POTATO_AS_OF = clock.today() - timedelta(days=340)
        client.force_login(author)

        id = publish_price(client, item=onions, shop=market, seen="today")

        assert clock.yangon_day(entries.get(id).seen_at) == settings.POTATO_AS_OF
