"""Accepting what people send: one statement stores a row of the ledger, and its commit is the acknowledgement.

Nothing here waits for MongoDB or Redis.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from potato.errors import Refused
from prices.coordination import locks
from prices.ledger.limits import Limit, limits_of
from prices.ledger.payloads import Offer, submission_from
from prices.models import Installation, LedgerRow
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


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does to a price.

    :param id: made by the form; of a confirmation, by its author, price and day.
    :param item_id: whose prices it touches; the relay takes the rows of an item in turn.
    :param target: id of the price that it is about; of a new price its own.
    :param body: what makes two acts the same.
    """

    kind: Kind
    id: UUID
    by: User
    item_id: int
    target: str
    body: dict[str, Any]

    @property
    def body_hash(self) -> str:
        """The body in 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()


def accept(act: Act, payload: dict[str, Any], *, now: datetime) -> Submission:
    """Store an act, once: the same id again is answered with what was stored under it.

    Whether its author may do it, and whether it makes sense, was asked before.

    :param payload: what the row holds, beside its author.
    :raises Refused: its author has sent too many, or another person's act has this id.
    :raises SameIdOtherPrice: another content was stored under the id.
    """
    by = act.by
    row = LedgerRow(
        id=act.id,
        kind=act.kind,
        author=by,
        item_id=act.item_id,
        target=act.target,
        payload=payload | {"by": {"id": by.pk, "name": by.display_name, "role": by.role}},
        body_hash=act.body_hash,
        received_at=now,
    )
    if _insert(row, limits=limits_of(act.kind, by=by)):
        return submission_from(row)
    if earlier := accepted_before(act):
        return earlier
    raise Refused(_too_many(act.kind))


def accept_price(act: Act, offer: Offer, *, now: datetime, **more: Any) -> Submission:
    """Store a new price or a correction; ``more`` goes into its row.

    :raises Refused: no such price is possible, and as :func:`accept`.
    """
    try:
        payload = offer.payload(now=now)
    except Refused:
        # A rule that has changed since the same form was accepted takes nothing back.
        if earlier := accepted_before(act):
            return earlier
        raise
    return accept(act, payload | more, now=now)


def accepted_before(act: Act) -> Submission | None:
    """What was stored under an act's id; None if nothing was.

    :raises Refused: it is another person's.
    :raises SameIdOtherPrice: it has another content.
    """
    row = LedgerRow.objects.filter(pk=act.id).first()
    if row is None:
        return None
    if row.author_id != act.by.pk:
        raise Refused(
            _("This form was sent from another account. Everything is kept: please send it once more."),
            field=FORM_ID,
        )
    if row.body_hash != act.body_hash:
        raise SameIdOtherPrice(row)
    return submission_from(row)


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
    RETURNING seq
)
SELECT seq, pg_notify(%(channel)s, '') FROM stored
"""


def _insert(row: LedgerRow, *, limits: Sequence[Limit]) -> bool:
    """Store a row and wake the relay, in one go: each question to PostgreSQL is waited for. The row gets its ``seq``.

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
        stored = cursor.fetchone()
    if stored:
        row.seq = stored[0]
    return stored is not None


def wake_relay() -> None:
    """Tell relays, once the transaction commits, that there is something to publish."""
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
