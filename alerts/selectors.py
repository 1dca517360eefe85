"""What pages show of alerts."""

from collections.abc import Sequence

from django.db.models import Q

from alerts.models import AlertRule, AlertSettings, Notification
from potato.stores.member_documents import MOST_UNREAD

FILTERS = {
    "": Q(),
    "unread": Q(read_at=None),
    "prices": ~Q(kind=Notification.Kind.SUMMARY),
    "summaries": Q(kind=Notification.Kind.SUMMARY),
}
"""What of an inbox may be shown alone."""


def unread(user_id: int) -> int:
    """How many notifications somebody has not read; nobody counts further than ``MOST_UNREAD``."""
    return Notification.objects.filter(user=user_id, read_at=None).order_by()[:MOST_UNREAD].count()


def inbox(user_id: int, *, show: str, before: int | None, limit: int) -> Sequence[Notification]:
    """Somebody's notifications, the newest first.

    :param show: one of ``FILTERS``.
    :param before: the id of the last one of the page before.
    """
    rows = Notification.objects.filter(FILTERS[show], user=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def rules_of(user_id: int) -> Sequence[AlertRule]:
    return list(AlertRule.objects.filter(user=user_id).order_by("-pk"))


def settings_of(user_id: int) -> AlertSettings:
    """How a person likes to be notified: their settings, or the defaults."""
    return AlertSettings.objects.filter(pk=user_id).first() or AlertSettings(user_id=user_id)
