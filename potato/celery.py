"""The Celery application: ``celery -A potato worker`` and ``beat``."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

app = Celery("potato")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_init.connect
def _keep_hearing(**_: object) -> None:
    # Not before: it asks the settings.
    from potato import worker  # noqa: F401
