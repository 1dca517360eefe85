"""Accepting what people send: one statement stores a row of the ledger, and its commit is the acknowledgement.

Nothing here waits for MongoDB or Redis.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from potato.errors import Refused
from prices.coordination import locks
from prices.ledger.limits import Limit, limits_of
from prices.ledger.rights import refuse_unless_may_submit
from prices.models import PRICE_KINDS, Installation, LedgerRow
from prices.types import Submission

Kind = LedgerRow.Kind
CHANNEL = "potato_ledger"
FORM_ID = "id"
"""The field of a refusal that is about the form's id alone: under another one the same is welcome."""


class SameIdOtherPrice(Refused):
    """The form was sent before with another content: a question to the contributor, nothing is stored."""

    def __init__(self, earlier: LedgerRow) -> None:
        super().__init__(_("You sent this form before with another price. Which one is right?"))
        self.earlier = earlier


def accept(
    *,
    kind: Kind,
    id: UUID,
    by: User,
    item_id: int,
    target: str,
    body: dict[str, Any],
    payload: Any,
    now: datetime,
) -> Submission:
    """Store what a person did, once: the same id again is answered with what was stored under it.

    :param id: made by the form; of a confirmation, by its author, price and day.
    :param item_id: whose prices it touches; the relay takes the rows of an item in turn.
    :param target: id of the price that it is about; of a new price its own.
    :param body: what makes two acts the same.
    :param payload: a function that returns what the row holds; it may refuse.
    :raises Refused: a rule said no, or its author has sent too many.
    :raises SameIdOtherPrice: another content was stored under the id.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    if kind in PRICE_KINDS:
        refuse_unless_may_submit(by)
    row: LedgerRow | None
    try:
        content = payload() | {"by": {"id": by.pk, "name": by.display_name, "role": by.role}}
    except Refused:
        # A rule that has changed since the same form was accepted takes nothing back.
        row = LedgerRow.objects.filter(pk=id).first()
        if row is None:
            raise
    else:
        row = LedgerRow(
            id=id,
            kind=kind,
            author=by,
            item_id=item_id,
            target=target,
            payload=content,
            body_hash=digest,
            received_at=now,
        )
        if not _insert(row, limits=limits_of(kind, by=by)):
            row = LedgerRow.objects.filter(pk=id).first()
            if row is None:
                raise Refused(_too_many(kind))
    _check_is_the_same(row, by=by, digest=digest)
    return Submission(
        id=str(row.pk),
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        item_id=row.item_id,
        payload=row.payload,
        received_at=row.received_at,
    )


def _check_is_the_same(row: LedgerRow, *, by: User, digest: str) -> None:
    """Whether the row under a form's id is this person's, and holds what the form holds. :raises Refused:"""
    if row.author_id != by.pk:
        raise Refused(
            _("This form was sent from another account. Everything is kept: please send it once more."),
            field=FORM_ID,
        )
    if row.body_hash != digest:
        raise SameIdOtherPrice(row)


def _too_many(kind: str) -> str:
    if kind == Kind.REPORT:
        return _("That is a lot of reports. Please go on a little later.")
    return _("That is a lot of prices for one hour. Please go on a little later.")


# Two statements in one question, and in one transaction. What an author sends at the same moment takes turns, and the
# second statement begins to look when it is its turn: within one, it would count what was there before.
_INSERT = """
SELECT pg_advisory_xact_lock(%(lock)s, %(author)s) WHERE %(is_limited)s;
WITH allowed AS (
    SELECT * FROM jsonb_to_recordset(%(limits)s::jsonb) AS one (number int, within interval, kinds jsonb)
), stored AS (
    INSERT INTO prices_ledgerrow
        (id, kind, author_id, item_id, target, payload, body_hash, received_at,
         state, tries, reason, is_demo)
    SELECT %(id)s, %(kind)s, %(author)s, %(item)s, %(target)s, %(payload)s::jsonb, %(hash)s, %(received)s,
        %(state)s, 0, '', EXISTS (SELECT 1 FROM prices_installation WHERE mode = %(demo)s)
    WHERE NOT EXISTS (
        SELECT 1 FROM allowed WHERE number <= (
            SELECT count(*) FROM (
                SELECT 1 FROM prices_ledgerrow
                WHERE author_id = %(author)s AND accepted_at > clock_timestamp() - within AND kinds ? kind::text
                LIMIT number
            ) AS recent))
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT pg_notify(%(channel)s, '') FROM stored
"""


def _insert(row: LedgerRow, *, limits: Sequence[Limit]) -> bool:
    """Store a row and wake the relay, in one go: each question to PostgreSQL is waited for.

    :param limits: how many its author may send, counted in the ledger, so that it holds whatever becomes of Redis.
    :return: whether it was stored: there is none of its id, and its author may send one more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "id": row.pk,
                "kind": row.kind,
                "author": row.author_id,
                "item": row.item_id,
                "target": row.target,
                "payload": json.dumps(row.payload),
                "hash": row.body_hash,
                "received": row.received_at,
                "state": row.state,
                "demo": Installation.Mode.DEMO,
                "limits": json.dumps(
                    [
                        {"number": limit.number, "within": str(limit.within), "kinds": limit.kinds}
                        for limit in limits
                    ]
                ),
                "is_limited": bool(limits),
                "channel": CHANNEL,
                "lock": locks.AUTHOR,
            },
        )
        cursor.nextset()
        return cursor.fetchone() is not None


def wake_relay() -> None:
    """Tell relays, once the transaction commits, that there is something to publish."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
