"""Names of items, categories, units and places, held in memory by every process.

Pages join them when they render, so they need PostgreSQL for no price page. The relay writes them to MongoDB's
``reference``; a background thread reads what changed within 5 s; an unknown id is looked up once. Where MongoDB
is away when a process starts, they come from PostgreSQL.
"""

import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from potato.errors import Unavailable
from prices.names import rows as name_rows
from prices.store import reference
from prices.types import Name, NameKind

REFRESH_SECONDS = 2.0
UNKNOWN_SECONDS = 5.0
MOST_UNKNOWN = 10_000
log = logging.getLogger(__name__)


@dataclass
class _Memory:
    """What is known. Dictionaries are replaced, never changed: readers need no lock, and see no half of a change."""

    by_id: dict[tuple[str, int], Name] = field(default_factory=dict)
    by_slug: dict[tuple[str, str], Name] = field(default_factory=dict)
    mode: str = "empty"
    rev: int = -1
    unknown: dict[tuple[str, int], float] = field(default_factory=dict)
    reading: threading.Lock = field(default_factory=threading.Lock)
    taking: threading.Lock = field(default_factory=threading.Lock)


_memory = _Memory()
_lock = threading.Lock()
_thread: threading.Thread | None = None


def get(kind: NameKind, id: int | None) -> Name | None:
    """The name of one thing; None where nobody knows it."""
    if id is None:
        return None
    memory = _loaded()
    found = memory.by_id.get((kind, id))
    if found is None:
        found = _ask_once(kind, id)
    return found


def shown(kind: NameKind, id: int | None, *, otherwise: str) -> str:
    """A name in the page's language; where nobody knows it, as the price had it."""
    return str(get(kind, id) or otherwise)


def known(kind: NameKind, id: int | None) -> Name | None:
    """The same from memory alone: for ids that strangers write into addresses."""
    return None if id is None else _loaded().by_id.get((kind, id))


def by_slug(kind: NameKind, slug: str, *, region: int | None = None) -> Name | None:
    """The item, category, region or unit (by its code) of that slug; a township within its region."""
    return _loaded().by_slug.get((kind, f"{region}/{slug}" if kind == "township" else slug))


def all_of(kind: NameKind) -> list[Name]:
    """Everything of one kind, in its usual order."""
    found = [name for (a_kind, _), name in _loaded().by_id.items() if a_kind == kind]
    return sorted(found, key=lambda name: (name.facts.get("position", 0), name.name_en, name.id))


def mode() -> str:
    """``"empty"``, ``"demo"`` or ``"real"``: whose prices this installation shows."""
    return _loaded().mode


def edition() -> object:
    """What is the same object until any name changes, for those who prepare something from all of them."""
    return _loaded().by_id


def rev() -> int:
    """The revision of all names together: it grows with each change, and processes that know the same have the same."""
    return _loaded().rev


def refresh() -> None:
    """Read what changed since the last look. Raises :class:`Unavailable`."""
    memory = _memory
    # One look at a time, so that what was read first is not taken last.
    with memory.reading:
        _take(memory, *reference.changed_since(memory.rev))


def forget() -> None:
    """Start anew (tests, and after a fork: threads do not survive it, and locks may be held for ever)."""
    global _memory, _lock, _thread
    _memory, _lock, _thread = _Memory(), threading.Lock(), None


def _loaded() -> _Memory:
    if _memory.rev < 0:
        with _lock:
            if _memory.rev < 0:
                _load()
                _watch()
    return _memory


def _load() -> None:
    try:
        refresh()
    except Unavailable:
        _take(_memory, name_rows.everything(), [], name_rows.mode(), 0)


def _take(memory: _Memory, names: Iterable[Name], gone: Iterable[str], mode: str | None, rev: int) -> None:
    names, gone = list(names), list(gone)
    with memory.taking:
        by_id, by_slug = memory.by_id, memory.by_slug
        if names or gone:
            by_id, by_slug = dict(by_id), dict(by_slug)

        def drop(kind: str, id: int) -> None:
            old = by_id.pop((kind, id), None)
            if old is not None and by_slug.get((kind, _slug(old)), old).id == id:
                by_slug.pop((kind, _slug(old)), None)

        for target in gone:
            kind, _, id = target.partition(":")
            drop(kind, int(id))
        for name in names:
            drop(name.kind, name.id)
            by_id[name.kind, name.id] = by_slug[name.kind, _slug(name)] = name
            memory.unknown.pop((name.kind, name.id), None)
        memory.by_id, memory.by_slug = by_id, by_slug
        if mode is not None:
            memory.mode = mode
        memory.rev = max(memory.rev, rev, 0)


def _slug(name: Name) -> str:
    return f"{name.facts['region']}/{name.slug}" if name.kind == "township" else name.slug


def _ask_once(kind: NameKind, id: int) -> Name | None:
    memory = _memory
    asked = memory.unknown.get((kind, id))
    if asked is not None and time.monotonic() - asked < UNKNOWN_SECONDS:
        return None
    if len(memory.unknown) >= MOST_UNKNOWN:
        memory.unknown = {}
    memory.unknown[kind, id] = time.monotonic()
    try:
        found = reference.get(kind, id)
    except Unavailable:
        return None
    if found is not None and (kind, id) not in memory.by_id:
        _take(memory, [found], [], None, -1)
    return found


def _watch() -> None:
    global _thread
    if _thread is None:
        _thread = threading.Thread(target=_keep_fresh, name="names", daemon=True)
        _thread.start()


def _keep_fresh() -> None:
    mine = threading.current_thread()
    while True:
        time.sleep(REFRESH_SECONDS)
        if _thread is not mine:
            return
        try:
            refresh()
        except Unavailable:
            continue
        except Exception:
            log.exception("Names could not be read")


os.register_at_fork(after_in_child=forget)
