"""The Celery application: ``celery -A potato worker`` and ``beat``."""

import logging
import os
import warnings
from typing import Any

from celery import Celery, signals
from celery.contrib.django.task import DjangoTask
from celery.exceptions import CPendingDeprecationWarning
from django.conf import settings
from django.utils.log import configure_logging

from potato.errors import OUTAGES, first_line
from potato.stores.breaker import is_busy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")
logger = logging.getLogger(__name__)


class Task(DjangoTask):
    """A task that ends without a traceback where a store is unavailable: beat asks for it again, and the breaker has logged it."""

    throws = OUTAGES

    def on_failure(self, exc: Exception, *args: Any, **kwargs: Any) -> None:
        if is_busy(exc):
            # A deadlock, or a majority that could not be had in time: no outage, so nobody else says so.
            logger.warning("%s ended and runs again when it is due: %s", self.name, first_line(exc))


app = Celery("potato", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _log_as_every_process_does(loglevel: int | str | None = None, **_: object) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    if loglevel:
        logging.getLogger().setLevel(loglevel)


@signals.worker_init.connect
def _keep_hearing(**_: object) -> None:
    # Not before: it asks the settings.
    from potato import worker  # noqa: F401


@signals.worker_ready.connect
def _ignore_advice(**_: object) -> None:
    # Celery shows it at each loss of Redis. What it advises, to cancel the tasks that run, would have their work done twice.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
