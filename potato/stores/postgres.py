"""How a web process reaches PostgreSQL: a pool whose every wait has a deadline, and a breaker before it.

A silent server (frozen, or cut off without a word) is the hard case: ``statement_timeout`` needs the server,
and TCP keepalives are answered by its kernel. So the wait itself is bounded, here, in the client. Only web
and events processes have these deadlines: migrations, imports and LISTEN wait longer by right.
"""

from collections.abc import Generator
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors

from potato.stores.breaker import POSTGRES, Fault

# The server is asked to give up a statement first: then the connection lives on.
STATEMENT_SECONDS = 1.0
WAIT_SECONDS = 1.2
# Somebody who holds a table or an item for long holds up a thread for each request that wants it: not for long.
LOCK_SECONDS = 0.5
# For a connection out of the pool; a new one on loopback or a local network takes a few milliseconds.
POOL_SECONDS = 0.5


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in time, and may never do so. It has been counted as a fault."""


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection that waits ``WAIT_SECONDS`` at most for anything, and is closed when that was not enough.

    After a wait was given up nobody knows what the server will still do, or send: the connection is of no use.
    """

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> "DeadlineConnection":
        try:
            return super().connect(conninfo, **kwargs)
        except psycopg.Error as error:
            # In a thread of the pool: who waits for a connection learns only that there was none in time, not why.
            POSTGRES.failed(fault_of(error) or Fault.DOWN, error)
            raise

    def wait(self, gen: Generator[Any, Any, Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """
        :raises psycopg.OperationalError: there was no answer in time.
        """
        if timeout is not None and timeout < WAIT_SECONDS:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, WAIT_SECONDS)
        except errors._WaitTimeout:
            self.close()
            error = NoAnswer(f"no answer within {WAIT_SECONDS} s")
            POSTGRES.failed(Fault.SLOW, error)
            raise error from None


def web_database() -> dict[str, Any]:
    """What a web process sets in ``settings.DATABASES["default"]``, beside its OPTIONS."""
    # The pool keeps the connections; each request takes one when it first asks, checked, and gives it back.
    # The check is our own (``DatabaseWrapper``): the pool's waits a second after each broken one, longer than a request.
    return {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}


def web_options() -> dict[str, Any]:
    """What a web process sets in ``settings.DATABASES["default"]["OPTIONS"]``."""
    return {
        "connect_timeout": 2,
        "options": f"-c statement_timeout={round(STATEMENT_SECONDS * 1000)} -c lock_timeout={round(LOCK_SECONDS * 1000)}"
        " -c idle_in_transaction_session_timeout=10000",
        "pool": {
            "connection_class": DeadlineConnection,
            "min_size": 1,
            "max_size": 8,
            "timeout": POOL_SECONDS,
            # A connection that cannot be made is given up soon and asked for anew by the next request. The
            # pool's own patience doubles up to minutes, and it would not notice that the server is back.
            "reconnect_timeout": 1.0,
        },
    }


def fault_of(error: BaseException) -> Fault | None:
    """Tell PostgreSQL's faults, as psycopg raises them or as Django wraps them."""
    if isinstance(error, (OperationalError, InterfaceError)) and isinstance(error.__cause__, psycopg.Error):
        error = error.__cause__
    match error:
        case psycopg.Error(sqlstate=str(state)) if state.startswith(("40", "55")) or state == "57014":
            # A deadlock, a lock held by another, a statement cancelled: it is there.
            return Fault.BUSY
        case psycopg.Error(sqlstate=str(state)) if state.startswith("53") or state == "25006":
            # Its disk is full, it has no connection left, or it takes no writes.
            return Fault.REFUSING
        case OperationalError() | InterfaceError() | psycopg.OperationalError() | psycopg.InterfaceError():
            return Fault.DOWN
    return None


POSTGRES.knows(fault_of)
