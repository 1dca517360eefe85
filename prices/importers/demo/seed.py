"""Demo data: shops over real townships and believable prices up to this minute, all of it marked as demo.

A price is a level per item and region (a random walk by week that is drawn back to the middle, the season, a little
inflation), a shop's own habit and a little noise, in the units that people use, rounded as people round. Everything
is drawn from generators that are seeded by what they are about, such as a day: the same moment gives the same data,
and a later run writes what happened since.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from prices.importers import loading
from prices.importers.demo.goods import SEED
from prices.importers.demo.prices import SOURCE, prices_until
from prices.importers.demo.shops import make_stalls, sold_items
from prices.importers.loading import Bar, silently
from prices.ledger import installation
from prices.models import ImportBatch, Installation
from prices.store import entries


@dataclass(frozen=True, slots=True)
class Told:
    """What a run did."""

    shops: int
    new: int
    there: int


def seed(*, entries_wanted: int, days: int, now: datetime, bar: Bar = silently) -> Told:
    """Write demo shops and prices up to a moment. Again is harmless, and later adds what happened since.

    :param entries_wanted: how many prices, spread over ``days`` days.
    :raises ValueError: this installation shows real prices.
    :raises NothingKnown: there are no townships or no items.
    """
    told = Told(0, 0, 0)
    with loading.turn(mode=Installation.Mode.DEMO):
        wanted = {"entries": entries_wanted, "days": days}
        batches = [
            batch.counts
            for batch in loading.unfinished(source=SOURCE)
            if batch.state == ImportBatch.State.LOADING
        ]
        for one in [*(counts for counts in batches if counts != wanted), wanted]:
            told = _load(entries_wanted=one["entries"], days=one["days"], now=now, bar=bar)
        loading.finish(bar=bar)
    return told


def is_there() -> bool:
    """Whether there are prices already, of a demo that is completely in or real ones."""
    if installation.mode() == Installation.Mode.REAL:
        return True
    return entries.any_at_all() and not loading.unfinished(source=SOURCE)


def _load(*, entries_wanted: int, days: int, now: datetime, bar: Bar) -> Told:
    settings = {"entries": entries_wanted, "days": days}
    items = sold_items()
    stalls, new_shops = make_stalls(items, source=SOURCE)
    batch = loading.begin(
        source=SOURCE,
        file_name=f"{entries_wanted:,} prices over {days} days",
        file_hash=hashlib.sha256(json.dumps([SEED, settings]).encode()).hexdigest(),
        counts=settings,
    )
    made = prices_until(stalls, entries_wanted=entries_wanted, days=days, now=now)
    new = there = 0
    with bar("Prices", entries_wanted) as tick:
        while chunk := list(islice(made, loading.CHUNK)):
            # What is there stays: people may have confirmed it.
            stored = entries.body_hashes([entry.id for entry in chunk])
            new += loading.write(batch, new=[entry for entry in chunk if entry.id not in stored])[0]
            there += len(stored)
            tick(len(chunk))
    loading.loaded(batch, counts={**settings, "new": new, "unchanged": there})
    return Told(new_shops, new, there)
