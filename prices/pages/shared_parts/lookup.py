"""What an address names, or 404; and what all price pages tell their template."""

from collections.abc import Iterable
from datetime import datetime

from django.http import Http404

from prices.names import cache as names
from prices.types import Board, Name, NameKind

GREATEST_ID = 2**31 - 1


def by_slug(kind: NameKind, slug: str, *, region: Name | None = None) -> Name:
    """The thing of that slug. :raises Http404: nobody knows it."""
    found = names.by_slug(kind, slug, region=region.id if region else None)
    if found is None:
        raise Http404(f"no {kind} is called {slug}")
    return found


def by_id(kind: NameKind, id: int) -> Name:
    """The thing of that id. :raises Http404: nobody knows it."""
    found = names.get(kind, id) if 0 < id <= GREATEST_ID else None
    if found is None:
        raise Http404(f"there is no {kind} {id}")
    return found


def as_of(boards: Iterable[Board | None]) -> datetime | None:
    """When the oldest copy among a page's boards was made; None where all are from MongoDB."""
    return min((board.copied_at for board in boards if board and board.copied_at), default=None)
