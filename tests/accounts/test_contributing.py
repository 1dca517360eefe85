"""From reader to contributor, and the doors that ask for it."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Role, User
from potato.errors import Refused
from tests.accounts.conftest import make_member, sign_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db


DOORS = ["members", "contributors"]


class TestBecomeContributor:
    def test_shows_the_rules_first(self, client):
        client.force_login(make_member())

        page = client.get("/accounts/contribute/").content.decode()

        assert "Only what you saw" in page
        assert 'name="accept"' in page

    def test_needs_the_tick(self, client):
        user = make_member()
        client.force_login(user)

        answer = client.post("/accounts/contribute/", {})

        assert answer.status_code == 422
        assert "Tick this to go on" in answer.content.decode()
        user.refresh_from_db()
        assert user.role == Role.USER

    def test_needs_a_confirmed_address(self, client):
        user = make_user()
        client.force_login(user)

        assert "confirm your e-mail address" in client.get("/accounts/contribute/").content.decode()
        answer = client.post("/accounts/contribute/", {"accept": "on"})

        assert answer.status_code == 422
        user.refresh_from_db()
        assert user.role == Role.USER

    def test_changes_nothing_the_second_time(self):
        user = make_member()
        first = timezone.now()

        assert services.become_contributor(user=user, now=first)
        assert not services.become_contributor(user=user, now=timezone.now())

        user.refresh_from_db()
        assert user.rules_accepted_at == first

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_says_to_whoever_may_already_that_they_may(self, client, role):
        user = make_member(role=role)
        client.force_login(user)

        assert "You may add prices already" in client.get("/accounts/contribute/").content.decode()
        client.post("/accounts/contribute/", {"accept": "on"})

        user.refresh_from_db()
        assert user.role == role

    def test_refuses_the_banned(self):
        with pytest.raises(Refused, match="banned"):
            services.become_contributor(user=make_member(banned_at=timezone.now()), now=timezone.now())

    def test_goes_on_to_nowhere_else(self, client):
        client.force_login(make_member())

        answer = client.post("/accounts/contribute/", {"accept": "on", "next": "https://evil.example/"})

        assert answer.url == "/accounts/profile/"


@pytest.mark.urls("tests.accounts.doors")
class TestDoors:
    @pytest.mark.parametrize("door", DOORS)
    def test_send_visitors_to_sign_in_and_back(self, client, door):
        answer = client.get(f"/door/{door}/?item=rice")

        assert answer.url == f"/accounts/login/?next=/door/{door}/%3Fitem%3Drice"

    def test_send_who_posted_back_to_the_page_with_the_form(self, client):
        answer = client.post("/door/members/", headers={"referer": "http://testserver/items/rice/"})

        assert answer.url == "/accounts/login/?next=http%3A//testserver/items/rice/"

    def test_do_not_send_back_to_strangers(self, client):
        answer = client.post("/door/members/", headers={"referer": "https://evil.example/"})

        assert answer.url == "/accounts/login/?next=/accounts/profile/"

    @pytest.mark.parametrize(
        ("role", "open_to"),
        [
            (Role.USER, ["members"]),
            (Role.CONTRIBUTOR, ["members", "contributors"]),
            (Role.RETAILER, ["members", "contributors"]),
            (Role.ADMIN, DOORS),
        ],
    )
    def test_open_to_roles(self, client, role, open_to):
        client.force_login(make_user(role=role))

        answers = {door: client.get(f"/door/{door}/").status_code for door in DOORS}

        assert answers == {door: 200 if door in open_to else 403 for door in DOORS}

    def test_tell_a_reader_how_to_become_a_contributor(self, client):
        client.force_login(make_user())

        answer = client.get("/door/contributors/?item=rice")

        page = answer.content.decode()
        assert answer.status_code == 403
        assert "This needs a contributor’s account" in page
        assert "Become a contributor" in page
        assert 'href="/accounts/contribute/?next=%2Fdoor%2Fcontributors%2F%3Fitem%3Drice"' in page

    @pytest.mark.parametrize("door", DOORS)
    def test_close_at_once_when_somebody_is_banned(self, client, door):
        user = make_member(role=Role.CONTRIBUTOR)
        sign_in(client, user)
        assert client.get("/door/contributors/").status_code == 200

        services.ban(user=user, now=timezone.now())

        answer = client.get(f"/door/{door}/")
        assert answer.status_code == 403
        assert "This account is banned" in answer.content.decode()
        assert client.get(f"/door/{door}/").status_code in (302, 403), "and stays closed"

    @pytest.mark.parametrize(
        "address",
        [
            "/accounts/profile/",
            "/accounts/contribute/",
            "/accounts/email/",
            "/accounts/password/change/",
            "/admin/",
        ],
    )
    def test_close_every_private_page_to_the_banned(self, client, address):
        user = make_member(role=Role.ADMIN)
        client.force_login(user)
        User.objects.filter(pk=user.pk).update(banned_at=timezone.now())

        assert client.get(address).status_code in (302, 403)

    def test_close_when_the_role_is_taken_away(self, client):
        user = make_user(role=Role.CONTRIBUTOR)
        client.force_login(user)
        assert client.get("/door/contributors/").status_code == 200

        User.objects.filter(pk=user.pk).update(role=Role.USER)

        assert client.get("/door/contributors/").status_code == 403

    def test_close_when_the_password_changes_elsewhere(self, client):
        user = make_user()
        client.force_login(user)

        user.set_password("something else entirely")
        user.save()

        assert client.get("/door/members/").status_code == 302

    @pytest.mark.parametrize("door", DOORS)
    def test_leave_nothing_in_shared_caches(self, client, door):
        client.force_login(make_user())

        for visitor in (client, Client()):
            assert "no-store" in visitor.get(f"/door/{door}/")["Cache-Control"]

    def test_ask_two_things_of_postgresql(self, client, django_assert_num_queries):
        client.force_login(make_user(role=Role.CONTRIBUTOR))
        client.get("/door/contributors/")

        # The session and the person.
        with django_assert_num_queries(2):
            client.get("/door/contributors/")
