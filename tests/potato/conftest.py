import pytest


@pytest.fixture(autouse=True)
def small_site(settings) -> None:
    """The pages of ``tests/potato/urls.py`` instead of the real ones."""
    settings.ROOT_URLCONF = "tests.potato.urls"
    settings.SECURE_SSL_REDIRECT = False
