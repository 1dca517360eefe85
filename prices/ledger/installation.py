"""Demo or real: an installation shows one of them, and no figure ever mixes the two."""

import logging
from datetime import date

from django.db import transaction

from potato import clock
from potato.stores import revisions
from prices.coordination import locks
from prices.coordination.sequences import next_rev
from prices.models import BoardCopy, ImportBatch, Installation, LedgerRow
from prices.store import boards, entries, history, latest, reference, reports
from shops import services as shops

Mode = Installation.Mode
log = logging.getLogger(__name__)


def mode() -> str:
    """``"empty"``, ``"demo"`` or ``"real"``, asked of PostgreSQL."""
    return _row().mode


def begin_demo() -> None:
    """Say that what comes now is demo. :raises ValueError: there are real prices."""
    with locks.mode_changes():
        before = mode()
        if before == Mode.REAL or (before == Mode.EMPTY and entries.any_at_all()):
            raise ValueError("this installation shows real prices")
        _set(Mode.DEMO)


def begin_real() -> bool:
    """Say that what comes now is real; everything of a demo is taken away first. Again is harmless.

    Killed on the way, the mode is still demo and the next call begins anew.

    :return: whether a demo was taken away.
    """
    with locks.mode_changes():
        before = mode()
        if before == Mode.DEMO:
            _remove_demo()
        if before != Mode.REAL:
            _set(Mode.REAL)
        return before == Mode.DEMO


def end_demo() -> bool:
    """Take the demo away and show nothing. :return: whether there was one."""
    with locks.mode_changes():
        if mode() != Mode.DEMO:
            return False
        _remove_demo()
        _set(Mode.EMPTY)
        return True


def boards_are_of_today() -> bool:
    """Whether the boards were made for the day that readers live in (``POTATO_AS_OF`` moves it)."""
    return _row().boards_day == clock.today()


def time_jumped() -> bool:
    """Whether readers' time moved as ``POTATO_AS_OF`` moves it: latest prices then end at another moment."""
    made_for = _row().boards_day
    return made_for is None or not 0 <= (clock.today() - made_for).days <= 7


def boards_made(*, day: date | None = None) -> None:
    """Note the day for which boards were made: that on which the first of them was begun, today unless told."""
    _row()
    Installation.objects.filter(pk=1).update(boards_day=day or clock.today())


def _remove_demo() -> None:
    # In demo mode whatever is derived is of the demo; entries and ledger rows are marked one by one.
    removed = entries.remove_demo()
    reports.remove_all()
    latest.remove_all()
    history.remove_all()
    # Kept pages learn that their boards are gone. First: killed in between, the next call finds the boards and tells again.
    revisions.tell(dict.fromkeys(boards.revs(), next_rev()))
    boards.remove_all()
    with transaction.atomic():
        LedgerRow.objects.filter(is_demo=True).delete()
        ImportBatch.objects.filter(source="DEMO").delete()
        BoardCopy.objects.all().delete()
        shops.remove_demo_shops()
        shops.forget_statistics()
    log.info("The demo was taken away: %s entries", removed)


def _set(new: str) -> None:
    _row()
    # Killed between the two, the next call finds the old mode and begins anew.
    with locks.reference():
        reference.put_mode(new, rev=next_rev())
    Installation.objects.filter(pk=1).update(mode=new, boards_day=None)


def _row() -> Installation:
    return Installation.objects.get_or_create(pk=1)[0]
