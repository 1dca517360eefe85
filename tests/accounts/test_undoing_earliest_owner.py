"""Of several who held an account, the owner of the earliest address takes it back for good."""

import pytest
from django.test import Client

from accounts.models import AddressUndo
from tests.accounts.conftest import give_password, sign_in
from tests.accounts.takeover import (
    OWNED,
    add_confirmed,
    assert_no_longer_good,
    change,
    choose_password,
    state_of,
    take_over,
    undo_links,
)

pytestmark = pytest.mark.django_db


class TestTheEarliestOwnerWins:
    def test_over_a_thief_who_changes_the_address_again(self, client, thief, su, sent_mails):
        owners = undo_links(take_over(thief, su, sent_mails), "su@example.com")
        thiefs = undo_links(take_over(thief, su, sent_mails, to="thief2@example.com"), "thief@example.com")
        assert thiefs, "whoever holds the address cannot be told from an owner yet"

        client.post(owners[0])

        for link in thiefs:
            assert_no_longer_good(Client().post(link))
        assert state_of(su) == OWNED

    def test_also_after_the_thief_has_used_a_link(self, client, thief, su, sent_mails):
        owners = undo_links(take_over(thief, su, sent_mails), "su@example.com")
        thiefs = undo_links(take_over(thief, su, sent_mails, to="thief2@example.com"), "thief@example.com")
        choose_password(Client(), thiefs[0])
        assert state_of(su) == {"thief@example.com": "verified primary"}

        client.post(owners[0])

        assert state_of(su) == OWNED
        for link in thiefs:
            assert_no_longer_good(Client().post(link))

    def test_without_a_link_too_and_leaves_the_thief_none(self, client, thief, su, sent_mails):
        sign_in(thief, su)
        give_password(thief)
        add_confirmed(thief, "thief@example.com", sent_mails)
        change(thief, "primary", "thief@example.com")
        sent_mails()
        sign_in(client, su)
        give_password(client)

        change(client, "primary", "su@example.com")
        change(client, "remove", "thief@example.com")

        mails = sent_mails()
        assert state_of(su) == OWNED
        assert undo_links(mails, "thief@example.com") == []
        assert any("no longer belongs to the account" in mail.body for mail in mails)

    def test_over_links_that_a_thief_has_made_beforehand(self, client, thief, su, sent_mails):
        sign_in(thief, su)
        give_password(thief)
        add_confirmed(thief, "thief@example.com", sent_mails)
        change(thief, "primary", "thief@example.com")
        add_confirmed(thief, "thief2@example.com", sent_mails)
        change(thief, "primary", "thief2@example.com")
        change(thief, "remove", "thief@example.com")
        thiefs = undo_links(sent_mails(), "thief@example.com")
        assert thiefs
        sign_in(client, su)
        give_password(client)
        change(client, "primary", "su@example.com")

        for link in thiefs:
            assert_no_longer_good(Client().post(link))

    def test_when_the_address_was_removed_and_added_again(self, client, thief, su, sent_mails):
        take_over(thief, su, sent_mails)
        change(thief, "add", "su@example.com")
        su.emailaddress_set.filter(email="su@example.com").update(verified=True)
        sent_mails()

        change(thief, "primary", "su@example.com")

        assert undo_links(sent_mails(), "thief@example.com") == []

    def test_among_honest_changes_the_link_of_each_address_works(self, client, su, sent_mails):
        browser = Client()
        first = undo_links(take_over(browser, su, sent_mails, to="new@example.com"), "su@example.com")
        newer = undo_links(take_over(browser, su, sent_mails, to="newest@example.com"), "new@example.com")

        choose_password(client, newer[0])
        assert state_of(su) == {"new@example.com": "verified primary"}
        choose_password(client, first[0])

        assert state_of(su) == OWNED

    def test_an_older_address_that_a_link_removes_gets_one_itself(self, client, thief, su, sent_mails):
        su.emailaddress_set.create(email="second@example.com", verified=True)
        browser = Client()
        sign_in(browser, su)
        give_password(browser)
        change(browser, "primary", "second@example.com")
        sent_mails()
        AddressUndo.objects.all().delete()
        add_confirmed(browser, "thief@example.com", sent_mails)
        change(browser, "primary", "thief@example.com")
        [link] = undo_links(sent_mails(), "second@example.com")

        client.post(link)

        assert state_of(su) == {"second@example.com": "verified primary"}
        assert len(undo_links(sent_mails(), "su@example.com")) == 1
