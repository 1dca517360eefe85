"""The fragments of a price page: which boards, and what else, they are made of."""

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from potato import clock
from potato.web import fragments
from potato.web.fragments import Fragments
from prices.names import cache as names
from prices.types import Board


@dataclass(frozen=True, slots=True)
class Begun:
    """What holds while a page is made. A change meanwhile, of a name or of the day, must not pass for what was read."""

    at: float
    """Seconds since 1970."""
    day: date
    """In Yangon."""
    names_rev: int


def begin() -> Begun:
    """To be called by a view before it reads anything."""
    return Begun(at=time.time(), day=clock.today(), names_rev=names.rev())


def page(
    begun: Begun,
    subject: str,
    address: str,
    *,
    parts: Mapping[str, Iterable[str]],
    boards: Mapping[str, Board],
    facts: Iterable[object] = (),
    is_cached: bool = True,
) -> AbstractContextManager[Fragments]:
    """The time in which one price page is rendered; its fragments.

    :param subject: ``items/rice-emata/yangon``.
    :param address: of the page as its reader chose it: the links on it say the same choice.
    :param parts: the keys of the boards that each fragment is made of.
    :param boards: those that were read, by key.
    """
    return fragments.page(
        subject,
        parts={
            part: {key: boards[key].rev if key in boards else 0 for key in keys}
            for part, keys in parts.items()
        },
        facts=(begun.day, begun.names_rev, address, *facts),
        begun_at=begun.at,
        # Read from PostgreSQL, names have no revision.
        is_cached=is_cached and begun.names_rev > 0,
    )
