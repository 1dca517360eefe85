"""The page cache as a WSGI application around Django's."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from potato.stores import revisions
from potato.stores.member_documents import MemberDocument
from potato.web.page_cache import members
from potato.web.page_cache.key import Key, anonymised, has_form_token, key_of
from potato.web.page_cache.pages import COMPRESS, Headers, Page, accepts, page_from
from potato.web.page_cache.personal import FORM_TOKEN, PARTS
from potato.web.page_cache.shared import SharedStore
from potato.web.page_cache.sources import BOARDS
from potato.web.page_cache.states import Action, Entry, State, compare, decide
from potato.web.page_cache.store import MemoryStore

WAIT_SECONDS = 0.3
"""For so long a request waits for the builder of its page, and a build for its turn."""


class PageCache:
    """A WSGI application that serves stored pages, and asks Django's for all others.

    :param shared: where processes find each other's pages; None: each builds its own.
    :param clock: seconds, for the ages of pages in the memory of this process.
    """

    def __init__(
        self,
        django: WSGIApplication,
        *,
        shared: SharedStore | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = MemoryStore()
        self._shared = shared
        self._django = django
        self._clock = clock
        self._building = threading.Semaphore()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if key is None:
            return self._answer_member(environ, start_response)
        entry, state = self._look_up(key)
        if state is State.FRESH and entry.page is not None:
            # What ``decide`` answers whoever asks: the short way, for nearly every request.
            return _serve(entry.page, environ, start_response)
        return self._answer(key, entry, state, environ, start_response)

    def _answer(
        self,
        key: Key,
        entry: Entry[Page],
        state: State,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        is_get, has_token = environ["REQUEST_METHOD"] == "GET", has_form_token(environ)
        is_second_look = False
        while True:
            action = decide(state, is_get=is_get, has_token=has_token, is_second_look=is_second_look)
            if action is Action.SERVE and entry.page is not None:
                return _serve(entry.page, environ, start_response)
            if action is Action.BYPASS:
                return _Response(self._django, environ).send(start_response)
            if action is Action.BUILD_UNCLAIMED:
                return self._build(key, environ, start_response)
            if action is Action.WAIT:
                self.store.wait(entry, WAIT_SECONDS)
                is_second_look = True
            elif action is Action.BUILD_SHARED:
                _read(self._answer(key, entry, state, anonymised(environ), lambda *_: _ignore))
                is_second_look = True
            elif builder := self.store.claim(key, entry):
                try:
                    return self._make(key, entry.claimed(builder), action, environ, start_response)
                finally:
                    self.store.release(key, builder)
            entry, state = self._look_up(key)

    def _answer_member(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer who has a session: with the stored page, filled for a member, else as Django does."""
        asked = members.read(environ)
        if asked is not None and (key := key_of(asked.as_visitor)) is not None:
            found = self._find_for_member(key, asked, environ)
            if found is not None and (filled := found[0].for_members()) is not None:
                secret = members.form_secret(environ)
                # Without, Django gives the reader one.
                if secret or FORM_TOKEN not in filled.slots:
                    return members.serve(found[0], filled, found[1], secret, environ, start_response)
        return _Response(self._django, environ).send(start_response)

    def _find_for_member(
        self, key: Key, asked: members.Asked, environ: WSGIEnvironment
    ) -> tuple[Page, MemberDocument] | None:
        """The page to fill, built if need be, and what to fill it with. At most two reads of Redis for a stored page."""
        entry, now = self.store.get(key), self._clock()
        page, state = entry.page, entry.state(now)
        if page.places is None if page is not None else not members.may_be_filled(environ):
            return None
        if state is State.UNCACHEABLE:
            if not entry.is_to_be_tried_again(now):
                return None
            state = State.ABSENT
        revs = page.revs if page is not None and state is State.UNCHECKED else {}
        found = members.document_of(asked, list(revs))
        if found is None:
            environ[members.DOCUMENT_IS_MISSING] = True
            return None
        document, newest = found
        if page is not None and revs:
            state = entry.checked(page, compare(revs, newest), now)
        action = decide(state, is_get=True, has_token=True, is_second_look=False)
        if action is Action.SERVE and page is not None:
            return page, document
        if action is Action.BYPASS:
            return None
        _read(self._answer(key, entry, state, anonymised(asked.as_visitor), lambda *_: _ignore))
        entry, state = self._look_up(key)
        is_right = state in (State.FRESH, State.REBUILDING)
        return (entry.page, document) if is_right and entry.page is not None else None

    def _look_up(self, key: Key) -> tuple[Entry[Page], State]:
        entry, now = self.store.get(key), self._clock()
        state = entry.state(now)
        if state is State.UNCHECKED and entry.page is not None:
            revs = entry.page.revs
            state = entry.checked(entry.page, compare(revs, revisions.newest(list(revs))), now)
        return entry, state

    def _make(
        self,
        key: Key,
        entry: Entry[Page],
        action: Action,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer as the one of this process who claimed an entry: with the page of another process, or build it."""
        build = self._build if action is Action.BUILD else self._rebuild
        if self._shared is None:
            return build(key, environ, start_response)
        if page := self._take_shared(key):
            return _serve(page, environ, start_response)
        with self._shared.claim(key) as is_mine:
            if not is_mine:
                if entry.outdated(self._clock()) is State.REBUILDING and entry.page is not None:
                    # As while another thread of this process builds.
                    return _serve(entry.page, environ, start_response)
                self._shared.wait(key, WAIT_SECONDS)
            # Whoever built it may have ended since the first look.
            if page := self._take_shared(key):
                return _serve(page, environ, start_response)
            return build(key, environ, start_response)

    def _take_shared(self, key: Key) -> Page | None:
        """The page of another process, from now on also in the memory of this one."""
        page = self._shared.get(key, now=self._clock()) if self._shared else None
        if page is not None:
            self.store.put(key, page)
        return page

    def _build(self, key: Key, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response, page = self._ask_django(key, environ, is_rebuild=False)
        if page is not None:
            # Compressed, like for everybody who comes later.
            return _serve(page, environ, start_response)
        return response.send(start_response)

    def _rebuild(self, key: Key, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response, page = self._ask_django(key, anonymised(environ), is_rebuild=True)
        if page is not None:
            return _serve(page, environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            _read(response.body)
            response.body = []
        return response.send(start_response)

    def _ask_django(
        self, key: Key, environ: WSGIEnvironment, *, is_rebuild: bool
    ) -> tuple["_Response", Page | None]:
        """Django's answer, and the page that was stored of it, if it may be stored."""
        made_at = self._clock()
        with self._turn():
            response = _Response(self._django, environ)
        if environ["REQUEST_METHOD"] != "GET":
            return response, None
        page = response.page(made_at=made_at)
        if page is None:
            self.store.reject(key, forget_page=is_rebuild, now=self._clock())
        else:
            self.store.put(key, page)
            revisions.tell(page.revs)
            if self._shared:
                self._shared.put(key, page, now=self._clock())
        return response, page

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Pages to store are built one after the other, so that whoever sends a price meets one of them at most.

        Built at once they are not ready any sooner: it is work for one processor. One that waits for a store must not
        hold up the others, hence ``WAIT_SECONDS``.
        """
        is_mine = self._building.acquire(timeout=WAIT_SECONDS)
        try:
            yield
        finally:
            if is_mine:
                self._building.release()


class _Response:
    """Django's answer to a request, without the internal header."""

    def __init__(self, django: WSGIApplication, environ: WSGIEnvironment) -> None:
        self._boards: str | None = None
        self._environ = environ
        self.body = django(environ, self._start)

    def _start(self, status: str, headers: Headers, *exc_info: Any) -> Callable[[bytes], object]:
        self._boards = next((value for name, value in headers if name == BOARDS), None)
        headers = [(name, value) for name, value in headers if name != BOARDS]
        self._started = (status, headers, *exc_info)
        return _ignore

    def page(self, *, made_at: float) -> Page | None:
        """The page to store; None if it must not be stored."""
        if not self._boards:
            return None
        self.body = _read(self.body)
        status, headers, *_ = self._started
        return page_from(
            status,
            headers,
            b"".join(self.body),
            boards=self._boards,
            parts=self._environ.get(PARTS),
            made_at=made_at,
        )

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        start_response(*self._started)
        return self.body


def _ignore(_chunk: bytes) -> None:
    """WSGI's ``write``, which Django does not use."""


def _read(body: Iterable[bytes]) -> list[bytes]:
    chunks = list(body)
    if close := getattr(body, "close", None):
        # Django gives its connections back here.
        close()
    return chunks


def _serve(page: Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    encoding = next((name for name in COMPRESS if accepts(accepted, name)), "")
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
