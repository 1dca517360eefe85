"""What is published through Redis: prices by the relay, notifications by who wrote them.

Redis only wakes: what is missed while it is unavailable is asked for when it is back.
"""

import asyncio
import json
import logging
import random
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from alerts.live.personal import People, Published
from alerts.live.readers import Readers
from potato.stores.breaker import REDIS, Fault
from potato.stores.redis import fault_of

# Redis is asked for a sign of life after half of this, and given up after all of it.
SILENCE_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 10.0

logger = logging.getLogger(__name__)


async def listen(readers: Readers, people: People) -> None:
    """Pass on what is published, for ever; without Redis, try again with growing pauses."""
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
                await channel.subscribe(settings.PUBLISHED_CHANNEL, settings.NOTIFIED_CHANNEL)
                await _receive(channel, readers, people, catch_up=missed)
        except (RedisError, OSError, TimeoutError) as error:
            REDIS.failed(fault_of(error) or Fault.DOWN, error)
        finally:
            await client.aclose()
        missed = True
        if loop.time() - started > 2 * LONGEST_PAUSE_SECONDS:
            pause = 0.2
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _receive(channel: Any, readers: Readers, people: People, *, catch_up: bool) -> None:
    """
    :raises TimeoutError: Redis has been silent for ``SILENCE_SECONDS``, though it was asked for a sign of life.
    """
    loop = asyncio.get_running_loop()
    heard = loop.time()
    prices = settings.PUBLISHED_CHANNEL.encode()
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
        if not message:
            continue
        if message["type"] == "subscribe" and catch_up:
            if message["channel"] == prices:
                readers.catch_up()
            else:
                people.catch_up()
        elif message["type"] == "message" and message["channel"] == prices:
            match _json(message["data"]):
                case {"home": True}:
                    readers.notify_home()
                case {"item": int(item), **where}:
                    readers.notify((item, _number(where.get("region")), _number(where.get("shop"))))
                case _:
                    logger.warning("not understood: %.200r", message["data"])
        elif message["type"] == "message" and (published := _published(message["data"])):
            people.notify(published)


def _published(data: bytes) -> Published | None:
    """The notifications that were written; None if it is nothing that we know."""
    match _json(data):
        case {"first": int(first), "last": int(last), **rest} if 0 <= first <= last < 2**63:
            return Published(first, last, is_late=rest.get("late") is True)
    logger.warning("not understood: %.200r", data)
    return None


def _json(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
