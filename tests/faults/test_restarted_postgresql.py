"""PostgreSQL was restarted while a web process held connections: the first requests afterwards are served."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.faults.conftest import PATIENCE_SECONDS, Browser, Servers, crowd, end_sessions

POOL_SIZE = 8
NOTICED_SECONDS = 6.0
"""So long after PostgreSQL is back a web process may take to notice it."""


def at_once(ask: Callable[[bytes | None], int]) -> list[int]:
    """What ``ask`` returns in as many threads as the pool has connections.

    A web process answers half as many readers at a time, and as many who send something beside them.
    """
    statuses: list[int] = []
    together = threading.Barrier(POOL_SIZE)

    def run(data: bytes | None) -> None:
        together.wait()
        statuses.append(ask(data))

    threads = [threading.Thread(target=run, args=[b"x=1" if n % 2 else None]) for n in range(POOL_SIZE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.fixture
def full_pool(servers: Servers, web: str) -> str:
    """The address of a web process whose pool holds as many connections as it may."""
    assert (
        at_once(lambda data: Browser(web).wait_for(f"/together/?{uuid4()}", data=data).status)
        == [200] * POOL_SIZE
    )
    return web


def restart(servers: Servers) -> None:
    with servers.dead("postgres"):
        pass


def kill_and_restart(servers: Servers) -> None:
    processes = servers.processes("postgres")
    for process in processes:
        process.send_signal(signal.SIGKILL)
    for process in processes:
        process.wait(PATIENCE_SECONDS)
    servers.services("up", "postgres")


def freeze_and_thaw(servers: Servers) -> None:
    with servers.frozen("postgres"):
        pass


def sign_in_at_once(address: str) -> list[int]:
    """The answers to as many people as the pool has connections, who sign in at the same moment."""
    return at_once(lambda data: Browser(address).ask("/enter/", data).status)


@pytest.mark.parametrize("interrupt", [restart, kill_and_restart, end_sessions, freeze_and_thaw])
class TestRestartThatNobodyNoticed:
    def test_costs_no_sign_in_of_those_who_come_one_after_the_other(
        self, servers, full_pool, interrupt: Callable[[Servers], None]
    ):
        interrupt(servers)

        statuses = [Browser(full_pool).ask("/enter/").status for _ in range(POOL_SIZE)]

        assert statuses == [200] * POOL_SIZE

    def test_costs_no_sign_in_of_those_who_come_at_the_same_moment(
        self, servers, full_pool, interrupt: Callable[[Servers], None]
    ):
        interrupt(servers)

        assert sign_in_at_once(full_pool) == [200] * POOL_SIZE


@contextmanager
def killed(servers: Servers) -> Iterator[None]:
    for process in servers.processes("postgres"):
        process.send_signal(signal.SIGKILL)
    try:
        yield
    finally:
        servers.services("up", "postgres")


@pytest.mark.parametrize(
    "away",
    [lambda servers: servers.dead("postgres"), killed, lambda servers: servers.frozen("postgres")],
    ids=["stopped", "killed", "frozen"],
)
class TestRestartThatRequestsNoticed:
    def test_is_over_for_every_request_once_the_process_says_so(self, servers, full_pool, away):
        browser = Browser(full_pool)
        with away(servers):
            assert {answer.status for answer in crowd(full_pool, "/enter/", seconds=3)} == {503}
        back = time.monotonic()

        browser.wait_for("/readyz", text='"store": "postgres", "state": "up"')
        took = time.monotonic() - back
        statuses = [Browser(full_pool).ask("/enter/").status for _ in range(POOL_SIZE)]
        at_once = sign_in_at_once(full_pool)

        assert statuses == [200] * POOL_SIZE
        assert at_once == [200] * POOL_SIZE
        assert took < NOTICED_SECONDS
