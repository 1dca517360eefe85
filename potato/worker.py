"""A worker that has gone deaf is started again.

After Redis has dropped its connections a Celery worker may live on without taking another task (celery #10302).
From within it looks like having nothing to do, so the worker compares: work waits in the queue, it has none,
and it has not taken any for ``WORKER_DEAF_SECONDS``. Then it ends, and whatever supervises it starts a new one.
A dead Redis, a dead beat (nothing waits) and long tasks (there is work) are no reason to end.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import signals
from celery.worker import state
from django.conf import settings

from potato.errors import Unavailable
from potato.stores import redis
from potato.stores.breaker import REDIS, answering

logger = logging.getLogger(__name__)


class Hearing:
    """Whether this worker still hears of the work that waits.

    :param waiting: how many tasks are in the queue.
    :param busy: whether this worker has a task.
    """

    def __init__(
        self,
        *,
        waiting: Callable[[], int],
        busy: Callable[[], bool],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._waiting, self._busy, self._seconds, self._clock = waiting, busy, seconds, clock
        self.heard()

    def heard(self, **_: Any) -> None:
        """A task has come in."""
        self._well_at = self._clock()

    def is_lost(self) -> bool:
        """Whether work has waited all the time, while this worker had none and took none."""
        if self._busy() or not self._waiting():
            self.heard()
        return self._clock() - self._well_at > self._seconds


def _waiting() -> int:
    """How many tasks wait. Without Redis none: the breaker logs that, and that it is back."""
    try:
        # Celery's queue is a list under its own name, with the installation's prefix.
        key = f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}{settings.CELERY_TASK_DEFAULT_QUEUE}"
        with answering(REDIS):
            return int(redis.client(settings.REDIS_BROKER).llen(key))
    except Unavailable:
        return 0


def _listen_to_ourselves(**_: Any) -> None:
    hearing = Hearing(
        waiting=_waiting, busy=lambda: bool(state.reserved_requests), seconds=settings.WORKER_DEAF_SECONDS
    )
    signals.task_received.connect(hearing.heard, weak=False)

    def watch() -> None:
        while not hearing.is_lost():
            time.sleep(min(5.0, settings.WORKER_DEAF_SECONDS / 4))
        logger.critical("work waits and this worker hears nothing of it: ending, to be started again")
        os.kill(os.getpid(), signal.SIGTERM)
        # Should the deaf part be what cannot end.
        time.sleep(10)
        os._exit(1)

    threading.Thread(target=watch, name="hearing", daemon=True).start()


signals.worker_ready.connect(_listen_to_ourselves, weak=False)
