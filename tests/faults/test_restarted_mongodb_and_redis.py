"""MongoDB or Redis was restarted while processes held connections, and nobody asked meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from pymongo import MongoClient

from potato.stores import mongo, redis
from potato.stores.redis import BreakingCache
from tests.faults.conftest import Browser

THREADS = 8


def in_all_threads(ask: Callable[[], Any]) -> list[Any]:
    """What ``ask`` returns in each of several threads that ask at the same moment."""
    together = threading.Barrier(THREADS)

    def run() -> Any:
        together.wait()
        return ask()

    with ThreadPoolExecutor(THREADS) as threads:
        return [future.result() for future in [threads.submit(run) for _ in range(THREADS)]]


@pytest.fixture(params=["web", "relay"])
def documents(request: pytest.FixtureRequest, servers: Any, settings: Any) -> Iterator[Any]:
    """A collection, as processes of two kinds reach MongoDB."""
    settings.POTATO_PROCESS = request.param
    settings.MONGODB_URL = servers.env()["MONGODB_URL"]
    client: MongoClient = mongo.connect()
    yield client.get_default_database()["restarts"]
    client.close()


class TestRestartedMongodb:
    def test_answers_the_first_read_and_takes_the_first_write_of_every_thread(self, servers, documents):
        def ask() -> str:
            id = str(uuid4())
            documents.insert_one({"_id": id})
            return id if documents.find_one({"_id": id}) else "lost"

        assert len(set(in_all_threads(ask))) == THREADS
        with servers.dead("mongo"):
            pass

        assert len(set(in_all_threads(ask)) - {"lost"}) == THREADS

    def test_answers_the_first_page_of_every_thread_once_the_process_says_so(self, servers, web):
        """Its thread that reads names asks MongoDB every two seconds, and has noticed."""
        assert in_all_threads(lambda: Browser(web).ask(f"/prices/?{uuid4()}").status) == [200] * THREADS
        with servers.dead("mongo"):
            pass
        Browser(web).wait_for("/readyz", text='"store": "mongo", "state": "up"')

        pages = in_all_threads(lambda: Browser(web).ask(f"/prices/?{uuid4()}"))

        assert [page.status for page in pages] == [200] * THREADS
        assert not any("x-potato-degraded" in page.headers for page in pages)


class TestRestartedRedis:
    def test_keeps_the_first_value_of_every_thread(self, servers):
        cache = BreakingCache(f"{servers.env()['REDIS_URL']}/2", {"KEY_PREFIX": servers.name})

        def ask() -> bool:
            key = str(uuid4())
            return cache.set(key, 1, 60) and cache.get(key) == 1

        assert in_all_threads(ask) == [True] * THREADS
        with servers.dead("redis"):
            pass

        assert in_all_threads(ask) == [True] * THREADS

    def test_answers_the_first_call_of_every_thread(self, servers):
        client = redis.connect(f"{servers.env()['REDIS_URL']}/3")
        assert in_all_threads(client.ping) == [True] * THREADS
        with servers.dead("redis"):
            pass

        assert in_all_threads(client.ping) == [True] * THREADS

    def test_takes_the_first_task_that_is_sent(self, servers):
        queue = Celery(broker=f"{servers.env()['REDIS_URL']}/0", set_as_current=False)
        queue.conf.task_default_queue = f"{servers.name}-restarts"
        queue.send_task("any", retry=False)
        with servers.dead("redis"):
            pass

        queue.send_task("any", retry=False)

        client = redis.connect(f"{servers.env()['REDIS_URL']}/0")
        assert client.llen(queue.conf.task_default_queue) == 1

    def test_degrades_no_page_of_a_member(self, servers, web):
        member = Browser(web)
        member.ask("/enter/")
        with servers.dead("redis"):
            pass

        page = member.ask("/prices/")

        assert "prices [May]" in page.text
        assert "x-potato-degraded" not in page.headers
