"""What people's inboxes hold, for those with an open page: asked of PostgreSQL, for all of them together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q
from django.utils import timezone

from alerts.live import texts
from alerts.live.request import Style
from alerts.live.texts import About
from alerts.models import QUIET_FROM, QUIET_UNTIL, AlertSettings, Notification
from alerts.rules import is_quiet
from potato.calendar import YANGON

CATCH_UP = 20
"""At most so many missed notifications are sent to a page that reconnects, the newest; the inbox has all of them."""
TOAST_FOR = timedelta(minutes=10)

_FIELDS = (
    "id",
    "user_id",
    "created_at",
    "is_late",
    "entry_status",
    "kind",
    "entry_id",
    "item_id",
    "shop_id",
    "type",
    "base",
    "amount",
)


@dataclass(frozen=True, slots=True)
class Alert:
    """A notification for its owner's open pages; ``text`` and ``url`` by how each of them reads."""

    id: int
    user_id: int
    is_summary: bool
    toast: bool
    texts: Mapping[Style, str]
    urls: Mapping[Style, str]


@dataclass(frozen=True, slots=True)
class Inbox:
    """How many are unread, and the newest notification (0: none)."""

    unread: int = 0
    newest: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What is to be sent: notifications, oldest first, and the inbox of each of the people who were asked for."""

    alerts: list[Alert] = field(default_factory=list)
    inboxes: Mapping[int, Inbox] = field(default_factory=dict)


Styles = Mapping[int, Iterable[Style]]
"""How the open pages of each person read."""


def between(first: int, last: int, *, styles: Styles, is_late: bool) -> News:
    """Notifications that were just written, for those people who have an open page and have not been banned meanwhile."""
    rows = Notification.objects.filter(
        id__range=(first, last), user_id__in=list(styles), user__is_active=True, user__banned_at=None
    )
    found = list(rows.order_by("id").values_list(*_FIELDS))
    return News(_alerts(found, styles, is_late=is_late), inboxes({row[1] for row in found}))


def since(known: Mapping[int, int], *, styles: Styles) -> News:
    """What came after the last notification that a person's pages know, ``CATCH_UP`` at most for each person."""
    own = ", ".join(f"n.{name}" for name in _FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {own} FROM unnest(%s::bigint[], %s::bigint[]) AS page (user_id, known)"
            f" CROSS JOIN LATERAL (SELECT * FROM {Notification._meta.db_table} n"
            f" WHERE n.user_id = page.user_id AND n.id > page.known ORDER BY n.id DESC LIMIT {CATCH_UP}) n ORDER BY n.id",
            [list(known), list(known.values())],
        )
        found = cursor.fetchall()
    return News(_alerts(found, styles, is_late=False), inboxes(known))


def inboxes(user_ids: Iterable[int]) -> dict[int, Inbox]:
    """The inbox of each person."""
    ids = list(user_ids)
    found = (
        Notification.objects.filter(user_id__in=ids)
        .order_by()
        .values_list("user_id")
        .annotate(unread=Count("id", filter=Q(read_at=None)), newest=Max("id"))
    )
    return dict.fromkeys(ids, Inbox()) | {id: Inbox(unread, newest) for id, unread, newest in found}


def _alerts(rows: list[tuple[Any, ...]], styles: Styles, *, is_late: bool) -> list[Alert]:
    quiet = _in_quiet_hours({row[1] for row in rows}) if rows else set()
    old = timezone.now() - TOAST_FOR
    made: dict[tuple[About, Style], str] = {}
    alerts = []
    for id, user_id, created_at, late, entry_status, *rest in rows:
        about = _about(*rest)
        for style in styles[user_id]:
            if (about, style) not in made:
                made[about, style] = texts.text_of(about, style)
        toast = not (is_late or late or entry_status or user_id in quiet or created_at < old)
        alerts.append(
            Alert(
                id=id,
                user_id=user_id,
                is_summary=about.kind == Notification.Kind.SUMMARY,
                toast=toast,
                texts={style: made[about, style] for style in styles[user_id]},
                urls={style: texts.url_of(id, style.language) for style in styles[user_id]},
            )
        )
    return alerts


def _about(kind: str, entry_id: UUID | None, *rest: Any) -> About:
    return About(kind, entry_id, *rest)


def _in_quiet_hours(user_ids: set[int]) -> set[int]:
    """Those of some people in whose quiet hours it is now."""
    hour = timezone.now().astimezone(YANGON).hour
    rows = AlertSettings.objects.filter(user_id__in=user_ids)
    own = {
        id: is_on and is_quiet(hour, begins, ends)
        for id, is_on, begins, ends in rows.values_list(
            "user_id", "has_quiet_hours", "quiet_from", "quiet_until"
        )
    }
    usual = is_quiet(hour, QUIET_FROM, QUIET_UNTIL)
    return {id for id in user_ids if own.get(id, usual)}
