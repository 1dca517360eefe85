"""Rows of the ledger on their way through a relay: taken, marked as done, given back, or given up."""

import json
import logging
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from prices.coordination import locks
from prices.models import LedgerRow

State = LedgerRow.State
BATCH = 100
LEASE = timedelta(seconds=15)
MOST_TRIES = 12
GIVEN_UP = "Something is wrong with this entry; we are looking at it."
# The relay's: whoever filters its log finds all of it under one name.
log = logging.getLogger("prices.publishing.relay")


def claim() -> list[LedgerRow]:
    """Take the waiting rows of the item whose turn it is; nobody else has them until the lease ends.

    Rows with which a relay died are taken one by one, and one with which ever more relays die is parked: it would keep
    its item waiting for ever.
    """
    while _anything_due():
        rows, was_held = _claim()
        if not was_held or rows[0].tries <= MOST_TRIES:
            return rows
        log.error("Relays died with ledger row %s: it is parked", rows[0].pk)
        rows[0].state, rows[0].reason = State.PARKED, GIVEN_UP
        mark(rows)
    return []


def _claim() -> tuple[list[LedgerRow], bool]:
    """:return: rows of one item, and whether it is a single one with which a relay died."""
    with locks.claiming(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item_id FROM prices_ledgerrow WHERE state = 'accepted'
            GROUP BY item_id
            HAVING count(*) FILTER (WHERE lease_until >= clock_timestamp()) = 0
               AND count(*) FILTER (WHERE next_try_at <= clock_timestamp()) > 0
            ORDER BY min(seq) FILTER (WHERE next_try_at <= clock_timestamp())
            """
        )
        # An item whose due rows all wait for earlier ones that are not due must not keep the others waiting.
        for (item_id,) in cursor.fetchall():
            ids, was_held = _free(cursor, item_id)
            if ids := _lease(cursor, ids, counts=was_held):
                return list(LedgerRow.objects.filter(pk__in=ids).order_by("seq")), was_held
    return [], False


def _anything_due() -> bool:
    """Whether it is worth taking turns with other relays: mostly nothing is left after what was published."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM prices_ledgerrow"
            " WHERE state = 'accepted' AND next_try_at <= clock_timestamp())"
        )
        return cursor.fetchone()[0]


def _free(cursor: Any, item_id: int | None) -> tuple[list[str], bool]:
    """The due rows of an item, of one target in their order: a later one waits for an earlier one that is not due.

    :return: those up to the first one with which a relay died, or that one alone; and whether it is that one.
    """
    cursor.execute(
        """
        SELECT id::text, target, next_try_at <= clock_timestamp(), lease_until IS NOT NULL FROM prices_ledgerrow
        WHERE state = 'accepted' AND item_id IS NOT DISTINCT FROM %s ORDER BY seq LIMIT %s
        """,
        [item_id, 10 * BATCH],
    )
    free: list[str] = []
    blocked: set[str] = set()
    for id, target, is_due, was_held in cursor.fetchall():
        if not is_due or target in blocked:
            blocked |= {id, target}
        elif not was_held:
            free.append(id)
        elif free:
            break
        else:
            return [id], True
    return free[:BATCH], False


def _lease(cursor: Any, ids: list[str], *, counts: bool) -> list[str]:
    # A row of names that somebody is changing right now is locked until that is committed, and is left for later.
    cursor.execute(
        """
        UPDATE prices_ledgerrow SET lease_until = clock_timestamp() + %s, tries = tries + %s
        WHERE id IN (SELECT id FROM prices_ledgerrow WHERE id = ANY(%s::uuid[]) FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        [LEASE, int(counts), ids],
    )
    return [row[0] for row in cursor.fetchall()]


def mark(rows: list[LedgerRow]) -> None:
    """Store state and reason of rows that are done, and how their prices were judged."""
    if not rows:
        return
    # If another relay was first, because our lease had ended, what it said stands.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE prices_ledgerrow AS row
            SET state = done.state, reason = left(done.reason, 300), published_at = %s, lease_until = NULL,
                payload = row.payload || done.judged::jsonb
            FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS done (id, state, reason, judged)
            WHERE row.id = done.id AND row.state = 'accepted'
            """,
            [
                timezone.now(),
                [row.pk for row in rows],
                [str(row.state) for row in rows],
                [row.reason for row in rows],
                [_judged(row) for row in rows],
            ],
        )


def _judged(row: LedgerRow) -> str:
    judged = row.payload.get("judged")
    return json.dumps({"judged": judged} if judged else {})


def put_back(rows: list[LedgerRow], why: str, *, counts: bool = True) -> None:
    """Give rows back, to be tried again after a pause that grows with every try, up to 10 s.

    :param counts: whether the row itself may be to blame; if not, it is due again in half a second.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prices_ledgerrow SET lease_until = NULL, reason = left(%s, 300), tries = tries + %s,"
            " next_try_at = clock_timestamp() + interval '1 second'"
            " * CASE WHEN %s THEN least(0.4 * power(2, least(tries, 10)), 10) ELSE 0.5 END"
            " WHERE id = ANY(%s) AND state = 'accepted'",
            [why, int(counts), counts, [row.pk for row in rows]],
        )


def give_up(row: LedgerRow, error: Exception) -> bool:
    """Park a row that failed too often, or put it back. :return: whether it is parked."""
    log.error("Ledger row %s could not be published", row.pk, exc_info=error)
    if row.tries + 1 < MOST_TRIES:
        put_back([row], f"{type(error).__name__}: {error}")
        return False
    row.state, row.reason = State.PARKED, GIVEN_UP
    return True
