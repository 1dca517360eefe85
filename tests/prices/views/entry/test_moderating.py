"""A moderator corrects or removes another person's price, and everybody reads who did it and why."""

import re
from html import unescape

import pytest
from django.urls import reverse

from prices.coordination.ids import uuid7
from prices.store import entries
from tests.factories import make_moderator
from tests.prices.sending import publish, sent
from tests.prices.views.entry.conftest import decide, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def moderator():
    return make_moderator(display_name="Ma Thida")


def correction(**changes):
    return {
        "submission_id": str(uuid7()),
        "price": "2,500",
        "quantity": "1",
        "unit": "viss",
        "type": "RETAIL",
        "seen": "same",
        "reason": "It is 2,500 on the board.",
        **changes,
    }


def history_of(client, price):
    text = page(client, "entry", price)
    return re.findall(r'<li class="msg">.*?<p>(.*?)(?:</p>|:)', text, re.DOTALL)


def follow(client, name, price, form):
    return unescape(client.post(reverse(name, args=[price]), form, follow=True).content.decode())


class TestAModeratorsCorrection:
    def test_asks_for_a_reason_at_the_field_and_keeps_the_form(self, client, price, moderator):
        client.force_login(moderator)
        assert "as a moderator" in page(client, "correct", price)

        response = client.post(reverse("correct", args=[price]), correction(reason=""))

        text = response.content.decode()
        assert response.status_code == 422
        assert 'id="id_reason_error"' in text and 'value="2,500"' in text
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_tells_its_author_and_everybody_who_did_it_and_why(self, client, author, price, moderator):
        client.force_login(moderator)
        form = correction()
        assert client.post(reverse("correct", args=[price]), form).status_code == 303
        publish()
        assert entries.get(form["submission_id"]).status == "published"

        client.force_login(author)
        mine = unescape(client.get(reverse("my_prices")).content.decode())
        followed, history = page(client, "submission", price), history_of(client, price)
        client.logout()
        shown = page(client, "entry", price)

        assert "Corrected by a moderator" in mine and "It is 2,500 on the board." in mine
        for text in (followed, shown):
            assert "This price was corrected by a moderator." in text
            assert "It is 2,500 on the board." in text
            assert reverse("entry", args=[form["submission_id"]]) in text
        assert history == ["Corrected by a moderator", "Published", "Sent"]

    def test_that_needs_a_check_is_for_another_moderator(self, client, price, moderator):
        client.force_login(moderator)
        form = correction(price="24,000")
        client.post(reverse("correct", args=[price]), form)
        publish()
        new = form["submission_id"]
        assert entries.get(new).status == "quarantined"

        response = client.post(
            reverse("admin:prices_to_check"),
            {
                "act_id": str(uuid7()),
                "entry": f"{new}:quarantined",
                "action": "published",
                "reason": "so it is",
            },
            follow=True,
        )
        publish()

        assert "another moderator decides" in unescape(response.content.decode())
        assert entries.get(new).status == "quarantined"
        assert sent().filter(kind="MODERATE").count() == 0


class TestAModeratorsRemoval:
    def test_asks_for_a_reason_at_the_field(self, client, price, moderator):
        client.force_login(moderator)
        text = page(client, "withdraw", price)
        assert "as a moderator" in text and "Remove this price?" in text and "Take" not in text

        response = client.post(reverse("withdraw", args=[price]), {"act_id": str(uuid7()), "reason": " "})

        assert response.status_code == 422
        assert 'id="id_reason_error"' in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_tells_its_author_and_everybody_who_did_it_and_why(self, client, author, price, moderator):
        client.force_login(moderator)
        act = re.search(r'name="act_id" value="([^"]+)"', page(client, "withdraw", price))[1]
        form = {"act_id": act, "reason": "Made up", "seen_status": "published"}
        for _ in range(2):
            assert client.post(reverse("withdraw", args=[price]), form).status_code == 303
        publish()
        # The tap too much may come when it is done.
        assert client.post(reverse("withdraw", args=[price]), form).status_code == 303
        assert [row.kind for row in sent()] == ["PRICE", "MODERATE"]

        client.force_login(author)
        mine = unescape(client.get(reverse("my_prices")).content.decode())
        followed = page(client, "submission", price)
        client.logout()
        shown = page(client, "entry", price)

        assert "Removed by a moderator" in mine and "Made up" in mine
        for text in (followed, shown):
            assert "This price was removed by a moderator." in text and "Made up" in text

    def test_of_a_price_that_changed_since_the_form_was_shown_says_so_and_does_nothing(
        self, client, price, moderator
    ):
        client.force_login(moderator)
        form = {"act_id": str(uuid7()), "reason": "Made up", "seen_status": "published"}
        decide(price, status="quarantined", reason="looks odd")
        publish()

        client.post(reverse("withdraw", args=[price]), form)
        publish()

        assert entries.get(price).status == "quarantined"
        text = page(client, "entry", price)
        assert "Your decision could not be carried out. Somebody else changed the price meanwhile." in text


class TestAnAuthorsActs:
    def test_are_said_to_be_the_authors(self, client, author, price, odd_price):
        client.post(reverse("withdraw", args=[price]), {"act_id": str(uuid7()), "reason": "wrong shop"})
        client.post(reverse("correct", args=[odd_price]), correction())
        publish()

        history = history_of(client, price)
        client.logout()
        withdrawn, corrected = page(client, "entry", price), page(client, "entry", odd_price)

        assert "Its author took this price back." in withdrawn and "wrong shop" in withdrawn
        assert "This price was corrected by its author." in corrected
        assert history[0] == "Taken back by its author"
