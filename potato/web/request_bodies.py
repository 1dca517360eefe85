"""What is sent to Potato is taken in before a page is made of it, so that slow senders hold up no pages.

The server hands over a request when its head is there. Its body is read in the thread that makes the page, which waits
for the sender without end: a few who trickle would stop a web process of as many threads. So it has more threads than
it makes pages at the same time; the others wait here, for senders and for their turn. There is no way to give a sender
up once it is waited for; if too many are, what is sent then is refused unread, and pages go on.
"""

import io
import threading
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

LATE = "potato.late"
"""In a request's environment: what was sent with it has not been taken in."""

MOST_PAGES = 4
"""How many pages that are asked for a process makes at the same time."""
MOST_SENT = 4
"""How many requests that send something it answers at the same time, beside those pages: who sends a price does not wait
behind readers. Together as many as the process has connections to PostgreSQL (``potato/stores/postgres.py``)."""
MOST_SENDERS = 24
"""How many senders a process waits for at the same time. It has a thread for each of all these (``Procfile``)."""


class Intake:
    """A WSGI application around another, which finds the body of each request in memory."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._readers = threading.Semaphore(MOST_PAGES)
        self._sent = threading.Semaphore(MOST_SENT)
        self._senders = threading.Semaphore(MOST_SENDERS)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            with self._readers:
                return self._application(environ, start_response)
        if length := _length(environ):
            environ = self._taken_in(environ, length)
        with self._sent:
            return self._application(environ, start_response)

    def _taken_in(self, environ: WSGIEnvironment, length: int) -> WSGIEnvironment:
        # Of what is too long Django reads nothing, and says so.
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return {**environ, "wsgi.input": io.BytesIO()}
        if not self._senders.acquire(blocking=False):
            return {**environ, "wsgi.input": io.BytesIO(), LATE: True}
        try:
            body = environ["wsgi.input"].read(length)
        finally:
            self._senders.release()
        environ = {**environ, "wsgi.input": io.BytesIO(body)}
        return environ if len(body) == length else {**environ, LATE: True}


def _length(environ: WSGIEnvironment) -> int:
    try:
        return max(0, int(environ.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0
