"""People who can sign in, and the mail queue."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts import tasks
from accounts.models import User
from tests.factories import make_user

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def mail_queue(settings: Any) -> None:
    """Mail goes the real way, through django-mailer's table; only the last step is Django's outbox."""
    settings.EMAIL_BACKEND = "mailer.backend.DbBackend"
    settings.MAILER_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def quick_hashes(settings: Any) -> None:
    """Hashing passwords is slow on purpose, and most of these tests hash some."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def sent_mails() -> Callable[[], list[EmailMessage]]:
    """What a worker sends when it comes round: the mails of this round."""

    def send() -> list[EmailMessage]:
        before = len(mail.outbox)
        tasks.send_mail()
        return mail.outbox[before:]

    return send


@pytest.fixture
def su() -> User:
    """The owner of an account."""
    return make_member(email="su@example.com", display_name="Ma Su")


@pytest.fixture
def thief() -> Client:
    """A browser of somebody who took the account over, or will."""
    return Client()


def make_member(**fields: Any) -> User:
    """A person with a confirmed address."""
    user = make_user(**fields)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, user: User, *, email: str = "", password: str = PASSWORD) -> Any:
    """Through the form, as people do."""
    return client.post("/accounts/login/", {"login": email or user.email, "password": password})


def give_password(client: Client, password: str = PASSWORD) -> Any:
    """Once more, as changes of addresses ask for it; it counts for five minutes."""
    return client.post("/accounts/reauthenticate/", {"password": password})
