"""PostgreSQL's advisory locks, by which writers of the same derived data take turns.

They are courtesy: what must not go wrong when a holder dies or freezes rests on ``rev`` and natural keys.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError, connection

ITEM, REFERENCE, CLAIM, INSTALLATION, LOADING, AUTHOR = 7101, 7102, 7103, 7104, 7105, 7106


class Busy(Exception):
    """Somebody else holds the lock, and has held it for as long as the caller would wait."""


@contextmanager
def items(item_ids: Iterable[int], *, seconds: float | None = None) -> Iterator[None]:
    """Hold the locks of items, taken in order, so that two holders never wait for each other.

    :param seconds: how long to wait for each; None for ever.
    :raises Busy: that was not long enough.
    """
    with _held([(ITEM, item_id) for item_id in sorted(set(item_ids))], seconds=seconds):
        yield


@contextmanager
def reference() -> Iterator[None]:
    """Hold the lock under which names are published, one writer at a time."""
    with _held([(REFERENCE, 0)]):
        yield


@contextmanager
def claiming(*, seconds: float | None = None) -> Iterator[None]:
    """Hold the lock under which ledger rows are claimed, one relay at a time; otherwise as :func:`items`."""
    with _held([(CLAIM, 0)], seconds=seconds):
        yield


@contextmanager
def loading() -> Iterator[None]:
    """Hold the lock under which prices come in by bulk, one import at a time."""
    with _held([(LOADING, 0)]):
        yield


@contextmanager
def mode_stays() -> Iterator[None]:
    """Hold the installation's mode (demo or real) as it is while something is written under it."""
    with _held([(INSTALLATION, 0)], shared=True):
        yield


@contextmanager
def mode_changes() -> Iterator[None]:
    """Wait until nothing is being written under the old mode, and keep everybody out."""
    with _held([(INSTALLATION, 0)]):
        yield


@contextmanager
def _held(
    keys: list[tuple[int, int]], *, shared: bool = False, seconds: float | None = None
) -> Iterator[None]:
    suffix = "_shared" if shared else ""
    taken = []
    try:
        for key in keys:
            _take(f"SELECT pg_advisory_lock{suffix}(%s, %s)", key, seconds)
            taken.append(key)
        yield
    finally:
        # A lost connection has given its locks back already.
        if taken and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                for key in reversed(taken):
                    cursor.execute(f"SELECT pg_advisory_unlock{suffix}(%s, %s)", key)


def _take(statement: str, key: tuple[int, int], seconds: float | None) -> None:
    with connection.cursor() as cursor:
        if seconds is None:
            cursor.execute(statement, key)
            return
        # Mostly nobody has it: then one question is enough.
        cursor.execute(statement.replace("pg_advisory", "pg_try_advisory"), key)
        if cursor.fetchone()[0]:
            return
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(seconds * 1000)}ms"])
        try:
            cursor.execute(statement, key)
        except OperationalError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise Busy from error
            raise
        finally:
            if not connection.connection.closed:
                cursor.execute("RESET lock_timeout")
