"""The World Food Programme's price files on their way in: rows become entries, markets shops, commodities items.

The reader (``wfp.py``) says what stands in the files; here it meets what we know. An entry's key is day, market,
commodity and unit, without the price type: the shorter export does not state it and counts as retail until the
longer one says otherwise. Nothing of an entry depends on when or in which order its file came in, except
``published_at``: it counts as received at the moment that it is of (00:00 in Yangon), and lies where its market
lies by now.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone

from accounts.services import system_user
from potato import clock
from prices import plausibility, reference_rows
from prices.importers import loading, wfp
from prices.importers.loading import Bar, Place, silently
from prices.importers.wfp import Observation, Reason, RefusedRow, TownshipPoint
from prices.importers.wfp_items import NothingKnown, WfpItem, learn_items
from prices.models import ImportBatch, Installation
from prices.store import entries
from prices.types import Judgement, PriceEntry, Submitter
from prices.units import BASE_OF, Base, unit_price_pya
from shops.models import EAST, NORTH, SOUTH, WEST, Region, Shop, Township
from shops.services import shops_for_import
from shops.types import Market

SOURCE = "WFP"
NAMESPACE = UUID("d1d29b1c-3f6e-5d55-9a37-0b1f6c1d8a57")

# A body hash says by its first word whether the price type was stated, so that a row without one never takes the
# place of a row with one.
STATED, ASSUMED = "stated", "assumed"

Refuse = Callable[[str, RefusedRow], object]


class BrokenFile(Exception):
    """A file cannot be read, or is no price file of WFP's; nothing was written."""


@dataclass
class Told:
    """What a run did, or would do."""

    rows: int = 0
    # Different ones, of goods or not: exports repeat each other.
    observations: int = 0
    not_goods: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    # Observations that are prices of goods.
    prices: int = 0
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
class _File:
    path: Path
    digest: str
    rows: int
    refused: Counter[str]
    # By key; of two rows with the same, the later one, unless only the earlier one states the price type.
    observations: Mapping[tuple[str, ...], Observation]
    not_goods: frozenset[tuple[str, ...]]


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
    run = _Run(dry_run=dry_run, refuse=refuse, bar=bar)
    files = [run.read(path) for path in paths]
    files = run.broken_off(but={file.digest for file in files}) + files
    run.count(files)
    if not run.told.prices and not loading.unfinished():
        # Nothing comes in, so no demo has to go.
        return run.told
    run.told.ends_demo = reference_rows.mode() == Installation.Mode.DEMO
    if dry_run:
        run.load(files)
        return run.told
    with loading.turn(mode=Installation.Mode.REAL):
        loading.finish(bar=bar)
        run.load(files)
        loading.finish(bar=bar)
    return run.told


class _Run:
    """One run over some files."""

    def __init__(self, *, dry_run: bool, refuse: Refuse, bar: Bar) -> None:
        self.told = Told()
        self._dry_run = dry_run
        self._refuse = refuse
        self._bar = bar
        self._now = clock.now()
        # Our region by WFP's name of it or of its part.
        self._regions = {name: region for region in Region.objects.all() for name in region.wfp_admin1}
        if not self._regions:
            raise NothingKnown("There are no regions yet: run manage.py load_reference first.")
        self._townships = _townships()
        self._items: dict[str, WfpItem] = {}
        # By commodity, price and unit of theirs.
        self._judged: dict[tuple[str, Decimal, str], _Judged | _Unfit] = {}
        # By market key.
        self._places: dict[str, Place] = {}
        # What the files before this one have stored, or would have.
        self._hashes: dict[str, str] = {}

    def read(self, path: Path) -> _File:
        """Read a whole file."""
        observations: dict[tuple[str, ...], Observation] = {}
        not_goods: set[tuple[str, ...]] = set()
        refused: Counter[str] = Counter()
        rows = 0
        last_day = max(clock.yangon_day(timezone.now()), clock.today())
        _check_file(path)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            for row in wfp.read(path, admin1_names=self._regions.keys(), not_after=last_day):
                rows += 1
                if isinstance(row, RefusedRow):
                    refused[row.reason] += 1
                    self._refuse(str(path), row)
                    if row.natural_key:
                        not_goods.add(row.natural_key)
                else:
                    key = self._key(row)
                    if key not in observations or row.typed or not observations[key].typed:
                        observations[key] = row
        except OSError as error:
            raise BrokenFile(f"{path}: {error.strerror or error}") from error
        except wfp.UnknownShape as error:
            raise BrokenFile(str(error)) from error
        return _File(path.resolve(), digest, rows, refused, observations, frozenset(not_goods))

    def broken_off(self, *, but: Collection[str]) -> list[_File]:
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

    def count(self, files: Sequence[_File]) -> None:
        prices = {key for file in files for key in file.observations}
        not_goods = {key for file in files for key in file.not_goods}
        self.told.rows = sum(file.rows for file in files)
        self.told.refused = sum((file.refused for file in files), Counter())
        self.told.prices, self.told.not_goods = len(prices), len(not_goods)
        self.told.observations = len(prices) + len(not_goods)

    def load(self, files: Sequence[_File]) -> None:
        """Store what is in the files, one after the other, and file it where its markets lie by now."""
        batch = None
        with self._bar("Prices", sum(len(file.observations) for file in files)) as tick:
            for file in files:
                batch = self._load(file, tick)
        if batch is not None:
            places = _places(Shop.objects.filter(source=SOURCE))
            self.told.refiled = loading.file_at_shops(batch, places, source=SOURCE)
        self.told.shops_without_township = sum(place.township_id is None for place in self._places.values())

    def _load(self, file: _File, tick: loading.Tick) -> ImportBatch | None:
        batch = None
        if not self._dry_run:
            batch = loading.begin(source=SOURCE, file_name=str(file.path), file_hash=file.digest)
        observations = file.observations.values()
        self.told.new_items += learn_items(self._items, observations, dry_run=self._dry_run)
        self._learn_places(observations)
        drafts = self._drafts(file)
        fresh = {id: draft.body_hash for id, draft in drafts.items()}
        stored = entries.body_hashes(list(fresh)) | {
            id: self._hashes[id] for id in fresh if id in self._hashes
        }
        planned = loading.plan(fresh, stored=stored, may_replace=_may_replace)
        self._hashes.update((id, fresh[id]) for id in (*planned.new, *planned.changed))
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
                    "refused": dict(sorted(file.refused.items())),
                },
            )
        self.told.new += new
        self.told.replaced += replaced
        self.told.unchanged += planned.unchanged
        self.told.outranked += planned.outranked
        return batch

    def _market_key(self, observation: Observation) -> str:
        return f"{self._regions[observation.admin1].iso_code}|{observation.market}"

    def _key(self, observation: Observation) -> tuple[str, ...]:
        """Day, market (two regions may each have one of a name), commodity and unit."""
        day, _, commodity, unit = observation.natural_key
        return (day, self._market_key(observation), commodity, unit)

    def _drafts(self, file: _File) -> dict[str, _Draft]:
        """What the file's entries would say, by their ids. Rows that our units cannot compare are refused."""
        drafts = {}
        for key, observation in file.observations.items():
            item = self._items[observation.commodity]
            # The same round prices come again and again.
            known = (observation.commodity, observation.price, observation.unit)
            if known not in self._judged:
                self._judged[known] = _judge(observation, item)
            judged = self._judged[known]
            if isinstance(judged, _Unfit):
                row = RefusedRow(observation.line, judged.reason, judged.text, _raw(observation))
                self.told.refused[row.reason] += 1
                file.refused[row.reason] += 1
                self._refuse(str(file.path), row)
                continue
            about = json.dumps(key)
            id = str(uuid5(NAMESPACE, about))
            drafts[id] = _Draft(observation, judged, _body_hash(observation, about=about, item=item))
            if judged.judgement.verdict == "quarantined":
                why = judged.judgement.reason.partition(": ")[2]
                self.told.quarantined[id] = f"{observation.date}, {observation.market}: {why}"
        return drafts

    def _entry(self, id: str, draft: _Draft, by: Submitter) -> PriceEntry:
        observation, judged = draft.observation, draft.judged
        place = self._places[self._market_key(observation)]
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
            status=plausibility.STATUS_OF[judged.judgement.verdict],
            judgement=judged.judgement,
            received_at=seen_at,
            published_at=self._now,
            last_seen_at=seen_at,
        )

    def _learn_places(self, observations: Iterable[Observation]) -> None:
        """Find the markets' shops, make those that are missing, and tell them what was not known of them yet."""
        markets: dict[str, Market] = {}
        for one in observations:
            key = self._market_key(one)
            if key not in markets or (markets[key].latitude is None and one.latitude is not None):
                markets[key] = self._market(key, one)
        shops = Shop.objects.filter(source=SOURCE, source_key__in=markets)
        there = dict(shops.values_list("source_key", "pk"))
        self.told.new_shops += len(markets.keys() - there.keys() - self._places.keys())
        if self._dry_run:
            stored = _places(shops)
            for key, market in markets.items():
                place = stored[there[key]] if key in there else self._places.get(key)
                if place is None or place.township_id is None:
                    place = Place(0, market.name, market.region_id, "", market.township_id, "")
                self._places[key] = place
            return
        ids = shops_for_import(source=SOURCE, markets=list(markets.values()))
        places = _places(Shop.objects.filter(pk__in=ids.values()))
        self._places.update((key, places[shop_id]) for key, shop_id in ids.items())

    def _market(self, key: str, observation: Observation) -> Market:
        region = self._regions[observation.admin1]
        position = None
        if observation.latitude is not None and observation.longitude is not None:
            position = (float(observation.latitude), float(observation.longitude))
            if not (SOUTH <= position[0] <= NORTH and WEST <= position[1] <= EAST):
                # A slip: a market of Myanmar's lies there. It would be drawn on no map, and be near nothing.
                position = None
        township = wfp.match_township(
            market=observation.market, position=position, townships=self._townships.get(region.pk, {})
        )
        return Market(
            key=key,
            name=observation.market,
            region_id=region.pk,
            township_id=self._townships[region.pk][township] if township else None,
            latitude=position[0] if position else None,
            longitude=position[1] if position else None,
        )


_start_of_day = cache(clock.start_of_day)


def _check_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise BrokenFile(
            f"{path} is no file. It is read twice: write what comes through a pipe to a file first."
        )
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        # It is kept with what was imported, as text.
        raise BrokenFile(f"The name {str(path)!a} is not UTF-8: rename the file.") from None


def _townships() -> dict[int, dict[TownshipPoint, int]]:
    """The townships of each region as the reader matches them, with their ids."""
    townships: dict[int, dict[TownshipPoint, int]] = {}
    for one in Township.objects.order_by("pcode"):
        point = TownshipPoint(
            one.pcode, one.name_en, one.point.y if one.point else None, one.point.x if one.point else None
        )
        townships.setdefault(one.region_id, {})[point] = one.pk
    return townships


def _places(shops: QuerySet[Shop]) -> dict[int, Place]:
    return {
        shop.pk: Place(
            shop.pk,
            shop.shop_name,
            shop.region_id,
            shop.region.name_en,
            shop.township_id,
            shop.township.name_en if shop.township else "",
        )
        for shop in shops.select_related("region", "township")
    }


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
    low, high = item.ranges.get(base, (None, None))
    verdict = plausibility.judge(
        plausibility.PriceFacts(
            price=observation.price,
            quantity=observation.quantity,
            amount_pya=amount,
            base=base,
            unit_code=observation.unit_code,
            low_pya=None if low is None else int(low * 100),
            high_pya=None if high is None else int(high * 100),
        )
    )
    return _Judged(amount, base, verdict.judgement)


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
