"""The boards again in PostgreSQL, for the time without MongoDB."""

from django.utils import timezone

from prices.models import BoardCopy
from prices.store import boards
from prices.types import Board

BATCH = 200


def copy_changed() -> int:
    """Copy the boards that are newer than their copies. :return: how many."""
    stored = boards.revs()
    copied = dict(BoardCopy.objects.values_list("key", "rev"))
    changed = sorted(key for key, rev in stored.items() if copied.get(key, -1) < rev)
    for start in range(0, len(changed), BATCH):
        _write(list(boards.get_many(changed[start : start + BATCH]).values()))
    BoardCopy.objects.filter(key__in=set(copied) - set(stored)).delete()
    return len(changed)


def _write(found: list[Board]) -> None:
    now = timezone.now()
    BoardCopy.objects.bulk_create(
        [BoardCopy(key=board.key, rev=board.rev, data=board.data, copied_at=now) for board in found],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["rev", "data", "copied_at"],
    )
