"""Demo accounts."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from tests.accounts.conftest import sign_in

pytestmark = pytest.mark.django_db


def create_demo_users() -> str:
    out = StringIO()
    call_command("create_demo_users", stdout=out)
    return out.getvalue()


class TestCreateDemoUsers:
    def test_is_refused_when_debug_is_off(self, settings):
        settings.DEBUG = False

        with pytest.raises(CommandError, match="DEBUG is off"):
            create_demo_users()

        assert not User.objects.exists()

    def test_asks_at_a_terminal_and_takes_only_yes_for_it(self, settings, terminal):
        settings.DEBUG = True

        terminal.answer("")
        with pytest.raises(CommandError, match="Nothing was done"):
            create_demo_users()
        assert not User.objects.exists()

        terminal.answer("y")
        assert len(create_demo_users().splitlines()) == 4
        assert len(terminal.asked) == 2

    def test_prints_accounts_that_can_sign_in(self, client, settings):
        settings.DEBUG = True

        lines = [line.split() for line in create_demo_users().splitlines()]

        assert [role for _, _, role in lines] == ["USER", "CONTRIBUTOR", "RETAILER", "ADMIN"]
        for email, password, role in lines:
            user = User.objects.get(email=email)
            assert user.role == role
            assert sign_in(client, user, password=password).url == "/accounts/profile/"
            client.post("/accounts/logout/")
        assert User.objects.get(is_superuser=True).role == Role.ADMIN

    def test_again_changes_nothing_and_ends_no_session(self, client, settings):
        settings.DEBUG = True
        first = create_demo_users()
        user = User.objects.get(email="contributor@potato.test")
        sign_in(client, user, password="mangosteen-contributor")

        assert create_demo_users() == first

        assert client.get("/accounts/profile/").status_code == 200
        assert User.objects.count() == 4
