"""The page cache before a Django of one page, and what it answers."""

import io
import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.types import WSGIApplication

import pytest

from potato.stores.breaker import REDIS, Fault
from potato.web import page_cache


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Django:
    """Makes a page from one board, and counts how often it has to."""

    def __init__(self, board: str) -> None:
        self.board, self.rev, self.made = board, 1, 0
        self.status, self.headers = "200 OK", []
        self.asked: list[dict[str, Any]] = []
        self.closed = 0
        self.keeps = True
        self.before: Callable[[], None] = lambda: None

    def __call__(self, environ, start_response):
        self.made += 1
        self.asked.append(environ)
        body = f"<p>{self.rev}</p>".encode() * 100
        self.before()
        boards = [(page_cache.BOARDS, f"{self.board}={self.rev}")] if self.keeps else []
        start_response(
            self.status,
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("X-Frame-Options", "DENY"),
                *self.headers,
                *boards,
            ],
        )
        django = self

        class Body(list):
            def close(self):
                django.closed += 1

        return Body([body])


class Answer:
    def __init__(
        self,
        app: page_cache.PageCache,
        path: str = "/items/rice/",
        query: str = "",
        method: str = "GET",
        **headers: str,
    ) -> None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "testserver",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        said: list[Any] = []
        body = app(environ, lambda status, headers, *_: said.extend((status, dict(headers))))
        self.body = b"".join(body)
        if close := getattr(body, "close", None):
            close()
        self.status, self.headers = said


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def django() -> Django:
    return Django(f"item:{uuid.uuid4().hex}")


def shared_store(**clock: Clock) -> page_cache.SharedStore:
    """A store of a release of its own, which finds nothing of other tests."""
    return page_cache.SharedStore(release=uuid.uuid4().hex, **clock)


class Processes:
    """Two processes of one release before one Django: requests go to one and the other in turn.

    :param clock: of both processes and their hosts; without it the real ones.
    """

    def __init__(self, django: WSGIApplication, **clock: Clock) -> None:
        shared = shared_store(**clock)
        self.all = [page_cache.PageCache(django, shared=shared, **clock) for _ in range(2)]
        self._next = itertools.cycle(self.all)

    def __call__(self, environ, start_response):
        return next(self._next)(environ, start_response)


@pytest.fixture
def processes(django: Django, clock: Clock) -> Processes:
    return Processes(django, clock=clock)


@pytest.fixture(params=["one process", "two processes"])
def app(request: pytest.FixtureRequest, django: Django, clock: Clock) -> page_cache.PageCache | Processes:
    """What holds for the memory of a process holds for pages in Redis."""
    return (
        page_cache.PageCache(django, clock=clock)
        if request.param == "one process"
        else Processes(django, clock=clock)
    )


one_process = pytest.mark.parametrize("app", ["one process"], indirect=True)
"""For what each process does by itself."""


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(REDIS, "_pause", 3600)
    REDIS.failed(Fault.SLOW)
    yield


class Slow:
    """The first page that is made waits inside Django until it may go on; the others do not."""

    def __init__(self, app: page_cache.PageCache, django: Django) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.maker = threading.Thread(target=Answer, args=(app,))
        self._first = threading.Semaphore(1)
        django.before = self._wait

    def begin_again(self) -> None:
        self._first.release()

    def _wait(self) -> None:
        if self._first.acquire(blocking=False):
            self.inside.set()
            self.go_on.wait(10)


@pytest.fixture
def slow(app: page_cache.PageCache, django: Django) -> Iterator[Slow]:
    slow = Slow(app, django)
    yield slow
    slow.go_on.set()
    if slow.maker.is_alive():
        slow.maker.join(10)
