"""The boards again in PostgreSQL, for the time without MongoDB."""

import json

from django.db import connection

from prices.coordination import locks
from prices.models import BoardCopy
from prices.store import boards
from prices.types import Board

BATCH = 200


def copy_changed() -> int:
    """Copy the boards that are newer than their copies. :return: how many."""
    # Not while a demo is taken away: its boards must not come back as copies.
    with locks.mode_stays():
        stored = boards.revs()
        copied = dict(BoardCopy.objects.values_list("key", "rev"))
        changed = sorted(key for key, rev in stored.items() if copied.get(key, -1) < rev)
        for start in range(0, len(changed), BATCH):
            _write(list(boards.get_many(changed[start : start + BATCH]).values()))
        BoardCopy.objects.filter(key__in=set(copied) - set(stored)).delete()
    return len(changed)


def _write(found: list[Board]) -> None:
    """Write copies, never an older one over a newer."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO prices_boardcopy AS stored (key, rev, data, copied_at)
            VALUES (%s, %s, %s::jsonb, clock_timestamp())
            ON CONFLICT (key) DO UPDATE
                SET rev = EXCLUDED.rev, data = EXCLUDED.data, copied_at = EXCLUDED.copied_at
            WHERE stored.rev < EXCLUDED.rev
            """,
            [
                (board.key, board.rev, json.dumps(board.data))
                for board in sorted(found, key=lambda board: board.key)
            ],
        )
