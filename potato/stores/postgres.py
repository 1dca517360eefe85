"""How a web process reaches PostgreSQL: a pool whose every wait has a deadline, and a breaker before it.

A silent server (frozen, or cut off without a word) is the hard case: ``statement_timeout`` needs the server,
and TCP keepalives are answered by its kernel. So the wait itself is bounded, here, in the client. Only web
processes have these deadlines: migrations, imports and LISTEN wait longer by right.
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


class DeadlineConnection(psycopg.Connection[Any]):
    """A connection that waits ``WAIT_SECONDS`` at most for anything, and is closed when that was not enough.

    After a wait was given up nobody knows what the server will still do, or send: the connection is of no use.
    """

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
            POSTGRES.failed(Fault.SLOW)
            raise psycopg.OperationalError(f"no answer within {WAIT_SECONDS} s") from None


def web_database() -> dict[str, Any]:
    """What a web process sets in ``settings.DATABASES["default"]``, beside its OPTIONS."""
    # The pool keeps the connections; each request takes one when it first asks, checked, and gives it back.
    return {"ENGINE": "potato.stores.postgis", "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}


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
        case psycopg.Error(sqlstate=str(state)) if state.startswith(("40", "53", "55")) or state == "57014":
            # A deadlock, no room left, a lock held by another, a statement cancelled: it is there.
            return Fault.BUSY
        case OperationalError() | InterfaceError() | psycopg.OperationalError() | psycopg.InterfaceError():
            return Fault.DOWN
    return None


POSTGRES.knows(fault_of)
