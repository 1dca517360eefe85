"""A price is sent from a page that was opened before somebody signed in or out in another tab."""

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.models import LedgerRow
from tests import old_pages
from tests.factories import make_user
from tests.old_pages import kept_in, post, send_again, text_of
from tests.prices.sending import sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def may():
    return make_user(role=Role.CONTRIBUTOR, display_name="Daw May")


@pytest.fixture
def browser(may):
    client = old_pages.browser()
    old_pages.sign_in(client, may)
    return client


@pytest.fixture
def typed(form):
    return form | {"price": "၂၄၀၀", "note": 'two "sacks" <left>\nbehind the gate'}


class TestAPriceSentFromAnOldPage:
    def test_is_shown_and_stored_by_one_tap(self, browser, may, typed):
        told = post(browser, reverse("submit"), typed)

        assert told.status_code == 403
        assert not sent().exists()
        seen = text_of(told)
        for shown in (
            "Onions",
            "YwarMa market",
            "၂၄၀၀",
            "viss",
            "Retail",
            'two "sacks" <left>',
            "Send price",
        ):
            assert shown in seen
        assert typed["submission_id"] not in seen

        answer = send_again(browser, told)

        assert answer["Location"] == reverse("submission", args=[typed["submission_id"]])
        (row,) = sent()
        assert (row.author, row.payload["note"]) == (may, 'two "sacks" <left>\nbehind the gate')

    def test_says_under_which_account_it_will_be_sent(self, browser, may, typed):
        aung = make_user(role=Role.CONTRIBUTOR, display_name="Ko <Aung>")
        old_pages.sign_out(browser)
        old_pages.sign_in(browser, aung)

        seen = text_of(told := post(browser, reverse("submit"), typed))

        assert "You are signed in as Ko <Aung>" in " ".join(seen.split())
        assert aung.email in seen
        assert "even if somebody else filled in the form" in seen
        assert "Daw May" not in seen
        send_again(browser, told)
        assert sent().get().author == aung

    def test_is_in_the_form_again_after_signing_in_when_nobody_is_signed_in(self, browser, may, typed):
        old_pages.sign_out(browser)

        told = post(browser, reverse("submit"), typed)
        assert "You are not signed in" in text_of(told)
        here = old_pages.OURS | {"referer": f"http://testserver{reverse('submit')}"}
        to_sign_in = send_again(browser, told, headers=here)
        page = browser.get(to_sign_in["Location"])
        old_pages.sign_in(browser, may)
        form = browser.get(reverse("submit"))

        assert b'name="login"' in page.content
        assert "What you typed is here again" in text_of(form)
        assert 'value="၂၄၀၀"' in form.content.decode()
        assert not sent().exists()

    def test_in_burmese_stays_in_burmese(self, browser, typed):
        told = post(browser, f"/my{reverse('submit')}", typed)

        assert b'<html lang="my"' in told.content
        assert "ကြက်သွန်နီ" in text_of(told)
        assert send_again(browser, told)["Location"].startswith("/my/prices/submissions/")

    def test_is_kept_whole_though_a_long_text_is_shown_cut(self, browser, typed):
        told = post(browser, reverse("submit"), typed | {"note": "sack " * 90})

        assert ("note", "sack " * 90) in kept_in(told)
        assert text_of(told).count("sack") < 60

    def test_names_a_shop_once_however_often_it_is_in_the_form(
        self, browser, typed, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(12):
            told = post(browser, reverse("submit"), typed | {"shop": [typed["shop"]] * 400})

        assert text_of(told).count("YwarMa market") == 1
        assert len(kept_in(told)) > 400

    def test_may_be_a_search_for_a_shop(self, browser, typed):
        told = post(browser, reverse("submit"), typed | {"shop_q": "ywarma", "find": "1"})

        page = send_again(browser, told)

        assert page.status_code == 200
        assert 'value="၂၄၀၀"' in page.content.decode()

    def test_of_a_banned_account_is_not_sent_under_its_name(self, browser, may, typed):
        may.banned_at = may.date_joined
        may.save()

        told = post(browser, reverse("submit"), typed)

        assert "You are not signed in" in text_of(told)

    def test_is_kept_while_postgresql_is_away(self, browser, typed):
        from django.db import OperationalError, connection

        def refuse(*_):
            raise OperationalError("gone")

        with connection.execute_wrapper(refuse):
            told = post(browser, reverse("submit"), typed)

        assert told.status_code == 503
        assert ("price", "၂၄၀၀") in kept_in(told)


class TestACorrectionSentFromAnOldPage:
    def test_is_stored_by_one_tap(self, browser, typed):
        send_again(browser, post(browser, reverse("submit"), typed))
        (price,) = sent()
        wrong = {name: value for name, value in typed.items() if name not in ("item", "shop")}
        wrong |= {"submission_id": "01a202d5-3ec3-77d7-adbf-a35422e79b32", "price": "2,500", "seen": "same"}

        told = post(browser, reverse("correct", args=[price.pk]), wrong)

        seen = text_of(told)
        assert "2,500" in seen and "As before" in seen and "Send the correction" in seen
        send_again(browser, told)
        assert sent().filter(kind=LedgerRow.Kind.CORRECT).count() == 1
