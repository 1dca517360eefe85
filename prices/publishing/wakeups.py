"""Telling the worker and open pages that prices were published, without ever making the relay wait.

A publish to a silent Redis may hang for many seconds, so it happens in a thread of its own, and what does not
fit into its small queue is dropped: beat asks for the same work every few seconds anyway.
"""

import json
import logging
import queue
import threading
from collections.abc import Sequence
from time import monotonic

from celery import current_app
from django.conf import settings

from potato.errors import Unavailable
from potato.stores import redis
from potato.stores.breaker import REDIS, answering
from prices.publishing.relay import Published

log = logging.getLogger(__name__)
# How many seconds lie at least between two wake-ups of a task. Prices come in faster than days of history and boards of
# all prices are made; asked at each of them, the worker would have the machine to itself.
TASKS = {"alerts.match_published": 0.3, "prices.roll_up_dirty_days": 3.0, "prices.renew_boards": 15.0}


class Spacing:
    """When the tasks are to be asked for again. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._asked: dict[str, float] = {}

    def published(self, *, now: float) -> None:
        """There is work for every task: at once, or when enough time has passed since the last wake-up."""
        for name, seconds in TASKS.items():
            self._due.setdefault(name, max(now, self._asked.get(name, now - seconds) + seconds))

    def take(self, *, now: float) -> list[str]:
        """The tasks to ask for now."""
        names = [name for name, at in self._due.items() if at <= now]
        for name in names:
            del self._due[name]
            self._asked[name] = now
        return names

    def pause(self, *, now: float) -> float | None:
        """How long until there is something to take; None if nothing waits."""
        return max(0.0, min(self._due.values()) - now) if self._due else None


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
        spacing = Spacing()
        while True:
            told = self._next(spacing.pause(now=monotonic()))
            if told:
                spacing.published(now=monotonic())
            try:
                with answering(REDIS):
                    _send(told, spacing.take(now=monotonic()))
            except Unavailable:
                # The breaker has logged it. Pages ask again by themselves, and beat asks for the same tasks.
                continue
            except Exception:
                log.exception("New prices could not be announced")

    def _next(self, seconds: float | None) -> list[Published]:
        """What was published and not told yet; empty if nothing comes within so many seconds (None: wait)."""
        try:
            told = list(self._queue.get(timeout=seconds))
        except queue.Empty:
            return []
        while not self._queue.empty():
            told += self._queue.get_nowait()
        return told


def announce_boards() -> None:
    """Announce to open first pages that the boards of all prices are new. Without Redis they ask when it is available again."""
    try:
        with answering(REDIS):
            redis.client(settings.REDIS_LIVE).publish(settings.PUBLISHED_CHANNEL, json.dumps({"home": True}))
    except Unavailable:
        pass


def _send(published: Sequence[Published], tasks: Sequence[str]) -> None:
    client = redis.client(settings.REDIS_LIVE)
    for one in sorted(set(published), key=lambda p: (p.item_id, p.region_id, p.shop_id)):
        message = {"item": one.item_id, "region": one.region_id, "shop": one.shop_id}
        client.publish(settings.PUBLISHED_CHANNEL, json.dumps(message))
    for name in tasks:
        current_app.send_task(name, retry=False, expires=30)
