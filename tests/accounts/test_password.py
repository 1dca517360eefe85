"""A forgotten password, and a changed one."""

import pytest
from django.test import Client

from accounts.models import Session
from tests.accounts.conftest import PASSWORD, make_member, sign_in
from tests.accounts.test_signing_up import NASTY, link_in

pytestmark = pytest.mark.django_db

NEW = "a new battery for horses"


class TestPasswordReset:
    def test_leads_by_a_mail_to_a_new_password_that_works_once(self, client, sent_mails):
        user = make_member(email="su@example.com")

        answer = client.post("/accounts/password/reset/", {"email": "SU@example.com"})

        assert answer.url == "/accounts/password/reset/done/"
        [mail] = sent_mails()
        assert mail.to == ["su@example.com"]
        link = link_in(mail.body)
        form = client.get(link, follow=True)
        answer = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
        assert answer.url == "/accounts/password/reset/key/done/"
        assert sign_in(Client(), user).status_code == 422
        assert sign_in(Client(), user, password=NEW).status_code == 302
        assert "no longer good" in Client().get(link).content.decode()
        assert "it was not you" in sent_mails()[0].body

    def test_ends_every_session(self, client, sent_mails):
        user = make_member()
        sign_in(client, user)
        other = Client()
        other.post("/accounts/password/reset/", {"email": user.email})
        form = other.get(link_in(sent_mails()[0].body), follow=True)

        other.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

        assert client.get("/accounts/profile/").status_code == 302

    def test_works_in_the_browser_that_is_signed_in(self, client, sent_mails):
        user = make_member()
        sign_in(client, user)
        client.post("/accounts/password/reset/", {"email": user.email})
        form = client.get(link_in(sent_mails()[0].body), follow=True)

        answer = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW}, follow=True)

        assert answer.status_code == 200
        assert sign_in(Client(), user, password=NEW).status_code == 302

    def test_writes_in_the_language_of_the_person_wherever_it_was_asked(self, client, sent_mails):
        make_member(email="su@example.com", language="my")

        client.post("/accounts/password/reset/", {"email": "su@example.com"})

        assert "http://testserver/my/accounts/password/reset/key/" in sent_mails()[0].body

    def test_answers_alike_where_there_is_no_account(self, client, sent_mails):
        answer = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})

        assert answer.url == "/accounts/password/reset/done/"
        assert "http://testserver/accounts/signup/" in sent_mails()[0].body

    def test_sends_no_flood_of_mails(self, client, sent_mails):
        user = make_member()

        answers = [
            Client().post("/accounts/password/reset/", {"email": user.email}).status_code for _ in range(4)
        ]

        assert answers == [302, 302, 302, 429]
        assert len(sent_mails()) == 3

    def test_brings_back_whoever_was_stopped_for_guessing(self, client, sent_mails):
        user = make_member()
        for _ in range(6):
            sign_in(Client(), user, password="wrong")
        client.post("/accounts/password/reset/", {"email": user.email})
        form = client.get(link_in(sent_mails()[0].body), follow=True)

        client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

        assert sign_in(client, user, password=NEW).status_code == 302

    @pytest.mark.parametrize(
        "key", ["zzzzzzzzzzzzz-abc-def", "1-", "9" * 300 + "-x", "1-%00", "1-../../x", "1-" + "a" * 3000]
    )
    def test_shows_a_page_for_a_broken_link(self, client, key):
        assert client.get(f"/accounts/password/reset/key/{key}/").status_code in (200, 404)

    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answers_nasty_input_at_the_field(self, client, nasty):
        answer = client.post("/accounts/password/reset/", {"email": NASTY[nasty]})

        assert answer.status_code == 422
        assert "email" in answer.context["form"].errors


class TestPasswordChange:
    def test_keeps_this_session_and_ends_the_others(self, client):
        user = make_member()
        other = Client()
        sign_in(client, user)
        sign_in(other, user)

        answer = client.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )

        assert answer.status_code == 302
        assert client.get("/accounts/profile/").status_code == 200
        assert other.get("/accounts/profile/").status_code == 302

    def test_takes_the_name_from_the_menu_of_other_browsers(self, client):
        user = make_member(display_name="Ma Su")
        other = Client()
        sign_in(client, user)
        sign_in(other, user)

        client.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )

        assert Session.objects.filter(account_id=user.pk).count() == 1

    @pytest.mark.parametrize("field", ["oldpassword", "password1", "password2"])
    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answers_nasty_input_at_the_field(self, client, field, nasty):
        sign_in(client, make_member())
        form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW, field: NASTY[nasty]}

        assert client.post("/accounts/password/change/", form).status_code == 422
