"""The Celery application: ``celery -A potato worker`` and ``beat``."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")

app = Celery("potato")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
