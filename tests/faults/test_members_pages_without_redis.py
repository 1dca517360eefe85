"""Redis fails while members read stored pages: each page is right, and nobody's but its reader's."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from potato.stores import redis
from potato.stores.breaker import REDIS
from potato.web import page_cache
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer

pytestmark = pytest.mark.django_db
PATH = "/stored/"
MEMBERS = ("canary-aye", "canary-bo")


@pytest.fixture
def live(servers: Any, settings: Any) -> Any:
    """The Redis of these tests alone."""
    settings.ROOT_URLCONF = "tests.potato.urls"
    url = servers.env()["REDIS_URL"]
    settings.REDIS_LIVE = f"{url}/3"
    settings.CACHES = {
        **settings.CACHES,
        "sessions": {**settings.CACHES["sessions"], "LOCATION": settings.REDIS_LIVE},
    }
    client = redis.connect(settings.REDIS_LIVE)
    yield client
    client.close()
    # Whoever comes next does not wait while Redis gives back what a test has put there.
    patient = redis.connect(settings.REDIS_LIVE, seconds=60)
    patient.flushall()
    patient.close()
    REDIS.reset()


@pytest.fixture
def cookies(live: Any, app: page_cache.PageCache) -> dict[str, str]:
    """What the browsers of two members send; their pages are stored."""
    found = {}
    for name in MEMBERS:
        browser = Client()
        browser.force_login(make_user(display_name=name))
        found[name] = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        assert_right(app, name, found[name])
        assert_right(app, name, found[name])
        # Without an ETag it is Django's.
        assert "ETag" in Answer(app, path=PATH, cookie=found[name]).headers
    return found


def assert_right(app: page_cache.PageCache, name: str, cookie: str) -> None:
    answer = Answer(app, path=PATH, cookie=cookie)
    assert answer.status == "200 OK"
    assert [other for other in MEMBERS if f'title="{other}"' in answer.body.decode()] == [name]


def empty(live: Any) -> None:
    live.flushall()


def hold_foreign_values(live: Any) -> None:
    for key in live.keys("*"):
        live.set(key, os.urandom(300), ex=200)


def hold_a_hundred_megabytes(live: Any) -> None:
    client = redis.connect(settings.REDIS_LIVE, seconds=20)
    for key in client.keys("*"):
        client.setrange(key, 100_000_000, b"1")
    client.close()


@contextmanager
def full(live: Any) -> Iterator[None]:
    live.config_set("maxmemory", 1)
    try:
        yield
    finally:
        live.config_set("maxmemory", 0)


@contextmanager
def read_only(live: Any) -> Iterator[None]:
    live.replicaof("127.0.0.1", 1)
    try:
        yield
    finally:
        live.replicaof("NO", "ONE")


class TestMembersPages:
    @pytest.mark.parametrize("change", [empty, hold_foreign_values, hold_a_hundred_megabytes])
    def test_are_right_when_redis_has_lost_or_changed_everything(self, app, live, cookies, change):
        change(live)

        for _ in range(3):
            for name, cookie in cookies.items():
                assert_right(app, name, cookie)

    @pytest.mark.parametrize("fault", [full, read_only])
    @pytest.mark.parametrize("before", [lambda live: None, empty], ids=["as it was", "emptied"])
    def test_are_right_while_redis_takes_no_writes(
        self, app, live, cookies, fault: Callable[[Any], Any], before: Callable[[Any], None]
    ):
        before(live)
        with fault(live):
            for _ in range(3):
                for name, cookie in cookies.items():
                    assert_right(app, name, cookie)

    def test_are_right_while_redis_is_frozen_and_filled_again_afterwards(self, app, servers, live, cookies):
        with servers.frozen("redis"):
            for _ in range(3):
                for name, cookie in cookies.items():
                    assert_right(app, name, cookie)

        REDIS.reset()
        for name, cookie in cookies.items():
            assert_right(app, name, cookie)
            assert_right(app, name, cookie)
            assert "ETag" in Answer(app, path=PATH, cookie=cookie).headers
