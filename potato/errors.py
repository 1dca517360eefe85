"""The two errors that everybody may answer; anything else is a bug and travels up."""

from django.db import InterfaceError, OperationalError


class Refused(Exception):
    """A rule said no. The text is translated and fit for the user.

    :param field: the form field that the rule is about; None for the form as a whole.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Unavailable(Exception):
    """A store did not answer in time, or its breaker is open.

    :param store: ``"postgres"``, ``"mongo"`` or ``"redis"``.
    """

    def __init__(self, store: str, reason: str = "") -> None:
        super().__init__(f"{store} is not available{': ' + reason if reason else ''}")
        self.store = store


# A store is unavailable: nobody's fault but its own, whatever was being done. Django's are PostgreSQL's.
OUTAGES = (Unavailable, OperationalError, InterfaceError)


def first_line(reason: object) -> str:
    """What an error says, fit for one line of a log: drivers explain themselves at length, over several lines."""
    lines = str(reason).strip().splitlines()
    return lines[0][:300] if lines else type(reason).__name__
