"""The fragments of a price page: which boards, and what else, they are made of."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from potato.web import fragments
from potato.web.fragments import Fragments
from prices.names import cache as names
from prices.types import Board


def page(
    subject: str,
    address: str,
    *,
    parts: Mapping[str, Iterable[str]],
    boards: Mapping[str, Board],
    facts: Iterable[object] = (),
) -> AbstractContextManager[Fragments]:
    """The time in which one price page is rendered; its fragments.

    :param subject: ``items/rice-emata/yangon``.
    :param address: of the page as its reader chose it: the links on it say the same choice.
    :param parts: the keys of the boards that each fragment is made of.
    :param boards: those that were read, by key.
    """
    names_rev = names.rev()
    return fragments.page(
        subject,
        parts={
            part: {key: boards[key].rev if key in boards else 0 for key in keys}
            for part, keys in parts.items()
        },
        facts=(address, names_rev, *facts),
        # Read from PostgreSQL, names have no revision.
        is_cached=names_rev > 0,
    )
