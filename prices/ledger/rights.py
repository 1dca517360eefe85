"""Who may decide about prices that others sent."""

from typing import Any

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
