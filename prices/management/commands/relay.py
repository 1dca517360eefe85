"""``manage.py relay``: publishes what the ledger accepted, for ever. Any number of them may run."""

import logging
import signal
import threading
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connection

from potato.errors import OUTAGES, Unavailable, first_line
from potato.stores.breaker import POSTGRES, answering, is_busy
from prices.ledger.accept import CHANNEL
from prices.publishing import relay
from prices.publishing.wakeups import Wakeups
from prices.store import indexes

log = logging.getLogger("prices.publishing.relay")
SWEEP_SECONDS = 1.0
# While a store is unavailable.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 4.0


class Command(BaseCommand):
    help = "Publish accepted ledger rows to MongoDB, for ever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="publish what waits now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            relay.run_all()
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        _say_what_is_missing()
        wakeups = Wakeups()
        listener: psycopg.Connection | None = None
        pause = SHORTEST_PAUSE
        while not stopping.is_set():
            try:
                listener = listener or _listen()
                close_old_connections()
                published = relay.run_once()
                wakeups.tell(published)
                if not published:
                    _wait_for_news(listener)
                pause = SHORTEST_PAUSE
            except OUTAGES as error:
                # The store's breaker has logged it; unless it answers all the same.
                if pause == SHORTEST_PAUSE and is_busy(error):
                    log.warning("The relay waits and tries again: %s", first_line(error))
                connection.close()
                if listener is not None and listener.closed:
                    listener = None
                stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        if listener is not None:
            listener.close()


def _say_what_is_missing() -> None:
    """Without an index every refresh reads whole collections: better said at the start than found at night."""
    try:
        for name in indexes.missing():
            log.warning("MongoDB has no index %s: run manage.py ensure_indexes", name)
    except Unavailable as error:
        log.warning("%s; its indexes could not be looked at", error)


def _listen() -> psycopg.Connection:
    """A connection of its own that waits for news, with the settings of Django's.

    :raises Unavailable: PostgreSQL does not answer.
    """
    parameters = connection.get_connection_params()
    allowed = ("host", "port", "dbname", "user", "password", "connect_timeout", "sslmode", "options")
    with answering(POSTGRES):
        listener = psycopg.connect(**{k: v for k, v in parameters.items() if k in allowed}, autocommit=True)
        listener.execute(f"LISTEN {CHANNEL}")
    return listener


def _wait_for_news(listener: psycopg.Connection) -> None:
    """Return when a row was accepted, or after ``SWEEP_SECONDS``.

    A notification that came while the relay worked is waiting here: nothing is missed.

    :raises Unavailable: PostgreSQL does not answer.
    """
    with answering(POSTGRES):
        for _ in listener.notifies(timeout=SWEEP_SECONDS, stop_after=1):
            break
