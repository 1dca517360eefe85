"""What pages and other apps read of prices.

Price pages make no PostgreSQL query and at most four reads of MongoDB: all boards of a page come with one call
of :func:`boards_for`. Without MongoDB boards come from PostgreSQL's copies and say so (``board.copied_at``).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import DatabaseError

from potato import clock, degraded, edge
from potato.errors import Unavailable
from prices import rollups
from prices.models import BasketLine, BoardCopy, Installation, LedgerRow
from prices.numbers import plain
from prices.rollups import DayStat
from prices.store import boards, entries, history
from prices.types import Board, PriceEntry, PriceType, Submission
from prices.units import Base


def boards_for(keys: Iterable[str]) -> dict[str, Board]:
    """The boards of a page by key; those that do not exist are missing. One read of MongoDB.

    :raises Unavailable: neither MongoDB nor PostgreSQL's copies answer.
    """
    wanted = sorted(set(keys))
    try:
        found = boards.get_many(wanted)
    except Unavailable:
        degraded.mark("mongo")
        return _copies(wanted)
    edge.made_from({key: found[key].rev if key in found else 0 for key in wanted})
    return found


def history_of(
    *, item_id: int, region_id: int, type: PriceType, base: Base, since: date | None = None
) -> list[DayStat] | None:
    """The days of an item in a region (``NATION`` for the country), oldest first. One read of MongoDB.

    :return: None where history is away with MongoDB (a board carries its own last 90 days).
    """
    try:
        months = history.months_of(
            item_id=item_id,
            region_id=region_id,
            type=type,
            base=base,
            since=rollups.month_key(since) if since else None,
        )
    except Unavailable:
        degraded.mark("mongo")
        return None
    today = clock.today()
    return [
        day
        for month in months
        for day in month.days
        if (since is None or day.day >= since) and day.day <= today
    ]


def township_history_of(
    *, item_id: int, region_id: int, township_id: int, type: PriceType, base: Base, since: date | None = None
) -> list[DayStat] | None:
    """The days of an item in a township, oldest first, from the covering index of raw entries."""
    now = clock.now()
    start = clock.start_of_day(since) if since else None
    try:
        seen = entries.amounts_in_township(
            item_id=item_id,
            region_id=region_id,
            township_id=township_id,
            type=type,
            base=base,
            start=start,
            end=now,
        )
    except Unavailable:
        degraded.mark("mongo")
        return None
    return rollups.roll_up_days(seen)


def entry(entry_id: str) -> PriceEntry | None:
    """One entry by its id. :raises Unavailable:"""
    return entries.get(entry_id)


def submission(submission_id: UUID) -> Submission | None:
    """What became of something sent, from the ledger (payloads are kept 90 days)."""
    row = LedgerRow.objects.filter(pk=submission_id).first()
    return _submission(row) if row else None


def submissions_of(user_id: int, *, before: int | None = None, limit: int = 50) -> list[Submission]:
    """What a person sent, newest first; ``before`` is the last row's ``seq`` of the page before."""
    rows = LedgerRow.objects.filter(
        author_id=user_id, kind__in=[LedgerRow.Kind.PRICE, LedgerRow.Kind.CORRECT]
    )
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[:limit])
    try:
        stored = entries.get_many([str(row.pk) for row in found])
    except Unavailable:
        degraded.mark("mongo")
        stored = {}
    return [_submission(row, stored.get(str(row.pk))) for row in found]


def basket_of(user_id: int) -> list[str]:
    """The list of items that a member keeps, each as an address says it: ``onions:1.5:viss``."""
    rows = BasketLine.objects.filter(user=user_id).values_list("item__slug", "quantity", "unit")
    return [f"{slug}:{plain(quantity)}:{unit}" for slug, quantity, unit in rows]


def is_demo() -> bool:
    """Whether what is submitted now belongs to the demo (asked of PostgreSQL, inside a transaction)."""
    return Installation.objects.filter(mode=Installation.Mode.DEMO).exists()


def _copies(keys: Sequence[str]) -> dict[str, Board]:
    try:
        copies = BoardCopy.objects.filter(pk__in=keys)
        return {
            copy.key: Board(
                key=copy.key, rev=copy.rev, made_at=copy.copied_at, data=copy.data, copied_at=copy.copied_at
            )
            for copy in copies
        }
    except DatabaseError as error:
        raise Unavailable("mongo", "and PostgreSQL's copies are away too") from error


def _submission(row: LedgerRow, entry: PriceEntry | None = None) -> Submission:
    return Submission(
        id=str(row.pk),
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        item_id=row.item_id,
        payload=row.payload,
        received_at=row.received_at,
        seq=row.seq,
        entry=entry,
    )
