# ruff: noqa: F811  the fixture is another file's
"""Open pages while Redis is silent or dead: they stay, and hear of what they may have missed."""

import json
import sys
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from alerts.live import channel
from tests.alerts.live.conftest import listen  # noqa: F401  a fixture
from tests.faults.conftest import PATIENCE_SECONDS, free_port, running


@pytest.fixture
def events(potato_env: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--port",
        str(port),
        "--no-access-log",
        "--timeout-graceful-shutdown",
        "1",
        "alerts.live.stream:application",
    ]
    with running(command, env={**potato_env, "POTATO_PROCESS": "events"}, port=port) as address:
        yield address


def publish_until_heard(env: dict[str, str], *, item: int) -> None:
    redis = Redis.from_url(f"{env['REDIS_URL']}/3", socket_timeout=2)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not redis.publish(f"{env['POTATO_PREFIX']}:published", json.dumps({"item": item})):
        assert time.monotonic() < deadline, "the events process does not listen to Redis again"
        time.sleep(0.2)


class TestStream:
    def test_goes_on_after_redis_was_dead_and_tells_what_was_missed(
        self, listen, servers, potato_env, events
    ):
        page = listen(events, "item=12").ready()

        with servers.dead("redis"):
            late = listen(events, "item=13").ready()

        publish_until_heard(potato_env, item=99)
        # Nothing was published of these: it is what they may have missed.
        assert page.event() == ("price", {"item": 12, "region": None, "shop": None})
        assert late.event()[1]["item"] == 13

    def test_goes_on_after_redis_was_silent(self, listen, servers, potato_env, events):
        page = listen(events, "item=12").ready()

        with servers.frozen("redis"):
            time.sleep(channel.SILENCE_SECONDS + 2)

        publish_until_heard(potato_env, item=12)
        assert page.event()[1]["item"] == 12
