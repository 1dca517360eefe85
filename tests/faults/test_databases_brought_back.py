"""What ``bin/run`` does for databases of its own that die, with real servers."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tests.faults.conftest import PATIENCE_SECONDS, Servers
from tests.potato.test_run import run

__all__ = ["run"]  # a fixture


@pytest.fixture
def databases(run: Any, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The databases as bin/run sees them that has started them, at their addresses."""
    folder = Path(servers.processes("redis")[0].cwd()).parent
    for name in run.DATABASES.values():
        monkeypatch.delenv(name)
    databases = run.Databases(folder.parent, set_name=servers.name)
    for name, address in servers.env().items():
        monkeypatch.setenv(name, address)
    try:
        yield databases
    finally:
        servers.services("up")


def kill(process: psutil.Process) -> None:
    process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestBringBack:
    def test_starts_what_was_killed_at_the_same_address_and_says_so(self, databases, servers, capfd):
        kill(servers.processes("redis")[0])

        same_addresses = databases.bring_back()

        assert same_addresses
        assert redis.Redis.from_url(servers.env()["REDIS_URL"]).ping()
        assert "redis ended without having been asked to; starting again" in capfd.readouterr().out

    def test_leaves_alone_what_runs_and_what_was_stopped_on_purpose(self, databases, servers):
        servers.services("down", "redis")

        assert databases.bring_back()

        assert "postgres runs" in servers.status()
        assert "redis does not run" in servers.status()

    def test_ends_what_a_killed_postgresql_left_behind_before_a_new_one_opens_its_data(
        self, databases, servers
    ):
        postmaster, *others = servers.processes("postgres")
        # A frozen process does not notice that its parent is gone, and would write when it wakes up.
        frozen = next(process for process in others if "checkpointer" in " ".join(process.cmdline()))
        frozen.send_signal(signal.SIGSTOP)
        kill(postmaster)

        same_addresses = databases.bring_back()

        assert same_addresses
        assert not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE
        address = servers.env()["DATABASE_URL"].replace("postgis:", "postgresql:")
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
