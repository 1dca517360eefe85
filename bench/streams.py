"""Ten thousand pages that are open at once: memory of the events process, how soon a price reaches the last one, and
whether pages take longer meanwhile.

Clients are bare sockets in this process, over loopback; they share the machine's processors with all that is measured.
"""

import asyncio
import json
import os
import resource
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from bench.clients import HOST, Browser
from bench.figures import Figure, Report, Samples, figure
from bench.servers import Running
from potato.stores import redis

STREAMS = 10_000
RETURNING = 1000
AT_ONCE = 200
PUBLISHES = 10
PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
PAGES_SECONDS = 12.0
ITEM = 999_999
"""No item of the demo: nothing else is sent to these streams."""

# What Chrome sends along: it takes memory, too.
BROWSER = {
    "Connection": "keep-alive",
    "Cache-Control": "no-cache",
    "sec-ch-ua": '"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"',
    "sec-ch-ua-mobile": "?1",
    "sec-ch-ua-platform": '"Android"',
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Accept": "text/event-stream",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "my-MM,my;q=0.9,en-GB;q=0.8,en;q=0.7",
    "Cookie": "csrftoken=" + 32 * "c",
}

# Goals.
MOST_MEGABYTES, MOST_SECONDS, MOST_BACK_SECONDS = 250, 0.5, 5.0


def measure(potato: Running, page: str, *, report: Report) -> None:
    _raise_limit()
    alone = _pages(potato.port, page, seconds=PAGES_SECONDS)
    report.add(figure("pages", "an item's page, nobody listens", alone))
    before = potato.megabytes("events")
    began = time.monotonic()
    with _open_streams(int(os.environ["EVENTS_PORT"])) as streams:
        report.facts[f"seconds to open {STREAMS:,} streams"] = f"{time.monotonic() - began:.1f}"
        silent = _pages(potato.port, page, seconds=PAGES_SECONDS)
        report.add(figure("pages", "the same, streams open", silent))
        first, last = _publishes(streams)
        report.add(
            figure("streams", "publish to first", first),
            figure("streams", "publish to last", last, goal=1000 * MOST_SECONDS),
        )
        pages: list[Samples] = []
        reading = threading.Thread(
            target=lambda: pages.append(_pages(potato.port, page, seconds=PUBLISHES * PAUSE_SECONDS))
        )
        reading.start()
        _first, busy = _publishes(streams)
        reading.join()
        busy_page = figure("pages", "the same, a price a second to all of them", pages[0])
        report.add(busy_page, figure("streams", "publish to last, pages read meanwhile", busy))
        _compare(report, report.figures[0], busy_page)
        after = potato.megabytes("events")
    back = asyncio.run(_restart(potato, int(os.environ["EVENTS_PORT"])))
    report.facts[f"{RETURNING:,} pages back after the process was started again"] = (
        f"{back:.1f} s after it answers (at most {MOST_BACK_SECONDS:.0f} s{': MISSED' if back > MOST_BACK_SECONDS else ''})"
    )
    missed = ": MISSED" if after > MOST_MEGABYTES else ""
    report.facts["events process, MB"] = (
        f"{before:.0f} before, {after:.0f} with {STREAMS:,} streams (at most {MOST_MEGABYTES}{missed});"
        f" {1000 * (after - before) / STREAMS:.1f} kB a stream"
    )


def _compare(report: Report, alone: Figure, busy_page: Figure) -> None:
    report.facts["pages with streams, beside those without"] = (
        f"p50 {busy_page.p50 / alone.p50:.2f}, p95 {busy_page.p95 / alone.p95:.2f}"
    )


def _raise_limit() -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def _open_streams(port: int) -> Iterator[dict[int, socket.socket]]:
    headers = {"Host": HOST, **BROWSER}
    lines = [
        f"GET /alerts/stream/?item={ITEM} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = "\r\n".join([*lines, "", ""]).encode()
    streams: dict[int, socket.socket] = {}
    try:
        while len(streams) < STREAMS:
            some = [socket.create_connection((HOST, port)) for _ in range(AT_ONCE)]
            for one in some:
                one.sendall(request)
            for one in some:
                begun = b""
                while b"retry:" not in begun:
                    received = one.recv(4096)
                    assert received, f"a stream did not begin: {begun!r}"
                    begun += received
                one.setblocking(False)
                streams[one.fileno()] = one
        yield streams
    finally:
        for one in streams.values():
            one.close()


def _publishes(streams: dict[int, socket.socket]) -> tuple[Samples, Samples]:
    """How long after a publish the first and the last page had it, several times."""
    first, last = [], []
    poll = select.epoll()
    for number in streams:
        poll.register(number, select.EPOLLIN)
    began = time.monotonic()
    with poll:
        for _ in range(PUBLISHES):
            to_first, to_last = _publish(streams, poll)
            first.append(to_first)
            last.append(to_last)
            time.sleep(PAUSE_SECONDS)
    seconds = time.monotonic() - began
    return Samples(first, seconds), Samples(last, seconds)


def _publish(streams: dict[int, socket.socket], poll: select.epoll) -> tuple[float, float]:
    waiting = set(streams)
    to_first = 0.0
    message = json.dumps({"item": ITEM, "region": 1, "shop": time.monotonic_ns() % 1_000_000})
    started = time.monotonic()
    redis.client(settings.REDIS_LIVE).publish(settings.PUBLISHED_CHANNEL, message)
    while waiting:
        assert time.monotonic() - started < PATIENCE_SECONDS, f"{len(waiting)} streams received nothing"
        for number, _event in poll.poll(1.0):
            with suppress(BlockingIOError):
                if b"event: price" in streams[number].recv(4096):
                    to_first = to_first or time.monotonic() - started
                    waiting.discard(number)
    return to_first, time.monotonic() - started


async def _restart(potato: Running, port: int) -> float:
    """Restart the events process: seconds from its first answer until all pages are connected, each after its own pause."""
    back: list[float] = []
    ended = asyncio.Event()

    async def page(started: asyncio.Semaphore) -> None:
        pause = 1.0
        while True:
            try:
                reader, writer = await asyncio.open_connection(HOST, port)
                writer.write(f"GET /alerts/stream/?item={ITEM} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
                pause = int((await reader.readuntil(b"\n\n")).rpartition(b"retry: ")[2]) / 1000
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(pause)
                continue
            if ended.is_set():
                back.append(time.monotonic())
                return writer.close()
            started.release()
            await reader.read()
            writer.close()
            await asyncio.sleep(pause)

    started = asyncio.Semaphore(0)
    pages = [asyncio.create_task(page(started)) for _ in range(RETURNING)]
    for _ in pages:
        await started.acquire()
    potato.processes["events"]._running.terminate()
    # It sends no more, and takes no new ones; the old ones are cut off in a moment.
    while await _answers(port):
        await asyncio.sleep(0.01)
    ended.set()
    while not await _answers(port):
        await asyncio.sleep(0.01)
    answers = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*pages)
    return max(back) - answers


async def _answers(port: int) -> bool:
    try:
        _reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def _pages(port: int, page: str, *, seconds: float) -> Samples:
    """Somebody who reads a page again and again, twenty times a second."""
    browser, took = Browser(port), []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        started = time.monotonic()
        assert browser.ask("GET", page).status == 200
        took.append(time.monotonic() - started)
        time.sleep(0.05)
    browser.close()
    return Samples(took, time.monotonic() - began)
