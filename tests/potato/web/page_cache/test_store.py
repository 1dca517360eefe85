"""Entries in the memory of one process."""

import threading
import time

import pytest

from potato.web.page_cache import store
from potato.web.page_cache.pages import Page, page_from
from potato.web.page_cache.store import EMPTY, MemoryStore

RICE = ("/items/rice/",)


def make_page() -> Page:
    headers = [("Content-Type", "text/html")]
    page = page_from("200 OK", headers, b"<p>rice</p>", boards="item:rice=1", made_at=1000.0)
    assert page is not None
    return page


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()


class TestMemoryStore:
    def test_lets_one_builder_claim_an_entry(self, memory):
        found = memory.get(RICE)

        assert memory.claim(RICE, found) is not None
        assert memory.claim(RICE, found) is None

    def test_lets_nobody_claim_an_entry_that_has_changed_since_it_was_found(self, memory):
        memory.put(RICE, make_page())
        found = memory.get(RICE)
        memory.put(RICE, make_page())

        assert memory.claim(RICE, found) is None
        assert memory.claim(RICE, memory.get(RICE)) is not None

    def test_lets_the_next_one_claim_an_entry_that_was_released(self, memory):
        memory.release(RICE, memory.claim(RICE, EMPTY))

        assert memory.claim(RICE, memory.get(RICE)) is not None

    def test_wakes_up_whoever_waits_when_the_build_has_ended(self, memory):
        builder = memory.claim(RICE, EMPTY)
        waiting = threading.Thread(target=memory.wait, args=(memory.get(RICE), 10))
        waiting.start()
        memory.put(RICE, make_page())
        time.sleep(0.05)
        assert waiting.is_alive()

        memory.release(RICE, builder)

        waiting.join(5)
        assert not waiting.is_alive()

    def test_lets_nobody_wait_longer_than_they_want(self, memory):
        memory.claim(RICE, EMPTY)
        started = time.monotonic()

        memory.wait(memory.get(RICE), 0.05)

        assert 0.05 <= time.monotonic() - started < 5

    def test_finds_the_page_that_was_stored_last(self, memory):
        pages = [make_page(), make_page()]
        for page in pages:
            memory.put(RICE, page)

        assert memory.get(RICE).page is pages[1]
        assert list(memory.pages) == [RICE]

    @pytest.mark.parametrize("forget_page", [True, False])
    def test_forgets_a_page_only_if_it_was_to_be_replaced(self, memory, forget_page):
        memory.put(RICE, make_page())

        memory.reject(RICE, forget_page=forget_page, now=0.0)

        assert memory.get(RICE).is_uncacheable
        assert (memory.get(RICE).page is None) == forget_page

    def test_bounds_pages_and_keys_without_a_page_each_by_themselves(self, memory, monkeypatch):
        monkeypatch.setattr(store, "MAX_ENTRIES", 3)
        memory.put(RICE, make_page())
        for number in range(5):
            memory.reject((str(number),), forget_page=False, now=0.0)

        assert memory.get(RICE).page is not None
        assert [memory.get((str(number),)).is_uncacheable for number in range(5)] == [False] * 2 + [True] * 3

    def test_holds_nothing_of_a_build_that_stored_nothing(self, memory):
        memory.release(RICE, memory.claim(RICE, EMPTY))

        assert memory.get(RICE) is EMPTY
