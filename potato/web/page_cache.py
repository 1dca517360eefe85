"""The page cache in front of Django: visitors' price pages, kept whole and compressed in each web process.

A page is kept when its view is marked with ``copy_suffices``, the visitor had no session, and the page was made
from boards (``made_from``); Django then names them in an internal header. It is served for ``CHECK_SECONDS`` without
asking anybody; then the newest ``rev`` of its boards is asked of Redis, and a page with an older one is made again.
Without Redis a page is kept for ``BLIND_SECONDS``, with its banner, and never for longer than ``LONGEST_SECONDS``: what
a page says of "today" and "3 h ago" ages without being written. A page that is not there yet is made once; who asks for
it meanwhile waits for ``WAIT_SECONDS`` at most.

Nothing personal gets in: a page that sets a cookie or does without MongoDB or PostgreSQL is not kept, and a request
with any cookie that is not known here (a session, a message) goes to Django. What a reader prefers (units, numerals,
home region) is part of the key.
"""

import gzip
import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.utils.translation import get_language_from_path
from django.utils.translation.trans_real import parse_accept_lang_header

from potato import preferences
from potato.stores import revisions
from potato.stores.breaker import REDIS
from potato.stores.degraded import HEADER as DEGRADED

BOARDS = "X-Potato-Boards"
"""From Django to here, never further: the boards of a page that may be kept, with their ``rev``."""

CHECK_SECONDS = 0.25
BLIND_SECONDS = 1.0
LONGEST_SECONDS = 60.0
WAIT_SECONDS = 0.3
MOST_PAGES = 500
MOST_QUERY_LENGTH = 200
QUERY_KEYS = frozenset(
    {"item", "region", "township", "category", "type", "unit", "max_age", "sort", "period", "page"}
)
# By the names of HTTP, what is smaller first.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5, mode=brotli.MODE_TEXT),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
Key = tuple[str, ...]

_made_from: ContextVar[dict[str, int] | None] = ContextVar("made_from", default=None)
_COOKIE = re.compile(r"\s*([^=;\s]+)\s*(?:=\s*([^;]*))?")


def made_from(revs: Mapping[str, int]) -> None:
    """Say which boards the page being made is made from, with the ``rev`` of each (0: there is none yet)."""
    known = _made_from.get()
    if known is not None:
        known.update(revs)


@contextmanager
def page() -> Iterator[dict[str, int]]:
    """The time in which one page is made; what it is made from."""
    revs: dict[str, int] = {}
    token = _made_from.set(revs)
    try:
        yield revs
    finally:
        _made_from.reset(token)


@dataclass(slots=True)
class Page:
    """A page as it was made, and when it was last known to be right (seconds of the cache's clock)."""

    headers: Headers
    bodies: dict[str, bytes]
    """By encoding; compressed when somebody first asks for it so."""
    tag: str
    revs: dict[str, int]
    longest: float
    made_at: float
    right_at: float
    being_made: threading.Lock = field(default_factory=threading.Lock)

    def body(self, encoding: str) -> bytes:
        if encoding not in self.bodies:
            self.bodies[encoding] = COMPRESS[encoding](self.bodies[""])
        return self.bodies[encoding]


class Edge:
    """A WSGI application around Django's."""

    def __init__(self, django: Wsgi, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._django = django
        self._clock = clock
        # Both with what was asked for last at the end.
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._unkept: OrderedDict[Key, None] = OrderedDict()
        """Pages that could not be kept the last time: nobody waits for another's."""
        self._first_made: dict[Key, threading.Event] = {}
        self._making = threading.Semaphore()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None:
            return self._ask_django(environ, start_response)
        page = self._kept(key)
        if page is not None and self._is_right(page):
            return _serve(page, environ, start_response)
        if page is None or page.longest < LONGEST_SECONDS:
            return self._make_first(key, environ, start_response)
        if not page.being_made.acquire(blocking=False):
            # Another thread makes it anew this very moment. What it replaces was right until now.
            if self._clock() - page.made_at < LONGEST_SECONDS + BLIND_SECONDS:
                return _serve(page, environ, start_response)
            return self._ask_django(_as_a_stranger(environ), start_response)
        try:
            newer = self._kept(key)
            if newer is not None and newer is not page and self._is_right(newer):
                return _serve(newer, environ, start_response)
            return self._make_anew(key, environ, start_response)
        finally:
            page.being_made.release()

    def _kept(self, key: Key) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def _is_right(self, page: Page) -> bool:
        now = self._clock()
        if now - page.made_at > page.longest:
            return False
        if now - page.right_at <= CHECK_SECONDS:
            return True
        newest = revisions.newest(list(page.revs))
        if newest is None:
            return now - page.made_at <= BLIND_SECONDS
        for board, rev in page.revs.items():
            known = newest[board]
            # None: Redis has been emptied, and may have missed a change.
            if known is None or known > rev:
                return False
        page.right_at = now
        return True

    def _make_first(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """A page that nobody has made yet: by one, while the others wait a moment."""
        has_token = settings.CSRF_COOKIE_NAME in environ.get("HTTP_COOKIE", "")
        if environ["REQUEST_METHOD"] != "GET" or key in self._unkept:
            return self._ask_django(environ, start_response, keep_as=None if has_token else key)
        if has_token:
            # One made for a visitor with a token is his alone, so that it is made for a stranger, if it can be.
            _whole(self._make_first(key, _as_a_stranger(environ), lambda *_: None))
            page = self._kept(key)
            if page is not None and self._is_right(page):
                return _serve(page, environ, start_response)
            return self._ask_django(environ, start_response)
        with self._lock:
            theirs = self._first_made.get(key)
            if theirs is None:
                mine = self._first_made[key] = threading.Event()
        if theirs is not None:
            theirs.wait(WAIT_SECONDS)
            page = self._kept(key)
            if page is not None and self._is_right(page):
                return _serve(page, environ, start_response)
            return self._ask_django(environ, start_response, keep_as=key)
        try:
            return self._ask_django(environ, start_response, keep_as=key)
        finally:
            with self._lock:
                del self._first_made[key]
            mine.set()

    def _make_anew(self, key: Key, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        said: list[Any] = []
        body = self._ask_django(
            _as_a_stranger(environ), lambda *args: said.append(args), keep_as=key, anew=True
        )
        page = self._kept(key)
        if page is not None:
            return _serve(page, environ, start_response)
        start_response(*said[0])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body

    def _ask_django(
        self,
        environ: Environ,
        start_response: StartResponse,
        *,
        keep_as: Key | None = None,
        anew: bool = False,
    ) -> Iterable[bytes]:
        """Django's answer; kept under ``keep_as`` if it may be kept. ``anew``: what was kept is forgotten otherwise."""
        started = self._clock()
        boards: list[str] = []
        said: list[Any] = []

        def start(status: str, headers: Headers, *rest: Any) -> None:
            boards.extend(value for name, value in headers if name == BOARDS)
            said[:] = [status, [(name, value) for name, value in headers if name != BOARDS], *rest]

        with self._turn(keep_as):
            body = self._django(environ, start)
        page = None
        is_whole = environ["REQUEST_METHOD"] == "GET"
        may_keep = bool(boards) and keep_as is not None and is_whole
        if may_keep or anew:
            body = _whole(body)
        if may_keep:
            page = _page(said[0], said[1], b"".join(body), boards[0], made_at=started)
        if keep_as is not None and is_whole:
            self._remember(keep_as, page, anew=anew)
        if page:
            revisions.tell(page.revs)
        if page and not anew:
            # Compressed, like for everybody who comes later.
            return _serve(page, environ, start_response)
        start_response(*said)
        return body

    @contextmanager
    def _turn(self, keep_as: Key | None) -> Iterator[None]:
        """Pages to keep are made one after the other, so that whoever sends a price meets one of them at most.

        Made at once they are not ready any sooner: it is work for one processor. One that waits for a store must not
        keep the others, hence ``WAIT_SECONDS``.
        """
        mine = keep_as is not None and self._making.acquire(timeout=WAIT_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._making.release()

    def _remember(self, key: Key, page: Page | None, *, anew: bool) -> None:
        """Keep a page, or that it cannot be kept; ``anew``: what was kept before is forgotten then."""
        with self._lock:
            if page or anew:
                self._pages.pop(key, None)
            self._unkept.pop(key, None)
            if page:
                self._pages[key] = page
            else:
                self._unkept[key] = None
            for some in (self._pages, self._unkept):
                while len(some) > MOST_PAGES:
                    some.popitem(last=False)


def key_of(environ: Environ) -> Key | None:
    """What makes one visitor's page differ from another's; None if this cache has no answer to such a request."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
        return None
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) > MOST_QUERY_LENGTH or len(query) > MOST_QUERY_LENGTH:
        return None
    if query and not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= QUERY_KEYS:
        return None
    language = ""
    if cookies := environ.get("HTTP_COOKIE"):
        for name, value in _COOKIE.findall(cookies):
            if name == settings.LANGUAGE_COOKIE_NAME:
                language = value
            elif name not in (settings.CSRF_COOKIE_NAME, settings.PREFERENCES_COOKIE_NAME):
                return None
    if path == "/" and not language:
        # The first page sends a first visitor to his language.
        accepted = parse_accept_lang_header(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200])
        wanted = accepted[0][0] if accepted else settings.POTATO_LANGUAGE
        if not wanted.startswith(settings.LANGUAGE_CODE):
            return None
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("wsgi.url_scheme", ""),
        environ.get("HTTP_X_FORWARDED_PROTO", "")[:8],
        path,
        query,
        ",".join(
            name
            for name in ("HTTP_HX_REQUEST", "HTTP_HX_BOOSTED", "HTTP_HX_HISTORY_RESTORE_REQUEST")
            if environ.get(name) == "true"
        ),
        str(preferences.read(environ)),
    )


def _as_a_stranger(environ: Environ) -> Environ:
    """The same request by somebody of whom no more is known than the key says: what is kept is made for everybody.

    What he prefers has been read by now, and stays with the request.
    """
    environ = {**environ, "REQUEST_METHOD": "GET"}
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE"):
        environ.pop(name, None)
    language = get_language_from_path(environ.get("PATH_INFO", "")) or settings.LANGUAGE_CODE
    environ["HTTP_COOKIE"] = f"{settings.LANGUAGE_COOKIE_NAME}={language}"
    return environ


def _whole(body: Iterable[bytes]) -> list[bytes]:
    chunks = list(body)
    if close := getattr(body, "close", None):
        # Django gives its connections back here.
        close()
    return chunks


def _page(status: str, headers: Headers, body: bytes, boards: str, *, made_at: float) -> Page | None:
    """The page to keep; None if it must not be kept."""
    said = {name.lower(): value for name, value in headers}
    if not status.startswith("200") or not said.get("content-type", "").startswith("text/html"):
        return None
    if "set-cookie" in said or said.get(DEGRADED.lower(), REDIS.name) != REDIS.name:
        return None
    own = ("content-length", "etag", "cache-control", "vary", "content-encoding")
    kept = [(name, value) for name, value in headers if name.lower() not in own]
    vary = said.get("vary", "Cookie")
    kept += [
        # Browsers ask each time, and are told by the ETag that nothing has changed.
        ("Cache-Control", "private, no-cache"),
        ("Vary", f"{vary}, Accept-Encoding"),
    ]
    revs = {name: int(rev) for name, _, rev in (pair.rpartition("=") for pair in boards.split(","))}
    return Page(
        headers=kept,
        bodies={"": body},
        tag=hashlib.sha256(body).hexdigest()[:20],
        revs=revs,
        # Without Redis nobody hears of newer boards, and the banner must not outlive the fault.
        longest=BLIND_SECONDS if DEGRADED.lower() in said else LONGEST_SECONDS,
        made_at=made_at,
        right_at=made_at,
    )


def _serve(page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    encoding = next((name for name in COMPRESS if _accepts(accepted, name)), "")
    tag = f'"{page.tag}{encoding}"'
    headers = [*page.headers, ("ETag", tag)]
    if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", [pair for pair in headers if pair[0].lower() != "content-type"])
        return []
    body = page.body(encoding)
    if encoding:
        headers.append(("Content-Encoding", encoding))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _accepts(accepted: str, encoding: str) -> bool:
    for offer in accepted.split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False
