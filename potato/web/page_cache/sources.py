"""The boards that a page is made from, from the views to the page cache."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

BOARDS = "X-Potato-Boards"
"""From Django to the page cache, never further: the boards of a page that may be stored, with their ``rev``."""

_made_from: ContextVar[dict[str, int] | None] = ContextVar("made_from", default=None)


def made_from(revs: Mapping[str, int]) -> None:
    """Say which boards the page being made is made from, with the ``rev`` of each (0: there is none yet)."""
    known = _made_from.get()
    if known is not None:
        known.update(revs)


@contextmanager
def page() -> Iterator[dict[str, int]]:
    """The time in which one page is made; what it is made from."""
    revs: dict[str, int] = {}
    token = _made_from.set(revs)
    try:
        yield revs
    finally:
        _made_from.reset(token)
