"""MongoDB does not answer: what people do to prices is accepted all the same, and published once it is back."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from django.urls import reverse

from accounts.models import Role
from potato import clock
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from prices.publishing import relay
from prices.store import entries, reports
from tests.factories import make_entry, make_moderator, make_user
from tests.prices import oracle
from tests.prices.away import DEAD, SILENT, without_mongodb
from tests.prices.publishing.relay.conftest import make_due, roll_up
from tests.prices.reading import HTMX
from tests.prices.sending import good_price, publish, publish_price, sent
from tests.prices.views.entry.conftest import UNKNOWN, decide, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

AWAYS = pytest.mark.parametrize("how", [DEAD, SILENT])


def correction(**changes):
    return {
        "submission_id": str(uuid7()),
        "price": "2,500",
        "quantity": "1",
        "unit": "viss",
        "type": "RETAIL",
        "seen": "same",
        **changes,
    }


def withdrawal(**changes):
    return {"act_id": str(uuid7()), "reason": "wrong shop", **changes}


def complaint(**changes):
    return {"act_id": str(uuid7()), "reason": "unit", "text": "that is per kg", **changes}


def known_of(text) -> str:
    """What the page's forms carry of the price."""
    return re.search(r'name="known" value="([^"]+)"', text)[1]


def post(client, name, id, form):
    response = client.post(reverse(name, args=[id]), form)
    assert response.status_code == 303, response.content.decode()
    return response


def text_at(client, response) -> str:
    landed = client.get(response["Location"], follow=True)
    assert landed.status_code == 200
    return unescape(landed.content.decode())


@pytest.fixture
def imported(onions, market):
    """A published price of a survey, which the ledger does not know."""
    entry = make_entry(
        shop=market, item_id=onions.pk, unit="viss", source="WFP", seen_at=clock.now() - timedelta(days=2)
    )
    entries.add(entry)
    return entry.id


@AWAYS
class TestActs:
    def test_are_accepted_and_published_once_each_when_it_is_back(
        self, client, author, other, onions, market, how
    ):
        client.force_login(author)
        confirmed, corrected, withdrawn, reported = (
            publish_price(client, item=onions, shop=market, price=str(price))
            for price in (2400, 2410, 2420, 2430)
        )
        new, gone, bad = correction(), withdrawal(), complaint()

        with without_mongodb(how):
            for _ in range(2):
                post(client, "correct", corrected, new)
                post(client, "withdraw", withdrawn, gone)
            client.force_login(other)
            for _ in range(2):
                assert "counts as seen today" in text_at(client, post(client, "confirm", confirmed, {}))
                assert "A moderator will look" in text_at(client, post(client, "report", reported, bad))
            assert {row.state for row in sent().exclude(kind="PRICE")} == {"accepted"}
        publish()

        assert [row.kind for row in sent()[4:]] == ["CORRECT", "WITHDRAW", "CONFIRM", "REPORT"]
        assert {row.state for row in sent()} == {"published"}
        assert entries.get(confirmed).confirmations == 1
        assert [entries.get(id).status for id in (corrected, withdrawn, reported)] == [
            "withdrawn",
            "withdrawn",
            "published",
        ]
        assert entries.get(new["submission_id"]).price == 2500
        assert [id for _since, id in reports.reported(limit=5)] == [reported]
        roll_up()
        assert oracle.differences(now=clock.now()) == []

    def test_of_a_relay_that_tries_meanwhile_are_published_once(self, client, author, price, other, how):
        client.force_login(other)

        with without_mongodb(how):
            post(client, "confirm", price, {})
            with pytest.raises(Exception, match="mongo is not available"):
                relay.run_once()
        make_due()
        publish()

        assert sent().get(kind="CONFIRM").state == "published"
        assert (entries.get(price).confirmations, len(entries.get(price).changes)) == (1, 1)

    def test_on_a_price_that_the_ledger_does_not_know_are_accepted_as_the_page_was_loaded(
        self, client, other, imported, how
    ):
        client.force_login(other)
        text = page(client, "entry", imported)
        known = known_of(text)
        report = unquote(re.search(rf'href="({reverse("report", args=[imported])}\?known=[^"]+)"', text)[1])

        with without_mongodb(how):
            landed = post(client, "confirm", imported, {"known": known})
            assert "K 2,400 a viss" in text_at(client, landed)
            form = client.get(report)
            assert form.status_code == 200 and "K 2,400 a viss" in form.content.decode()
            post(client, "report", imported, complaint(known=known_of(form.content.decode())))
        publish()

        assert {row.state for row in sent()} == {"published"}
        assert entries.get(imported).confirmations == 1
        assert [id for _since, id in reports.reported(limit=5)] == [imported]

    def test_of_moderators_on_a_price_that_the_ledger_does_not_know_are_accepted(
        self, client, onions, market, imported, how
    ):
        client.force_login(make_moderator())
        other = make_entry(shop=market, item_id=onions.pk, unit="viss", source="WFP")
        entries.add(other)
        known, others = (known_of(page(client, "entry", id)) for id in (imported, other.id))

        with without_mongodb(how):
            form = client.get(reverse("correct", args=[imported]), {"known": known})
            assert 'name="price" value="2400"' in form.content.decode()
            new = correction(reason="a zero too many", known=known)
            post(client, "correct", imported, new)
            post(client, "withdraw", other.id, withdrawal(known=others, seen_status="published"))
        publish()

        assert (entries.get(imported).status, entries.get(other.id).status) == ("withdrawn", "removed")
        assert entries.get(new["submission_id"]).seen_at == entries.get(imported).seen_at

    def test_with_a_form_that_somebody_made_up_are_refused_with_the_form_kept(
        self, client, other, price, imported, how
    ):
        client.force_login(other)
        known = known_of(page(client, "entry", imported))
        elsewhere = str(uuid7())

        with without_mongodb(how):
            for id, forged in (
                (elsewhere, known),
                (imported, known[:-1] + ("A" if known[-1] != "A" else "B")),
                (imported, "x" * 100_000),
                (imported, "\x00"),
                (imported, ""),
            ):
                response = client.post(reverse("report", args=[id]), complaint(known=forged))
                assert response.status_code == 503
                assert 'name="text" value="that is per kg"' in response.content.decode()

        assert [row.kind for row in sent()] == ["PRICE"]

    def test_are_refused_at_once_where_the_ledger_knows_that_they_cannot_be(
        self, client, author, other, price, how
    ):
        client.force_login(author)
        with without_mongodb(how):
            post(client, "withdraw", price, withdrawal())
            again = post(client, "withdraw", price, withdrawal())
            assert "withdrawn or removed before" in text_at(client, again)
            client.force_login(other)
            assert "Only a published price" in text_at(client, post(client, "confirm", price, {}))
            assert client.post(reverse("confirm", args=[price]), headers=HTMX).status_code == 422
            assert "withdrawn or removed before" in text_at(
                client, post(client, "report", price, complaint())
            )
        publish()

        assert [row.kind for row in sent()] == ["PRICE", "WITHDRAW"]

    def test_that_cannot_be_published_say_so_where_the_person_looks(self, client, other, imported, how):
        client.force_login(other)
        known = known_of(page(client, "entry", imported))
        with without_mongodb(how):
            landed = text_at(client, post(client, "confirm", imported, {"known": known}))
            assert "Your confirmation was accepted and will be carried out soon." in landed
        entries.collection().update_one({"_id": imported}, {"$set": {"status": "removed"}})
        publish()

        shown, mine = page(client, "entry", imported), client.get(reverse("my_prices")).content.decode()

        for text in (shown, unescape(mine)):
            assert "Your confirmation could not be carried out. The price was no longer published." in text
        assert reverse("entry", args=[imported]) in mine

    def test_of_whoever_may_not_are_refused(self, client, price, how):
        for role in (Role.CONTRIBUTOR, Role.ADMIN):
            client.force_login(make_user(role=role))
            with without_mongodb(how):
                for name, form in (("withdraw", withdrawal()), ("correct", correction())):
                    assert "sent by somebody else" in text_at(client, post(client, name, price, form))

        assert [row.kind for row in sent()] == ["PRICE"]


@AWAYS
class TestAPricesPage:
    def test_shows_what_the_ledger_knows_and_says_that_it_is_degraded(
        self, client, author, other, price, how
    ):
        client.force_login(other)
        client.post(reverse("confirm", args=[price]))
        publish()
        for somebody in (author, other, None):
            client.logout()
            if somebody:
                client.force_login(somebody)

            with without_mongodb(how):
                response = client.get(reverse("entry", args=[price]))

            text = unescape(response.content.decode())
            assert response.status_code == 200
            assert response["X-Potato-Degraded"] == "mongo"
            assert "K 2,400 a viss" in text and "Daw Mya" in text and "from the new harvest" in text
            assert re.search(r"Confirmed by</dt>\s*<dd>1</dd>", text)

    def test_hides_what_waits_for_a_check(self, client, author, odd_price, how):
        people = [
            (author, True),
            (make_moderator(), True),
            (make_user(role=Role.ADMIN), False),
            (None, False),
        ]
        for somebody, sees in people:
            client.logout()
            if somebody:
                client.force_login(somebody)

            with without_mongodb(how):
                text = page(client, "entry", odd_price)

            assert "waits for a check" in text
            assert ("24,000" in text) is sees

    def test_hides_what_a_moderator_has_removed(self, client, price, imported, how):
        known = known_of(page(client, "entry", imported))
        for id in (price, imported):
            decide(id, status="removed", reason="Made up")
        publish()
        client.logout()

        with without_mongodb(how):
            for id in (price, imported):
                text = unescape(client.get(reverse("entry", args=[id]), {"known": known}).content.decode())

                assert "removed by a moderator" in text and "Made up" in text and "2,400" not in text

    @pytest.mark.parametrize("name", ["entry", "confirm", "correct", "withdraw", "report"])
    def test_of_a_price_that_nothing_knows_is_a_503_in_words(self, client, other, name, how):
        client.force_login(other)

        with without_mongodb(how):
            response = client.get(reverse(name, args=[UNKNOWN]))

        assert response.status_code == 503
        assert "The store of prices does not answer just now." in response.content.decode()

    def test_begins_its_forms_with_what_was_sent(self, client, price, how):
        with without_mongodb(how):
            assert 'name="price" value="2400"' in page(client, "correct", price)
            assert "K 2,400 a viss" in page(client, "withdraw", price)

    def test_knows_nothing_of_a_price_whose_payload_was_thrown_away(self, client, price, how):
        LedgerRow.objects.update(payload={})

        with without_mongodb(how):
            assert client.get(reverse("entry", args=[price])).status_code == 503
            assert client.get(reverse("my_prices")).status_code == 200


@AWAYS
class TestAPriceThatWaits:
    def send(self, client, author, onions, market):
        client.force_login(author)
        form = good_price(item=onions, shop=market)
        assert client.post(reverse("submit"), form).status_code == 303
        return form["submission_id"]

    def test_says_so_and_can_be_taken_back_once_before_it_is_published(
        self, client, author, onions, market, how
    ):
        with without_mongodb(how):
            waiting = self.send(client, author, onions, market)
            followed = unescape(client.get(reverse("entry", args=[waiting]), follow=True).content.decode())
            assert "Accepted" in followed and reverse("withdraw", args=[waiting]) in followed
            assert "Accepted, not published yet" in page(client, "withdraw", waiting)
            form = withdrawal()
            for _ in range(2):
                assert "Taken back" in text_at(client, post(client, "withdraw", waiting, form))
            assert "withdrawn or removed before" in text_at(
                client, post(client, "withdraw", waiting, withdrawal())
            )
            mine = client.get(reverse("my_prices")).content.decode()
            assert re.findall(r'<span class="tag[^>]*>([^<]+)<', mine) == ["Taken back"]
            assert "Its author took this price back." in page(client, "submission", waiting)
        publish()

        assert [row.kind for row in sent()] == ["PRICE", "WITHDRAW"]
        assert {row.state for row in sent()} == {"published"}
        assert entries.get(waiting).status == "withdrawn"
        roll_up()
        assert oracle.differences(now=clock.now()) == []

    def test_can_be_corrected_before_it_is_published(self, client, author, onions, market, how):
        new = correction()
        with without_mongodb(how):
            waiting = self.send(client, author, onions, market)
            assert 'name="price" value="2400"' in page(client, "correct", waiting)
            post(client, "correct", waiting, new)
            mine = client.get(reverse("my_prices")).content.decode()
            assert re.findall(r'<span class="tag[^>]*>([^<]+)<', mine) == ["On its way", "Corrected"]
        publish()

        assert {row.state for row in sent()} == {"published"}
        assert entries.get(waiting).status == "withdrawn"
        assert entries.get(new["submission_id"]).status == "published"

    def test_is_nobody_elses(self, client, author, other, onions, market, how):
        with without_mongodb(how):
            waiting = self.send(client, author, onions, market)
            for somebody in (other, make_moderator(), None):
                client.logout()
                if somebody:
                    client.force_login(somebody)
                assert client.get(reverse("entry", args=[waiting])).status_code == 404
                if somebody:
                    for name, form in (
                        ("confirm", {}),
                        ("report", complaint()),
                        ("withdraw", withdrawal()),
                        ("correct", correction()),
                    ):
                        assert client.post(reverse(name, args=[waiting]), form).status_code == 404

        assert [row.kind for row in sent()] == ["PRICE"]


class TestAPriceThatIsAccepted:
    """With MongoDB there; the relay has not come yet."""

    def test_cannot_be_confirmed_or_reported_before_it_is_published(self, client, author, onions, market):
        client.force_login(author)
        form = good_price(item=onions, shop=market)
        client.post(reverse("submit"), form)
        waiting = form["submission_id"]

        part = client.post(reverse("confirm", args=[waiting]), headers=HTMX)
        whole = client.post(reverse("confirm", args=[waiting]), follow=True)
        reported = client.post(reverse("report", args=[waiting]), complaint(), follow=True)

        assert part.status_code == 422
        for response in (part, whole, reported):
            assert "This price is not published yet." in response.content.decode()
        assert [row.kind for row in sent()] == ["PRICE"]

    def test_that_was_taken_back_is_shown_so_until_the_relay_has_done_it(self, client, price):
        post(client, "withdraw", price, withdrawal())

        shown = page(client, "entry", price)
        mine = client.get(reverse("my_prices")).content.decode()

        assert "Its author took this price back." in shown
        assert "Your withdrawal was accepted and will be carried out soon." in shown
        assert re.findall(r'<span class="tag[^>]*>([^<]+)<', mine) == ["Taken back"]
        assert entries.get(price).status == "published"
