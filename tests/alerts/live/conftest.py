"""The events process on the tests' own databases, and pages that listen to it."""

import http.client
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from potato.stores import redis
from tests.faults.conftest import free_port, running

# After a time without Redis pages are told within ten seconds, more on a machine with other work.
PATIENCE_SECONDS = 30


class Listener:
    """An open page: reads the stream line by line."""

    def __init__(self, address: str, query: str, **headers: str) -> None:
        parts = urlsplit(address)
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
        self._connection.request("GET", f"/alerts/stream/?{query}", headers=headers)
        self.response = self._connection.getresponse()
        self.status = self.response.status
        self.last_id = ""

    def event(self) -> tuple[str, dict]:
        """The next event's name and data; ``("end", {})`` when the stream has ended."""
        name = ""
        while True:
            line = self.response.readline().decode()
            if not line:
                return "end", {}
            field, _, value = line.rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "id":
                self.last_id = value
            elif field == "data":
                return name, json.loads(value)

    def alert(self) -> dict:
        """The next notification. The number of unread ones may come before it, when a check comes between."""
        while True:
            name, data = self.event()
            if name == "alert":
                return data
            assert name == "unread"

    def ready(self) -> "Listener":
        """Wait until the stream has begun."""
        assert self.response.readline().startswith(b"retry: ")
        return self

    def close(self) -> None:
        self.response.close()
        self._connection.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Opens pages, and closes them when the test is over."""
    opened: list[Listener] = []

    def listen(*args: str, **headers: str) -> Listener:
        opened.append(Listener(*args, **headers))
        return opened[-1]

    yield listen
    for page in opened:
        page.close()


@contextmanager
def events_process(
    env: dict[str, str], application: str = "alerts.live.stream:application", **settings: str
) -> Iterator[str]:
    """The events process; its address."""
    port = free_port()
    env = {
        **env,
        "POTATO_PROCESS": "events",
        "POTATO_PREFIX": f"stream-{uuid.uuid4().hex[:8]}",
        "POTATO_PORT": "8000",
        "DEBUG": "false",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        **settings,
    }
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log"]
    with running([*command, application], env=env, port=port) as address:
        yield address


def publish(channel: str, message: Any) -> int:
    """Publish as relay and worker do it. :return: how many processes listen"""
    text = message if isinstance(message, bytes) else json.dumps(message)
    return redis.client(settings.REDIS_LIVE).publish(channel, text)
