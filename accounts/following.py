"""Who follows what. Each app registers its table of it: a row has ``user``, the followed row and ``created_at``."""

from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from potato.errors import Refused
from potato.stores import member_documents
from potato.text.wording import wording

_tables: dict[str, Any] = {}


def register(kind: str, table: type[models.Model]) -> None:
    """Say in which table it stands who follows rows of a kind (``"shop"``); ``kind`` is the name of its foreign key, too."""
    _tables[kind] = table
    member_documents.follows_from(kind, lambda account_id: ids_of(kind, account_id))


def ids_of(kind: str, account_id: int) -> list[int]:
    """The ids of the rows of a kind that somebody follows, in order."""
    rows = _tables[kind]._default_manager.filter(user_id=account_id)
    return list(rows.order_by(f"{kind}_id").values_list(f"{kind}_id", flat=True))


def follows(kind: str, id: int, *, by: User) -> bool:
    """Whether somebody follows a row of a kind."""
    return _tables[kind]._default_manager.filter(user=by, **{f"{kind}_id": id}).exists()


def set_following(kind: str, id: int, *, by: User, on: bool) -> bool:
    """Follow a row of a kind, or no longer. Returns whether that changed anything; again is harmless.

    :raises Refused: the person follows as much as anybody may.
    """
    table = _tables[kind]
    with transaction.atomic():
        if on:
            changed = _follow(table, kind, id, by)
        else:
            changed = table._default_manager.filter(user=by, **{f"{kind}_id": id}).delete()[0] > 0
        if changed:
            member_documents.renew_on_commit(by.pk)
    return changed


def _follow(table: Any, kind: str, id: int, by: User) -> bool:
    # One after the other, so that the count holds until the row is committed.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    row = {"user": by, f"{kind}_id": id}
    if table._default_manager.filter(**row).exists():
        return False
    followed = sum(each._default_manager.filter(user=by).count() for each in _tables.values())
    if followed >= settings.MOST_FOLLOWS:
        raise Refused(
            _("You follow %(n)s shops and items, which is the most. Stop following one of them first.")
            % {"n": wording().number(followed)}
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table._meta.db_table} (user_id, {kind}_id, created_at)"
            " VALUES (%s, %s, clock_timestamp()) ON CONFLICT DO NOTHING",
            [by.pk, id],
        )
        return cursor.rowcount == 1
