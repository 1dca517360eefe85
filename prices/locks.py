"""PostgreSQL's advisory locks, by which writers of the same derived data take turns.

They are courtesy: what must not go wrong when a holder dies or freezes rests on ``rev`` and natural keys.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

ITEM, REFERENCE, CLAIM, INSTALLATION, LOADING = 7101, 7102, 7103, 7104, 7105


@contextmanager
def items(item_ids: Iterable[int]) -> Iterator[None]:
    """Hold the locks of items, taken in order, so that two holders never wait for each other."""
    with _held([(ITEM, item_id) for item_id in sorted(set(item_ids))]):
        yield


@contextmanager
def reference() -> Iterator[None]:
    """Hold the lock under which names are published, one writer at a time."""
    with _held([(REFERENCE, 0)]):
        yield


@contextmanager
def claiming() -> Iterator[None]:
    """Hold the lock under which ledger rows are claimed, one relay at a time."""
    with _held([(CLAIM, 0)]):
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
def _held(keys: list[tuple[int, int]], *, shared: bool = False) -> Iterator[None]:
    suffix = "_shared" if shared else ""
    taken = []
    try:
        for key in keys:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_lock{suffix}(%s, %s)", key)
            taken.append(key)
        yield
    finally:
        # A lost connection has given its locks back already.
        if taken and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                for key in reversed(taken):
                    cursor.execute(f"SELECT pg_advisory_unlock{suffix}(%s, %s)", key)
