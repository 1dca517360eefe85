"""A person's e-mail addresses: changing them takes the password, and whoever had the account before hears of it."""

import time

import pytest
from allauth.account import app_settings
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from tests.accounts.conftest import PASSWORD, give_password, make_member, sign_in
from tests.accounts.takeover import change, state_of
from tests.accounts.test_signing_up import link_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NEW = "a new battery for horses"
REAUTHENTICATE = "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"


@pytest.fixture
def su() -> User:
    """Somebody with two confirmed addresses."""
    user = make_member(email="su@example.com")
    user.emailaddress_set.create(email="second@example.com", verified=True)
    return user


BOTH = {"su@example.com": "verified primary", "second@example.com": "verified"}
ACTIONS = [("add", "third@example.com"), ("remove", "second@example.com"), ("primary", "second@example.com")]


class TestASessionAlone:
    @pytest.mark.parametrize(("action", "email"), ACTIONS)
    def test_changes_no_address_and_is_asked_for_the_password(self, client, su, sent_mails, action, email):
        sign_in(client, su)

        answer = change(client, action, email)

        assert answer.status_code == 302
        assert answer.url == REAUTHENTICATE
        assert state_of(su) == BOTH
        su.refresh_from_db()
        assert su.email == "su@example.com"
        assert sent_mails() == []

    @pytest.mark.parametrize(("action", "email"), ACTIONS)
    def test_stays_shut_out_after_a_wrong_password(self, client, su, action, email):
        sign_in(client, su)

        answer = client.post(change(client, action, email).url, {"password": "wrong"})

        assert answer.status_code == 422
        assert state_of(su) == BOTH
        assert change(client, action, email).url == REAUTHENTICATE

    def test_does_not_guess_the_password_for_long(self, client, su):
        sign_in(client, su)
        asked = change(client, "add", "third@example.com").url
        for _ in range(5):
            assert "Too many" not in client.post(asked, {"password": "wrong"}).content.decode()

        answer = client.post(asked, {"password": PASSWORD})

        assert answer.status_code == 422
        assert "Too many failed login attempts" in answer.content.decode()
        assert state_of(su) == BOTH

    def test_is_asked_again_when_the_password_was_given_more_than_five_minutes_ago(self, client, su):
        sign_in(client, su)
        give_password(client)
        assert change(client, "add", "third@example.com").url == "/accounts/email/"
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {**record, "at": time.time() - 301} for record in session[AUTHENTICATION_METHODS_SESSION_KEY]
        ]
        session.save()

        assert change(client, "remove", "second@example.com").url == REAUTHENTICATE
        assert app_settings.REAUTHENTICATION_TIMEOUT == 300

    def test_does_not_pass_by_the_password_of_another_account(self, client, su):
        other = make_member()
        sign_in(client, other)
        give_password(client)
        client.post("/accounts/logout/")
        sign_in(client, su)

        assert change(client, "remove", "second@example.com").url == REAUTHENTICATE

    def test_cannot_change_the_password(self, client, su):
        sign_in(client, su)

        answer = client.post(
            "/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
        )

        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["oldpassword"]
        assert sign_in(Client(), su).status_code == 302

    def test_of_an_account_without_a_password_has_to_show_that_the_mail_arrives(self, client, su):
        su.set_unusable_password()
        su.save()
        client.force_login(su)

        for path, form in [
            ("/accounts/password/set/", {"password1": NEW, "password2": NEW}),
            ("/accounts/email/", {"email": "third@example.com", "action_add": ""}),
            ("/accounts/email/", {"email": "second@example.com", "action_remove": ""}),
        ]:
            assert client.post(path, form).url == "/accounts/password/reset/"

        su.refresh_from_db()
        assert not su.has_usable_password()
        assert state_of(su) == BOTH

    def test_cannot_move_the_address_from_the_profile(self, client, su):
        sign_in(client, su)

        client.post("/accounts/profile/", {"email": "third@example.com", "language": "en"})

        su.refresh_from_db()
        assert su.email == "su@example.com"
        assert state_of(su) == BOTH


class TestAfterThePassword:
    @pytest.mark.parametrize("prefix", ["", "/my"])
    def test_an_address_is_added_as_it_was_typed(self, client, su, sent_mails, prefix):
        sign_in(client, su)
        asked = change(client, "add", "third@example.com", prefix)
        assert f'name="next" value="{prefix}/accounts/email/"' in client.get(asked.url).content.decode()

        answer = client.post(asked.url, {"password": PASSWORD, "next": f"{prefix}/accounts/email/"})

        assert answer.url == f"{prefix}/accounts/email/" or answer.url == "/accounts/email/"
        assert state_of(su) == {**BOTH, "third@example.com": ""}
        assert "third@example.com" in client.get(answer.url).content.decode()
        assert ["third@example.com"] in [mail.to for mail in sent_mails()]

    def test_an_address_is_removed(self, client, su):
        sign_in(client, su)

        answer = client.post(change(client, "remove", "second@example.com").url, {"password": PASSWORD})

        assert answer.url == "/accounts/email/"
        assert state_of(su) == {"su@example.com": "verified primary"}

    def test_another_address_is_made_primary(self, client, su):
        sign_in(client, su)

        answer = client.post(change(client, "primary", "second@example.com").url, {"password": PASSWORD})

        assert answer.url == "/accounts/email/"
        assert state_of(su) == {"su@example.com": "verified", "second@example.com": "verified primary"}
        su.refresh_from_db()
        assert su.email == "second@example.com"

    @pytest.mark.parametrize(("page", "form"), [("", "/my"), ("/my", "")])
    def test_an_address_is_added_when_the_language_was_changed_in_between(self, client, su, page, form):
        sign_in(client, su)
        asked = change(client, "add", "third@example.com", prefix=page).url

        answer = client.post(
            asked.replace(f"{page}/accounts/", f"{form}/accounts/", 1),
            {"password": PASSWORD, "next": f"{page}/accounts/email/"},
        )

        assert answer.url == f"{page}/accounts/email/"
        assert state_of(su) == {**BOTH, "third@example.com": ""}

    def test_the_second_try_gets_through_when_the_first_password_was_wrong(self, client, su):
        sign_in(client, su)
        asked = change(client, "add", "third@example.com").url
        client.post(asked, {"password": "wrong"})

        client.post(asked, {"password": PASSWORD})

        assert "third@example.com" in state_of(su)

    def test_an_address_that_is_none_is_refused_before_it(self, client, su):
        sign_in(client, su)

        answer = change(client, "add", "not an address")

        assert answer.status_code == 422
        assert 'value="not an address"' in answer.content.decode()

    def test_nothing_is_asked_twice_within_five_minutes(self, client, su):
        sign_in(client, su)
        give_password(client)

        for action, email in ACTIONS:
            assert change(client, action, email).url == "/accounts/email/"

    def test_the_page_says_that_the_change_is_made_then(self, client, su):
        sign_in(client, su)

        page = client.get(change(client, "add", "third@example.com").url).content.decode()

        assert "five minutes" in page


class TestPasswordReset:
    def ask(self, email: str) -> None:
        Client().post("/accounts/password/reset/", {"email": email})

    def test_goes_to_no_address_that_was_never_confirmed(self, su, sent_mails):
        su.emailaddress_set.create(email="typo@example.com")

        self.ask("typo@example.com")

        [mail] = sent_mails()
        assert mail.subject == "Potato: No account with this address"

    @pytest.mark.parametrize("email", ["su@example.com", "second@example.com"])
    def test_goes_to_every_confirmed_address(self, su, sent_mails, email):
        self.ask(email)

        [mail] = sent_mails()
        assert (mail.to, mail.subject) == ([email], "Potato: A new password")

    def test_goes_to_who_has_just_signed_up_and_not_confirmed_yet(self, sent_mails):
        make_user(email="new@example.com").emailaddress_set.create(email="new@example.com", primary=True)

        self.ask("new@example.com")

        assert "/accounts/password/reset/key/" in sent_mails()[0].body

    def test_link_dies_when_an_address_of_the_account_changes(self, client, su, sent_mails):
        self.ask("second@example.com")
        link = link_in(sent_mails()[0].body)
        sign_in(client, su)
        give_password(client)

        change(client, "remove", "second@example.com")

        assert "no longer good" in Client().get(link).content.decode()


class TestConfirmationLink:
    def test_opened_by_another_account_gives_that_account_nothing(self, client, su, sent_mails):
        other = make_member()
        sign_in(Client(), su)
        owner = Client()
        sign_in(owner, su)
        give_password(owner)
        change(owner, "add", "third@example.com")
        [link] = [link_in(mail.body) for mail in sent_mails() if mail.to == ["third@example.com"]]
        sign_in(client, other)

        client.post(link)

        assert state_of(su)["third@example.com"] == "verified"
        assert list(state_of(other)) == [other.email]
        assert client.get("/accounts/profile/").status_code == 302, "signed out, not into the other account"

    def test_makes_no_address_primary_and_removes_none(self, client, su, sent_mails):
        sign_in(client, su)
        give_password(client)
        change(client, "add", "third@example.com")
        [link] = [link_in(mail.body) for mail in sent_mails() if mail.to == ["third@example.com"]]

        client.post(link)

        assert state_of(su) == {**BOTH, "third@example.com": "verified"}


class TestTheAdmin:
    @pytest.fixture
    def clerk(self, client) -> Client:
        """Staff with every right that a superuser can give."""
        from django.contrib.auth.models import Permission

        user = make_member(role=Role.ADMIN)
        user.user_permissions.set(Permission.objects.all())
        client.force_login(user)
        return client

    def test_lets_staff_see_addresses_and_change_none(self, clerk, su):
        address = su.emailaddress_set.get(email="second@example.com")
        edit = reverse("admin:account_emailaddress_change", args=[address.pk])

        assert clerk.get(edit).status_code == 200
        for path in (edit, reverse("admin:account_emailaddress_add")):
            answer = clerk.post(
                path, {"user": su.pk, "email": "x@example.com", "verified": "on", "primary": "on"}
            )
            assert answer.status_code == 403
        assert state_of(su) == BOTH

    def test_lets_staff_confirm_no_address(self, clerk, su):
        stray = su.emailaddress_set.create(email="stray@example.com")

        clerk.post(
            reverse("admin:account_emailaddress_changelist"),
            {"action": "make_verified", "_selected_action": [stray.pk]},
        )

        assert not EmailAddress.objects.get(pk=stray.pk).verified

    def test_lets_staff_change_neither_address_nor_password_of_a_person(self, clerk, su):
        edit = reverse("admin:accounts_user_change", args=[su.pk])

        clerk.post(edit, {"email": "x@example.com", "language": "en", "role": "USER", "is_active": "on"})
        answer = clerk.post(
            reverse("admin:auth_user_password_change", args=[su.pk]), {"password1": NEW, "password2": NEW}
        )

        assert answer.status_code == 403
        su.refresh_from_db()
        assert su.email == "su@example.com"
        assert su.check_password(PASSWORD)

    @pytest.mark.parametrize("whose", ["own", "another's"])
    def test_asks_a_superuser_for_the_password_before_setting_one(self, staff, client, su, sent_mails, whose):
        user = staff if whose == "own" else su
        path = reverse("admin:auth_user_password_change", args=[user.pk])
        form = {"usable_password": "true", "password1": NEW, "password2": NEW}

        answer = client.post(path, form)

        assert answer.url == path, "the form is asked for anew: what waits for the password holds none itself"
        asked = client.get(path).url
        assert asked.startswith("/accounts/reauthenticate/?next=")
        user.refresh_from_db()
        assert user.check_password(PASSWORD)

        assert client.post(asked, {"password": PASSWORD}).url == path
        assert client.post(path, form).status_code == 302
        user.refresh_from_db()
        assert user.check_password(NEW)
        told = [mail.to for mail in sent_mails()]
        assert told == ([["su@example.com"], ["second@example.com"]] if whose == "another's" else [])

    def test_changes_no_password_by_a_way_of_its_own(self, staff, client):
        answer = client.post(
            "/admin/password_change/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        )

        assert answer.url == "/accounts/password/change/"
        staff.refresh_from_db()
        assert staff.check_password(PASSWORD)

    def test_still_deletes_a_person_with_their_addresses(self, staff, client, su):
        client.post(reverse("admin:accounts_user_delete", args=[su.pk]), {"post": "yes"})

        assert not User.objects.filter(pk=su.pk).exists()

    def test_shows_nobody_the_links_of_mails_that_wait(self, staff, client):
        for model in ("message", "messagelog"):
            assert client.get(f"/admin/mailer/{model}/").status_code == 404
