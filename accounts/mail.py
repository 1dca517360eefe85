"""What the mail queue does with a mail that could not be sent."""

import logging

from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from mailer.models import RESULT_FAILURE, Message, MessageLog

logger = logging.getLogger(__name__)

# A retry every five minutes, for about two days.
MOST_RETRIES = 600


def defer(connection: BaseEmailBackend, message: Message, error: Exception) -> tuple[None, str]:
    """Put one mail aside, whatever the reason: it must not stop those behind it."""
    logger.warning("mail %s waits: %s: %s", message.pk, type(error).__name__, error)
    message.defer()
    MessageLog.objects.log(message, RESULT_FAILURE, log_message=str(error))
    return None, "deferred"


def deferred_to_retry(*, most: int) -> list[int]:
    """The deferred mails whose turn it is, fewest attempts first; each is counted as attempted."""
    due = (
        Message.objects.deferred().filter(retry_count__lt=MOST_RETRIES).order_by("retry_count", "when_added")
    )
    ids = list(due.values_list("pk", flat=True)[:most])
    Message.objects.filter(pk__in=ids).update(retry_count=F("retry_count") + 1)
    return ids
