"""The events process: ``/alerts/stream/``, server-sent events for open pages. ASGI, without Django's handlers.

``?item=12&shop=5`` (up to ``MOST_TOPICS``) and ``home`` give an event ``price`` with ``{"item", "region", "shop"}`` whenever a
published price has changed what such a page shows; null is what is not known, and all three for the first page. The page then asks
for itself again: an event never says what something costs. To a person who is signed in come their own events, in the language
of ``lang`` (``en``, ``my``): ``unread`` (their number), ``alert`` (a notification), ``signed-out``, and ``elsewhere``
before a stream that is one too many ends. ``Last-Event-ID`` or ``after`` is the last notification that the page knows.

- ``request``: what a stream asks for, and which pages may read one.
- ``readers``: the open streams, and what each waits for.
- ``channel``: what is published through Redis.
- ``personal``: people who are signed in. ``sessions`` and ``inbox`` ask PostgreSQL for it, ``texts`` writes it out.

Redis or PostgreSQL unavailable: connections stay, and are sent what they missed when it is back.
"""

import asyncio
import gc
import os
import random
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from alerts.live import request as requests
from alerts.live.channel import listen
from alerts.live.personal import People
from alerts.live.readers import Message, Reader, Readers, Send

Receive = Callable[[], Awaitable[Message]]

PATH = "/alerts/stream/"
MOST_READERS = 20_000
# Pages come back at different times when this process was started again, all of them within five seconds.
RETRY_MS = (500, 4000)
SEND_BUFFER = 32_768
GONE_MS = 60_000

readers = Readers()


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """What uvicorn runs."""
    if scope["type"] == "lifespan":
        return await _lifespan(scope, receive, send)
    if scope["type"] != "http":
        return
    refusal, asked, origin = _read(scope)
    if asked is None:
        return await _refuse(send, *refusal)
    # Ten thousand of them, with all that browsers send along, are ten megabytes.
    scope["headers"].clear()
    await _start(send, origin)
    if scope["method"] == "HEAD":
        return await send({"type": "http.response.body"})
    await _stream(Reader(asked, send, _abort_of(send)), scope["state"]["people"], receive)


async def _lifespan(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    tasks: list[asyncio.Task[None]] = []
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            scope["state"]["people"] = people = People()
            work = (listen(readers, people), people.run(), readers.look_after())
            tasks = [asyncio.create_task(job) for job in work]
            # What was imported stays: with ten thousand streams each look through all of it would hold everybody up.
            gc.collect()
            gc.freeze()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            for task in tasks:
                task.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _read(scope: MutableMapping[str, Any]) -> tuple[tuple[int, str], requests.Asked | None, str | None]:
    """What a request asks for and its origin; or, without that, the status and the text to refuse it with."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host, origin = headers.get("host", ""), headers.get("origin")
    asked = None
    if scope["path"] == "/healthz":
        refusal = 200, "ok"
    elif scope["path"] != PATH:
        refusal = 404, "not found"
    elif scope["method"] not in ("GET", "HEAD"):
        refusal = 405, "GET only"
    elif not requests.is_ours(host):
        refusal = 400, "unknown host"
    elif origin is not None and not requests.may_read(origin=origin, host=host):
        refusal = 403, "unknown origin"
    elif len(readers.everybody) >= MOST_READERS:
        refusal = 503, "too many readers"
    else:
        asked = requests.read(scope["query_string"], headers)
        refusal = 400, f"ask for home, or 1 to {requests.MOST_TOPICS} numbers of items and shops"
    return refusal, asked, origin


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


async def _stream(reader: Reader, people: People, receive: Receive) -> None:
    readers.add(reader)
    try:
        reader.push(b"retry: %d\n\n" % random.randint(*RETRY_MS))
        if reader.asked.session:
            people.ask(reader)
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        # The server ends: a whole answer, for it would log an error for each page otherwise.
        await reader.finish()
    finally:
        readers.remove(reader)
        people.remove(reader)
        reader.close()


def _abort_of(send: Send) -> Callable[[], None]:
    """Return a function that ends the connection at once, even if its page reads nothing. The kernel buffers little for it.

    ASGI has no word for that. The end of an answer waits until the page has taken everything, which it never does, and
    the connection would stay for ever; so this is uvicorn's own transport.
    """
    transport: asyncio.WriteTransport = send.__self__.transport  # type: ignore[attr-defined]
    connection = transport.get_extra_info("socket")
    # Otherwise two megabytes wait before anything is noticed.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # A phone that has lost its network is noticed by its silence at heartbeats, not after a quarter of an hour.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_MS)
    return transport.abort


async def _refuse(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode() + b"\n"})
