"""Who may send prices, and who may do what to one that is there: its author, a moderator, anybody."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from potato.errors import Refused
from prices.models import LedgerRow
from prices.types import CHANGEABLE, EDITABLE, PriceEntry

MODERATE = "prices.change_ledgerrow"


def may_moderate(user: Any) -> bool:
    """Whether a person may moderate other people's prices, asked of PostgreSQL.

    Moderators are those of the staff who have the permission; superusers have every permission. Staff without it are
    like contributors. Nobody moderates a price of their own: that is up to the caller, who knows the price.

    :param user: a user, or an anonymous one.
    """
    return bool(
        user.is_authenticated and user.is_staff and user.banned_at is None and user.has_perm(MODERATE)
    )


def refuse_unless_may_submit(by: User) -> None:
    """:raises Refused: the person may not send prices: a reader, or somebody who is banned."""
    if not by.may_submit:
        raise Refused(_("Only contributors, shop owners and staff may send prices."))


def is_accepted(*, by: User, act_id: UUID) -> bool:
    """Whether this person's act was accepted before: the same form sent twice gets the same answer."""
    return LedgerRow.objects.filter(pk=act_id, author=by).exists()


def refuse_unless_may_change(by: User, entry: PriceEntry, *, act_id: UUID | None = None) -> None:
    """Whether somebody may withdraw or correct a price.

    :param act_id: of what they sent: it may have been carried out since, and the same again gets the same answer.
    :raises Refused: they may not.
    """
    refuse_unless_may_submit(by)
    if entry.submitter.id != by.pk and not may_moderate(by):
        raise Refused(_("This price was sent by somebody else. You can report it instead."))
    if entry.status not in CHANGEABLE and not (act_id and is_accepted(by=by, act_id=act_id)):
        raise Refused(_("This price was withdrawn or removed before."))


def refuse_unless_reportable(entry: PriceEntry) -> None:
    """:raises Refused: the price is not published yet, or a decision about it would change nothing any more."""
    refuse_waiting(entry)
    if entry.status not in EDITABLE:
        raise Refused(_("This price was withdrawn or removed before."))


def refuse_without_reason(by: User, entry: PriceEntry, reason: str) -> None:
    """Whoever sent a price reads why a moderator changed it. :raises Refused: there is nothing to read."""
    if entry.submitter.id != by.pk and not reason:
        raise Refused(_("Say why: whoever sent the price reads it."), field="reason")


def refuse_waiting(entry: PriceEntry) -> None:
    """Nobody but its author knows of a price that waits to be published. :raises Refused:"""
    if entry.status == "accepted":
        raise Refused(_("This price is not published yet. Please try again in a moment."))
