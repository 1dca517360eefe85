"""The entries of the page cache in the memory of one process."""

import threading
from collections import OrderedDict

from potato.web.page_cache.key import Key
from potato.web.page_cache.pages import Page
from potato.web.page_cache.states import Entry

MAX_ENTRIES = 500
"""Of pages, and as many of keys without one."""

EMPTY: Entry[Page] = Entry()


class MemoryStore:
    """Finds, stores and forgets entries, and lets one thread at a time claim the building of one.

    Everything that threads share goes through here; the page cache holds nothing by key.
    """

    def __init__(self) -> None:
        # Each with what was asked for or changed last at the end.
        self.pages: OrderedDict[Key, Entry[Page]] = OrderedDict()
        self._without_page: OrderedDict[Key, Entry[Page]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Entry[Page]:
        with self._lock:
            if (entry := self.pages.get(key)) is None:
                return self._without_page.get(key, EMPTY)
            self.pages.move_to_end(key)
            return entry

    def claim(self, key: Key, entry: Entry[Page]) -> threading.Event | None:
        """Become the builder of an entry; None if it is no longer the one that was found. To be released."""
        builder = threading.Event()
        with self._lock:
            if self._find(key) is not entry:
                return None
            self._set(key, entry.claimed(builder))
        return builder

    def put(self, key: Key, page: Page) -> None:
        with self._lock:
            self._set(key, self._find(key).stored(page))

    def reject(self, key: Key, *, forget_page: bool, now: float) -> None:
        """Remember that an answer may not be stored; ``forget_page``: nor may the one be served that it replaces."""
        with self._lock:
            self._set(key, self._find(key).rejected(forget_page=forget_page, now=now))

    def release(self, key: Key, builder: threading.Event) -> None:
        """End a build, and wake up whoever waits for it."""
        with self._lock:
            entry = self._find(key)
            if entry.builder is builder:
                self._set(key, entry.released(builder))
        builder.set()

    def wait(self, entry: Entry[Page], seconds: float) -> None:
        """Wait until the builder of an entry has ended, at most for so long."""
        if isinstance(entry.builder, threading.Event):
            entry.builder.wait(seconds)

    def _find(self, key: Key) -> Entry[Page]:
        return self.pages.get(key) or self._without_page.get(key) or EMPTY

    def _set(self, key: Key, entry: Entry[Page]) -> None:
        self.pages.pop(key, None)
        self._without_page.pop(key, None)
        if entry == EMPTY:
            return
        entries = self._without_page if entry.page is None else self.pages
        entries[key] = entry
        while len(entries) > MAX_ENTRIES:
            entries.popitem(last=False)
