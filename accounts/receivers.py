"""News from allauth, each answered with one call."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts import addresses


@receiver(post_save, sender=EmailAddress)
def address_saved(*, instance: EmailAddress, raw: bool = False, **_: Any) -> None:
    """Every way of confirming an address saves it: mails, commands, links that undo a change."""
    # loaddata brings the dates along.
    if not raw:
        addresses.record_confirmation(address=instance, now=timezone.now())
