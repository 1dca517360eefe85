"""Demo or real: an installation shows one of them, and no figure ever mixes the two."""

from datetime import date

from potato import clock
from prices.coordination import locks
from prices.coordination.sequences import next_rev
from prices.ledger import demo_removal
from prices.models import Installation
from prices.store import entries, reference

Mode = Installation.Mode


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
            demo_removal.remove_demo()
        if before != Mode.REAL:
            _set(Mode.REAL)
        return before == Mode.DEMO


def end_demo() -> bool:
    """Take the demo away and show nothing. :return: whether there was one."""
    with locks.mode_changes():
        if mode() != Mode.DEMO:
            return False
        demo_removal.remove_demo()
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


def _set(new: str) -> None:
    _row()
    # Killed between the two, the next call finds the old mode and begins anew.
    with locks.reference():
        reference.put_mode(new, rev=next_rev())
    Installation.objects.filter(pk=1).update(mode=new, boards_day=None)


def _row() -> Installation:
    return Installation.objects.get_or_create(pk=1)[0]
