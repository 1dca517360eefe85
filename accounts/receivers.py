"""News from allauth and of accounts, each answered with one call."""

from typing import Any

from allauth.account.models import EmailAddress
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from accounts import addresses
from accounts.models import User
from potato.stores import member_documents

SHOWN_TO_THEMSELVES = frozenset({"display_name", "role", "is_active", "banned_at", "email", "password"})
"""What a member's document is made from."""


@receiver(post_save, sender=EmailAddress)
def address_saved(*, instance: EmailAddress, raw: bool = False, **_: Any) -> None:
    """Every way of confirming an address saves it: mails, commands, links that undo a change."""
    # loaddata brings the dates along.
    if not raw:
        addresses.record_confirmation(address=instance, now=timezone.now())


@receiver(post_save, sender=User)
def account_saved(
    *, instance: User, created: bool, update_fields: frozenset[str] | None = None, **_: Any
) -> None:
    """Forms and the admin save accounts; ``accounts.services`` changes rows, of which no signal tells."""
    # Signing in saves the time of it alone.
    if not created and (update_fields is None or update_fields & SHOWN_TO_THEMSELVES):
        member_documents.renew_on_commit(instance.pk)


@receiver(post_delete, sender=User)
def account_deleted(*, instance: User, **_: Any) -> None:
    member_documents.renew_on_commit(instance.pk)
