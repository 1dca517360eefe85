"""Background work of alerts. Every task may run at any time, twice, or not at all for a while: the next run catches up."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from alerts import matching
from alerts.models import KEEP_DAYS, Notification

BATCH = 5_000


@shared_task(name="alerts.match_published", time_limit=120, soft_time_limit=100)
def match_published() -> int:
    """Notify whoever has a rule that a published price meets, or follows its shop or item.

    A repeat is safe: a price is marked in the transaction that writes its notifications, and a person has one
    notification of a price.
    """
    return matching.match_waiting()


@shared_task(name="alerts.forget_old", time_limit=300, soft_time_limit=270)
def forget_old() -> int:
    """Delete notifications older than ``KEEP_DAYS``. A repeat is safe: it finds those that are left."""
    old = Notification.objects.filter(created_at__lt=timezone.now() - timedelta(days=KEEP_DAYS))
    deleted = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH]):
        deleted += Notification.objects.filter(pk__in=ids).delete()[0]
    return deleted
