"""The events process: ``/alerts/stream/``, server-sent events for open pages. ASGI, without Django's handlers.

``?item=12&shop=5`` (up to ``MOST_TOPICS``) and ``home`` give an event ``price`` with ``{"item", "region", "shop"}`` whenever a
published price has changed what such a page shows; all are null where several prices were put together. The page then asks
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
import os
import random
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

readers = Readers()


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """What uvicorn runs."""
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)


async def _lifespan(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    tasks: list[asyncio.Task[None]] = []
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            scope["state"]["people"] = people = People()
            work = (listen(readers, people), people.run(), readers.look_after())
            tasks = [asyncio.create_task(job) for job in work]
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            for task in tasks:
                task.cancel()
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
    if not requests.is_ours(host):
        return await _refuse(send, 400, "unknown host")
    if origin is not None and not requests.may_read(origin=origin, host=host):
        return await _refuse(send, 403, "unknown origin")
    asked = requests.read(scope["query_string"], headers)
    if asked is None:
        return await _refuse(
            send, 400, f"ask for home, or 1 to {requests.MOST_TOPICS} numbers of items and shops"
        )
    if len(readers.everybody) >= MOST_READERS:
        return await _refuse(send, 503, "too many readers")
    await _start(send, origin)
    if scope["method"] == "GET":
        await _stream(Reader(asked, send, _abort_of(send)), scope["state"]["people"], receive)
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
    """What ends a connection though its page reads nothing.

    ASGI has no word for that. The end of an answer waits until the page has taken everything, which it never does, and
    the connection would stay for ever; so this is uvicorn's own transport.
    """
    transport: asyncio.WriteTransport = send.__self__.transport  # type: ignore[attr-defined]
    return transport.abort


async def _refuse(send: Send, status: int, why: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": why.encode() + b"\n"})
