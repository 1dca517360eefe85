"""Potato's web where no process has a page in its memory: each comes from Redis, as where another process has made it."""

import threading

from potato import release
from potato.web.page_cache import PageCache, SharedStore
from potato.web.page_cache.key import Key
from potato.web.page_cache.pages import Page
from potato.web.page_cache.states import Entry
from potato.web.page_cache.store import EMPTY, MemoryStore
from potato.web.request import Handler
from potato.web.request_bodies import Intake
from potato.wsgi import application as _set_up  # noqa: F401  Django, as for the real one


class NoMemory(MemoryStore):
    """Has nothing, stores nothing, and lets everybody look for a page in Redis by themselves."""

    def get(self, key: Key) -> Entry[Page]:
        return EMPTY

    def claim(self, key: Key, entry: Entry[Page]) -> threading.Event:
        return threading.Event()

    def put(self, key: Key, page: Page) -> None:
        pass

    def reject(self, key: Key, *, forget_page: bool, now: float) -> None:
        pass


cache = PageCache(Handler(), shared=SharedStore(release=release.name()))
cache.store = NoMemory()
application = Intake(cache)
