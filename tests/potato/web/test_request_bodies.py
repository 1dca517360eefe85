import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from potato.web.request_bodies import LATE, MOST_PAGES, MOST_SENDERS, MOST_SENT, Intake

FORM = b"price=1500"
PROJECT = Path(__file__).resolve().parents[3]


class Sender:
    """What the server offers to read: it waits until the sender has sent everything."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.is_read = threading.Event()

    def read(self, size: int) -> bytes:
        self.is_read.set()
        self.goes_on.wait(10)
        return FORM[:size]


def page(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    return [b"late" if LATE in environ else environ["wsgi.input"].read()]


def send(to: Intake, body: Any, **environ: Any) -> bytes:
    environ = {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(FORM)), "wsgi.input": body, **environ}
    return b"".join(to(environ, lambda *_: None))


class TestIntake:
    def test_hands_on_what_was_sent(self):
        assert send(Intake(page), io.BytesIO(FORM)) == FORM

    def test_takes_a_part_for_nothing(self):
        assert send(Intake(page), io.BytesIO(FORM[:4])) == b"late"

    def test_makes_pages_while_it_waits_for_senders_and_refuses_those_who_are_too_many(self):
        to, answers = Intake(page), []
        slow = [Sender() for _ in range(MOST_SENDERS)]
        waiting = [
            threading.Thread(target=lambda sender=sender: answers.append(send(to, sender))) for sender in slow
        ]
        for thread in waiting:
            thread.start()
        for sender in slow:
            sender.is_read.wait(10)

        seen = send(to, io.BytesIO(b""), REQUEST_METHOD="GET", CONTENT_LENGTH="")
        unread = Sender()
        one_more = send(to, unread)
        for sender in slow:
            sender.goes_on.set()
        for thread in waiting:
            thread.join()

        assert seen == b""
        assert one_more == b"late"
        assert not unread.is_read.is_set()
        assert answers == [FORM] * MOST_SENDERS
        assert send(to, io.BytesIO(FORM)) == FORM

    def test_makes_few_pages_at_the_same_time(self):
        over, begun, most = threading.Event(), threading.Semaphore(0), []
        count = iter(range(100))

        def slow_page(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
            most.append(next(count))
            begun.release()
            over.wait(10)
            return []

        to = Intake(slow_page)
        threads = [
            threading.Thread(target=send, args=[to, io.BytesIO()], kwargs={"REQUEST_METHOD": "GET"})
            for _ in range(MOST_PAGES + 3)
        ]
        for thread in threads:
            thread.start()
        for _ in range(MOST_PAGES):
            assert begun.acquire(timeout=10)

        assert not begun.acquire(timeout=0.2)
        # Who sends something does not wait behind those who read.
        answer = threading.Thread(target=send, args=[to, io.BytesIO(FORM)])
        answer.start()
        assert begun.acquire(timeout=10)
        over.set()
        answer.join()
        for thread in threads:
            thread.join()
        assert len(most) == MOST_PAGES + 3 + 1

    @pytest.mark.parametrize("length", ["", "0", "-1", "many", "2500001"])
    def test_reads_nothing_where_nothing_or_too_much_is_announced(self, length):
        unread = Sender()

        def reads_nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
            return [b"late" if LATE in environ else b"made"]

        assert send(Intake(reads_nothing), unread, CONTENT_LENGTH=length) == b"made"
        assert not unread.is_read.is_set()

    @pytest.mark.parametrize("file", ["Procfile", "Dockerfile", "tests/faults/conftest.py"])
    def test_has_a_thread_for_each_page_and_each_sender(self, file):
        threads = re.findall(r'--blocking-threads"?,? "?(\d+)', (PROJECT / file).read_text())

        assert threads == [str(MOST_PAGES + MOST_SENT + MOST_SENDERS)]


@pytest.mark.django_db
class TestRequestThatWasNotTakenIn:
    def test_is_told_to_try_again(self):
        response = Client().post("/form/", {"price": "1"}, **{LATE: True})

        assert response.status_code == 408
        assert b"go back and try again" in response.content
