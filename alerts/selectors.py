"""What pages show of alerts."""

from alerts.models import Notification
from potato.stores.member_documents import MOST_UNREAD


def unread(user_id: int) -> int:
    """How many notifications somebody has not read; nobody counts further than ``MOST_UNREAD``."""
    return Notification.objects.filter(user=user_id, read_at=None).order_by()[:MOST_UNREAD].count()
