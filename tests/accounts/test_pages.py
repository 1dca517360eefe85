"""Every page of accounts looks like Potato, in both languages."""

import pytest
from django.test import Client

from tests.accounts.conftest import make_member

pytestmark = pytest.mark.django_db

FOR_EVERYBODY = [
    "login/",
    "signup/",
    "inactive/",
    "confirm-email/",
    "confirm-email/nonsense/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "password/reset/key/1-nonsense/",
]
FOR_MEMBERS = ["profile/", "contribute/", "logout/", "email/", "password/change/", "reauthenticate/"]


@pytest.fixture
def member(client) -> Client:
    client.force_login(make_member(language="my"))
    return client


def assert_looks_like_potato(page: str, *, language: str) -> None:
    assert f'<html lang="{language}">' in page
    assert 'class="mast"' in page
    assert page.count("<h1") == 1
    assert "style=" not in page
    assert "placeholder=" not in page.split("</header>")[1], "labels instead of placeholders"


@pytest.mark.parametrize(("prefix", "language"), [("/", "en"), ("/my/", "my")])
class TestPages:
    @pytest.mark.parametrize("address", FOR_EVERYBODY)
    def test_for_everybody_look_like_potato(self, client, address, prefix, language):
        answer = client.get(f"{prefix}accounts/{address}")

        assert answer.status_code == 200
        assert_looks_like_potato(answer.content.decode(), language=language)

    @pytest.mark.parametrize("address", FOR_MEMBERS)
    def test_for_members_look_like_potato(self, member, address, prefix, language):
        answer = member.get(f"{prefix}accounts/{address}")

        assert answer.status_code == 200
        assert_looks_like_potato(answer.content.decode(), language=language)

    @pytest.mark.parametrize(
        "address", ["profile/", "contribute/", "email/", "password/change/", "password/set/"]
    )
    def test_for_members_send_visitors_to_sign_in_in_their_language(self, client, address, prefix, language):
        answer = client.get(f"{prefix}accounts/{address}")

        assert answer.url == f"{prefix}accounts/login/?next={prefix}accounts/{address}"

    def test_without_a_form_of_that_kind_are_not_there_or_lead_to_sign_in(self, client, prefix, language):
        answer = client.get(f"{prefix}accounts/login/code/confirm/")

        assert answer.status_code in (302, 404)
