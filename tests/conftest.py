"""What every test may rely on."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from potato.stores import breaker


def pytest_configure() -> None:
    # Hundreds of people are made in the tests; their passwords need no strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def closed_breakers() -> Iterator[None]:
    """A store that one test has taken away is asked again by the next."""
    for store in breaker.ALL:
        store.reset()
    yield
