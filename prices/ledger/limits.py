"""How many acts a person may send. Counted in the ledger, in the statement that stores the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from prices.models import PRICE_KINDS, LedgerRow

Kind, State = LedgerRow.Kind, LedgerRow.State
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ESTABLISHED_AFTER = timedelta(days=7)
ESTABLISHED_CONFIRMED = 10
PRICES = (*PRICE_KINDS, Kind.CONFIRM, Kind.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``number`` acts of some kinds within a time that ends now."""

    number: int
    within: timedelta
    kinds: Sequence[str]


def limits_of(kind: str, *, by: User) -> list[Limit]:
    """What one more act of a kind has to keep within; nothing for moderation."""
    if kind == Kind.MODERATE:
        return []
    if kind != Kind.REPORT:
        return [Limit(settings.SUBMISSIONS_PER_HOUR, HOUR, PRICES)]
    if is_established(by):
        hour, day = settings.REPORTS_PER_HOUR, settings.REPORTS_PER_DAY
    else:
        hour, day = settings.NEW_ACCOUNT_REPORTS_PER_HOUR, settings.NEW_ACCOUNT_REPORTS_PER_DAY
    return [Limit(hour, HOUR, [Kind.REPORT]), Limit(day, DAY, [Kind.REPORT])]


def is_established(user: User) -> bool:
    """Whether the account is 7 days old, and others have confirmed 10 of its prices."""
    # Limits go by real time, whatever day readers live in.
    if user.date_joined > timezone.now() - ESTABLISHED_AFTER:
        return False
    confirmed = LedgerRow.objects.filter(
        kind=Kind.CONFIRM, state=State.PUBLISHED, target=Cast(OuterRef("pk"), TextField())
    ).exclude(author=user)
    own = LedgerRow.objects.filter(Exists(confirmed), author=user, kind__in=PRICE_KINDS)
    return own[:ESTABLISHED_CONFIRMED].count() == ESTABLISHED_CONFIRMED
