"""What a thief had begun when the owner took the account back comes too late."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailConfirmationHMAC
from django.test import Client

from accounts import addresses
from accounts.adapter import AccountAdapter
from accounts.models import User
from tests.accounts.conftest import PASSWORD
from tests.accounts.takeover import NEW, OWNED, change, state_of, take_over, undo_links
from tests.accounts.test_signing_up import link_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(thief, su, sent_mails) -> str:
    return undo_links(take_over(thief, su, sent_mails), "su@example.com")[-1]


@pytest.fixture
def taken_back_before(monkeypatch, link) -> Callable[[Any, str], None]:
    """Have the owner follow the link at the moment at which a request comes to a function, once."""

    def arrange(where: Any, name: str) -> None:
        function = getattr(where, name)

        def late(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(where, name, function)
            assert Client().post(link).status_code == 302
            return function(*args, **kwargs)

        monkeypatch.setattr(where, name, late)

    return arrange


class TestWhatTheThiefHadBegun:
    @pytest.mark.parametrize("action", ["add", "primary", "remove", "send"])
    def test_on_the_page_of_addresses_changes_nothing(self, thief, su, sent_mails, taken_back_before, action):
        email = "thief2@example.com" if action == "add" else "thief@example.com"
        sent_mails()
        taken_back_before(addresses, "lock")

        answer = change(thief, action, email)

        assert state_of(su) == OWNED
        assert answer.url.startswith("/accounts/login/")
        assert not [mail for mail in sent_mails() if mail.to == [email] and "confirm" in mail.body]

    def test_a_confirmation_puts_no_address_back(self, thief, su, sent_mails, taken_back_before):
        change(thief, "add", "thief2@example.com")
        [mail] = [mail for mail in sent_mails() if mail.to == ["thief2@example.com"]]
        taken_back_before(EmailConfirmationHMAC, "confirm")

        answer = Client().post(link_in(mail.body))

        assert state_of(su) == OWNED
        assert answer.status_code == 404

    def test_a_new_password_is_not_taken(self, thief, su, taken_back_before):
        taken_back_before(AccountAdapter, "set_password")

        answer = thief.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )

        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/login/")
        assert not User.objects.get(pk=su.pk).has_usable_password()
        assert thief.get("/accounts/profile/").status_code == 302

    def test_a_new_password_by_mail_is_not_taken(self, su, sent_mails, taken_back_before):
        Client().post("/accounts/password/reset/", {"email": "thief@example.com"})
        [reset] = [link_in(mail.body) for mail in sent_mails() if mail.subject == "Potato: A new password"]
        browser = Client()
        form = browser.get(reset, follow=True)
        taken_back_before(AccountAdapter, "set_password")

        browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

        assert not User.objects.get(pk=su.pk).has_usable_password()
