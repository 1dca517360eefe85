"""Addresses that have been confirmed on an account for 30 days rank the same, whichever came first."""

from datetime import timedelta
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import addresses
from accounts.models import AddressUndo, ConfirmedAddress, User
from tests.accounts.conftest import PASSWORD, give_password, make_member, sign_in
from tests.accounts.takeover import (
    add_confirmed,
    assert_no_longer_good,
    change,
    choose_password,
    establish,
    state_of,
    take_over,
    undo_links,
)
from tests.accounts.test_signing_up import link_in

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def su() -> User:
    """She signed up with one address and uses a newer one; both have been there for long."""
    user = make_member(email="new@example.com", display_name="Ma Su")
    user.emailaddress_set.all().delete()
    user.emailaddress_set.create(email="old@example.com", verified=True)
    user.emailaddress_set.create(email="new@example.com", verified=True, primary=True)
    establish("old@example.com", "new@example.com")
    return user


def enter(client: Client, user: User, password: str = PASSWORD) -> None:
    user.refresh_from_db()
    assert sign_in(client, user, password=password).status_code == 302
    give_password(client, password)


def confirm(mails: list, email: str) -> None:
    """Follow the mail that asks an address to confirm, among those that it gets."""
    [mail] = [mail for mail in mails if mail.to == [email] and "Confirm" in mail.subject]
    Client().post(link_in(mail.body))


def let_days_pass(days: int) -> None:
    """All that is remembered of addresses becomes older."""
    AddressUndo.objects.update(expires_at=F("expires_at") - timedelta(days=days))
    ConfirmedAddress.objects.update(since=F("since") - timedelta(days=days))


def take_over_by_old_address(thief: Client, user: User, sent_mails) -> list:
    """Make the older address primary and remove the one that its owner uses; the mails of that time."""
    enter(thief, user)
    change(thief, "primary", "old@example.com")
    change(thief, "remove", "new@example.com")
    assert state_of(user) == {"old@example.com": "verified primary"}
    return sent_mails()


class TestAnOlderAddressThatAThiefHolds:
    def test_gives_the_newer_one_a_link_with_each_mail(self, thief, su, sent_mails):
        mails = take_over_by_old_address(thief, su, sent_mails)

        assert len(undo_links(mails, "new@example.com")) == 2
        assert undo_links(mails, "old@example.com") == []

    @pytest.mark.parametrize("which", [0, 1])
    def test_leaves_the_owner_a_link_that_works(self, thief, su, sent_mails, which):
        link = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")[which]

        assert Client().get(link).status_code == 200
        answer = choose_password(Client(), link, "a new battery for horses")

        assert answer.url == "/accounts/password/reset/key/done/"
        assert state_of(su) == {"new@example.com": "verified primary"}
        enter(Client(), su, "a new battery for horses")

    def test_uses_both_links_of_the_owner_up_with_one(self, thief, su, sent_mails):
        first, second = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")

        choose_password(Client(), second)

        assert_no_longer_good(Client().post(first))

    def test_may_take_the_account_back_until_an_operator_decides(self, thief, su, sent_mails):
        [_first, owners] = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")
        choose_password(Client(), owners)
        [others] = undo_links(sent_mails(), "old@example.com")
        choose_password(thief, others)
        assert state_of(su) == {"old@example.com": "verified primary"}
        [again] = undo_links(sent_mails(), "new@example.com")
        choose_password(Client(), again)
        assert state_of(su) == {"new@example.com": "verified primary"}
        [last] = undo_links(sent_mails(), "old@example.com")

        addresses.give_back(user=User.objects.get(pk=su.pk), email="new@example.com")

        assert not AddressUndo.objects.exists()
        assert_no_longer_good(Client().post(last))
        assert state_of(su) == {"new@example.com": "verified primary"}

    @pytest.mark.parametrize("days", [1, 2, 6])
    def test_does_not_shut_the_owner_out_by_waiting_until_the_used_link_is_gone(
        self, thief, su, sent_mails, days
    ):
        [_first, owners] = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")
        let_days_pass(6)
        choose_password(Client(), owners)
        [others] = undo_links(sent_mails(), "old@example.com")
        let_days_pass(days)
        addresses.forget_expired(now=timezone.now())

        choose_password(thief, others)

        assert state_of(su) == {"old@example.com": "verified primary"}
        assert len(undo_links(sent_mails(), "new@example.com")) == 1

    def test_gets_no_link_of_its_own_used_up_by_the_owner(self, thief, su, sent_mails):
        enter(thief, su)
        change(thief, "primary", "old@example.com")
        [owners] = undo_links(sent_mails(), "new@example.com")
        change(thief, "primary", "new@example.com")
        [others] = undo_links(sent_mails(), "old@example.com")

        choose_password(Client(), owners)

        assert Client().get(others).status_code == 200

    def test_gives_no_link_to_an_address_confirmed_for_less_time(self, thief, su, sent_mails):
        establish("new@example.com", less=MINUTE)

        mails = take_over_by_old_address(thief, su, sent_mails)

        assert undo_links(mails, "new@example.com") == []

    def test_gives_no_link_to_an_address_without_a_record(self, thief, su, sent_mails):
        ConfirmedAddress.objects.filter(address__email="new@example.com").delete()

        mails = take_over_by_old_address(thief, su, sent_mails)

        assert undo_links(mails, "new@example.com") == []

    def test_that_was_never_established_leaves_the_newer_one_the_earlier_of_the_two(
        self, thief, su, sent_mails
    ):
        establish("old@example.com", less=MINUTE)

        [link, _second] = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")
        choose_password(Client(), link)

        assert state_of(su) == {"new@example.com": "verified primary"}
        assert undo_links(sent_mails(), "old@example.com") == []

    def test_is_still_earlier_than_all_others_once_it_is_lost_and_comes_back(self, thief, su, sent_mails):
        enter(thief, su)
        change(thief, "remove", "old@example.com")
        sent_mails()
        change(thief, "add", "old@example.com")
        confirm(sent_mails(), "old@example.com")
        change(thief, "primary", "old@example.com")

        [link] = undo_links(sent_mails(), "new@example.com")
        choose_password(Client(), link)

        assert len(undo_links(sent_mails(), "old@example.com")) == 1


class TestAThiefsAddress:
    def test_gets_no_link_before_it_is_established(self, client, thief, su, sent_mails):
        enter(thief, su)
        add_confirmed(thief, "thief@example.com", sent_mails)
        establish("thief@example.com", less=MINUTE)
        change(thief, "primary", "thief@example.com")
        [link] = undo_links(sent_mails(), "new@example.com")

        choose_password(client, link)

        assert state_of(su) == {"new@example.com": "verified primary"}
        assert undo_links(sent_mails(), "thief@example.com") == []

    def test_gets_no_link_when_the_owner_recovers_without_one(self, client, thief, su, sent_mails):
        enter(thief, su)
        add_confirmed(thief, "thief@example.com", sent_mails)
        change(thief, "primary", "thief@example.com")
        sent_mails()
        enter(client, su)

        change(client, "primary", "new@example.com")
        change(client, "remove", "thief@example.com")

        assert undo_links(sent_mails(), "thief@example.com") == []

    def test_has_its_links_ended_by_that_of_each_established_one(self, client, thief, su, sent_mails):
        change_to_thief = take_over_by_thief(thief, su, sent_mails)
        change(thief, "remove", "old@example.com")
        others = undo_links(sent_mails(), "old@example.com")
        mails = take_over(thief, su, sent_mails, to="thief2@example.com")
        thiefs = undo_links(mails, "thief@example.com")
        assert len(thiefs) == 2
        assert len(others) == 1

        choose_password(client, undo_links(change_to_thief, "new@example.com")[0])

        for link in thiefs:
            assert_no_longer_good(Client().post(link))
        assert Client().get(others[0]).status_code == 200, "an established address is as early"

    def test_does_not_grow_established_while_the_owners_link_is_good(self, client, thief, sent_mails):
        """An account of three weeks: the owner's address goes before it is established, the thief's stays and ages."""
        owner = make_member(email="su@example.com")
        enter(thief, owner)
        add_confirmed(thief, "thief@example.com", sent_mails)
        establish("su@example.com", "thief@example.com", less=timedelta(days=3))
        [first, _second] = undo_links(put_in_place_of(thief, owner, sent_mails), "su@example.com")
        pass_by(timedelta(days=4))
        assert Client().get(first).status_code == 200

        add_confirmed(thief, "thief2@example.com", sent_mails)
        change(thief, "primary", "thief2@example.com")
        thiefs = undo_links(sent_mails(), "thief@example.com")
        choose_password(thief, thiefs[0])
        choose_password(client, first)

        assert state_of(owner) == {"su@example.com": "verified primary"}
        assert undo_links(sent_mails(), "thief@example.com") == []


def take_over_by_thief(thief: Client, user: User, sent_mails) -> list:
    enter(thief, user)
    add_confirmed(thief, "thief@example.com", sent_mails)
    change(thief, "primary", "thief@example.com")
    change(thief, "remove", "new@example.com")
    return sent_mails()


def put_in_place_of(thief: Client, user: User, sent_mails) -> list:
    change(thief, "primary", "thief@example.com")
    change(thief, "remove", "su@example.com")
    assert state_of(user) == {"thief@example.com": "verified primary"}
    return sent_mails()


def pass_by(time: timedelta) -> None:
    """Let time go by for the addresses and links that there are."""
    for confirmed in ConfirmedAddress.objects.all():
        ConfirmedAddress.objects.filter(pk=confirmed.pk).update(since=confirmed.since - time)
    for undo in AddressUndo.objects.all():
        AddressUndo.objects.filter(pk=undo.pk).update(expires_at=undo.expires_at - time)


class TestGiveBack:
    def test_ends_the_links_of_established_addresses_too(self, thief, su, sent_mails):
        links = undo_links(take_over_by_old_address(thief, su, sent_mails), "new@example.com")
        assert len(links) == 2

        addresses.give_back(user=User.objects.get(pk=su.pk), email="older@example.com")

        assert not AddressUndo.objects.exists()
        for link in links:
            assert_no_longer_good(Client().post(link))
        assert state_of(su) == {"older@example.com": "verified primary"}


class TestSinceWhenAnAddressIsConfirmed:
    def test_is_the_day_of_the_mail_that_confirmed_it(self, client, sent_mails):
        before = timezone.now()
        client.post(
            "/accounts/signup/", {"email": "mg@example.com", "password1": PASSWORD, "password2": PASSWORD}
        )
        assert not ConfirmedAddress.objects.exists()

        client.post(link_in(sent_mails()[0].body))

        assert before <= ConfirmedAddress.objects.get().since <= timezone.now()

    def test_is_the_day_on_which_a_command_made_the_account(self):
        User.objects.create_superuser("admin@example.com", PASSWORD)

        assert ConfirmedAddress.objects.get().address.email == "admin@example.com"

    def test_stays_when_the_address_is_saved_again(self, client, su):
        known = {each.pk: each.since for each in ConfirmedAddress.objects.all()}
        enter(client, su)

        change(client, "primary", "old@example.com")

        assert state_of(su) == {"old@example.com": "verified primary", "new@example.com": "verified"}
        assert {each.pk: each.since for each in ConfirmedAddress.objects.all()} == known

    def test_begins_anew_when_the_address_leaves_the_account_and_returns(self, client, su, sent_mails):
        enter(client, su)
        before = timezone.now()

        change(client, "remove", "old@example.com")
        assert [each.address.email for each in ConfirmedAddress.objects.all()] == ["new@example.com"]
        sent_mails()
        change(client, "add", "old@example.com")
        confirm(sent_mails(), "old@example.com")

        assert ConfirmedAddress.objects.get(address__email="old@example.com").since >= before

    def test_begins_anew_when_the_address_was_not_confirmed_meanwhile(self, su):
        before = timezone.now()
        address = EmailAddress.objects.get(email="old@example.com")

        for verified in (False, True):
            address.verified = verified
            address.save()

        assert ConfirmedAddress.objects.get(address=address).since >= before

    def test_comes_along_with_the_address_in_a_file_of_loaddata(self, su, tmp_path):
        file = tmp_path / "addresses.json"
        rows = [*EmailAddress.objects.all(), *ConfirmedAddress.objects.all()]
        file.write_text(serializers.serialize("json", rows))
        known = set(ConfirmedAddress.objects.values_list("pk", "since"))
        EmailAddress.objects.all().delete()

        call_command("loaddata", file, verbosity=0)

        assert {(pk, since) for pk, since in ConfirmedAddress.objects.values_list("pk", "since")} == {
            (pk, since.replace(microsecond=since.microsecond // 1000 * 1000)) for pk, since in known
        }

    def test_is_the_upgrade_for_addresses_confirmed_before_it(self, su):
        su.emailaddress_set.create(email="typo@example.com")
        ConfirmedAddress.objects.all().delete()
        before = timezone.now()

        migration = import_module("accounts.migrations.0006_confirmed_address")
        with connection.schema_editor(atomic=False) as editor:
            migration.begin_now(apps, editor)

        assert {each.address.email for each in ConfirmedAddress.objects.all()} == {
            "old@example.com",
            "new@example.com",
        }
        assert all(each.since >= before for each in ConfirmedAddress.objects.all())
