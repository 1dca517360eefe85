"""What every process writes into its log while a store is away: one line when it begins, one when it is over."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from tests.faults.conftest import (
    PATIENCE_SECONDS,
    PROJECT,
    Browser,
    Servers,
    crowd,
    end_sessions,
    free_port,
    stop,
    wait_until_it_listens,
)

OUTAGE_SECONDS = 15.0
"""Long enough for each process to try many times."""

CELERY = ["-m", "celery", "-A", "potato", "--quiet"]
BEAT = [*CELERY, "beat", "--loglevel", "WARNING"]


class Process:
    """One of Potato's processes, and what it writes."""

    def __init__(self, name: str, log: Path, *command: str, env: dict[str, str]) -> None:
        self.name, self._log = name, log
        self._seen = 0
        with log.open("wb") as file:
            self.popen = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT,
                env={
                    **os.environ,
                    "PYTHONPATH": str(PROJECT),
                    "PYTHONUNBUFFERED": "1",
                    **env,
                    "POTATO_PROCESS": name,
                },
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines()[self._seen :]

    def forget_lines(self) -> None:
        self._seen += len(self.lines())

    def wait_for_line(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(text in line for line in self.lines()):
            assert self.popen.poll() is None, f"{self.name} ended: {self.lines()[-20:]}"
            assert time.monotonic() < deadline, f"{self.name} does not write {text!r}: {self.lines()[-20:]}"
            time.sleep(0.1)

    def stop(self) -> None:
        stop(self.popen)


class Potato:
    """All five processes, as ``bin/run`` starts them."""

    def __init__(self, env: dict[str, str], folder: Path, stack: ExitStack) -> None:
        self.port = port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        commands = {
            "web": [
                *["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"],
                *["--blocking-threads", "32", "--no-ws", "--log-level", "error", "potato.wsgi:application"],
            ],
            "events": [
                *["-m", "uvicorn", "--port", str(free_port()), "--no-access-log", "--log-level", "warning"],
                *["--timeout-graceful-shutdown", "1", "alerts.live.stream:application"],
            ],
            "relay": ["manage.py", "relay"],
            "worker": [
                *[*CELERY, "worker", "--concurrency", "1", "--loglevel", "WARNING"],
                *["--without-gossip", "--without-mingle"],
            ],
            "beat": BEAT,
        }
        self.processes: dict[str, Process] = {}
        for name, command in commands.items():
            process = Process(name, folder / f"{name}.log", *command, env=env)
            self.processes[name] = process
            stack.callback(process.stop)

    def forget_lines(self) -> None:
        for process in self.processes.values():
            process.forget_lines()


@pytest.fixture
def potato(potato_env: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Potato]:
    """All processes at work: beat sends tasks and the worker does them. ``param``: more of their environment."""
    for command in ("ensure_indexes", "set_schedule"):
        subprocess.run(
            [sys.executable, "manage.py", command], cwd=PROJECT, check=True, env={**os.environ, **potato_env}
        )
    with ExitStack() as stack:
        # A worker that has lost Redis pauses for longer than those of other tests may before they count as deaf.
        env = {**potato_env, "TEST_WORKER_DEAF_SECONDS": "60", **getattr(request, "param", {})}
        potato = Potato(env, tmp_path, stack)
        wait_until_it_listens(potato.processes["web"].popen, potato.port)
        Browser(potato.address).wait_for("/prices/")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(
            [sys.executable, "bin/lib/healthy.py", "worker"],
            cwd=PROJECT,
            env={**os.environ, **potato_env},
            capture_output=True,
        ).returncode:
            assert time.monotonic() < deadline, "the worker does not answer"
        potato.forget_lines()
        yield potato


def outages(process: Process, store: str) -> int:
    """How many outages a process has told of, each in two lines; it must have written nothing else."""
    begins, ends, lines = outage_lines(process, store)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(ends) < len(begins) and time.monotonic() < deadline:
        time.sleep(0.1)
        begins, ends, lines = outage_lines(process, store)
    assert len(begins) == len(ends), (process.name, lines)
    assert lines == [line for pair in zip(begins, ends, strict=True) for line in pair], process.name
    # On a busy machine the store may be slow besides, before or after.
    return len([line for line in begins if "(slow)" not in line] or begins[:1])


def outage_lines(process: Process, store: str) -> tuple[list[str], list[str], list[str]]:
    """The lines in which outages of a store begin, those in which they end, and all that are not of other stores."""
    # On a busy machine another store may be slow meanwhile: that is an outage of its own.
    others = re.compile(rf"potato.stores.breaker: (?!{store} )\w+ is (unavailable \(slow\)|available again)")
    lines = [re.sub(r"^\S+ \S+ ", "", line) for line in process.lines() if not others.search(line)]
    begins = [line for line in lines if f"{store} is unavailable (" in line]
    ends = [line for line in lines if f"{store} is available again after" in line]
    return begins, ends, lines


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("store", "notice"),
    [
        ("postgres", ["web", "relay", "worker", "beat"]),
        ("redis", ["web", "events", "worker", "beat"]),
        ("mongo", ["web", "worker"]),
    ],
)
class TestOutage:
    def test_is_one_line_when_it_begins_and_one_when_it_is_over(self, servers, potato, store, notice):
        path = {"postgres": "/form/", "redis": "/enter/", "mongo": "/prices/"}[store]
        member = Browser(potato.address)
        member.ask("/enter/")
        with servers.dead(store):
            crowd(potato.address, path, seconds=OUTAGE_SECONDS, data=b"x=1" if store == "postgres" else None)
            member.ask(path)
            for name in notice:
                potato.processes[name].wait_for_line(f"{store} is unavailable")
        Browser(potato.address).wait_for("/readyz", text=f'"store": "{store}", "state": "up"')
        for name in notice:
            potato.processes[name].wait_for_line(f"{store} is available again")

        for name, process in potato.processes.items():
            assert outages(process, store) == (1 if name in notice else 0), (name, process.lines())


def cut_redis(servers: Servers) -> None:
    """All connections, once the events process has one (again)."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Redis.from_url(f"{servers.env()['REDIS_URL']}/0") as operator:
        while not operator.pubsub_numsub(f"{servers.name}:published")[0][1]:
            assert time.monotonic() < deadline, "the events process does not listen"
            time.sleep(0.01)
        for kind in ("normal", "pubsub"):
            operator.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")


@pytest.mark.timeout(400)
# However slow this machine is, between two cuts the store has not settled.
@pytest.mark.parametrize("potato", [{"TEST_SETTLED_SECONDS": "10"}], indirect=True, ids=[""])
@pytest.mark.parametrize(
    ("store", "cut", "times", "notice"),
    [
        ("postgres", end_sessions, 20, {"web", "relay"}),
        # More often, and Celery writes that its worker connects too often.
        ("redis", cut_redis, 4, {"events"}),
    ],
)
class TestConnectionsCutWhileManyAsk:
    def test_is_one_line_when_it_begins_and_one_when_it_is_over(
        self, servers, potato, store, cut, times, notice
    ):
        asking = threading.Thread(target=crowd, args=[potato.address, "/enter/"], kwargs={"seconds": 6})
        asking.start()
        for _ in range(times):
            cut(servers)
        asking.join()
        for name in notice:
            potato.processes[name].wait_for_line(f"{store} is unavailable")
        for process in potato.processes.values():
            if any(f"{store} is unavailable" in line for line in process.lines()):
                process.wait_for_line(f"{store} is available again")

        for name, process in potato.processes.items():
            # Who did not use the store at the moment of a cut may have noticed nothing.
            assert outages(process, store) in ({1} if name in notice else {0, 1}), (name, process.lines())


class TestBeatStartedWithoutPostgresql:
    def test_waits_for_it_and_then_asks_for_work(self, servers, potato_env, tmp_path):
        env = {**potato_env, "POTATO_PREFIX": f"{servers.name}-beat"}
        queue = Redis.from_url(f"{potato_env['REDIS_URL']}/0")
        with ExitStack() as stack:
            with servers.dead("postgres"):
                beat = Process("beat", tmp_path / "log", *BEAT, env=env)
                stack.callback(beat.stop)
                beat.wait_for_line("postgres is unavailable (down)")
            beat.wait_for_line("postgres is available again")
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not queue.llen(f"{servers.name}-beat:{servers.name}-beat"):
                assert time.monotonic() < deadline, beat.lines()
                time.sleep(0.1)

        assert len(beat.lines()) == 2
