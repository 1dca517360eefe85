"""The way in for prices in bulk: import files, demo data.

Each file (or run of demo data) is an ``ImportBatch``: *loading* while its entries are written, *loaded* when all of
them are, *refreshed* when everything derived from them is right. Entries go in under an id that follows from what
they are about, so writing them twice is writing them once; the items that they touch are noted in the batch before
the first of them is written. So a run may be killed anywhere: the next one finds the batch and finishes it.

Imports take turns (``locks.loading``), hold the installation's mode, refresh under the same locks of items as the
relay, and write no ledger rows: nobody is alerted of prices that were loaded from a file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from django.utils import timezone

from potato import clock
from prices.coordination import locks
from prices.derived import refresh
from prices.ledger import installation
from prices.models import ImportBatch
from prices.store import entries, filing
from prices.types import PriceEntry
from shops.models import Shop

State = ImportBatch.State
CHUNK = 1000
TRIES = 20

Tick = Callable[[int], object]
Bar = Callable[[str, int], AbstractContextManager[Tick]]
"""Called with what is being done and how much of it there is; says how far it got."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file's entries, by their ids, would do to what is stored."""

    new: Sequence[str]
    changed: Sequence[str]
    unchanged: int
    outranked: int
    """Stored otherwise, by something that knows better."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shop lies, as its prices say it."""

    shop_id: int
    shop_name: str
    region_id: int
    region_name: str
    township_id: int | None
    township_name: str

    @classmethod
    def of(cls, shop: Shop) -> "Place":
        """Where this shop lies; its region and township are read with it."""
        township_name = shop.township.name_en if shop.township else ""
        return cls(
            shop.pk, shop.shop_name, shop.region_id, shop.region.name_en, shop.township_id, township_name
        )


@contextmanager
def silently(what: str, total: int) -> Iterator[Tick]:
    """No bar at all."""
    yield lambda _: None


@contextmanager
def turn(*, mode: str) -> Iterator[None]:
    """Wait for one's turn to load, and keep the installation in the mode meanwhile.

    :param mode: the installation's mode while these prices come in; see ``prices/ledger/installation.py``. Real prices
        end the demo.
    :raises ValueError: demo data for an installation with real prices.
    """
    with locks.loading():
        if installation.mode() != mode:
            if mode == installation.Mode.REAL:
                installation.begin_real()
            else:
                installation.begin_demo()
        with locks.mode_stays():
            # Somebody may have ended the demo between the two locks.
            if installation.mode() != mode:
                raise ValueError(f"the installation is no longer in {mode} mode")
            yield


def unfinished(*, source: str | None = None) -> list[ImportBatch]:
    """The batches that are not refreshed, the oldest first."""
    waiting = ImportBatch.objects.exclude(state=State.REFRESHED).order_by("started_at", "pk")
    return list(waiting.filter(source=source) if source else waiting)


def begin(
    *, source: str, file_name: str, file_hash: str, counts: Mapping[str, object] | None = None
) -> ImportBatch:
    """The row of a file that is being loaded; one that broke off is taken up again."""
    broken_off = ImportBatch.objects.filter(source=source, file_hash=file_hash, state=State.LOADING).first()
    return broken_off or ImportBatch.objects.create(
        source=source, file_name=file_name[:255], file_hash=file_hash, counts=dict(counts or {})
    )


def plan(
    fresh: Mapping[str, str],
    *,
    stored: Mapping[str, str],
    may_replace: Callable[[str, str], bool] = lambda stored, fresh: True,
) -> Plan:
    """Compare the body hashes of entries with those that are stored, both by the entries' ids.

    :param may_replace: whether a body of another hash (stored, fresh) may take the stored one's place.
    """
    new, changed, unchanged, outranked = [], [], 0, 0
    for id, body_hash in fresh.items():
        there = stored.get(id)
        if there is None:
            new.append(id)
        elif there == body_hash:
            unchanged += 1
        elif may_replace(there, body_hash):
            changed.append(id)
        else:
            outranked += 1
    return Plan(new, changed, unchanged, outranked)


def write(
    batch: ImportBatch,
    *,
    new: Sequence[PriceEntry],
    changed: Sequence[PriceEntry] = (),
    tick: Tick = lambda _: None,
) -> tuple[int, int]:
    """Write what is new and what changed. :return: how many entries of each.

    :raises Unavailable: MongoDB did not answer; the next run goes on.
    """
    _note_items(batch, (entry.item_id for entry in new))
    added = replaced = 0
    for chunk in _chunks(new):
        added += entries.add_many(chunk)
        tick(len(chunk))
    for chunk in _chunks(changed):
        replaced += _replace(batch, chunk)
        tick(len(chunk))
    return added, replaced


def file_at_shops(batch: ImportBatch, places: Mapping[int, Place], *, source: str) -> int:
    """File the prices of shops under the townships that their shops lie in by now.

    A shop may have learned its township from a later file; its earlier prices must not depend on that order.

    :param places: by the shop's id.
    :return: how many prices lay under another township of the region, or under none.
    """
    elsewhere: dict[int, set[int]] = {}
    for filed in filing.places_of_shops(list(places), source=source):
        place = places[filed.shop_id]
        if filed.region_id == place.region_id and filed.township_id != place.township_id:
            elsewhere.setdefault(filed.shop_id, set()).add(filed.item_id)
    _note_items(batch, (item_id for items in elsewhere.values() for item_id in items))
    moved = 0
    for shop_id in sorted(elsewhere):
        place = places[shop_id]
        moved += filing.file_in_township(
            shop_id=shop_id,
            region_id=place.region_id,
            source=source,
            township_id=place.township_id,
            township_name=place.township_name,
        )
    return moved


def loaded(batch: ImportBatch, *, counts: Mapping[str, object]) -> None:
    """All entries of the batch are stored."""
    batch.state, batch.counts = State.LOADED, dict(counts)
    batch.save(update_fields=["state", "counts"])


def finish(*, bar: Bar = silently) -> int:
    """Make everything right that batches touched which are not refreshed yet. Again is harmless.

    Batches that are only partly loaded stay so: their file has to be given once more. But what is there shows.

    :return: how many items were touched.
    """
    waiting = unfinished()
    item_ids = sorted({item_id for batch in waiting for item_id in batch.item_ids})
    if item_ids:
        _refresh(item_ids, bar=bar)
    ImportBatch.objects.filter(pk__in=[batch.pk for batch in waiting], state=State.LOADED).update(
        state=State.REFRESHED, finished_at=timezone.now()
    )
    return len(item_ids)


def _refresh(item_ids: Sequence[int], *, bar: Bar) -> None:
    day = clock.today()
    shop_ids: set[int] = set()
    with bar("Items refreshed", len(item_ids) + 2) as tick:
        for item_id in item_ids:
            with locks.items([item_id]):
                shop_ids |= refresh.rebuild(item_id)
            tick(1)
        refresh.rebuild_shops(shop_ids)
        tick(1)
        refresh.renew_places(all_of_them=True)
        refresh.renew_alarms()
        tick(1)
    if set(entries.item_ids()) <= set(item_ids):
        installation.boards_made(day=day)


def _replace(batch: ImportBatch, fresh: Sequence[PriceEntry]) -> int:
    """Put entries in the place of those with their ids. :return: how many were replaced."""
    replaced = 0
    left = {entry.id: entry for entry in fresh}
    for _ in range(TRIES):
        stored = entries.get_many(list(left))
        left = {id: entry for id, entry in left.items() if stored[id].body_hash != entry.body_hash}
        if not left:
            return replaced
        _note_items(batch, (one.item_id for id in left for one in (left[id], stored[id])))
        replaced += entries.replace_many(_in_place_of(stored[id], entry) for id, entry in left.items())
    raise refresh.Contended


def _in_place_of(old: PriceEntry, new: PriceEntry) -> PriceEntry:
    """The new entry with what happened to the old one; what people said of its price holds for that price only."""
    same_price = (old.amount, old.base) == (new.amount, new.base)
    moderated = any(change.status for change in old.changes)
    return replace(
        new,
        rev=old.rev + 1,
        changes=old.changes,
        duplicate_of=old.duplicate_of,
        status=old.status if same_price and moderated else new.status,
        confirmations=old.confirmations if same_price else 0,
        last_seen_at=max(old.last_seen_at, new.last_seen_at) if same_price else new.last_seen_at,
    )


def _note_items(batch: ImportBatch, item_ids: Iterable[int]) -> None:
    noted = sorted({*batch.item_ids, *item_ids})
    if noted != batch.item_ids:
        batch.item_ids = noted
        batch.save(update_fields=["item_ids"])


def _chunks(some: Sequence[PriceEntry]) -> Iterator[Sequence[PriceEntry]]:
    for start in range(0, len(some), CHUNK):
        yield some[start : start + CHUNK]
