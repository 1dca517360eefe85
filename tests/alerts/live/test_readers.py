"""What waits for an open page, and who is concerned by a price."""

import asyncio

from alerts.live import readers as module
from alerts.live.readers import HOME, Reader, Readers
from alerts.live.request import Asked, Style, Topics
from potato.preferences import NONE


def asked(*, items=(), shops=(), home=False) -> Asked:
    topics = Topics(frozenset(items), frozenset(shops), home)
    return Asked(topics=topics, style=Style("en", NONE), session=None, after=None)


class Page:
    """The other end: takes what is sent once it is let to."""

    def __init__(self, *, reads: bool = True) -> None:
        self.got = b""
        self.is_aborted = self.is_ended = False
        self.reads = asyncio.Event()
        if reads:
            self.reads.set()

    async def send(self, message) -> None:
        await self.reads.wait()
        self.got += message.get("body", b"")
        self.is_ended |= not message.get("more_body")

    def abort(self) -> None:
        self.is_aborted = True

    def reader(self, **topics) -> Reader:
        return Reader(asked(**topics), self.send, self.abort)


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


class TestReader:
    def test_holds_one_event_a_change(self):
        async def run():
            page = Page(reads=False)
            reader = page.reader(items=[1])
            for _ in range(50):
                reader.notify((1, 2, 3))
            return reader.take()

        assert asyncio.run(run()).count(b"event: price") == 1

    def test_holds_no_more_than_it_may_when_nobody_reads(self):
        async def run():
            reader = Page(reads=False).reader(items=[1, 2])
            for shop in range(100_000):
                reader.notify((1 + shop % 2, 1, shop))
                reader.push(b"mine")
            return reader.take()

        waiting = asyncio.run(run())

        assert waiting.count(b"event: price") <= module.MOST_PENDING + 2
        assert waiting.count(b"mine") == module.MOST_PENDING

    def test_sends_what_waits_before_it_ends_and_nothing_afterwards(self):
        async def run():
            page = Page()
            reader = page.reader(items=[1])
            reader.push(b"last")
            reader.end()
            await until(lambda: page.is_ended)
            reader.notify((1, 1, 1))
            await asyncio.sleep(0)
            return page.got

        assert asyncio.run(run()) == b"last"


class TestReaders:
    def test_forget_who_has_gone(self):
        async def run():
            readers, page = Readers(), Page()
            reader = page.reader(items=[1, 2], shops=[3], home=True)
            readers.add(reader)
            readers.remove(reader)
            readers.notify((1, 1, 3))
            assert not readers.everybody
            assert not readers._by_item and not readers._by_shop and not readers._at_home
            return reader.take()

        assert asyncio.run(run()) == b""

    def test_tell_the_first_page_once_of_what_comes_together(self, monkeypatch):
        monkeypatch.setattr(module, "HOME_SECONDS", 0.05)

        async def run():
            readers, page = Readers(), Page()
            readers.add(page.reader(home=True))
            for _ in range(100):
                readers.notify_home()
            await until(lambda: page.got)
            readers.notify_home()
            await until(lambda: page.got.count(b"event") == 2)
            return page.got

        assert asyncio.run(run()).count(module.event("price", dict.fromkeys(("item", "region", "shop")))) == 2

    def test_let_every_page_ask_again_after_something_was_missed(self, monkeypatch):
        monkeypatch.setattr(module, "SPREAD_SECONDS", 0.01)

        async def run():
            readers, page = Readers(), Page()
            readers.add(page.reader(items=[4], shops=[5], home=True))
            readers.catch_up()
            await until(lambda: page.got.count(b"event") == 3)
            return page.got

        got = asyncio.run(run())
        assert b'"item":4' in got and b'"shop":5' in got and module._price(HOME) in got

    def test_end_the_connection_of_a_page_that_takes_nothing(self, monkeypatch):
        monkeypatch.setattr(module, "SEND_SECONDS", 0.1)

        async def run():
            readers, silent, other = Readers(), Page(reads=False), Page()
            for page in (silent, other):
                readers.add(page.reader(items=[1]))
            work = asyncio.create_task(readers.look_after())
            readers.notify((1, 1, 1))
            await until(lambda: silent.is_aborted)
            work.cancel()
            return other

        other = asyncio.run(run())
        assert other.got and not other.is_aborted

    def test_send_a_sign_of_life_where_nothing_else_was_sent(self, monkeypatch):
        monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.0)

        async def run():
            readers, page = Readers(), Page()
            readers.add(page.reader(items=[1]))
            work = asyncio.create_task(readers.look_after())
            await until(lambda: page.got)
            work.cancel()
            return page.got

        assert asyncio.run(run()).startswith(module.HEARTBEAT)
