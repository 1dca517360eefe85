"""Redis holds what Potato has not written: every time a miss, never an error, never somebody else's."""

import json
import time
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.core.cache import caches
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as bounded
from redis import Redis

from accounts.models import Role
from potato.stores import redis, revisions
from potato.stores.breaker import REDIS
from tests.factories import make_user
from tests.potato.stores.foreign import NUMBERS, OTHER_TYPES, VALUES

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME
ALIASES = ("sessions", "template_fragments")
MISSING = object()
# The same examples every time, so many that a run takes seconds.
EXAMPLES = bounded(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(autouse=True)
def nobody_gives_redis_up(settings: Any) -> None:
    """A busy machine makes a late answer, which is a miss too, and not the one that is meant here."""
    patience = "?socket_timeout=20&socket_connect_timeout=20"
    settings.REDIS_LIVE += patience
    settings.CACHES = {
        name: {**alias, "LOCATION": alias["LOCATION"] + patience} if name in ALIASES else alias
        for name, alias in settings.CACHES.items()
    }


@pytest.fixture
def may(client: Client) -> Client:
    """A browser in which May is signed in."""
    # The first request loads the middleware, which notes the name of whoever signs in.
    client.get("/")
    client.force_login(make_user(display_name="May", role=Role.CONTRIBUTOR))
    return client


def raw(alias: str) -> "Redis":
    return redis.client(settings.CACHES[alias]["LOCATION"])


def copy_key(browser: Client) -> str:
    """The key in Redis of the copy of a browser's session."""
    return caches["sessions"].make_key(f"session:{browser.cookies[COOKIE].value}")


def assert_shows_may(browser: Client) -> None:
    response = browser.get("/")

    assert response.status_code == 200
    assert b"[May]" in response.content
    assert "X-Potato-Degraded" not in response
    assert REDIS.state == "closed"


class TestSessionCopies:
    @EXAMPLES
    @given(value=VALUES)
    @example(value=b"5")
    @example(value=msgpack.packb([1]))
    def test_of_any_content_leave_the_member_signed_in(self, may, value):
        raw("sessions").set(copy_key(may), value, ex=60)

        assert_shows_may(may)

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    def test_of_another_type_are_replaced(self, may, write, django_assert_num_queries):
        raw("sessions").delete(copy_key(may))
        write(raw("sessions"), copy_key(may))

        assert_shows_may(may)

        assert raw("sessions").type(copy_key(may)) == b"string"
        with django_assert_num_queries(0):
            assert_shows_may(may)

    def test_without_an_end_are_replaced(self, may):
        raw("sessions").set(copy_key(may), b"5")

        assert_shows_may(may)

        assert 0 < raw("sessions").ttl(copy_key(may)) <= 300

    def test_of_somebody_else_show_nobody_else(self, may):
        ko = Client()
        ko.force_login(make_user(display_name="Ko"))
        raw("sessions").copy(copy_key(ko), copy_key(may), replace=True)

        assert_shows_may(may)

    @pytest.mark.parametrize(
        "pack",
        [
            lambda session: msgpack.packb(json.dumps(session).encode()),
            lambda session: msgpack.packb(json.dumps(session)),
            lambda session: msgpack.packb(session),
            lambda session: json.dumps(session).encode(),
        ],
        ids=["JSON bytes", "JSON text", "a dictionary", "bare JSON"],
    )
    def test_that_somebody_made_up_show_nobody_else(self, may, pack):
        session = {
            SESSION_KEY: "1",
            BACKEND_SESSION_KEY: "any",
            "member_name": "Thief",
            "member_role": "ADMIN",
        }
        raw("sessions").set(copy_key(may), pack(session), ex=60)

        assert_shows_may(may)

    def test_older_than_five_minutes_are_not_read_though_redis_still_has_them(self, may, monkeypatch):
        caches["sessions"].persist(f"session:{may.cookies[COOKIE].value}")
        later = time.time() + 301
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)

        assert caches["sessions"].get(f"session:{may.cookies[COOKIE].value}") is None

    def test_of_a_visitor_leave_a_visitor(self, client):
        client.cookies[COOKIE] = "a" * 32
        raw("sessions").set(copy_key(client), b"5", ex=60)

        response = client.get("/")

        assert response.status_code == 200
        assert b"[]" in response.content


class TestCaches:
    @EXAMPLES
    @given(value=VALUES)
    def test_miss_whatever_else_stands_under_a_key(self, value):
        for alias in ALIASES:
            cache = caches[alias]
            raw(alias).set(cache.make_key("tests:foreign"), value, ex=60)

            assert cache.get("tests:foreign", MISSING) is MISSING
            assert cache.get_many(["tests:foreign", "tests:none"]) == {}
            with pytest.raises(ValueError, match="not found"):
                cache.incr("tests:foreign")
            assert cache.set("tests:foreign", {"a": [1]}, 60)
            assert cache.get("tests:foreign") == {"a": [1]}
        assert REDIS.state == "closed"

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    @pytest.mark.parametrize("alias", ALIASES)
    def test_write_over_what_is_no_string(self, alias, write):
        cache, key = caches[alias], caches[alias].make_key("tests:foreign")
        raw(alias).delete(key)
        write(raw(alias), key)

        for _ in range(5):
            assert cache.get("tests:foreign", MISSING) is MISSING
            assert cache.get_many(["tests:foreign"]) == {}

        assert REDIS.state == "closed"
        assert cache.set("tests:foreign", "<p>1</p>", 60)
        assert cache.get("tests:foreign") == "<p>1</p>"

    def test_give_no_value_of_one_key_for_another(self):
        cache = caches["template_fragments"]
        cache.set("tests:a", "a", 60)
        raw("template_fragments").copy(cache.make_key("tests:a"), cache.make_key("tests:b"), replace=True)

        assert cache.get("tests:a") == "a"
        assert cache.get("tests:b", MISSING) is MISSING


class TestRevisions:
    BOARD = "tests:foreign"

    @pytest.fixture(autouse=True)
    def nothing(self) -> Iterator[None]:
        self.forget()
        yield
        self.forget()

    def forget(self) -> None:
        self.live().delete(revisions._key(self.BOARD))

    def live(self) -> "Redis":
        return redis.client(settings.REDIS_LIVE)

    def assert_heals(self) -> None:
        """What stands there is no number of a board, and the next one takes its place."""
        assert revisions.newest([self.BOARD]) == {self.BOARD: None}
        revisions.tell({self.BOARD: 7})
        assert revisions.newest([self.BOARD]) == {self.BOARD: 7}
        assert 0 < self.live().ttl(revisions._key(self.BOARD)) <= revisions.SECONDS
        assert REDIS.state == "closed"

    # A number that a board may have cannot be told from one that it has: it counts until it ends.
    @EXAMPLES
    @given(value=(VALUES | NUMBERS).filter(lambda value: not (value.isdigit() and len(value) < 19)))
    @example(value=b"1" * 19)
    @example(value=b"inf")
    @example(value=b"nan")
    @example(value=b"0x7fffffff")
    @example(value=b"1e300")
    def test_of_any_content_are_as_if_there_were_none(self, value):
        self.live().set(revisions._key(self.BOARD), value, ex=60)

        self.assert_heals()

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    def test_of_another_type_are_as_if_there_were_none(self, write):
        write(self.live(), revisions._key(self.BOARD))

        self.assert_heals()

    @pytest.mark.parametrize("seconds", [None, 10 * revisions.SECONDS])
    def test_that_would_never_end_are_replaced(self, seconds: int | None):
        self.live().set(revisions._key(self.BOARD), 10**15, ex=seconds)

        revisions.tell({self.BOARD: 7})

        assert revisions.newest([self.BOARD]) == {self.BOARD: 7}
        assert 0 < self.live().ttl(revisions._key(self.BOARD)) <= revisions.SECONDS


class TestMembers:
    @pytest.mark.parametrize("id", ["abc", "", None, {}, {"a": 1}, [1], 1.5, True, "1" * 5000, "१", "-1"])
    def test_whose_session_names_nobody_are_visitors(self, client: Client, id: Any):
        # Django's own, signed as ever: only what it says of the member is none.
        client.force_login(make_user(display_name="May"))
        session = client.session
        session[SESSION_KEY] = id
        session.save()

        response = client.get("/")

        assert response.status_code == 200
        assert b"[]" in response.content
