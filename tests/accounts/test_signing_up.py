"""From the form to the first price that may be sent."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import ClassVar

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from mailer.models import Message

from accounts.adapter import AccountAdapter
from accounts.models import Role, User
from tests.accounts.conftest import PASSWORD, make_member

pytestmark = pytest.mark.django_db

NEW = {"email": "su@example.com", "password1": PASSWORD, "password2": PASSWORD, "display_name": "Ma Su"}
NASTY = {
    "NUL": "a\x00b",
    "a megabyte": "a" * 1_000_000,
    "a megabyte of Burmese": "က" * 340_000,
    "only spaces": "   ",
    "lone combining marks": "ံ့" * 40,
    "turned around": "abc\u202edef",
    "a control sign": "a\x07b",
    "markup": "<script>alert(1)</script>",
    "an emoji family": "👩‍👩‍👧‍👧",
    "a number of 400 digits": "9" * 400,
    "infinity": "1e309",
}


class Counting(MD5PasswordHasher):
    """Counts what is most of the time that signing up takes."""

    hashed: ClassVar[list[str]] = []

    def encode(self, password, salt):
        self.hashed.append(password)
        return super().encode(password, salt)


def link_in(text: str) -> str:
    return re.search(r"http://testserver(\S+)", text)[1]


class TestSignUp:
    def test_leads_from_the_form_by_a_mail_to_a_contributor(self, client, sent_mails):
        answer = client.post("/accounts/signup/", NEW)

        assert answer.status_code == 302
        assert answer.url == "/accounts/confirm-email/"
        assert Message.objects.count() == 1, "the mail waits in PostgreSQL"
        assert client.get("/accounts/profile/").status_code == 302, (
            "not signed in before the address is confirmed"
        )

        [mail] = sent_mails()
        assert mail.to == ["su@example.com"]
        assert mail.subject == "Potato: Confirm your address"
        link = link_in(mail.body)
        assert client.get(link).status_code == 200
        assert not EmailAddress.objects.get().verified, (
            "looking at the page (mail scanners do) confirms nothing"
        )

        answer = client.post(link)

        assert answer.status_code == 302
        assert EmailAddress.objects.get().verified
        assert "Ma Su" in client.get("/accounts/profile/").content.decode(), "signed in"

        answer = client.post("/accounts/contribute/", {"accept": "on", "next": "/accounts/email/"})

        assert answer.url == "/accounts/email/"
        user = User.objects.get()
        assert (user.role, user.may_submit) == (Role.CONTRIBUTOR, True)
        assert user.rules_accepted_at is not None

    def test_takes_the_language_of_the_page_for_person_and_mail(self, client, sent_mails):
        client.post("/my/accounts/signup/", NEW)

        assert User.objects.get().language == "my"
        [mail] = sent_mails()
        assert "http://testserver/my/accounts/confirm-email/" in mail.body

    def test_links_to_the_host_and_port_that_was_asked(self, sent_mails, settings):
        settings.ALLOWED_HOSTS = ["localhost"]

        Client(headers={"host": "localhost:8123"}).post("/accounts/signup/", NEW)

        assert "http://localhost:8123/accounts/confirm-email/" in sent_mails()[0].body

    def test_needs_no_name(self, client):
        client.post("/accounts/signup/", {**NEW, "display_name": ""})

        user = User.objects.get()
        assert user.display_name == ""
        assert "su@example.com" not in user.public_name

    def test_asks_a_word_of_nobody_who_signed_up_twice(self, client, sent_mails):
        client.post("/accounts/signup/", NEW)
        sent_mails()

        answer = Client().post("/accounts/signup/", NEW)

        assert answer.url == "/accounts/confirm-email/"
        assert User.objects.count() == 1

    @pytest.mark.parametrize("email", ["SU@example.com", "Su@Example.COM", " su@example.com "])
    def test_makes_no_second_account_for_an_address_in_other_letters(self, client, sent_mails, email):
        make_member(email="su@example.com")

        answer = client.post("/accounts/signup/", {**NEW, "email": email})

        assert answer.url == "/accounts/confirm-email/", (
            "the same answer, so nobody learns who has an account"
        )
        assert User.objects.count() == 1
        [mail] = sent_mails()
        assert mail.subject == "Potato: You have an account already"
        assert "http://testserver/accounts/password/reset/" in mail.body

    def test_with_an_address_that_has_an_account_hashes_as_much_as_with_a_new_one(
        self, client, settings, monkeypatch
    ):
        settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
        make_member(email="su@example.com")
        hashed = []
        monkeypatch.setattr(Counting, "hashed", hashed)

        client.post("/accounts/signup/", NEW)
        of_a_known_one = len(hashed)
        client.post("/accounts/signup/", {**NEW, "email": "aye@example.com"})

        assert of_a_known_one == len(hashed) - of_a_known_one == 1

    @pytest.mark.parametrize("field", ["email", "password1", "password2", "display_name"])
    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answers_at_the_field_or_takes_it_as_text(self, client, field, nasty):
        answer = client.post("/accounts/signup/", {**NEW, field: NASTY[nasty]})

        assert answer.status_code in (302, 422)
        if answer.status_code == 422:
            page = answer.content.decode()
            assert not User.objects.exists()
            assert 'role="alert"' in page
            assert 'aria-invalid="true"' in page
            assert "<script>alert" not in page

    @pytest.mark.parametrize("nasty", ["NUL", "a megabyte", "lone combining marks", "turned around"])
    def test_refuses_a_name_that_others_cannot_read(self, client, nasty):
        answer = client.post("/accounts/signup/", {**NEW, "display_name": NASTY[nasty]})

        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["display_name"]

    def test_refuses_an_address_for_a_name(self, client):
        answer = client.post("/accounts/signup/", {**NEW, "display_name": "su@example.com"})

        assert "leave your e-mail address out" in answer.content.decode()

    def test_keeps_the_form_but_not_the_password(self, client):
        answer = client.post("/accounts/signup/", {**NEW, "password2": "another one"})

        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="su@example.com"' in page
        assert 'value="Ma Su"' in page
        assert PASSWORD not in page
        assert 'id="id_password2_error"' in page
        assert "id_password2_error" in re.search(r'aria-describedby="([^"]*)"[^>]*id="id_password2"', page)[1]

    @pytest.mark.parametrize("password", ["short", "12345678901", "password123", "su@example.com", "x" * 201])
    def test_refuses_weak_and_endless_passwords(self, client, password):
        answer = client.post("/accounts/signup/", {**NEW, "password1": password, "password2": password})

        assert answer.status_code == 422
        assert "password1" in answer.context["form"].errors

    def test_sends_no_flood_of_mails_to_one_address(self, client, sent_mails):
        for _ in range(6):
            Client().post("/accounts/signup/", NEW)

        assert len(sent_mails()) == 1


@pytest.mark.django_db(transaction=True)
class TestSignUpTwiceAtOnce:
    def test_makes_one_account_and_answers_both_alike(self, monkeypatch):
        both_checked = Barrier(2, timeout=10)
        save_user = AccountAdapter.save_user

        def wait_then_save(*args, **kwargs):
            both_checked.wait()
            return save_user(*args, **kwargs)

        monkeypatch.setattr(AccountAdapter, "save_user", wait_then_save)

        def sign_up(email: str):
            try:
                return Client(raise_request_exception=False).post(
                    "/accounts/signup/", {**NEW, "email": email}
                )
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(sign_up, ["su@example.com", "SU@EXAMPLE.COM"]))

        assert [(answer.status_code, answer.url) for answer in answers] == [
            (302, "/accounts/confirm-email/")
        ] * 2
        assert User.objects.count() == 1
