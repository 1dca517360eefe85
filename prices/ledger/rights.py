"""Who may send prices, and who may decide about those that others sent."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from potato.errors import Refused

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
