"""Whether the page being made has to do without a store: for its header, its banner, and whoever caches it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from potato.stores import breaker

HEADER = "X-Potato-Degraded"

_marked: ContextVar[set[str] | None] = ContextVar("degraded", default=None)


@contextmanager
def page() -> Iterator[set[str]]:
    """The time in which one page is made."""
    marked: set[str] = set()
    token = _marked.set(marked)
    try:
        yield marked
    finally:
        _marked.reset(token)


def mark(store: str) -> None:
    """Say that the page being made was served without ``"mongo"``, ``"redis"`` or ``"postgres"``, from a copy."""
    marked = _marked.get()
    if marked is not None:
        marked.add(store)


def stores() -> list[str]:
    """The stores that the page being made does without, or that have not been heard of lately."""
    marked = _marked.get() or set()
    return [store.name for store in breaker.ALL if store.name in marked or not store.is_closed]
