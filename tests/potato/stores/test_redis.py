import multiprocessing
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.cache import caches
from django_redis.pool import ConnectionFactory
from redis.exceptions import TimeoutError

from potato.stores import redis
from potato.stores.breaker import REDIS
from potato.stores.redis import BreakingCache

OPTIONS = settings.CACHES["sessions"]["OPTIONS"]


@pytest.fixture
def nobody_url() -> str:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def cache_at(url: str) -> BreakingCache:
    return BreakingCache(url, {"OPTIONS": dict(OPTIONS), "TIMEOUT": 60})


class TestBreakingCache:
    def test_keeps_what_it_is_given(self):
        cache = caches["sessions"]

        assert cache.set("tests:a", {"b": 1}, 5)

        assert cache.get("tests:a") == {"b": 1}
        assert cache.delete("tests:a")

    @pytest.mark.parametrize("url", ["silent_url", "nobody_url"])
    def test_is_a_cache_of_misses_while_redis_is_away(self, url, request):
        cache = cache_at(request.getfixturevalue(url))
        calls = [
            (cache.get("a", "default"), "default"),
            (cache.set("a", 1), False),
            (cache.add("a", 1), False),
            (cache.get_many(["a"]), {}),
            (cache.set_many({"a": 1}), ["a"]),
            (cache.delete("a"), False),
            (cache.delete_many(["a"]), 0),
            (cache.touch("a"), False),
            (cache.has_key("a"), False),
            (cache.get_or_set("a", "made"), "made"),
        ]

        assert [found for found, _ in calls] == [expected for _, expected in calls]
        with pytest.raises(ValueError, match="not found"):
            cache.incr("a")

    def test_costs_one_time_out_while_redis_is_silent(self, silent_url):
        cache = cache_at(silent_url)
        started = time.monotonic()

        for _ in range(20):
            cache.get("a")

        assert REDIS.state == "open"
        assert time.monotonic() - started < 3

    def test_takes_what_it_cannot_read_for_a_miss(self):
        cache = caches["sessions"]
        raw = redis.client(settings.REDIS_LIVE)
        raw.set(cache.make_key("tests:broken"), b"neither lz4 nor msgpack", ex=5)

        assert cache.get("tests:broken", "default") == "default"


class TestAliases:
    def test_have_a_database_number_each(self):
        urls = [alias["LOCATION"] for alias in settings.CACHES.values() if "redis" in alias["LOCATION"]]

        assert len({*urls, settings.REDIS_BROKER}) == len(urls) + 1

    def test_keep_their_own_time_outs_whoever_connects_first(self):
        for alias in ("template_fragments", "sessions"):
            caches[alias].touch("a")
            pool = ConnectionFactory._pools[settings.CACHES[alias]["LOCATION"]]
            assert pool.connection_kwargs["socket_timeout"] == 0.25
            assert pool.connection_kwargs["retry"].get_retries() == 0


class TestClient:
    def test_connects_again_when_redis_has_closed_its_connection(self):
        client = redis.client(settings.REDIS_LIVE)
        id = client.client_id()
        other = redis.connect(settings.REDIS_LIVE)
        other.client_kill_filter(_id=id)

        assert client.ping()

        assert client.client_id() != id

    def test_is_a_threads_own_and_a_process_that_was_forked_has_another(self):
        def id_of_client() -> int:
            return redis.client(settings.REDIS_LIVE).client_id()

        with ThreadPoolExecutor(1) as thread:
            ids = {id_of_client(), id_of_client(), thread.submit(id_of_client).result()}
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe()
        child = context.Process(target=lambda: sender.send(id_of_client()))
        child.start()
        assert receiver.poll(20)
        ids.add(receiver.recv())
        child.join(20)

        assert len(ids) == 3
        assert id_of_client() in ids

    def test_gives_up_after_its_time_out_without_trying_again(self, silent_url):
        started = time.monotonic()

        with pytest.raises(TimeoutError):
            redis.client(silent_url).ping()

        assert time.monotonic() - started < 3
