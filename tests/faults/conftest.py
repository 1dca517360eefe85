"""Real servers that a test may freeze and kill, and a real web process that talks to them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlparse

import psutil
import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Processes may take their time while the machine does other work; what is tested here is that they come.
PATIENCE_SECONDS = 90


class Servers:
    """PostgreSQL, MongoDB and Redis of this test run alone, so that nobody else's are frozen."""

    def __init__(self) -> None:
        self.name = f"faults-{os.getpid()}"

    def services(self, *args: str) -> str:
        return subprocess.run(
            ["bin/services", "--for", self.name, *args],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def status(self) -> str:
        """What runs; it fails where not all do, and says it all the same."""
        return subprocess.run(
            ["bin/services", "--for", self.name, "status"], cwd=PROJECT, capture_output=True, text=True
        ).stdout

    def env(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.services("env").splitlines())

    def port(self, store: str) -> int:
        name = {"postgres": "DATABASE_URL", "mongo": "MONGODB_URL", "redis": "REDIS_URL"}[store]
        port = urlparse(self.env()[name]).port
        assert port
        return port

    def processes(self, store: str) -> list[psutil.Process]:
        port = self.port(store)
        owner = next(
            found.pid
            for found in psutil.net_connections("tcp")
            if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid
        )
        parent = psutil.Process(owner)
        return [parent, *parent.children(recursive=True)]

    @contextmanager
    def frozen(self, *stores: str) -> Iterator[None]:
        """The servers keep their connections and say nothing, as in a machine that has lost its network."""
        stopped = [process for store in stores for process in self.processes(store)]
        for process in stopped:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in stopped:
                process.send_signal(signal.SIGCONT)

    @contextmanager
    def dead(self, store: str) -> Iterator[None]:
        self.services("down", store)
        try:
            yield
        finally:
            self.services("up", store)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    servers = Servers()
    servers.services("up")
    try:
        yield servers
    finally:
        servers.services("remove")


@dataclass
class Answer:
    status: int
    text: str
    headers: dict[str, str]
    seconds: float


@dataclass
class Browser:
    """Keeps cookies, follows nothing, measures."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, data: bytes | None = None) -> Answer:
        # As every browser says of a form on the site's own page.
        headers = {"Origin": self.address} if data is not None else {}
        request = urllib.request.Request(self.address + path, data=data, headers=headers)
        if self.cookies:
            request.add_header("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        started = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, body, headers = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            status, body, headers = error.code, error.read(), error.headers
        seconds = time.monotonic() - started
        for line in headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return Answer(status, body.decode(), dict(headers.items()), seconds)

    def wait_for(self, path: str, status: int = 200, *, text: str = "", data: bytes | None = None) -> Answer:
        """Ask until the answer is the one that is waited for."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.ask(path, data)
            if answer.status == status and text in answer.text:
                return answer
            assert time.monotonic() < deadline, f"{path}: still {answer.status}"
            time.sleep(0.2)


def crowd(address: str, path: str, *, seconds: float, data: bytes | None = None) -> list[Answer]:
    """Four browsers that ask again and again."""
    answers: list[Answer] = []
    deadline = time.monotonic() + seconds

    def keep_asking() -> None:
        browser = Browser(address)
        while time.monotonic() < deadline:
            answers.append(browser.ask(path, data))
            time.sleep(0.02)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def connect(servers: Servers) -> psycopg.Connection:
    return psycopg.connect(servers.env()["DATABASE_URL"].replace("postgis:", "postgresql:"), autocommit=True)


def end_sessions(servers: Servers) -> None:
    with connect(servers) as operator:
        operator.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it has started."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with suppress(psutil.NoSuchProcess):
            child.kill()


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert process.poll() is None, f"{process.args} ended at once"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, f"{process.args} does not listen"
            time.sleep(0.1)


@contextmanager
def running(command: list[str], *, env: dict[str, str], port: int) -> Iterator[str]:
    """A process of Potato; yields its address once it takes connections."""
    process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT), **env})
    try:
        wait_until_it_listens(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process)


@pytest.fixture(scope="session")
def potato_env(servers: Servers) -> dict[str, str]:
    """The environment of a process of Potato on these servers, migrated."""
    env = {**servers.env(), "DJANGO_SETTINGS_MODULE": "tests.faults.settings", "POTATO_PREFIX": servers.name}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=PROJECT,
        check=True,
        env={**os.environ, **env},
    )
    return env


@contextmanager
def web_process(env: dict[str, str]) -> Iterator[str]:
    """A web process with as many threads as ``bin/run`` gives one; its address."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    command += ["--workers", "1", "--blocking-threads", "32", "--no-ws", "--log-level", "warning"]
    env = {**env, "POTATO_PROCESS": "web"}
    with running([*command, "potato.wsgi:application"], env=env, port=port) as address:
        yield address


@pytest.fixture
def web(potato_env: dict[str, str]) -> Iterator[str]:
    """The address of a web process that has served a page."""
    with web_process(potato_env) as address:
        Browser(address).wait_for("/prices/")
        yield address


@pytest.fixture
def busy(web: str) -> float:
    """How many seconds a page takes at most while nothing is wrong: what else this machine has to do.

    The bounds that tests hold answers to are promised on a machine that has nothing else to do.
    """
    return max(answer.seconds for answer in crowd(web, "/prices/", seconds=0.5))
