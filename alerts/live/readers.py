"""Open streams: what each waits for, what is still to be sent to it, and which of them a published price concerns.

An idle stream is one task of the server's, which waits for the page to go, and holds no timer: heartbeats and streams that take
nothing are looked after for all of them together (:meth:`Readers.look_after`).
"""

import asyncio
import json
import logging
import random
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from alerts.live.request import Asked

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Change = tuple[int | None, int | None, int | None]
"""Item, region, shop of a price; None where several were put together."""

MOST_PENDING = 100
HEARTBEAT_SECONDS = 20.0
# A reader that takes nothing for so long is gone, whatever its socket says.
SEND_SECONDS = 30.0
# First pages get an event at most so often.
HOME_SECONDS = 3.0
# After a time without Redis pages ask again, but not all of them at once.
SPREAD_SECONDS = 10.0
HEARTBEAT = b": still here\n\n"
HOME: Change = (None, None, None)

logger = logging.getLogger(__name__)


def event(name: str, data: object, *, id: int | None = None) -> bytes:
    """A server-sent event as it goes over the wire."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    own = "" if id is None else f"id: {id}\n"
    return f"event: {name}\n{own}data: {text}\n\n".encode()


@lru_cache(maxsize=1000)
def _price(change: Change) -> bytes:
    item, region, shop = change
    return event("price", {"item": item, "region": region, "shop": shop})


@dataclass(slots=True)
class Person:
    """Who reads a stream, and what its page knows: the last notification, and how many are unread."""

    user_id: int
    session: str
    last: int
    unread: int
    recent: deque[int] | None = None
    """The last notifications that were sent: they may come twice, written and caught up with."""


class Reader:
    """One open stream.

    :param send: the server's, of ASGI.
    :param abort: ends the connection at once, whatever still waits to be sent.
    """

    __slots__ = (
        "_has_ended",
        "_is_ending",
        "_pending",
        "_personal",
        "_send",
        "_sending",
        "_waits_since",
        "abort",
        "asked",
        "due",
        "person",
    )

    def __init__(self, asked: Asked, send: Send, abort: Callable[[], None]) -> None:
        self.asked, self.abort = asked, abort
        # A ``personal.Person``, once it is known who reads.
        self.person: Any = None
        self.due = 0.0
        """When a heartbeat is to be sent if nothing else is; seconds of the loop's clock."""
        self._send = send
        self._pending: dict[Change, None] | None = None
        self._personal: list[bytes] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._waits_since: float | None = None
        self._is_ending = self._has_ended = False

    def notify(self, change: Change) -> None:
        """A price that it asked for was published."""
        if self._pending is None:
            self._pending = {}
        self._pending[change] = None
        if len(self._pending) > MOST_PENDING:
            self._pending = dict.fromkeys(self._everything())
        self._wake()

    def notify_everything(self) -> None:
        """Any price that it asked for may have been published."""
        for change in self._everything():
            self.notify(change)

    def push(self, data: bytes) -> None:
        """Send something of its own. More than it may have waiting is dropped: it is read from PostgreSQL later."""
        if self._personal is None:
            self._personal = []
        if len(self._personal) < MOST_PENDING:
            self._personal.append(data)
        self._wake()

    def end(self) -> None:
        """Send what waits, and close the stream."""
        self._is_ending = True
        self._wake()

    async def finish(self) -> None:
        """Close the stream without what waits."""
        self.close()
        if not self._has_ended:
            self._has_ended = True
            await self._send({"type": "http.response.body"})

    def take(self) -> bytes:
        """The events that wait, as they go over the wire."""
        personal, self._personal = self._personal or (), None
        pending, self._pending = self._pending or (), None
        return b"".join([*personal, *map(_price, pending)])

    def is_stuck(self, now: float) -> bool:
        """Whether its page has taken nothing for too long."""
        return self._waits_since is not None and now - self._waits_since > SEND_SECONDS

    def close(self) -> None:
        """Forget what waits: the page is gone."""
        if self._sending:
            self._sending.cancel()

    def _everything(self) -> Iterable[Change]:
        topics = self.asked.topics
        yield from ((item, None, None) for item in topics.items)
        yield from ((None, None, shop) for shop in topics.shops)
        if topics.home:
            yield HOME

    def _wake(self) -> None:
        if self._sending is None and not self._has_ended:
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := self.take():
                self._waits_since = loop.time()
                await self._send({"type": "http.response.body", "body": data, "more_body": True})
            if self._is_ending:
                self._has_ended = True
                await self._send({"type": "http.response.body"})
            # Thousands that were sent the same price are not to be sent a heartbeat in the same moment.
            self.due = loop.time() + HEARTBEAT_SECONDS * random.uniform(0.7, 1.0)
        except OSError:
            logger.debug("a reader is gone without a word")
        finally:
            self._waits_since = self._sending = None


class Readers:
    """All open streams, by what they ask for."""

    def __init__(self) -> None:
        self.everybody: set[Reader] = set()
        self._by_item: defaultdict[int, set[Reader]] = defaultdict(set)
        self._by_shop: defaultdict[int, set[Reader]] = defaultdict(set)
        self._at_home: set[Reader] = set()
        self._home_at = float("-inf")
        self._home_waits = False

    def add(self, reader: Reader) -> None:
        self.everybody.add(reader)
        topics = reader.asked.topics
        for index, ids in ((self._by_item, topics.items), (self._by_shop, topics.shops)):
            for id in ids:
                index[id].add(reader)
        if topics.home:
            self._at_home.add(reader)

    def remove(self, reader: Reader) -> None:
        self.everybody.discard(reader)
        self._at_home.discard(reader)
        topics = reader.asked.topics
        for index, ids in ((self._by_item, topics.items), (self._by_shop, topics.shops)):
            for id in ids:
                index[id].discard(reader)
                if not index[id]:
                    del index[id]

    def notify(self, change: Change) -> None:
        """A price was published."""
        item, _region, shop = change
        concerned = {*self._by_item.get(item or 0, ()), *self._by_shop.get(shop or 0, ())}
        for reader in concerned:
            reader.notify(change)

    def notify_home(self) -> None:
        """What the first page shows is new."""
        if self._at_home and not self._home_waits:
            loop = asyncio.get_running_loop()
            self._home_waits = True
            loop.call_at(max(loop.time(), self._home_at + HOME_SECONDS), self._notify_homes)

    def _notify_homes(self) -> None:
        self._home_waits = False
        self._home_at = asyncio.get_running_loop().time()
        for reader in self._at_home:
            reader.notify(HOME)

    def catch_up(self) -> None:
        """Let every page ask again, spread over some seconds."""
        loop = asyncio.get_running_loop()
        for reader in self.everybody:
            loop.call_later(random.uniform(0, SPREAD_SECONDS), reader.notify_everything)

    async def look_after(self) -> None:
        """Send heartbeats, and end the connections of pages that take nothing; for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(1)
            now = loop.time()
            for reader in list(self.everybody):
                if reader.is_stuck(now):
                    logger.info("a page has taken nothing for %.0f s: its stream ends", SEND_SECONDS)
                    reader.abort()
                elif now > reader.due:
                    reader.push(HEARTBEAT)
