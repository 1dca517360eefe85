"""The events process: ``/alerts/stream/``, server-sent events for open pages. ASGI, without Django's handlers.

``?item=12&item=13`` (up to ``MOST_ITEMS``) gives an event ``price`` with ``{"item", "region", "shop"}`` whenever a
published price has changed a board of one of these items; ``region`` and ``shop`` are null where several prices
were put together. The page then asks for itself again. What a person's alerts will add comes later, over the
same connection (with ``Last-Event-ID``).

The relay publishes to one Redis channel. Redis away: connections stay, and hear of what they may have missed when
it is back. A slow reader holds at most one pending event an item and shop, up to ``MOST_PENDING``.
"""

import asyncio
import json
import logging
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.log import configure_logging
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from potato.stores.breaker import REDIS, Fault
from potato.stores.redis import fault_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Change = tuple[int, int | None, int | None]
"""Item, region, shop."""

PATH = "/alerts/stream/"
MOST_ITEMS = 20
MOST_PENDING = 100
MOST_READERS = 20_000
HEARTBEAT_SECONDS = 20.0
# A reader that takes nothing for so long is gone, whatever its socket says.
SEND_SECONDS = 30.0
# Redis is asked for a sign of life after half of this, and given up after all of it.
SILENCE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 10.0
# After a time without Redis pages ask again, but not all of them at once.
SPREAD_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Reader:
    """One open page: what it wants to hear of, and what it has not been told yet."""

    def __init__(self, items: frozenset[int]) -> None:
        self.items = items
        self.something = asyncio.Event()
        self._pending: dict[Change, None] = {}

    def tell(self, change: Change) -> None:
        self._pending[change] = None
        if len(self._pending) > MOST_PENDING:
            self._pending = {(item, None, None): None for item, _, _ in self._pending}
        self.something.set()

    def tell_all(self) -> None:
        for item in self.items:
            self.tell((item, None, None))

    def take(self) -> bytes:
        """The events that wait, as they go over the wire; a comment when there are none."""
        pending, self._pending = self._pending, {}
        self.something.clear()
        if not pending:
            return b": still here\n\n"
        return b"".join(
            b"event: price\ndata: "
            + json.dumps({"item": item, "region": region, "shop": shop}, separators=(",", ":")).encode()
            + b"\n\n"
            for item, region, shop in pending
        )


class Readers:
    """Everybody who listens, by item."""

    def __init__(self) -> None:
        self._by_item: defaultdict[int, set[Reader]] = defaultdict(set)
        self.everybody: set[Reader] = set()

    def add(self, reader: Reader) -> None:
        self.everybody.add(reader)
        for item in reader.items:
            self._by_item[item].add(reader)

    def remove(self, reader: Reader) -> None:
        self.everybody.discard(reader)
        for item in reader.items:
            self._by_item[item].discard(reader)
            if not self._by_item[item]:
                del self._by_item[item]

    def tell(self, change: Change) -> None:
        for reader in self._by_item.get(change[0], ()):
            reader.tell(change)

    def catch_up(self) -> None:
        """Let everybody ask again, spread over some seconds."""
        loop = asyncio.get_running_loop()
        for reader in self.everybody:
            loop.call_later(random.uniform(0, SPREAD_SECONDS), reader.tell_all)


readers = Readers()


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """What uvicorn runs."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    listener: asyncio.Task[None] | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            # A missing setting is an error here, not with the first reader.
            configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
            listener = asyncio.create_task(listen(readers))
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if listener:
                listener.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] == "/healthz":
        return await _refuse(send, 200, "ok")
    if scope["path"] != PATH:
        return await _refuse(send, 404, "not found")
    if scope["method"] not in ("GET", "HEAD"):
        return await _refuse(send, 405, "GET only")
    host, origin = headers.get("host", ""), headers.get("origin")
    if not _is_ours(host):
        return await _refuse(send, 400, "unknown host")
    if origin is not None and not may_read(origin=origin, host=host):
        return await _refuse(send, 403, "unknown origin")
    items = wanted_items(scope["query_string"])
    if items is None:
        return await _refuse(send, 400, f"item must be 1 to {MOST_ITEMS} numbers")
    if len(readers.everybody) >= MOST_READERS:
        return await _refuse(send, 503, "too many readers")
    await _start(send, origin)
    if scope["method"] == "GET":
        await _stream(Reader(items), receive, send)
    else:
        await send({"type": "http.response.body"})


async def _start(send: Send, origin: str | None) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"vary", b"Origin"),
        # nginx would keep the events back to fill its buffer.
        (b"x-accel-buffering", b"no"),
    ]
    if origin is not None:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
        ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _stream(reader: Reader, receive: Receive, send: Send) -> None:
    gone = asyncio.create_task(_until_gone(receive, reader))
    readers.add(reader)
    try:
        # Pages come back at different times when this process was started again.
        await _send(send, b"retry: %d\n\n" % random.randint(2000, 8000))
        while not gone.done():
            try:
                await asyncio.wait_for(reader.something.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                pass
            if not gone.done():
                await _send(send, reader.take())
    except (TimeoutError, OSError):
        logger.debug("a reader is gone without a word")
    finally:
        readers.remove(reader)
        gone.cancel()


async def _until_gone(receive: Receive, reader: Reader) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reader.something.set()


async def _send(send: Send, body: bytes) -> None:
    await asyncio.wait_for(
        send({"type": "http.response.body", "body": body, "more_body": True}), timeout=SEND_SECONDS
    )


async def _refuse(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode() + b"\n"})


def wanted_items(query: bytes) -> frozenset[int] | None:
    """The items of a query; None if they are not 1 to ``MOST_ITEMS`` ids."""
    try:
        values = parse_qs(query.decode("ascii"), max_num_fields=2 * MOST_ITEMS).get("item", [])
    except ValueError:
        return None
    if not 1 <= len(values) <= MOST_ITEMS or not all(
        v.isascii() and v.isdigit() and len(v) < 19 for v in values
    ):
        return None
    return frozenset(int(value) for value in values)


def may_read(*, origin: str, host: str) -> bool:
    """Whether a page of ``origin`` may read the stream at ``host`` with its cookies.

    It may at the same origin, as one of ``CSRF_TRUSTED_ORIGINS``, and from the port of the web process on the same
    host (``POTATO_PORT``; any port in development). ``localhost`` and ``127.0.0.1`` are two hosts.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        page, port = urlsplit(origin), urlsplit(origin).port
    except ValueError:
        return False
    if page.scheme not in ("http", "https") or page.path or page.query or "@" in page.netloc:
        return False
    if page.netloc.lower() == host.lower():
        return True
    same_host = split_domain_port(page.netloc)[0] == split_domain_port(host)[0] != ""
    return same_host and (settings.DEBUG or str(port or "") == settings.POTATO_PORT != "")


def _is_ours(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def listen(readers: Readers) -> None:
    """Pass on what the relay publishes, for ever; without Redis, try again with growing pauses."""
    loop = asyncio.get_running_loop()
    pause, missed = 0.2, False
    while True:
        started = loop.time()
        client = Redis.from_url(
            settings.REDIS_LIVE,
            socket_connect_timeout=2,
            socket_timeout=SILENCE_SECONDS,
            # Trying again is done here, where it is known what was missed.
            retry=Retry(NoBackoff(), 0),
        )
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(settings.PUBLISHED_CHANNEL)
                await _hear(channel, readers, catch_up=missed)
        except (RedisError, OSError, TimeoutError) as error:
            REDIS.failed(fault_of(error) or Fault.DOWN, error)
        finally:
            await client.aclose()
        missed = True
        if loop.time() - started > 2 * LONGEST_PAUSE_SECONDS:
            pause = 0.2
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _hear(channel: Any, readers: Readers, *, catch_up: bool) -> None:
    """
    :raises TimeoutError: Redis has said nothing for ``SILENCE_SECONDS``, though it was asked for a sign of life.
    """
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        message = await channel.get_message(timeout=SILENCE_SECONDS / 4)
        if message is not None:
            heard = loop.time()
            # Each sign of life, not the first alone: an outage is over only when the store has answered for a while.
            REDIS.succeeded()
        elif loop.time() - heard > SILENCE_SECONDS:
            raise TimeoutError(f"no sign of life for {SILENCE_SECONDS:.0f} s")
        elif loop.time() - heard > SILENCE_SECONDS / 2:
            await channel.ping()
        if message and message["type"] == "subscribe" and catch_up:
            readers.catch_up()
        elif message and message["type"] == "message" and (change := _change(message["data"])):
            readers.tell(change)


def _change(data: bytes) -> Change | None:
    """What was published; None if it is nothing that we know."""
    try:
        match json.loads(data):
            case {"item": int(item), **where}:
                return item, _number(where.get("region")), _number(where.get("shop"))
    except (ValueError, RecursionError):
        pass
    logger.warning("not understood: %.200r", data)
    return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
