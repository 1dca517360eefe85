"""Log lines: their form, and which of them an outage of a store needs.

A store's breaker writes one line when an outage begins and one when it is over, in each process. What libraries
write at each of their tries meanwhile is left out here. Anything that is no store's fault stays, with its traceback.
"""

import logging
import re
from typing import Any

from potato.errors import Unavailable
from potato.stores.breaker import ALL, REDIS, Fault
from potato.stores.postgres import fault_of as postgres_fault_of
from potato.stores.redis import fault_of as redis_fault_of

# Whoever reads one of these addresses could use it: links of mails.
_SECRET = re.compile(r"(/(?:email/undo|password/reset/key|confirm-email)/)[^/\s]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """One line for each record, whatever strangers have written into it, without the secrets of links in mails.

    A traceback follows on lines of its own; they are indented, so that none of them can pass for a record.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join(f"  {_escaped(line)}" for line in super().formatException(ei).split("\n"))


class Outages(logging.Filter):
    """Drop what a library logs of a store that is unavailable, for loggers of libraries that try again by themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = _error_of(record)
        if error is None:
            return True
        if isinstance(error, Unavailable) or postgres_fault_of(error) not in (None, Fault.BUSY):
            # Our database backend has reported it to the breaker.
            return False
        fault = redis_fault_of(error)
        if fault in (None, Fault.BUSY):
            return True
        REDIS.failed(fault, error)
        return False


class ServedWithout(logging.Filter):
    """Drop Django's line for each page that is a 503 because a store is unavailable."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != 503 or not any(store.has_outage for store in ALL)


class Refusals(logging.Filter):
    """What strangers send and Django refuses (a foreign host name, a forged form) is a warning, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
            record.exc_info = record.exc_text = None
        return True


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda match: repr(match[0])[1:-1], _SECRET.sub(r"\1...", text))


def _error_of(record: logging.LogRecord) -> BaseException | None:
    """The error that a record is about: the one being handled, or the first among what is put into its text."""
    from celery.beat import SchedulingError

    if record.exc_info:
        error = record.exc_info[1]
    else:
        arguments = record.args if isinstance(record.args, tuple) else ()
        error = next((argument for argument in arguments if isinstance(argument, BaseException)), None)
    # Beat raises it in place of whatever kept it from sending a task.
    while isinstance(error, SchedulingError):
        error = error.__context__
    return error
