"""A whole Potato as ``bin/run`` starts it, on databases of its own, and browsers to walk through it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest
import redis
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)
from psycopg import sql
from pymongo import MongoClient

PROJECT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PHONE = {"width": 360, "height": 740}
NARROWEST = {"width": 320, "height": 740}
READY = re.compile(r"Potato is ready: (http://\S+?)/$")
READY_SECONDS = 240
STOP_SECONDS = 30
COMMAND_SECONDS = 300
# A page may take its time while the machine does other work; what is tested here is that it comes.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


class Installation:
    """Potato's five processes on a PostgreSQL database, a MongoDB database and Redis keys that nobody else uses."""

    def __init__(self, name: str, *, folder: Path, **settings: str) -> None:
        self.name = f"journey_{name}_{os.getpid()}"
        self.folder = folder
        self.address = ""
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self.env = {
            **os.environ,
            "DEBUG": "true",
            "DATABASE_URL": self._renamed("DATABASE_URL"),
            "MONGODB_URL": self._renamed("MONGODB_URL"),
            "POTATO_PREFIX": self.name,
            **settings,
        }
        # Another test's settings, or another process' role, are none of a newcomer's.
        for variable in ("DJANGO_SETTINGS_MODULE", "POTATO_PROCESS", "POTATO_PORT", "EVENTS_URL"):
            self.env.pop(variable, None)

    def _renamed(self, variable: str) -> str:
        return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{self.name}"))

    def start(self) -> None:
        """Do what ``bin/run`` does once everything is installed; return when it says that it is ready."""
        self._create_databases()
        if (stamp := static_files_stamp()).exists():
            # The static files were collected before the tests: again would take longer than a journey.
            shutil.copy(stamp, self.folder)
        self._process = subprocess.Popen(
            [sys.executable, "bin/lib/run.py", str(self.folder)],
            cwd=PROJECT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader.start()
        self.address = self.line(READY, seconds=READY_SECONDS)[1]

    def stop(self) -> None:
        """End the processes as Ctrl-C does, and take the databases away."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process is not None:
            self._reader.join(STOP_SECONDS)
        self._remove_databases()

    def manage(self, *arguments: str, **env: str) -> str:
        """What a command of ``manage.py`` prints, run beside the processes as in another terminal."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env={**self.env, **env},
            # Whoever runs the tests with "-s" sits at a terminal, and is not the one to ask.
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, f"manage.py {arguments[0]}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def process(self, command: str) -> psutil.Process:
        """The running process with this word in its command."""
        assert self._process is not None
        return next(
            child
            for child in psutil.Process(self._process.pid).children(recursive=True)
            if command in child.cmdline()
        )

    def line(self, pattern: re.Pattern[str], *, seconds: float) -> re.Match[str]:
        """The newest line on the terminal with this pattern in it, waited for."""
        deadline = time.monotonic() + seconds
        while True:
            found = [match for line in list(self.lines) if (match := pattern.search(line))]
            if found:
                return found[-1]
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                tail = "\n".join(self.lines[-40:])
                raise AssertionError(f"nothing like {pattern.pattern!r} after {seconds} s in:\n{tail}")
            time.sleep(0.05)

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.lines.append(line.rstrip())

    def _create_databases(self) -> None:
        with self._postgres() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))

    def _remove_databases(self) -> None:
        with self._postgres() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.name))
            )
        with MongoClient(self.env["MONGODB_URL"]) as client:
            client.drop_database(self.name)
        for number in range(4):
            with redis.Redis.from_url(f"{self.env['REDIS_URL']}/{number}") as keys:
                if mine := list(keys.scan_iter(f"*{self.name}*")):
                    keys.delete(*mine)

    def _postgres(self) -> Any:
        url = urlsplit(os.environ["DATABASE_URL"])._replace(scheme="postgresql", path="/postgres")
        return psycopg.connect(urlunsplit(url), autocommit=True)


def static_files_stamp() -> Path:
    """What bin/lib/prepare.py notes once it has collected the static files of this checkout."""
    where = ". bin/lib/setup.sh; echo $data"
    told = subprocess.run(["bash", "-c", where], cwd=PROJECT, check=True, capture_output=True, text=True)
    return Path(told.stdout.strip()) / "static-files"


@pytest.fixture(scope="package")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Installation]]:
    """Make a Potato of one's own; it ends with the journeys."""
    made: list[Installation] = []

    def make(name: str, **settings: str) -> Installation:
        installation = Installation(name, folder=tmp_path_factory.mktemp(name), **settings)
        made.append(installation)
        installation.start()
        return installation

    yield make
    for installation in made:
        installation.stop()


@pytest.fixture(scope="package")
def demo(install: Callable[..., Installation]) -> Installation:
    """A Potato with some made-up prices and the demo accounts."""
    installation = install("demo")
    installation.manage("seed_demo", "--entries", "1000", "--days", "60")
    installation.manage("create_demo_users")
    return installation


# Of the package, not of the session: while Playwright runs, Django takes this thread for an asynchronous one.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


class Walk:
    """One person's browser. Whatever goes wrong in it unseen is kept, for a test to say that nothing did."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.page = context.new_page()
        self.trouble: list[str] = []
        self.visited: set[str] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.trouble.append(f"script on {self.page.url}: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def go(self, path: str) -> Page:
        """Type an address."""
        response = self.page.goto(path if path.startswith("http") else self.address + path)
        assert response is not None and response.status == 200, f"{path}: {response and response.status}"
        return self.page

    def follow(self, way: Locator) -> Page:
        """Click what leads to another page, and wait for that page, whole."""
        with self.page.expect_navigation():
            way.click()
        return self.page

    def look_at_it(self) -> None:
        """The page fits the narrowest phone, and says in which language it is."""
        self.page.set_viewport_size(NARROWEST)
        assert not scrolls_sideways(self.page), f"{self.page.url} is wider than {NARROWEST['width']} px"
        self.page.set_viewport_size(PHONE)
        assert self.page.locator("html").get_attribute("lang") in ("en", "my"), self.page.url

    def _console(self, message: Any) -> None:
        # htmx says so when what is typed on makes it ask anew, as it was told to.
        given_up = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        # Playwright's word on the pages of all walks but those that are about the worker.
        given_up = given_up or "Service Worker registration blocked by Playwright" in message.text
        if message.type in ("error", "warning") and not given_up:
            self.trouble.append(f"console on {self.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        # Whoever goes on to the next page does not wait for what the last one was still asking.
        if request.failure != "net::ERR_ABORTED":
            self.trouble.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.request.method} {response.url}: {response.status}")
        request = response.request
        if request.is_navigation_request() and request.method == "GET" and response.status == 200:
            self.visited.add(response.url)


def sign_in(walk: Walk, *, role: str) -> None:
    """As one of the demo accounts."""
    page = walk.go("/accounts/login/")
    page.get_by_label("E-mail address").fill(f"{role}@potato.test")
    page.get_by_label("Password").fill(f"mangosteen-{role}")
    walk.follow(page.get_by_role("main").get_by_role("button", name="Sign in"))
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Sign in")).to_have_count(0)


@contextmanager
def asleep(installation: Installation, command: str) -> Iterator[None]:
    """One of the processes does nothing meanwhile."""
    process = installation.process(command)
    process.suspend()
    try:
        yield
    finally:
        process.resume()


@contextmanager
def walking(chromium: Browser, address: str, **options: Any) -> Iterator[Walk]:
    """A fresh browser on a phone, unless ``options`` of Playwright's contexts say otherwise."""
    context = chromium.new_context(
        **{"viewport": PHONE, "locale": "en-GB", "service_workers": "block", **options}
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield Walk(context, address)
    finally:
        context.close()


def scrolls_sideways(page: Page) -> bool:
    """Whether the page as it stands is wider than its window."""
    # Asked of the element, which is waited for: a page that has only just arrived has no root yet.
    return bool(page.locator("html").evaluate("root => root.scrollWidth > root.clientWidth"))
