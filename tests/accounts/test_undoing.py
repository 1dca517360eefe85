"""An account that was taken over comes back to its owner, by the link that every lost address gets."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import addresses, tasks
from accounts.models import AddressUndo, Session, User
from tests.accounts.conftest import PASSWORD, give_password, make_member, sign_in
from tests.accounts.takeover import (
    NEW,
    OWNED,
    add_confirmed,
    assert_no_longer_good,
    change,
    choose_password,
    state_of,
    take_over,
    undo_links,
)
from tests.accounts.test_signing_up import link_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("prefix", ["", "/my"])
class TestTheWholePath:
    def test_leads_the_owner_back_in_and_the_thief_out(self, thief, su, sent_mails, prefix):
        User.objects.update(language="my" if prefix else "en")
        mails = take_over(thief, su, sent_mails)
        owner = Client()
        assert sign_in(owner, su).status_code == 422, "the address is gone"
        link = undo_links(mails, "su@example.com")[-1]
        assert link.startswith(f"{prefix}/accounts/email/undo/")

        page = owner.get(link)

        assert page.status_code == 200
        assert "su@example.com" in page.content.decode()
        assert page["Cache-Control"].endswith("private") and "no-store" in page["Cache-Control"]
        assert page["Referrer-Policy"] == "strict-origin"
        assert state_of(su) == {"thief@example.com": "verified primary"}, "looking at it does nothing"

        answer = owner.post(link)

        assert state_of(su) == OWNED
        su.refresh_from_db()
        assert su.email == "su@example.com"
        assert not su.has_usable_password()
        assert answer.status_code == 302
        form = owner.get(answer.url, follow=True)
        answer = owner.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
        assert answer.url == f"{prefix}/accounts/password/reset/key/done/"
        assert sign_in(owner, su, password=NEW).status_code == 302
        assert "Ma Su" in owner.get("/accounts/profile/").content.decode()

        assert thief.get("/accounts/profile/").status_code == 302
        assert sign_in(Client(), su).status_code == 422
        assert sign_in(Client(), su, email="thief@example.com").status_code == 422
        told = {mail.to[0]: mail.body for mail in sent_mails()}
        assert set(told) == {"su@example.com", "thief@example.com"}
        assert undo_links(sent_mails(), "thief@example.com") == []


class TestTheLink:
    @pytest.fixture
    def link(self, thief, su, sent_mails) -> str:
        return undo_links(take_over(thief, su, sent_mails), "su@example.com")[0]

    def test_works_once(self, client, su, link):
        choose_password(client, link)
        before = User.objects.get(pk=su.pk).password

        for ask in (client.get, client.post, Client().post):
            assert_no_longer_good(ask(link))

        assert User.objects.get(pk=su.pk).password == before

    def test_leads_on_to_the_password_until_there_is_one(self, client, su, link, sent_mails):
        client.post(link)
        mails = len(sent_mails())

        page = Client().get(link)
        answer = choose_password(Client(), link)

        assert "Choose one" in page.content.decode()
        assert answer.url == "/accounts/password/reset/key/done/"
        assert sign_in(Client(), su, password=NEW).status_code == 302
        assert mails > 0
        assert [mail.subject for mail in sent_mails()] == ["Potato: Password Reset"], "restored once"

    def test_leads_on_to_no_password_once_the_account_has_moved_on(self, client, thief, su, link, sent_mails):
        choose_password(client, link)
        sent_mails()
        sign_in(client, su, password=NEW)
        give_password(client, NEW)
        add_confirmed(client, "new@example.com", sent_mails)
        change(client, "primary", "new@example.com")
        su.refresh_from_db()
        su.set_unusable_password()
        su.save()

        assert_no_longer_good(Client().post(link))

    def test_of_each_mail_is_used_up_with_the_other(self, thief, su, sent_mails):
        first, second = undo_links(take_over(thief, su, sent_mails), "su@example.com")

        choose_password(Client(), second)

        assert_no_longer_good(Client().post(first))

    def test_works_for_seven_days(self, client, su, link):
        AddressUndo.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
        assert client.get(link).status_code == 200
        AddressUndo.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

        assert_no_longer_good(client.get(link))
        assert_no_longer_good(client.post(link))
        assert state_of(su) == {"thief@example.com": "verified primary"}

    def test_is_good_for_seven_days_from_the_mail(self, su, link):
        left = AddressUndo.objects.latest("expires_at").expires_at - timezone.now()

        assert timedelta(days=6, hours=23) < left <= timedelta(days=7)

    def test_is_forgotten_when_it_has_expired(self, su, link):
        AddressUndo.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

        tasks.clear_sessions()

        assert not AddressUndo.objects.exists()

    @pytest.mark.parametrize("token", ["x", "x" * 43, "../../", "%00", "က", "a" * 5000, "1:abc:def"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_that_nobody_sent_leads_to_a_page_in_words(self, client, token, method):
        answer = getattr(client, method)(f"/accounts/email/undo/{token}/")

        assert answer.status_code in (404, 410)
        assert 'class="mast"' in answer.content.decode()

    def test_of_a_deleted_account_is_no_longer_good(self, client, su, link):
        su.delete()

        assert_no_longer_good(client.get(link))
        assert_no_longer_good(client.post(link))

    @pytest.mark.parametrize("closed", [{"banned_at": timezone.now()}, {"is_active": False}])
    def test_gives_a_banned_or_closed_account_back_and_leaves_it_closed(self, client, su, link, closed):
        User.objects.filter(pk=su.pk).update(**closed)

        assert "It stays so until" in client.get(link).content.decode()
        choose_password(client, link)

        assert state_of(su) == OWNED
        assert sign_in(Client(), su, password=NEW).url == "/accounts/inactive/"

    def test_says_so_when_another_account_has_the_address_by_now(self, client, su, link):
        make_member(email="su@example.com")

        for ask in (client.get, client.post):
            answer = ask(link)
            assert answer.status_code == 409
            assert "belongs to another account by now" in answer.content.decode()

        assert state_of(su) == {"thief@example.com": "verified primary"}

    def test_works_again_once_that_account_has_given_it_up(self, client, su, link):
        other = make_member(email="su@example.com")
        assert client.post(link).status_code == 409
        other.emailaddress_set.all().delete()
        User.objects.filter(pk=other.pk).update(email="other@example.com")

        client.post(link)

        assert state_of(su) == OWNED

    def test_is_not_stopped_by_an_account_that_was_signed_up_with_the_address(self, client, thief, su, link):
        thief.post("/accounts/logout/")
        thief.post(
            "/accounts/signup/", {"email": "su@example.com", "password1": PASSWORD, "password2": PASSWORD}
        )
        assert User.objects.filter(email="su@example.com").exists()

        client.post(link)

        assert state_of(su) == OWNED
        assert User.objects.get(email="su@example.com") == su

    def test_is_not_stopped_by_an_account_that_only_claims_the_address(self, client, su, link):
        make_member().emailaddress_set.create(email="su@example.com")

        client.post(link)

        assert state_of(su) == OWNED

    def test_leaves_an_account_alone_that_staff_made_for_the_address(self, client, su, link):
        made = make_user(email="su@example.com", role="CONTRIBUTOR")

        assert client.post(link).status_code == 409
        assert User.objects.filter(pk=made.pk).exists()

    def test_signs_out_whoever_is_signed_in_in_the_same_browser(self, client, su, link):
        other = make_member()
        sign_in(client, other)

        answer = choose_password(client, link)

        assert answer.status_code == 302
        assert client.get("/accounts/profile/").status_code == 302
        assert sign_in(Client(), other).status_code == 302

    def test_works_in_the_browser_of_the_thief(self, thief, su, link):
        assert choose_password(thief, link).status_code == 302
        assert sign_in(Client(), su, password=NEW).status_code == 302

    def test_needs_the_form_of_our_own_page(self, su, link):
        strict = Client(enforce_csrf_checks=True)

        assert strict.post(link).status_code == 403
        assert state_of(su) == {"thief@example.com": "verified primary"}
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(link).content.decode())[1]
        # As a browser sends it from a page whose address is a secret.
        answer = strict.post(link, {"csrfmiddlewaretoken": token}, headers={"origin": "http://testserver"})
        assert answer.status_code == 302

    def test_ends_every_session_and_every_link_that_the_thief_has(self, thief, su, sent_mails):
        link = undo_links(take_over(thief, su, sent_mails), "su@example.com")[0]
        change(thief, "add", "more@example.com")
        Client().post("/accounts/password/reset/", {"email": "thief@example.com"})
        mails = sent_mails()
        [reset] = [link_in(mail.body) for mail in mails if mail.subject == "Potato: A new password"]
        [confirm] = [link_in(mail.body) for mail in mails if mail.to == ["more@example.com"]]
        started = Client()
        form = started.get(reset, follow=True)

        Client().post(link)

        assert Session.objects.filter(account_id=su.pk).count() == 0
        assert "no longer good" in Client().get(reset).content.decode()
        assert (
            "no longer good"
            in started.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}).content.decode()
        )
        assert "no longer good" in Client().get(confirm).content.decode()
        assert Client().post(confirm).status_code == 404
        assert state_of(su) == OWNED

    def test_is_for_nobody_but_its_holder(self, su, link, sent_mails):
        Client().post(link)
        sent_mails()

        Client().post("/accounts/password/reset/", {"email": "thief@example.com"})

        [mail] = sent_mails()
        assert mail.subject == "Potato: No account with this address"

    def test_of_an_address_that_is_still_on_the_account_removes_the_others(
        self, client, thief, su, sent_mails
    ):
        sign_in(thief, su)
        give_password(thief)
        add_confirmed(thief, "thief@example.com", sent_mails)
        change(thief, "primary", "thief@example.com")
        [link] = undo_links(sent_mails(), "su@example.com")

        client.post(link)

        assert state_of(su) == OWNED


@pytest.mark.django_db(transaction=True)
class TestTheSameLinkTwiceAtOnce:
    def test_restores_once_and_leads_both_to_the_new_password(self, thief, su, sent_mails):
        link = undo_links(take_over(thief, su, sent_mails), "su@example.com")[0]
        both = Barrier(2, timeout=10)

        def press(_number: int):
            try:
                both.wait()
                return Client().post(link)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(press, range(2)))

        assert [answer.status_code for answer in answers] == [302, 302]
        assert all("/accounts/password/reset/key/" in answer.url for answer in answers)
        assert state_of(su) == OWNED
        mails = sent_mails()
        assert [mail.to for mail in mails if "taken back" in mail.subject].count(["su@example.com"]) == 1


class TestGiveBack:
    def test_is_what_an_operator_does_without_a_link(self, thief, su, sent_mails):
        take_over(thief, su, sent_mails)
        mails = take_over(thief, su, sent_mails, to="thief2@example.com")
        [link, _second] = undo_links(mails, "thief@example.com")

        addresses.give_back(user=User.objects.get(email="thief2@example.com"), email="SU@example.com")

        assert state_of(su) == OWNED
        assert not User.objects.get(pk=su.pk).has_usable_password()
        assert not Session.objects.filter(account_id=su.pk).exists()
        assert_no_longer_good(Client().post(link))
