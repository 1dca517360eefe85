"""Telling the worker and open pages that prices were published, without ever making the relay wait.

A publish to a silent Redis may hang for many seconds, so it happens in a thread of its own, and what does not
fit into its small queue is dropped: beat asks for the same work every few seconds anyway.
"""

import json
import logging
import queue
import threading
from collections.abc import Sequence

from celery import current_app
from django.conf import settings

from potato.stores import redis
from prices.relay import Published

log = logging.getLogger(__name__)
TASKS = ("prices.roll_up_dirty_days", "prices.renew_boards")


def channel() -> str:
    """The Redis channel of published prices; Redis' channels know no database numbers, so it has our prefix."""
    return f"{settings.POTATO_PREFIX}:published"


class Wakeups:
    """A thread that passes on what was published; :meth:`tell` never blocks."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Sequence[Published]] = queue.Queue(maxsize=100)
        threading.Thread(target=self._pass_on, name="wakeups", daemon=True).start()

    def tell(self, published: Sequence[Published]) -> None:
        if not published:
            return
        try:
            self._queue.put_nowait(published)
        except queue.Full:
            log.info("Redis is slow: a wake-up is dropped, beat will ask again")

    def _pass_on(self) -> None:
        while True:
            told = list(self._queue.get())
            while not self._queue.empty():
                told += self._queue.get_nowait()
            try:
                client = redis.client(settings.REDIS_LIVE)
                for one in sorted(set(told), key=lambda p: (p.item_id, p.region_id, p.shop_id)):
                    message = {"item": one.item_id, "region": one.region_id, "shop": one.shop_id}
                    client.publish(channel(), json.dumps(message))
                for name in TASKS:
                    current_app.send_task(name, retry=False, expires=30)
            except Exception as error:
                log.warning("Nobody could be told of new prices: %s", error)
