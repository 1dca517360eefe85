"""Pages in Redis: what is found, what is a miss, and who builds."""

import threading
import time
import uuid

import msgpack
import pytest
from django.conf import settings

from potato.stores import redis, revisions
from potato.stores.breaker import REDIS
from potato.web.page_cache import SharedStore, shared
from potato.web.page_cache.pages import Page, page_from
from potato.web.page_cache.states import TTL, TTL_WITHOUT_REDIS
from tests.potato.stores.foreign import OTHER_TYPES
from tests.potato.web.page_cache.conftest import Clock

RICE = ("testserver", "http", "", "/items/rice/", "region=yangon", "", "")
BODY = b"<p>rice</p>" * 100


@pytest.fixture(autouse=True)
def nobody_gives_redis_up(settings) -> None:
    """A busy machine makes a late answer, which is a miss too, and not the one that is meant here."""
    settings.REDIS_LIVE += "?socket_timeout=20&socket_connect_timeout=20"


def raw():
    return redis.client(settings.REDIS_LIVE)


def make_page(board: str, *, headers: tuple[tuple[str, str], ...] = (), rev: int = 1) -> Page:
    headers_ = [("Content-Type", "text/html"), *headers]
    page = page_from("200 OK", headers_, BODY, boards=f"{board}={rev}", made_at=1000.0)
    assert page is not None
    return page


@pytest.fixture
def board() -> str:
    board = f"tests:{uuid.uuid4().hex}"
    revisions.tell({board: 1})
    return board


@pytest.fixture
def store(clock: Clock) -> SharedStore:
    return SharedStore(release=uuid.uuid4().hex, clock=clock)


@pytest.fixture
def name(store: SharedStore, board: str) -> str:
    """The key in Redis of a stored page."""
    store.put(RICE, make_page(board), now=1000.0)
    name = store.name(RICE)
    assert raw().exists(name)
    return name


class TestSharedStore:
    def test_finds_a_page_as_it_was_stored(self, store, board, clock):
        page = make_page(board, headers=(("X-Any", "á"),))
        store.put(RICE, page, now=1000.0)
        clock.now += 10

        # The other process's own clock has begun elsewhere.
        found = store.get(RICE, now=77.0)

        assert (found.headers, found.tag, found.revs) == (page.headers, page.tag, page.revs)
        assert [found.body(encoding) for encoding in ("br", "gzip", "")] == [
            page.body(encoding) for encoding in ("br", "gzip", "")
        ]
        assert (found.made_at, found.checked_at, found.ttl) == (67.0, 77.0, TTL)

    def test_finds_nothing_where_nothing_is(self, store):
        assert store.get(RICE, now=1000.0) is None

    def test_finds_no_page_of_an_older_board(self, store, name, board):
        revisions.tell({board: 2})

        assert store.get(RICE, now=1000.0) is None

    def test_finds_no_page_when_redis_does_not_know_its_boards(self, store, name, board):
        revisions._client().delete(revisions._key(board))

        assert store.get(RICE, now=1000.0) is None

    @pytest.mark.parametrize(
        ("seconds", "is_found"),
        [
            (TTL, True),
            (TTL + 0.01, False),
            (-shared.CLOCK_SKEW_SECONDS, True),
            (-shared.CLOCK_SKEW_SECONDS - 0.01, False),
        ],
    )
    def test_finds_no_page_that_is_too_old_or_of_the_future(self, store, name, clock, seconds, is_found):
        clock.now += seconds

        found = store.get(RICE, now=5000.0)

        assert (found is not None) == is_found
        assert found is None or found.made_at <= 5000.0

    def test_has_redis_forget_a_page_when_it_is_too_old(self, store, board):
        store.put(RICE, make_page(board), now=1000.0 + TTL - 10)

        assert 9 < raw().pttl(store.name(RICE)) / 1000 <= 10.1

    def test_stores_no_page_that_says_that_redis_is_unavailable(self, store, board):
        page = make_page(board, headers=(("X-Potato-Degraded", "redis"),))
        assert page.ttl == TTL_WITHOUT_REDIS

        store.put(RICE, page, now=1000.0)

        assert not raw().exists(store.name(RICE))

    def test_stores_no_page_larger_than_any_is_read(self, store, board, monkeypatch):
        monkeypatch.setattr(shared, "MAX_BYTES", 200)

        store.put(RICE, make_page(board), now=1000.0)

        assert not raw().exists(store.name(RICE))

    @pytest.mark.parametrize("part", range(len(RICE)))
    def test_tells_keys_apart_by_each_part(self, store, name, part):
        other = tuple("other" if number == part else value for number, value in enumerate(RICE))

        assert store.get(other, now=1000.0) is None

    def test_has_names_that_people_can_read_and_no_character_of_a_pattern(self, store):
        key = ("testserver", "http", "", "/items/\x00\n*[é\xe1\x80/", "a=*[]%41 \\", "", "viss..")

        name = store.name(key)

        assert "/items/rice/?region=yangon:" in store.name(RICE)
        assert not set(name) & set("*[]\\^ \n\x00")
        assert name.isascii()


class TestForeignValues:
    @pytest.mark.parametrize(
        "change",
        [
            lambda value: b"",
            lambda value: b"5",
            lambda value: value[:-1],
            lambda value: value[:40],
            lambda value: value + b"x",
            lambda value: bytes([value[0] ^ 1]) + value[1:],
            lambda value: value[:-1] + bytes([value[-1] ^ 1]),
            lambda value: value.partition(b"\n")[2],
            lambda value: b"\n" + value.partition(b"\n")[2],
            lambda value: b"tests:other\n" + value.partition(b"\n")[2],
            lambda value: b"," * 5000 + b"\n" + value,
            lambda value: b"a," * 3999 + b"\n" + value,
            lambda value: b"\n" * 100,
            lambda value: value.partition(b"\n")[0] + b"\n" + bytes(32) + value.partition(b"\n")[2][32:],
            lambda value: msgpack.packb(
                {"made_at": 1000.0, "headers": [], "body": b"", "tag": "", "revs": {}}
            ),
            lambda value: b"[" * 100_000,
        ],
    )
    def test_are_misses_and_are_replaced(self, store, name, board, change):
        raw().set(name, change(raw().get(name)), ex=60)

        assert store.get(RICE, now=1000.0) is None

        store.put(RICE, make_page(board), now=1000.0)
        assert store.get(RICE, now=1000.0) is not None
        assert REDIS.state == "closed"

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    def test_of_another_type_are_misses_and_are_replaced(self, store, name, board, write):
        raw().delete(name)
        write(raw(), name)

        for _ in range(5):
            assert store.get(RICE, now=1000.0) is None

        store.put(RICE, make_page(board), now=1000.0)
        assert store.get(RICE, now=1000.0) is not None
        assert REDIS.state == "closed"

    def test_of_another_key_are_misses(self, store, name):
        other = (*RICE[:3], "/items/salt/", *RICE[4:])
        raw().copy(name, store.name(other), replace=True)

        assert store.get(other, now=1000.0) is None

    def test_of_another_release_are_misses(self, store, name, clock):
        other = SharedStore(release=uuid.uuid4().hex, clock=clock)
        assert other.get(RICE, now=1000.0) is None
        raw().copy(name, other.name(RICE), replace=True)

        assert other.get(RICE, now=1000.0) is None

    def test_of_an_installation_with_another_secret_are_misses(self, store, name, settings):
        settings.SECRET_KEY = "another" * 10

        assert store.get(RICE, now=1000.0) is None

    def test_of_100_megabytes_are_misses_that_nobody_reads_in_whole(self, store, name, monkeypatch):
        raw().setrange(name, 100_000_000, b"x")
        sizes = []
        opened = shared._opened
        monkeypatch.setattr(
            shared, "_opened", lambda name, value: sizes.append(len(value)) or opened(name, value)
        )

        assert store.get(RICE, now=1000.0) is None

        assert sizes == [shared.MAX_BYTES + 1]
        raw().delete(name)


class TestClaims:
    def test_are_one_processs_at_a_time(self, store):
        with store.claim(RICE) as first, store.claim(RICE) as second:
            assert (first, second) == (True, False)
        with store.claim(RICE) as third:
            assert third

    def test_of_somebody_else_stay(self, store):
        with store.claim(RICE):
            # The time of the claim is over, and another process has one.
            raw().set(store.name(RICE, "building"), b"another's", px=900)

        with store.claim(RICE) as is_mine:
            assert not is_mine

    def test_end_by_themselves(self, store):
        with store.claim(RICE):
            left = raw().pttl(store.name(RICE, "building"))

        assert 0 < left <= 1000 * shared.CLAIM_SECONDS

    def test_that_would_never_end_are_nobodys(self, store):
        raw().set(store.name(RICE, "building"), b"foreign")

        with store.claim(RICE) as is_mine:
            assert is_mine
        assert not raw().exists(store.name(RICE, "building"))

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    def test_of_another_type_are_nobodys(self, store, write):
        write(raw(), store.name(RICE, "building"))

        with store.claim(RICE) as is_mine:
            assert is_mine
        assert REDIS.state == "closed"

    def test_are_everybodys_without_redis(self, store, no_redis):
        with store.claim(RICE) as first, store.claim(RICE) as second:
            assert first and second

    def test_are_waited_for_until_they_end(self, store):
        with store.claim(RICE):
            waiting = threading.Thread(target=store.wait, args=(RICE, 10))
            waiting.start()
            waiting.join(0.1)
            assert waiting.is_alive()

        waiting.join(5)
        assert not waiting.is_alive()

    def test_are_waited_for_no_longer_than_wanted(self, store):
        started = time.monotonic()
        with store.claim(RICE):
            store.wait(RICE, 0.05)

        assert 0.05 <= time.monotonic() - started < 5
