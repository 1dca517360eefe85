"""Whoever has or had an address of an account is told of what changes in it."""

import pytest
from django.test import Client
from mailer.models import MessageLog

from accounts import addresses
from accounts.models import AddressUndo, User
from tests.accounts.conftest import PASSWORD, give_password, sign_in
from tests.accounts.takeover import NEW, add_confirmed, change, take_over, undo_links
from tests.accounts.test_signing_up import link_in

pytestmark = pytest.mark.django_db


class TestMailsOfChanges:
    def test_tell_the_address_that_there_is_of_one_that_is_added(self, client, su, sent_mails):
        sign_in(client, su)
        give_password(client)

        change(client, "add", "new@example.com")

        told, confirmation = sorted(sent_mails(), key=lambda mail: mail.to, reverse=True)
        assert (told.to, confirmation.to) == (["su@example.com"], ["new@example.com"])
        assert told.subject == "Potato: The e-mail addresses of your account have changed"
        assert "Address added: new@example.com" in told.body
        assert "choose a new password at once" in told.body
        assert "su@example.com" not in confirmation.body, "it may have been typed wrongly"

    def test_tell_both_addresses_of_another_primary_one(self, client, su, sent_mails):
        sign_in(client, su)
        give_password(client)
        add_confirmed(client, "new@example.com", sent_mails)

        change(client, "primary", "new@example.com")

        mails = sent_mails()
        assert sorted(mail.to for mail in mails) == [["new@example.com"], ["su@example.com"]]
        assert all("Mail now goes to: new@example.com" in mail.body for mail in mails)
        assert len(undo_links(mails, "su@example.com")) == 1
        assert undo_links(mails, "new@example.com") == []

    def test_tell_both_addresses_that_the_old_one_is_removed(self, client, su, sent_mails):
        sign_in(client, su)
        give_password(client)
        add_confirmed(client, "new@example.com", sent_mails)
        change(client, "primary", "new@example.com")
        sent_mails()

        change(client, "remove", "su@example.com")

        mails = sent_mails()
        assert sorted(mail.to for mail in mails) == [["new@example.com"], ["su@example.com"]]
        assert all("Address removed: su@example.com" in mail.body for mail in mails)
        assert len(undo_links(mails, "su@example.com")) == 1
        assert undo_links(mails, "new@example.com") == []

    def test_tell_nobody_at_an_address_that_was_never_confirmed(self, client, su, sent_mails):
        su.emailaddress_set.create(email="typo@example.com")
        sign_in(client, su)
        give_password(client)

        change(client, "remove", "typo@example.com")

        assert [mail.to for mail in sent_mails()] == [["su@example.com"]]

    def test_tell_every_address_that_the_password_was_changed(self, client, su, sent_mails):
        su.emailaddress_set.create(email="second@example.com", verified=True)
        su.emailaddress_set.create(email="typo@example.com")
        sign_in(client, su)

        client.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )

        assert sorted(mail.to for mail in sent_mails()) == [["second@example.com"], ["su@example.com"]]

    def test_tell_the_lost_address_that_the_password_was_changed_and_of_its_link(self, thief, su, sent_mails):
        take_over(thief, su, sent_mails)

        thief.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        )

        bodies = {mail.to[0]: mail.body for mail in sent_mails()}
        assert set(bodies) == {"thief@example.com", "su@example.com"}
        assert "the link in our earlier mail" in bodies["su@example.com"]
        assert "choose a new password at once" in bodies["thief@example.com"]

    def test_tell_every_address_that_the_password_was_reset(self, client, su, sent_mails):
        su.emailaddress_set.create(email="second@example.com", verified=True)
        client.post("/accounts/password/reset/", {"email": "second@example.com"})
        form = client.get(link_in(sent_mails()[0].body), follow=True)

        client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

        assert sorted(mail.to for mail in sent_mails()) == [["second@example.com"], ["su@example.com"]]

    def test_are_in_the_language_of_the_account_whatever_page_the_thief_is_on(self, su, sent_mails, thief):
        User.objects.update(language="my")

        mails = take_over(thief, su, sent_mails)

        [first, second] = undo_links(mails, "su@example.com")
        assert first.startswith("/my/accounts/email/undo/")
        assert second.startswith("/my/accounts/email/undo/")
        assert "အကောင့်" in next(mail.body for mail in mails if mail.to == ["su@example.com"])

    def test_say_nothing_where_nothing_changed(self, client, su, sent_mails):
        sign_in(client, su)
        give_password(client)

        change(client, "primary", "su@example.com")
        change(client, "remove", "nobody@example.com")

        assert sent_mails() == []

    def test_leave_no_link_in_the_record_of_what_was_sent(self, thief, su, sent_mails):
        take_over(thief, su, sent_mails)

        assert MessageLog.objects.count() > 3
        assert not MessageLog.objects.exclude(message_data=None).exists()

    def test_hold_a_token_that_postgresql_does_not_know(self, thief, su, sent_mails):
        [link, _second] = undo_links(take_over(thief, su, sent_mails), "su@example.com")

        token = link.rstrip("/").rsplit("/", 1)[1]

        assert len(token) >= 43
        assert not AddressUndo.objects.filter(token_hash=token).exists()
        assert AddressUndo.objects.filter(token_hash=addresses._hash(token)).exists()


class TestLinksInMails:
    @pytest.mark.parametrize("host", ["testserver:6666", "localhost"])
    def test_lead_to_the_site_whatever_host_the_thief_has_named(self, su, sent_mails, settings, host):
        settings.ALLOWED_HOSTS = ["testserver", "localhost"]
        settings.CSRF_TRUSTED_ORIGINS = ["https://*.example", "http://testserver"]
        thief = Client(headers={"host": host})
        sign_in(thief, su)
        give_password(thief)
        change(thief, "add", "thief@example.com")
        su.emailaddress_set.update(verified=True)

        change(thief, "primary", "thief@example.com")
        Client(headers={"host": host}).post("/accounts/password/reset/", {"email": "su@example.com"})

        mails = sent_mails()
        assert undo_links(mails, "su@example.com")
        assert [mail.subject for mail in mails if host in mail.body] == []
