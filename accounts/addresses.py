"""Changes of an account's e-mail addresses: who gets a mail about it, and how the holder of a lost address takes the account back.

An address that was removed, or is no longer primary, gets a link that undoes it (``AddressUndo``), unless the address
that took its place ranks earlier. Addresses that have been confirmed for long rank the same, before all others; those
rank by when they came to the account. So a newcomer gets no link against the owner, and of several links the one of
the earliest rank wins (ADR 21).
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.utils import build_absolute_uri
from django.db import IntegrityError, transaction
from django.db.models import Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AddressUndo, ConfirmedAddress, Role, User
from potato.errors import Refused
from potato.stores import sessions

# The mails and pages say "seven days".
UNDO_TIME = timedelta(days=7)
# Time for the owner to read the mail about an address that somebody else added, and to remove it.
ESTABLISHED_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of an account at one moment, oldest first."""

    all: tuple[EmailAddress, ...]

    @property
    def primary(self) -> EmailAddress | None:
        return next((address for address in self.all if address.primary), None)

    @property
    def verified(self) -> list[EmailAddress]:
        return [address for address in self.all if address.verified]

    @property
    def emails(self) -> list[str]:
        return [address.email for address in self.all]


def read(*, user: User) -> Addresses:
    # With the dates of confirmation: they are asked for when the address may be gone already.
    return Addresses(tuple(EmailAddress.objects.filter(user=user).select_related("confirmed").order_by("pk")))


def lock(*, user: User) -> Addresses:
    """The addresses of the account; until the transaction ends nobody else changes them."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk))
    return read(user=user)


def record_confirmation(*, address: EmailAddress, now: datetime) -> None:
    """Remember since when an address is confirmed. One that is no longer confirmed begins anew."""
    if address.verified:
        ConfirmedAddress.objects.get_or_create(address=address, defaults={"since": now})
    else:
        ConfirmedAddress.objects.filter(address=address).delete()


def notify_of_changes(
    *, request: HttpRequest, user: User, before: Addresses, now: datetime, taken_back: bool = False
) -> None:
    """Mail what changed to every address that the account has, had before or may still return to.

    :param before: the addresses before the change, which belongs to the same transaction.
    :param taken_back: they were changed by a link that undoes a change.
    """
    after = read(user=user)
    added = [email for email in after.emails if email not in before.emails]
    removed = [email for email in before.emails if email not in after.emails]
    old, new = before.primary, after.primary
    is_other_primary = old is not None and new is not None and old.email != new.email
    if not (added or removed or is_other_primary or taken_back):
        return
    undo_urls = {}
    for address in before.verified:
        has_lost = address.email in removed or (is_other_primary and address == old)
        # The same rank is that of established addresses: nobody but an operator can tell which is the owner's.
        if has_lost and new is not None and _rank(user, address, now=now) <= _rank(user, new, now=now):
            token = _make_undo(user=user, address=address, now=now)
            undo_urls[address.email] = build_absolute_uri(
                request, reverse("account_undo_address", args=[token])
            )
    changes = {
        "added": added,
        "removed": removed,
        "new_primary": new.email if is_other_primary and new else "",
        "taken_back": taken_back,
    }
    recipients = dict(recipients_of_changes(user=user, now=now))
    for address in before.verified:
        recipients.setdefault(address.email, {"is_lost": True})
    for email, context in recipients.items():
        if email not in added or taken_back:
            context = {"user": user, **context, **changes, "undo_url": undo_urls.get(email, "")}
            get_adapter().send_mail("account/email/addresses_changed", email, context)


def recipients_of_changes(*, user: User, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who gets a mail about a change of the account: its confirmed addresses, and those with a link that undoes one.

    To the primary address alone it would be worthless: it may be a thief's by now.

    :returns: each address, with what its mail should know of it.
    """
    confirmed = [address.email for address in read(user=user).verified]
    for email in confirmed:
        yield email, {}
    with_link = AddressUndo.objects.filter(user=user, used_at=None, expires_at__gt=now)
    for email in with_link.exclude(email__in=confirmed).values_list("email", flat=True).distinct():
        yield email, {"has_earlier_link": True}


def find_undo(*, token: str, now: datetime) -> AddressUndo | None:
    """The link with this token, if it can still be followed. Used, it leads on to the new password until there is one."""
    undo = AddressUndo.objects.select_related("user").filter(token_hash=_hash(token)).first()
    if undo is None or undo.expires_at <= now or _is_overruled(undo, now=now):
        return None
    is_awaiting_password = undo.user.email == undo.email and not undo.user.has_usable_password()
    if undo.used_at and not is_awaiting_password:
        return None
    return undo


def is_taken(undo: AddressUndo) -> bool:
    """Whether the address of the link belongs to another account by now. Signed up and never confirmed does not count."""
    confirmed = EmailAddress.objects.filter(email=undo.email, verified=True).exclude(user=undo.user)
    accounts = User.objects.filter(email=undo.email).exclude(pk=undo.user_id)
    return confirmed.exists() or accounts.exclude(pk__in=_never_entered(undo.email)).exists()


@transaction.atomic
def undo_change(*, request: HttpRequest, token: str, now: datetime) -> User | None:
    """Give the account back to the address of the link: see ``give_back``. A second time it changes nothing.

    :returns: the account, whose new password the holder of the link may choose now; None for a link that is none.
    :raises Refused: another account uses the address.
    """
    undo = AddressUndo.objects.filter(token_hash=_hash(token)).first()
    if undo is None:
        return None
    before = lock(user=undo.user)
    # Read again: somebody may have followed the same link, or an earlier one, meanwhile.
    undo = find_undo(token=token, now=now)
    if undo is None:
        return None
    user = undo.user
    if undo.used_at is None:
        give_back(user=user, email=undo.email, rank=undo.rank)
        AddressUndo.objects.filter(user=user, email=undo.email).update(used_at=now)
        if undo.rank == 0:
            # Established it was when the link was made, and it stays so, however long the other side waits.
            confirmed = ConfirmedAddress.objects.filter(address__user=user, address__email=undo.email)
            confirmed.update(since=undo.expires_at - UNDO_TIME - ESTABLISHED_TIME)
        notify_of_changes(request=request, user=user, before=before, now=now, taken_back=True)
    return user


@transaction.atomic
def give_back(*, user: User, email: str, rank: int | None = None) -> None:
    """Make an address the only one of an account, end all its sessions and links, and remove its password.

    Whoever gets the mail of this address may then set a new one. Also for an operator, who knows the owner.

    :param rank: only links of a later rank end; all, unless given.
    :raises Refused: another account uses the address.
    """
    email = email.lower()
    try:
        with transaction.atomic():
            _never_entered(email).exclude(pk=user.pk).delete()
            EmailAddress.objects.filter(user=user).exclude(email=email).delete()
            EmailAddress.objects.update_or_create(
                user=user, email=email, defaults={"verified": True, "primary": True}
            )
            user.email = email
            user.set_unusable_password()
            user.save(update_fields=["email", "password"])
    except IntegrityError:
        raise Refused(_("Another account uses this address.")) from None
    links = AddressUndo.objects.filter(user=user)
    (links if rank is None else links.filter(rank__gt=rank)).delete()
    sessions.end_all(account_id=user.pk)


def forget_expired(*, now: datetime) -> None:
    AddressUndo.objects.filter(expires_at__lte=now).delete()


def _make_undo(*, user: User, address: EmailAddress, now: datetime) -> str:
    """Make a link for an address; returns its token, which is not stored."""
    token = secrets.token_urlsafe(32)
    AddressUndo.objects.create(
        token_hash=_hash(token),
        user=user,
        email=address.email,
        rank=_rank(user, address, now=now),
        expires_at=now + UNDO_TIME,
    )
    return token


def _hash(token: str) -> str:
    # The token is 256 random bits: no salt and no slow hash would make it harder to guess.
    return hashlib.sha256(token.encode()).hexdigest()


def _rank(user: User, address: EmailAddress, *, now: datetime) -> int:
    """Where the address stands among those of its account: lower is earlier, and 0 is every established one.

    One that was lost and came back keeps its rank while it has a link. While the account has any link, no address
    becomes established: a thief's would else overrule the link of an owner whose address was lost before it was.
    """
    known = AddressUndo.objects.filter(user=user, expires_at__gt=now).aggregate(
        rank=Min("rank", filter=Q(email=address.email)), expires_at=Min("expires_at")
    )
    confirmed = getattr(address, "confirmed", None)
    settled_at = known["expires_at"] - UNDO_TIME if known["expires_at"] else now
    if confirmed and confirmed.since <= settled_at - ESTABLISHED_TIME:
        return 0
    return address.pk if known["rank"] is None else min(address.pk, known["rank"])


def _is_overruled(undo: AddressUndo, *, now: datetime) -> bool:
    """Whether the account is at an address again that ranks earlier than that of the link."""
    primary = read(user=undo.user).primary
    return primary is not None and _rank(undo.user, primary, now=now) < undo.rank


def _never_entered(email: str) -> Any:
    """Accounts that somebody signed up with this address, and never confirmed it: nobody was ever in one."""
    confirmed = EmailAddress.objects.filter(verified=True).values("user")
    return User.objects.filter(email=email, role=Role.USER, last_login=None).exclude(pk__in=confirmed)
