"""The events process' application, served by a thread of the tests: what is sent to whom, and what is refused."""

import http.client
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from accounts.models import Session, User
from alerts.live.stream import application
from alerts.models import AlertSettings, Notification
from potato import clock
from potato.stores import redis
from tests.alerts.live.conftest import PATIENCE_SECONDS, publish
from tests.factories import make_item, make_shop, make_user
from tests.faults.conftest import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def address(settings) -> Iterator[str]:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    port = free_port()
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        log_config=None,
        timeout_graceful_shutdown=1,
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        wait_until(lambda: publish(project.NOTIFIED_CHANNEL, {}))
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


@pytest.fixture
def reader(mongo_store: None) -> User:
    user = make_user()
    # Notes on pages whatever the hour.
    AlertSettings.objects.create(user=user, has_quiet_hours=False)
    return user


def cookie_of(user: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(user)
    name = project.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={browser.cookies[name].value}"}


def notify(user: User, **fields) -> Notification:
    """As the worker does it: a row, then a message."""
    one = Notification.objects.create(
        **{
            "user": user,
            "kind": "SHOP",
            "day": clock.today(),
            "created_at": timezone.now(),
            "entry_id": uuid.uuid4(),
            "item_id": make_item().pk,
            "shop_id": make_shop().pk,
            "type": "RETAIL",
            "base": "kg",
            "amount": 240_000,
            **fields,
        }
    )
    publish(project.NOTIFIED_CHANNEL, {"first": one.pk, "last": one.pk, "late": False})
    return one


class TestAMembersPage:
    def test_is_sent_what_is_theirs_until_the_session_ends(self, address, listen, reader):
        mine = listen(address, "item=1&lang=en", **cookie_of(reader)).ready()
        others = listen(address, "item=1&lang=en", **cookie_of(make_user())).ready()
        assert mine.event() == ("unread", {"unread": 0, "shown": ""})
        assert others.event() == ("unread", {"unread": 0, "shown": ""})

        first = notify(reader)

        alert = mine.alert()
        assert (alert["id"], alert["unread"], alert["toast"]) == (first.pk, 1, True)
        assert alert["url"] == f"/alerts/{first.pk}/"
        summary = notify(reader, kind="SUMMARY", entry_id=None)
        name, data = mine.event()
        assert (name, data["unread"], mine.last_id) == ("unread", 2, str(summary.pk))
        Session.objects.filter(account_id=reader.pk).delete()
        notify(reader)
        assert mine.event() == ("signed-out", {})
        publish(project.PUBLISHED_CHANNEL, {"item": 1, "region": 2, "shop": 3})
        assert others.event() == ("price", {"item": 1, "region": 2, "shop": 3})

    def test_catches_up_with_what_came_after_the_last_one_it_knows(self, address, listen, reader):
        known, missed = notify(reader), notify(reader)

        page = listen(address, f"home=1&lang=my&after={known.pk}", **cookie_of(reader)).ready()

        assert page.event()[0] == "unread"
        assert page.alert()["id"] == missed.pk

    def test_catches_up_after_redis_has_dropped_the_connection(self, address, listen, reader):
        page = listen(address, "lang=en&item=1", **cookie_of(reader)).ready()
        assert page.event()[0] == "unread"
        redis.client(project.REDIS_LIVE).client_kill_filter(_type="pubsub")
        Notification.objects.create(user=reader, kind="SUMMARY", day=clock.today())

        seen = [page.event()[0], page.event()[0]]

        assert sorted(seen) == ["price", "unread"]

    def test_of_a_session_that_is_none_is_nobodys(self, address, listen):
        cookies = {"Cookie": f"{project.SESSION_COOKIE_NAME}={'x' * 32}"}

        assert listen(address, "lang=en", **cookies).ready().event() == ("signed-out", {})

    def test_is_the_sixth_and_ends_the_first(self, address, listen, reader):
        cookies = cookie_of(reader)
        pages = []
        for _ in range(6):
            pages.append(listen(address, "lang=en", **cookies).ready())
            assert pages[-1].event()[0] == "unread"

        assert pages[0].event() == ("elsewhere", {})
        assert pages[0].event() == ("end", {})


class TestAVisitorsPage:
    def test_is_told_of_the_items_and_shops_that_it_shows(self, address, listen):
        page, home = listen(address, "item=12&shop=5").ready(), listen(address, "home=1").ready()

        for message in (b"rubbish", {"item": 99, "region": 1, "shop": 5}, {"item": 12}, {"home": True}):
            publish(project.PUBLISHED_CHANNEL, message)
        publish(project.NOTIFIED_CHANNEL, {"first": "x"})

        assert page.event() == ("price", {"item": 99, "region": 1, "shop": 5})
        assert page.event() == ("price", {"item": 12, "region": None, "shop": None})
        assert home.event() == ("price", {"item": None, "region": None, "shop": None})


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "path", "headers", "status"),
        [
            ("GET", "/healthz", {}, 200),
            ("HEAD", "/alerts/stream/?item=1", {}, 200),
            ("HEAD", "/alerts/stream/?item=1", {"Origin": "http://127.0.0.1"}, 403),
            ("GET", "/elsewhere/", {}, 404),
            ("POST", "/alerts/stream/?item=1", {}, 405),
            ("GET", "/alerts/stream/?item=1", {"Host": "example.org"}, 400),
            ("GET", "/alerts/stream/?item=1", {"Origin": "https://example.org"}, 403),
            ("GET", "/alerts/stream/?item=x", {}, 400),
        ],
    )
    def test_say_why(self, address, method, path, headers, status):
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        connection.request(method, path, headers=headers)

        assert connection.getresponse().status == status
        connection.close()
