"""Somebody who knows the password takes an account over, and the links by which its owner takes it back."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.addresses import ESTABLISHED_TIME
from accounts.models import ConfirmedAddress, User
from tests.accounts.conftest import give_password, sign_in
from tests.accounts.test_signing_up import link_in

NEW = "a new battery for horses"
OWNED = {"su@example.com": "verified primary"}
UNDO = re.compile(r"http://testserver((?:/my)?/accounts/email/undo/\S+)")


def change(client: Client, action: str, email: str, prefix: str = ""):
    """Press a button of the page of addresses: add, remove, primary or send."""
    return client.post(f"{prefix}/accounts/email/", {"email": email, f"action_{action}": ""})


def state_of(user: User) -> dict[str, str]:
    """What stands behind each address of the account."""
    return {
        address.email: " ".join(name for name in ("verified", "primary") if getattr(address, name))
        for address in user.emailaddress_set.order_by("pk")
    }


def add_confirmed(client: Client, email: str, sent_mails) -> list:
    """Add an address and follow its mail; the mails of this time."""
    change(client, "add", email)
    mails = sent_mails()
    [confirmation] = [mail for mail in mails if mail.to == [email]]
    client.post(link_in(confirmation.body))
    return mails


def take_over(thief: Client, user: User, sent_mails, *, to: str = "thief@example.com") -> list:
    """Put another address in the place of the account's only one; all mails of that time."""
    old = User.objects.get(pk=user.pk).email
    if not thief.session.get("_auth_user_id"):
        sign_in(thief, user)
        give_password(thief)
    mails = add_confirmed(thief, to, sent_mails)
    change(thief, "primary", to)
    change(thief, "remove", old)
    mails += sent_mails()
    assert state_of(user) == {to: "verified primary"}
    return mails


def undo_links(mails: list, to: str) -> list[str]:
    """The links with which an address takes the account back, oldest first."""
    return [match[1] for mail in mails if mail.to == [to] and (match := UNDO.search(mail.body))]


def establish(*emails: str, less: timedelta = timedelta()) -> None:
    """Let addresses have been confirmed for long enough to be established, or a little less."""
    since = timezone.now() - ESTABLISHED_TIME + less
    assert ConfirmedAddress.objects.filter(address__email__in=emails).update(since=since) == len(emails)


def choose_password(client: Client, link: str, password: str = NEW):
    """Press the button of a link, and fill in the form to which it leads."""
    form = client.post(link, follow=True)
    return client.post(form.redirect_chain[-1][0], {"password1": password, "password2": password})


def assert_no_longer_good(answer) -> None:
    assert answer.status_code == 410
    assert "no longer good" in answer.content.decode()
