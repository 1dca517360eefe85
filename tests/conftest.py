"""What every test may rely on."""

import os
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails

from potato.stores import breaker

PREFIX = "potato-test"


def pytest_configure() -> None:
    # Hundreds of people are made in the tests; their passwords need no strength.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Every test client builds the middleware anew; looking through all static files each time took most of a test.
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # As pytest-django does for PostgreSQL: a database and keys of the tests' own, whatever the servers hold.
    settings.MONGODB_URL = beside(settings.MONGODB_URL)
    settings.POTATO_PREFIX = settings.CELERY_TASK_DEFAULT_QUEUE = PREFIX
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{PREFIX}:"
    settings.PUBLISHED_CHANNEL = f"{PREFIX}:published"
    settings.NOTIFIED_CHANNEL = f"{PREFIX}:notified"
    for cache in settings.CACHES.values():
        cache["KEY_PREFIX"] = PREFIX


def beside(url: str) -> str:
    """The same MongoDB server, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}_test"))


@pytest.fixture(autouse=True)
def closed_breakers() -> Iterator[None]:
    """A store that one test has taken away is asked again by the next, which knows no names of things yet."""
    from prices.names import cache as names

    for store in breaker.ALL:
        store.reset()
    yield
    names.forget()


class Requests(RequestFactory):
    """Requests as they have come through the first middleware."""

    def request(self, **environ: Any) -> HttpRequest:
        request = super().request(**environ)
        request.htmx = HtmxDetails(request)
        return request


@pytest.fixture
def rf() -> Requests:
    return Requests()


class Terminal:
    """Somebody who sits before it and gives one answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self._monkeypatch = monkeypatch

    def answer(self, answer: str) -> None:
        def say(question: str) -> str:
            self.asked.append(question)
            return answer

        self._monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        self._monkeypatch.setattr("builtins.input", say)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


@pytest.fixture(scope="session")
def mongo_indexes() -> Iterator[None]:
    """MongoDB's test database, new, with every index."""
    from potato.stores import mongo
    from prices.store import indexes

    mongo.client().drop_database(mongo.database().name)
    indexes.ensure()
    yield
    mongo.client().close()


@pytest.fixture
def mongo_store(mongo_indexes: None) -> Iterator[None]:
    """MongoDB without a document."""
    from potato.stores import mongo
    from prices.names import cache as names
    from prices.store import indexes

    names.forget()
    for collection in indexes.INDEXES:
        mongo.database()[collection].delete_many({})
    yield


@pytest.fixture
def mongo_off_disk(mongo_store: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same, and writes do not wait for the disk: for tests with hundreds of them that are not about what lasts."""
    from potato.stores import mongo

    client = mongo.connect(w=1, journal=False, readConcernLevel="local")
    monkeypatch.setattr(mongo, "_client", client)
    yield
    client.close()


@pytest.fixture
def staff(client: Client) -> Any:
    """Somebody who may do everything in the admin, signed in."""
    from accounts.models import Role
    from tests.factories import make_user

    user = make_user(role=Role.ADMIN, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def app(settings: Any) -> Iterator[Any]:
    """Potato as visitors meet it: the page cache before Django."""
    from potato.web import page_cache

    settings.SECURE_SSL_REDIRECT = False
    # The test's transaction is one connection's: it must not be closed at the end of a page.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield page_cache.PageCache(get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def process_env() -> dict[str, str]:
    """The environment with which another process works on the tests' databases."""
    database = settings.DATABASES["default"]
    user, password = database["USER"], database["PASSWORD"]
    return {
        **os.environ,
        "DEBUG": "true",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"postgis://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "MONGODB_URL": settings.MONGODB_URL,
        "REDIS_URL": settings.REDIS_URL,
        "POTATO_PREFIX": settings.POTATO_PREFIX,
        "DJANGO_SETTINGS_MODULE": "potato.settings",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that takes connections and never says a word: Redis, frozen."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
