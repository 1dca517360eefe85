"""Signing in: who is let in, how often one may try, and what happens while Redis is away."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import services
from accounts.adapter import AccountAdapter
from accounts.models import Role
from tests.accounts.conftest import PASSWORD, make_member, sign_in
from tests.accounts.test_signing_up import NASTY
from tests.factories import make_user

pytestmark = pytest.mark.django_db

TOO_MANY = "Too many failed login attempts"


@contextmanager
def redis_that_is(state: str, settings) -> Iterator[None]:
    """Every alias of Redis leads to a closed port, or to a server that takes what comes and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if state == "silent":
            server.listen(50)
        url = f"redis://127.0.0.1:{server.getsockname()[1]}"
        settings.CACHES = {
            name: {**alias, "LOCATION": f"{url}/1"} if "redis" in alias["BACKEND"].lower() else alias
            for name, alias in settings.CACHES.items()
        }
        yield


class TestSignIn:
    @pytest.mark.parametrize(
        "typed", ["su@example.com", "SU@EXAMPLE.COM", "Su@Example.com", " su@example.com"]
    )
    def test_takes_the_address_however_it_is_written(self, client, typed):
        user = make_member(email="Su@example.com")

        answer = sign_in(client, user, email=typed)

        assert answer.url == "/accounts/profile/"

    def test_goes_on_to_where_the_person_wanted(self, client):
        user = make_member()

        answer = client.post(
            "/accounts/login/", {"login": user.email, "password": PASSWORD, "next": "/accounts/contribute/"}
        )

        assert answer.url == "/accounts/contribute/"

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_goes_nowhere_else(self, client, target):
        user = make_member()

        answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, "next": target})

        assert answer.url == "/accounts/profile/"

    def test_says_at_the_form_that_it_was_wrong(self, client):
        answer = sign_in(client, make_member(), password="wrong")

        assert answer.status_code == 422
        assert "not correct" in answer.content.decode()

    def test_sends_the_link_again_to_whoever_has_not_confirmed(self, client, sent_mails):
        user = make_user()

        answer = sign_in(client, user)

        assert answer.url == "/accounts/confirm-email/"
        assert [mail.to for mail in sent_mails()] == [[user.email]]

    @pytest.mark.parametrize("field", ["login", "password"])
    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answers_nasty_input_at_the_form(self, client, field, nasty):
        form = {"login": "su@example.com", "password": PASSWORD, field: NASTY[nasty]}

        assert client.post("/accounts/login/", form).status_code == 422

    def test_of_a_banned_person_says_that_the_account_is_closed(self, client):
        user = make_member(banned_at=timezone.now())

        answer = sign_in(client, user)

        assert answer.url == "/accounts/inactive/"
        assert "banned" in client.get(answer.url).content.decode()
        assert client.get("/accounts/profile/").status_code == 302

    def test_of_a_source_of_imports_is_never_possible(self, client):
        user = services.system_user("WFP")

        for password in ("!", "", "None"):
            assert sign_in(client, user, password=password).status_code == 422

    def test_of_demo_accounts_ends_with_debug(self, client, settings):
        settings.DEBUG = True
        services.make_demo_users()
        demo = {"login": "admin@potato.test", "password": "mangosteen-admin"}
        assert client.post("/accounts/login/", demo).url == "/accounts/profile/"

        settings.DEBUG = False

        assert client.get("/accounts/profile/").status_code == 302
        assert Client().post("/accounts/login/", demo).url == "/accounts/inactive/"


class TestLimits:
    def test_stop_who_guesses_the_password_of_an_account(self, client):
        user = make_member()
        for _ in range(5):
            assert TOO_MANY not in sign_in(Client(), user, password="wrong").content.decode()

        answer = sign_in(client, user)

        assert answer.status_code == 422
        assert TOO_MANY in answer.content.decode(), "the right password is not let in either"

    def test_count_an_address_in_whatever_letters(self, client):
        user = make_member(email="su@example.com")
        for email in (
            "su@example.com",
            "SU@example.com",
            "Su@Example.com",
            "sU@example.com",
            "su@EXAMPLE.com",
        ):
            sign_in(Client(), user, email=email, password="wrong")

        assert TOO_MANY in sign_in(client, user).content.decode()

    def test_leave_other_accounts_alone(self, client):
        user, other = make_member(), make_member()
        for _ in range(6):
            sign_in(Client(), user, password="wrong")

        assert sign_in(client, other).url == "/accounts/profile/"

    def test_stop_who_guesses_at_many_accounts(self, client):
        user = make_member()
        for number in range(20):
            client.post("/accounts/login/", {"login": f"x{number}@example.com", "password": "wrong"})

        assert TOO_MANY in sign_in(client, user).content.decode()

    def test_stop_who_makes_accounts_by_the_dozen(self, client):
        form = {"password1": PASSWORD, "password2": PASSWORD}
        answers = [
            Client().post("/accounts/signup/", {**form, "email": f"x{number}@example.com"}).status_code
            for number in range(21)
        ]

        assert answers == [302] * 20 + [429]

    def test_say_so_on_a_page_of_potato(self, client, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "1/m/ip"}
        client.post("/accounts/signup/", {})

        answer = client.post("/accounts/signup/", {})

        assert answer.status_code == 429
        assert "Too many tries" in answer.content.decode()
        assert 'class="mast"' in answer.content.decode()

    @pytest.mark.parametrize("state", ["dead", "silent"])
    def test_hold_while_redis_is_away(self, settings, state):
        user = make_member()
        with redis_that_is(state, settings):
            started = time.monotonic()
            for _ in range(5):
                answer = sign_in(Client(), user, password="wrong")
                assert answer.status_code == 422
                assert TOO_MANY not in answer.content.decode()

            assert TOO_MANY in sign_in(Client(), user).content.decode()
            assert time.monotonic() - started < 10

    @pytest.mark.parametrize("state", ["dead", "silent"])
    def test_let_people_in_while_redis_is_away(self, client, settings, state):
        user = make_member()
        with redis_that_is(state, settings):
            assert sign_in(client, user).url == "/accounts/profile/"
            assert client.get("/accounts/profile/").status_code == 200

    def test_would_let_nobody_in_if_they_were_counted_in_redis(self, client, settings):
        """What the cure is for: a count that cannot be written is taken for a count that is full."""
        user = make_member()
        with redis_that_is("dead", settings):
            settings.CACHES = {**settings.CACHES, "default": settings.CACHES["sessions"]}
            settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": None}

            assert TOO_MANY in sign_in(client, user).content.decode()


class TestClientAddress:
    def address(self, **meta) -> str:
        return AccountAdapter().get_client_ip(RequestFactory().get("/", **meta))

    def test_is_the_peer_without_proxies(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0

        assert self.address(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == "192.0.2.1"

    def test_is_what_our_own_proxy_saw(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

        seen = self.address(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.2.3.4, 198.51.100.7")

        assert seen == "198.51.100.7", "what the client claims before it does not count"

    def test_is_the_peer_when_it_came_past_the_proxies(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

        assert self.address(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.7") == "10.0.0.1"
        assert self.address(REMOTE_ADDR="10.0.0.1") == "10.0.0.1"

    def test_separates_the_limits_of_people_behind_one_proxy(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "1/m/ip"}

        answers = [
            Client(headers={"x-forwarded-for": address}).post("/accounts/signup/", {}).status_code
            for address in ("198.51.100.1", "198.51.100.2", "198.51.100.1")
        ]

        assert answers == [422, 422, 429]


class TestSigningOut:
    def test_asks_first_and_then_ends_the_session(self, client):
        sign_in(client, make_member(role=Role.CONTRIBUTOR))

        assert client.get("/accounts/logout/").status_code == 200
        assert client.get("/accounts/profile/").status_code == 200

        client.post("/accounts/logout/")

        assert client.get("/accounts/profile/").status_code == 302
