"""Pages that htmx keeps up to date by itself, while their reader may no longer enter."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services, unsent
from accounts.models import Role, User
from tests.accounts.conftest import make_member, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.doors")]


DOORS = ["/door/members/", "/door/contributors/"]
HTMX = {"hx-request": "true"}


def assert_leaves_the_page_alone(answer):
    assert (answer.status_code, answer.content) == (204, b"")
    assert [name for name in answer.headers if name.lower().startswith(("hx-", "location"))] == []
    assert "no-store" in answer["Cache-Control"]
    assert {"HX-Request", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


class TestABackgroundRequest:
    @pytest.mark.parametrize("door", DOORS)
    def test_leaves_the_page_alone_after_signing_out(self, client, door):
        sign_in(client, make_member(role=Role.CONTRIBUTOR))
        client.logout()

        assert_leaves_the_page_alone(client.get(f"{door}?price=2400", headers=HTMX))

    def test_begins_no_session(self, client):
        answer = client.get("/door/members/?price=2400", headers=HTMX)

        assert "sessionid" not in answer.cookies

    def test_keeps_what_was_typed_into_another_form(self, client):
        client.post("/door/members/", {"price": "2,400"})
        typed = client.session[unsent.SESSION_KEY]

        client.get("/door/contributors/?price=9", headers=HTMX)

        assert client.session[unsent.SESSION_KEY] == typed

    @pytest.mark.parametrize("door", DOORS)
    def test_leaves_the_page_alone_once_its_reader_is_banned(self, client, door):
        user = make_member(role=Role.CONTRIBUTOR)
        sign_in(client, user)
        services.ban(user=user, now=timezone.now())

        for _ in range(2):
            assert_leaves_the_page_alone(client.get(door, headers=HTMX))

    def test_leaves_the_page_alone_once_the_role_is_taken_away(self, client):
        user = make_member(role=Role.CONTRIBUTOR)
        sign_in(client, user)
        User.objects.filter(pk=user.pk).update(role=Role.USER)

        assert_leaves_the_page_alone(client.get("/door/contributors/", headers=HTMX))

    def test_opens_for_whoever_may_enter(self, client):
        client.force_login(make_member(role=Role.CONTRIBUTOR))

        assert client.get("/door/contributors/", headers=HTMX).content == b"opened"

    @pytest.mark.parametrize("whole", ["hx-boosted", "hx-history-restore-request"])
    def test_is_none_where_htmx_asks_for_a_whole_page(self, client, whole):
        answer = client.get("/door/members/?item=rice", headers=HTMX | {whole: "true"})

        assert answer["HX-Redirect"] == "/accounts/login/?next=/door/members/%3Fitem%3Drice"


class TestAFormSentByHtmx:
    def test_still_goes_to_sign_in_and_keeps_what_was_typed(self, client):
        answer = client.post("/door/members/", {"price": "2,400"}, headers=HTMX)

        assert answer["HX-Redirect"].startswith("/accounts/login/?next=")
        assert client.session[unsent.SESSION_KEY] == ["/door/members/", "price=2%2C400"]

    def test_says_in_place_of_the_page_that_the_account_is_banned(self, client):
        user = make_member(role=Role.CONTRIBUTOR)
        sign_in(client, user)
        services.ban(user=user, now=timezone.now())

        answer = client.post("/door/members/", {"on": "1"}, headers=HTMX)

        assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (403, "body", "innerHTML")
        assert "This account is banned" in answer.content.decode()


class TestAFormSentOnceTheSessionHasEnded:
    def test_about_oneself_is_filled_in_again_after_signing_in(self, client):
        user = make_member(display_name="May")
        client.post("/accounts/profile/", {"display_name": "Daw May", "language": "my"})
        sign_in(client, user)

        page = client.get("/accounts/profile/").content.decode()

        assert "What you typed is here again" in page
        assert 'value="Daw May"' in page
        assert "What you typed is here again" not in client.get("/accounts/profile/").content.decode()

    def test_is_not_taken_by_a_service_worker_that_looks_at_open_pages(self, client):
        user = make_member()
        client.post("/accounts/profile/", {"display_name": "Daw May", "language": "my"})
        sign_in(client, user)

        client.get("/accounts/profile/", headers={"sec-fetch-mode": "cors"})

        assert 'value="Daw May"' in client.get("/accounts/profile/").content.decode()

    @pytest.mark.parametrize("name", ["password", "oldpassword", "password1", "new_password", "api_token"])
    def test_never_keeps_a_password(self, client, name):
        client.post("/door/members/", {name: "secret", "price": "2,400"})

        assert client.session[unsent.SESSION_KEY] == ["/door/members/", "price=2%2C400"]

    def test_is_not_kept_any_longer_when_it_was_sent_again_by_hand(self):
        browser, user = Client(), make_member()
        browser.post("/door/members/", {"price": "2,400"})
        sign_in(browser, user)
        assert unsent.SESSION_KEY in browser.session

        browser.post("/door/contributors/", {"price": "3"})
        assert unsent.SESSION_KEY in browser.session
        browser.post("/door/members/", {"price": "2,400"})

        assert unsent.SESSION_KEY not in browser.session
