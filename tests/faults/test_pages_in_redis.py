"""Two web processes that share pages through a real Redis, which fails under them."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.conf import settings
from redis import Redis

from tests.faults.conftest import PATIENCE_SECONDS, Answer, Browser, Servers, crowd, web_process
from tests.faults.test_frozen_stores import TRIED, too_many_slow

PATH = "/board/"
DATABASE = int(settings.REDIS_LIVE.rpartition("/")[2])


@pytest.fixture
def redis(servers: Servers) -> Iterator[Any]:
    with Redis(port=servers.port("redis"), db=DATABASE, socket_timeout=30) as client:
        client.flushdb()
        yield client


@pytest.fixture
def sites(potato_env: dict[str, str]) -> Iterator[list[str]]:
    """The addresses of two web processes that have served a page."""
    with web_process(potato_env) as first, web_process(potato_env) as second:
        for address in (first, second):
            Browser(address).wait_for(PATH)
        yield [first, second]


@pytest.fixture
def outdated(redis: Any, servers: Servers) -> Iterator[None]:
    """A revision that no page reaches: each is looked for in Redis, claimed and built at every request."""
    key = f"{servers.name}:rev:tests:board"
    redis.set(key, 10**6, ex=300)
    yield
    redis.delete(key)


def names(redis: Any) -> list[bytes]:
    return list(redis.scan_iter(match=f"*:pages:*:{PATH}:*"))


def visit(sites: list[str], *, seconds: float) -> list[Answer]:
    return [answer for site in sites for answer in crowd(site, PATH, seconds=seconds / len(sites))]


@contextmanager
def frozen(servers: Servers, _redis: Any) -> Iterator[None]:
    with servers.frozen("redis"):
        yield


@contextmanager
def dead(servers: Servers, _redis: Any) -> Iterator[None]:
    with servers.dead("redis"):
        yield


@contextmanager
def read_only(_servers: Servers, redis: Any) -> Iterator[None]:
    redis.replicaof("127.0.0.1", 1)
    try:
        yield
    finally:
        redis.replicaof("NO", "ONE")


@contextmanager
def full(_servers: Servers, redis: Any) -> Iterator[None]:
    redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


@contextmanager
def emptied(_servers: Servers, redis: Any) -> Iterator[None]:
    redis.flushall()
    yield
    redis.flushall()


class TestPagesOfTwoProcesses:
    def test_are_made_by_the_one_that_was_asked_first(self, potato_env, redis):
        with web_process(potato_env) as first:
            Browser(first).wait_for(PATH)
        (name,) = names(redis)
        value = redis.get(name)

        with web_process(potato_env) as second:
            answer = Browser(second).wait_for(PATH)

        assert "board [" in answer.text
        # Whoever makes a page stores it, with the time of its making.
        assert redis.get(name) == value

    @pytest.mark.parametrize("fault", [frozen, dead, read_only, full, emptied])
    def test_are_right_and_in_time_while_redis_is(
        self,
        sites,
        servers,
        redis,
        outdated,
        fault: Callable[[Servers, Any], AbstractContextManager[None]],
    ):
        usual = max(answer.seconds for answer in visit(sites, seconds=1))

        with fault(servers, redis):
            answers = visit(sites, seconds=4)

        assert {answer.status for answer in answers} == {200}
        assert all("board [" in answer.text for answer in answers)
        assert not too_many_slow(answers, busy=usual, tried=TRIED * len(sites))

    def test_are_shared_again_when_redis_is_back(self, sites, servers, redis):
        with servers.frozen("redis"):
            visit(sites, seconds=2)
        redis.flushall()

        deadline = time.monotonic() + PATIENCE_SECONDS
        while not names(redis):
            assert time.monotonic() < deadline
            visit(sites, seconds=0.5)
