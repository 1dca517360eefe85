"""Senders that trickle, under a real web process: they hold up no pages, and twenty of two processes no forms."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from potato.web.request_bodies import MOST_SENDERS
from tests.faults.conftest import Browser, crowd
from tests.faults.test_frozen_stores import LIMIT, too_many_slow


def begin(address: str) -> socket.socket:
    """Announce a form, and send nothing of it yet."""
    url = urlsplit(address)
    sender = socket.create_connection((url.hostname, url.port))
    head = f"POST /form/ HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 500\r\n"
    sender.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode())
    return sender


@contextmanager
def trickling(address: str, *, senders: int) -> Iterator[None]:
    """So many who send forms byte by byte, and begin again when they are turned away."""
    over = threading.Event()

    def trickle() -> None:
        while not over.wait(0.2):
            with suppress(OSError), begin(address) as sender:
                while not over.wait(0.2):
                    sender.sendall(b"a")

    threads = [threading.Thread(target=trickle) for _ in range(senders)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


class TestSlowSenders:
    def test_keep_nobody_from_pages_and_forms(self, web, busy):
        with trickling(web, senders=MOST_SENDERS - 2):
            pages = crowd(web, "/prices/", seconds=2)
            form = Browser(web).ask("/form/", b"price=1500")

        assert {answer.status for answer in pages} == {200}
        assert not too_many_slow(pages, busy=busy)
        assert form.status == 200
        assert form.seconds < LIMIT + busy

    def test_keep_nobody_from_pages_where_they_are_too_many(self, web, busy):
        with trickling(web, senders=2 * MOST_SENDERS):
            form = Browser(web).wait_for("/form/", 408, data=b"price=1500")
            pages = crowd(web, "/prices/", seconds=1)

        assert {answer.status for answer in pages} == {200}
        assert not too_many_slow(pages, busy=busy, fast=1.0)
        assert form.seconds < LIMIT + busy
        Browser(web).wait_for("/form/", data=b"price=1500")
