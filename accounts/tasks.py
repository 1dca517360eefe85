"""Work about accounts that no web request waits for."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from mailer.engine import send_all
from mailer.models import Message, MessageLog

from accounts import addresses, mail


@shared_task(name="accounts.send_mail", time_limit=300, soft_time_limit=270)
def send_mail() -> None:
    """Send the mails that wait, and every five minutes some of those that failed before.

    A repeat is safe: a mail is sent while its row is locked (whoever else comes skips it), and the row is
    deleted in the same transaction. Killed between the mail server's yes and the commit, one mail goes again.
    """
    if Message.objects.non_deferred().exists():
        send_all()
    # Not a lock, only the pace: a mail server that is away is not asked every few seconds.
    if Message.objects.deferred().exists() and cache.add("accounts.mail_retried", True, timeout=300):
        send_all(Message.objects.filter(pk__in=mail.deferred_to_retry(most=20)))


@shared_task(name="accounts.clear_sessions", time_limit=300, soft_time_limit=270)
def clear_sessions() -> None:
    """Delete sessions and links that have run out, and the record of mails sent over a week ago.

    A repeat is safe: it deletes by date.
    """
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    addresses.forget_expired(now=timezone.now())
    MessageLog.objects.purge_old_entries(7)
