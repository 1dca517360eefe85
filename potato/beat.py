"""Beat's scheduler: django-celery-beat's, which goes on by the schedule that it knows while PostgreSQL is unavailable."""

import time
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from potato.errors import OUTAGES
from potato.stores.breaker import REDIS

RETRY_SECONDS = 2.0


class Scheduler(DatabaseScheduler):
    def setup_schedule(self) -> None:
        """Read the schedule; wait for PostgreSQL where it is unavailable."""
        while True:
            try:
                return super().setup_schedule()
            except OUTAGES:
                # The breaker has logged it.
                self._initial_read = True
                time.sleep(RETRY_SECONDS)

    def all_as_schedule(self) -> dict[str, Any]:
        try:
            return super().all_as_schedule()
        except OUTAGES:
            if self._schedule is None:
                raise
            return self._schedule

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        result = super().apply_async(*args, **kwargs)
        REDIS.succeeded()
        return result
