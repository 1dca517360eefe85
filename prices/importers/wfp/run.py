"""The World Food Programme's price files on their way in: rows become entries, markets shops, commodities items.

The reader (``reader.py``) says what stands in the files; here it meets what we know. An entry's key is day, market,
commodity and unit, without the price type: the shorter export does not state it and counts as retail until the
longer one says otherwise. Nothing of an entry depends on when or in which order its file came in, except
``published_at``: it counts as received at the moment that it is of (00:00 in Yangon), and lies where its market
lies by now.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from accounts.services import system_user
from potato import calendar, clock
from prices.importers import loading
from prices.importers.loading import Bar, silently
from prices.importers.wfp.files import BrokenFile, PriceFile, Refuse, read_file
from prices.importers.wfp.items import WfpItem, learn_items
from prices.importers.wfp.markets import Markets
from prices.importers.wfp.reader import Observation, Reason, RefusedRow
from prices.models import ImportBatch, Installation
from prices.names import rows as name_rows
from prices.rules.judging import structure
from prices.rules.judging.facts import facts_for
from prices.rules.units import BASE_OF, unit_price_pya
from prices.store import entries
from prices.types import Base, Judgement, PriceEntry, Submitter

SOURCE = "WFP"
NAMESPACE = UUID("d1d29b1c-3f6e-5d55-9a37-0b1f6c1d8a57")

# A body hash says by its first word whether the price type was stated, so that a row without one never takes the
# place of a row with one.
STATED, ASSUMED = "stated", "assumed"


@dataclass
class Told:
    """What a run did, or would do. Each row is new, replaced, unchanged, outranked, repeated or refused."""

    rows: int = 0
    # Different ones, of goods or not: exports repeat each other.
    observations: int = 0
    not_goods: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    # Observations that are prices of goods.
    prices: int = 0
    # Rows with a later one of the same key in their file.
    repeated: int = 0
    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    outranked: int = 0
    # Why, by the entry's id.
    quarantined: dict[str, str] = field(default_factory=dict)
    new_shops: int = 0
    shops_without_township: int = 0
    refiled: int = 0
    new_items: list[str] = field(default_factory=list)
    ends_demo: bool = False
    # Files of earlier runs that broke off: taken up again, or no longer where they were.
    resumed: list[str] = field(default_factory=list)
    partly_in: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Judged:
    """An observation's price in pya per base unit, and what is thought of it."""

    amount: int
    base: Base
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class _Unfit:
    """Why an observation cannot be compared with others of its item."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class _Draft:
    observation: Observation
    judged: _Judged
    body_hash: str


def import_files(
    paths: Sequence[Path],
    *,
    dry_run: bool = False,
    refuse: Refuse = lambda name, row: None,
    bar: Bar = silently,
) -> Told:
    """Take WFP's price files in, as many as there are, in either shape.

    Everything is read before anything is written. Again is harmless, and finishes what a killed run began.

    :param dry_run: say what would happen, and write nothing.
    :param refuse: told of every row that does not go in, with its file's name.
    :raises BrokenFile: one of the files is not what it should be; nothing was written.
    :raises NothingKnown: the reference tables are not loaded.
    :raises Unavailable: a store did not answer; the same run again goes on where this one ended.
    """
    run = _Run(refuse=refuse, bar=bar)
    files = [run.read(path) for path in paths]
    files = run.broken_off(but={file.digest for file in files}) + files
    comes_in = run.has_prices(files) or bool(loading.unfinished())
    run.told.ends_demo = comes_in and name_rows.mode() == Installation.Mode.DEMO
    if dry_run or not comes_in:
        # Where nothing comes in, no demo has to go.
        run.load(files, dry_run=True)
        return run.told
    with loading.turn(mode=Installation.Mode.REAL):
        loading.finish(bar=bar)
        run.load(files, dry_run=False)
        loading.finish(bar=bar)
    return run.told


class _Run:
    """One run over some files."""

    def __init__(self, *, refuse: Refuse, bar: Bar) -> None:
        self.told = Told()
        self._refuse = refuse
        self._bar = bar
        self._now = clock.now()
        self._markets = Markets(source=SOURCE)
        self._items: dict[str, WfpItem] = {}
        # By commodity, price and unit of theirs.
        self._judged: dict[tuple[str, Decimal, str], _Judged | _Unfit] = {}
        # What the files before this one have stored, or would have.
        self._hashes: dict[str, str] = {}

    def read(self, path: Path) -> PriceFile:
        """Read a whole file."""
        return read_file(path, admin1_names=self._markets.admin1_names, refuse=self._refuse)

    def broken_off(self, *, but: Collection[str]) -> list[PriceFile]:
        """Read the files again that earlier runs began and did not end, where they still are what they were."""
        found = []
        for batch in loading.unfinished(source=SOURCE):
            if batch.state != ImportBatch.State.LOADING or batch.file_hash in but:
                continue
            try:
                file = self.read(Path(batch.file_name))
            except BrokenFile:
                self.told.partly_in.append(batch.file_name)
                continue
            if file.digest == batch.file_hash:
                self.told.resumed.append(batch.file_name)
                found.append(file)
            else:
                self.told.partly_in.append(batch.file_name)
        return found

    def has_prices(self, files: Sequence[PriceFile]) -> bool:
        """Whether anything in the files is a price that goes in."""
        items: dict[str, WfpItem] = {}
        for file in files:
            learn_items(items, file.observations, dry_run=True)
            if any(isinstance(_judge(one, items[one.commodity]), _Judged) for one in file.observations):
                return True
        return False

    def load(self, files: Sequence[PriceFile], *, dry_run: bool) -> None:
        """Store what is in the files, one after the other, and file it where its markets lie by now."""
        told, batch = self.told, None
        with self._bar("Prices", sum(len(file.observations) for file in files)) as tick:
            for file in files:
                batch = self._load(file, tick, dry_run=dry_run)
        if batch is not None:
            told.refiled = loading.file_at_shops(batch, self._markets.places_by_shop(), source=SOURCE)
        told.rows = sum(file.rows for file in files)
        told.refused = sum((file.refused for file in files), Counter())
        told.not_goods = len({key for file in files for key in file.not_goods})
        told.observations = told.prices + told.not_goods
        told.shops_without_township = self._markets.without_township

    def _load(self, file: PriceFile, tick: loading.Tick, *, dry_run: bool) -> ImportBatch | None:
        batch = None
        if not dry_run:
            batch = loading.begin(source=SOURCE, file_name=str(file.path), file_hash=file.digest)
        told = self.told
        told.new_items += learn_items(self._items, file.observations, dry_run=dry_run)
        drafts, repeated = self._drafts(file)
        told.new_shops += self._markets.learn(
            (draft.observation for draft in drafts.values()), dry_run=dry_run
        )
        fresh = {id: draft.body_hash for id, draft in drafts.items()}
        stored = entries.body_hashes(list(fresh)) | {
            id: self._hashes[id] for id in fresh if id in self._hashes
        }
        planned = loading.plan(fresh, stored=stored, may_replace=_may_replace)
        told.prices += len(fresh.keys() - self._hashes.keys())
        self._hashes.update(stored)
        self._hashes.update((id, fresh[id]) for id in (*planned.new, *planned.changed))
        self._note_quarantined(drafts)
        tick(len(file.observations) - len(planned.new) - len(planned.changed))
        new, replaced = len(planned.new), len(planned.changed)
        if batch is None:
            tick(new + replaced)
        else:
            by = system_user(SOURCE)
            submitter = Submitter(by.pk, by.display_name, by.role)
            new, replaced = loading.write(
                batch,
                new=[self._entry(id, drafts[id], submitter) for id in planned.new],
                changed=[self._entry(id, drafts[id], submitter) for id in planned.changed],
                tick=tick,
            )
            loading.loaded(
                batch,
                counts={
                    "rows": file.rows,
                    "prices": len(fresh),
                    "new": new,
                    "replaced": replaced,
                    "unchanged": planned.unchanged + planned.outranked,
                    "repeated": repeated,
                    "refused": dict(sorted(file.refused.items())),
                },
            )
        told.repeated += repeated
        told.new += new
        told.replaced += replaced
        told.unchanged += planned.unchanged
        told.outranked += planned.outranked
        return batch

    def _key(self, observation: Observation) -> tuple[str, ...]:
        """Day, market (two regions may each have one of a name), commodity and unit."""
        day, _, commodity, unit = observation.natural_key
        return (day, self._markets.key(observation), commodity, unit)

    def _drafts(self, file: PriceFile) -> tuple[dict[str, _Draft], int]:
        """What the file's entries would say, by their ids, and how many rows a later one of their key overrules.

        Rows that our units cannot compare are refused.
        """
        drafts: dict[str, _Draft] = {}
        fit = 0
        for observation in file.observations:
            item = self._items[observation.commodity]
            # The same round prices come again and again.
            known = (observation.commodity, observation.price, observation.unit)
            if known not in self._judged:
                self._judged[known] = _judge(observation, item)
            judged = self._judged[known]
            if isinstance(judged, _Unfit):
                row = RefusedRow(observation.line, judged.reason, judged.text, _raw(observation))
                file.refused[row.reason] += 1
                self._refuse(str(file.path), row)
                continue
            fit += 1
            about = json.dumps(self._key(observation))
            id = str(uuid5(NAMESPACE, about))
            drafts[id] = _Draft(observation, judged, _body_hash(observation, about=about, item=item))
        return drafts, fit - len(drafts)

    def _note_quarantined(self, drafts: Mapping[str, _Draft]) -> None:
        """Of two files that know a price, the one that stands says whether it is quarantined."""
        for id, draft in drafts.items():
            if self._hashes[id] != draft.body_hash:
                continue
            self.told.quarantined.pop(id, None)
            judgement = draft.judged.judgement
            if judgement.verdict == "quarantined":
                why = judgement.reason.partition(": ")[2]
                self.told.quarantined[id] = f"{draft.observation.date}, {draft.observation.market}: {why}"

    def _entry(self, id: str, draft: _Draft, by: Submitter) -> PriceEntry:
        observation, judged = draft.observation, draft.judged
        place = self._markets.place_of(observation)
        seen_at = _start_of_day(observation.date)
        return PriceEntry(
            id=id,
            item_id=self._items[observation.commodity].id,
            shop_id=place.shop_id,
            shop_name=place.shop_name,
            region_id=place.region_id,
            region_name=place.region_name,
            township_id=place.township_id,
            township_name=place.township_name,
            price=observation.price,
            quantity=observation.quantity,
            unit=observation.unit_code,
            amount=judged.amount,
            base=judged.base,
            type=observation.price_type,
            seen_at=seen_at,
            submitter=by,
            body_hash=draft.body_hash,
            source=SOURCE,
            status=structure.STATUS_OF[judged.judgement.verdict],
            judgement=judged.judgement,
            received_at=seen_at,
            published_at=self._now,
            last_seen_at=seen_at,
        )


_start_of_day = cache(calendar.start_of_day)


def _body_hash(observation: Observation, *, about: str, item: WfpItem) -> str:
    body = f"{about} {item.slug} {observation.price.normalize()} {observation.price_type}"
    return f"{STATED if observation.typed else ASSUMED} {hashlib.sha256(body.encode()).hexdigest()}"


def _may_replace(stored: str, fresh: str) -> bool:
    return fresh.startswith(STATED) or stored.startswith(ASSUMED)


def _judge(observation: Observation, item: WfpItem) -> _Judged | _Unfit:
    """The price in pya per base unit, and what is thought of it."""
    size = item.sizes.get(observation.unit_code)
    if size is None:
        why = f"{observation.commodity} is not compared by the {observation.unit_code}"
        return _Unfit(Reason.UNKNOWN_UNIT, why)
    to_base, base = size[0], BASE_OF[size[1]]
    try:
        amount = unit_price_pya(price=observation.price, quantity=observation.quantity, to_base=to_base)
    except ValueError as error:
        return _Unfit(Reason.UNPARSABLE_PRICE, str(error))
    facts = facts_for(
        price=observation.price,
        quantity=observation.quantity,
        unit_code=observation.unit_code,
        amount_pya=amount,
        base=base,
        range_pya=item.ranges.get(base),
    )
    return _Judged(amount, base, structure.judge(facts).judgement)


def _raw(observation: Observation) -> str:
    """What stood in the row, as far as it was read."""
    said = (
        observation.date,
        observation.admin1,
        observation.market,
        observation.commodity,
        observation.unit,
        observation.price,
    )
    return ",".join(map(str, said))
