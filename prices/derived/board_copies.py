"""The boards again in PostgreSQL, for the time without MongoDB."""

import json
from decimal import Decimal
from typing import Any

from django.db import connection

from prices.coordination import locks
from prices.models import BoardCopy, EntriesOfBoard
from prices.names import cache as names
from prices.rules.boards.build import from_ms
from prices.store import boards
from prices.types import Board, Judgement, PriceEntry, Submitter

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


def find_entry(entry_id: str) -> PriceEntry | None:
    """A published price by its id, as its shop's board shows it; None where it is no shop's newest price of an item.

    What a board does not hold is not known: notes, changes, when it was published. ``seen_at`` is when it was last seen.
    """
    copies = BoardCopy.objects.filter(key__startswith="shop:").annotate(entries=EntriesOfBoard("data"))
    for data in copies.filter(entries__has_key=entry_id).values_list("data", flat=True):
        return _entry(next(row for row in data["rows"] if row["entry"] == entry_id))
    return None


def _entry(row: dict[str, Any]) -> PriceEntry:
    seen, received = from_ms(row["seen"]), from_ms(row["received"])
    return PriceEntry(
        id=row["entry"],
        item_id=row["item"],
        shop_id=row["shop"],
        shop_name=_name("shop", row["shop"]),
        region_id=row["region"],
        region_name=_name("region", row["region"]),
        township_id=row["township"],
        township_name=_name("township", row["township"]),
        price=Decimal(row["price"]),
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        amount=row["amount"],
        base=row["base"],
        type=row["type"],
        seen_at=seen,
        submitter=Submitter(**row["by"]),
        body_hash="",
        source=row["source"],
        status="published",
        judgement=Judgement(row["verdict"] or "unjudged"),
        received_at=received,
        published_at=received,
        last_seen_at=seen,
        confirmations=row["confirmations"],
        demo=row["demo"],
    )


def _name(kind: Any, id: int | None) -> str:
    name = names.get(kind, id)
    return name.name_en if name else ""


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
