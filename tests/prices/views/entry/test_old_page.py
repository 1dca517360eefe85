"""An act on a price is sent from a page that was opened before somebody signed in or out in another tab."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.urls import reverse

from potato import clock
from prices import selectors
from prices.coordination.ids import uuid7
from prices.derived import board_copies, refresh
from prices.ledger import entries as ledger_entries
from prices.names import cache as names
from prices.store import entries
from tests import old_pages
from tests.factories import make_entry, make_moderator
from tests.old_pages import post, send_again, text_of
from tests.prices.away import DEAD, SILENT, without_mongodb
from tests.prices.sending import good_price, publish, sent
from tests.prices.views.entry.conftest import UNKNOWN, remove
from tests.prices.views.test_without_postgresql import postgresql_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

ABOUT = "What it is about"
ACTS = {
    "confirm": {},
    "correct": {"price": "2,500", "quantity": "1", "unit": "viss", "type": "RETAIL", "seen": "same"},
    "withdraw": {"reason": "wrong shop"},
    "report": {"reason": "unit", "text": "that is per kg"},
}
each_act = pytest.mark.parametrize("act", ACTS)


def fields_of(act):
    """What the form sends; a confirmation is a button alone."""
    return ACTS[act] and {"act_id": str(uuid7()), "submission_id": str(uuid7()), **ACTS[act]}


def send(browser, act, id, prefix="", **fields):
    """The page that is shown in place of an act sent from an old page."""
    answer = post(browser, prefix + reverse(act, args=[id]), fields_of(act) | fields)
    assert answer.status_code == 403
    return answer


def seen(answer):
    return " ".join(text_of(answer).split())


@pytest.fixture
def browser():
    """Somebody who has signed in again."""
    return old_pages.browser()


@pytest.fixture
def imported(onions, market):
    """A published price of a survey, which the ledger does not know."""
    entry = make_entry(
        shop=market, item_id=onions.pk, unit="viss", source="WFP", seen_at=clock.now() - timedelta(days=2)
    )
    entries.add(entry)
    publish()
    return entry


class TestAnActSentFromAnOldPage:
    @each_act
    def test_names_the_item_the_shop_and_the_price_and_is_stored_by_one_tap(
        self, browser, author, other, price, act
    ):
        old_pages.sign_in(browser, author if act in ("correct", "withdraw") else other)

        answer = send(browser, act, price)

        assert f"{ABOUT} Onions, K 2,400 a viss, YwarMa market" in seen(answer)
        assert send_again(browser, answer).status_code == 303
        assert [row.kind for row in sent()] == ["PRICE", act.upper()]

    @each_act
    def test_names_them_in_burmese(self, browser, author, price, onions, market, act):
        onions.default_unit.name_my = "ပိဿာ"
        onions.default_unit.save()
        market.shop_name_my = "ရွာမဈေး"
        market.save()
        publish()
        old_pages.sign_in(browser, author)

        text = seen(send(browser, act, price, prefix="/my"))

        assert "ကြက်သွန်နီ, ၂,၄၀၀ ကျပ် / ပိဿာ, ရွာမဈေး" in text
        assert ABOUT not in text

    @each_act
    def test_names_them_when_nobody_is_signed_in(self, browser, price, act):
        assert "Onions, K 2,400 a viss, YwarMa market" in seen(send(browser, act, price))

    @each_act
    @pytest.mark.parametrize("how", [DEAD, SILENT])
    def test_names_them_without_mongodb_as_the_ledger_knows_them(self, browser, author, price, act, how):
        old_pages.sign_in(browser, author)

        with without_mongodb(how):
            text = seen(send(browser, act, price))

        assert "Onions, K 2,400 a viss, YwarMa market" in text

    @each_act
    def test_names_them_without_mongodb_as_the_form_carries_them(self, browser, other, imported, act):
        old_pages.sign_in(browser, other)
        known = ledger_entries.sign(imported)

        with without_mongodb(DEAD):
            text = seen(send(browser, act, imported.id, known=known))

        assert "Onions, K 2,400 a viss, YwarMa market" in text
        # Of use to nobody who reads the page.
        assert known[:20] not in text

    def test_names_them_without_mongodb_from_the_copy_of_a_board(self, browser, other, imported):
        old_pages.sign_in(browser, other)
        refresh.refresh([refresh.Touched.by(imported)])
        board_copies.copy_changed()

        with without_mongodb(DEAD):
            text = seen(send(browser, "confirm", imported.id))

        assert "Onions, K 2,400 a viss, YwarMa market" in text

    @each_act
    @pytest.mark.parametrize("known", ["", "\x00", "made up", "x" * 5000])
    def test_names_nothing_without_mongodb_where_nobody_knows_the_price(
        self, browser, other, imported, act, known
    ):
        old_pages.sign_in(browser, other)

        with without_mongodb(DEAD):
            answer = send(browser, act, imported.id, known=known)

        assert ABOUT not in seen(answer)
        assert "You are signed in as Ko Aung" in seen(answer)

    def test_names_nothing_where_postgresql_fails_while_it_is_looked_up(
        self, browser, other, price, monkeypatch
    ):
        old_pages.sign_in(browser, other)
        look_up = selectors.price

        def look_up_without_postgresql(*args, **options):
            with postgresql_away():
                return look_up(*args, **options)

        monkeypatch.setattr(selectors, "price", look_up_without_postgresql)
        with without_mongodb(DEAD):
            answer = send(browser, "confirm", price)

        assert ABOUT not in seen(answer)
        assert "You are signed in as Ko Aung" in seen(answer)

    @each_act
    def test_on_a_price_that_does_not_exist_names_nothing(self, browser, other, act):
        old_pages.sign_in(browser, other)

        assert ABOUT not in seen(send(browser, act, UNKNOWN))

    def test_names_the_shop_as_the_price_has_it_where_its_name_is_not_known(
        self, browser, other, price, monkeypatch
    ):
        old_pages.sign_in(browser, other)
        monkeypatch.setattr(names, "get", lambda kind, id: None)

        assert "K 2,400 a viss, YwarMa market" in seen(send(browser, "confirm", price))

    def test_of_another_site_names_nothing(self, browser, author, price):
        old_pages.sign_in(browser, author)

        answer = post(browser, reverse("confirm", args=[price]), {}, headers={"sec-fetch-site": "cross-site"})

        assert "Onions" not in seen(answer)


class TestAnActOnAHiddenPriceSentFromAnOldPage:
    """What its page hides, this one hides, too."""

    @each_act
    @pytest.mark.parametrize("how", [None, DEAD])
    def test_names_item_and_shop_alone_to_others(self, browser, other, odd_price, act, how):
        old_pages.sign_in(browser, other)

        with without_mongodb(how) if how else nullcontext():
            text = seen(send(browser, act, odd_price))

        assert f"{ABOUT} Onions, YwarMa market" in text
        assert "24,000" not in text

    def test_names_item_and_shop_alone_when_nobody_is_signed_in(self, browser, odd_price):
        text = seen(send(browser, "report", odd_price))

        assert "Onions, YwarMa market" in text
        assert "24,000" not in text

    @pytest.mark.parametrize("who", ["author", "moderator"])
    def test_names_its_price_to_its_author_and_to_moderators(self, browser, author, odd_price, who):
        old_pages.sign_in(browser, author if who == "author" else make_moderator())

        assert "Onions, K 24,000 a viss, YwarMa market" in seen(send(browser, "withdraw", odd_price))

    def test_names_item_and_shop_alone_once_it_is_removed(self, browser, other, price):
        remove(price, reason="made up")
        old_pages.sign_in(browser, other)

        text = seen(send(browser, "report", price))

        assert "Onions, YwarMa market" in text
        assert "2,400" not in text

    @each_act
    def test_names_nothing_of_what_waits_to_be_published_to_others(
        self, client, browser, author, other, onions, market, act
    ):
        client.force_login(author)
        form = good_price(item=onions, shop=market)
        client.post(reverse("submit"), form)
        old_pages.sign_in(browser, other)

        text = seen(send(browser, act, form["submission_id"]))

        assert ABOUT not in text
        assert "Onions" not in text and "YwarMa" not in text


class TestAModeratorsActSentFromAnOldPage:
    @pytest.mark.parametrize(("act", "kind"), [("correct", "CORRECT"), ("withdraw", "MODERATE")])
    def test_shows_the_reason_and_is_stored_by_one_tap(self, browser, price, act, kind):
        old_pages.sign_in(browser, make_moderator())

        answer = send(browser, act, price, reason="one zero too many", seen_status="published")

        assert "Onions, K 2,400 a viss, YwarMa market" in seen(answer)
        assert "Why? one zero too many" in seen(answer)
        assert send_again(browser, answer).status_code == 303
        assert sent().last().kind == kind
