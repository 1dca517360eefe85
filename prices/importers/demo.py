"""Demo data: shops over real townships and believable prices up to this minute, all of it marked as demo.

A price is a level per item and region (a random walk by week that is drawn back to the middle, the season, a little
inflation), a shop's own habit and a little noise, in the units that people use, rounded as people round. Everything
is drawn from generators that are seeded by what they are about, such as a day: the same moment gives the same data,
and a later run writes what happened since.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate, islice
from random import Random
from uuid import UUID, uuid5

from accounts.models import Role
from catalog.models import Item
from catalog.selectors import ranges_of, units_for
from catalog.types import PricedUnit
from potato import clock
from prices import installation, plausibility
from prices.importers import loading
from prices.importers.demo_goods import (
    CHEAPER_IN_BULK,
    GOODS,
    RETAIL_WAYS,
    SEED,
    WHOLESALE_WAYS,
    Goods,
    Levels,
    Ways,
)
from prices.importers.loading import Bar, Place, silently
from prices.models import ImportBatch, Installation
from prices.store import entries
from prices.types import RETAIL, WHOLESALE, Change, Judgement, PriceEntry, PriceType, Submitter
from prices.units import BASE_OF, Base, unit_price_pya
from shops.models import Region, Shop, Township
from shops.services import shops_for_import
from shops.types import Market

SOURCE = "DEMO"
NAMESPACE = UUID("3f0f8b6a-51a7-5c0e-9f3d-64656d6f0001")
OIL_KG_PER_LITRE = 0.92

# What a shop of a kind is: how busy, how many of the items it has, and its names.
BUSY = {"MARKET": 4.0, "SUPERMARKET": 2.5, "WHOLESALE": 4.0, "SHOP": 1.6, "STALL": 0.9}
HAS = {"MARKET": 0.85, "SUPERMARKET": 0.6, "WHOLESALE": 0.5, "SHOP": 0.35, "STALL": 0.18}
PEOPLE = (
    ("Hla", "လှ"),
    ("Mya", "မြ"),
    ("Khin", "ခင်"),
    ("Aye", "အေး"),
    ("Tin", "တင်"),
    ("Aung", "အောင်"),
    ("Win", "ဝင်း"),
    ("Nyunt", "ညွန့်"),
    ("Thein", "သိန်း"),
    ("San", "စန်း"),
    ("Kyi", "ကြည်"),
    ("Sein", "စိန်"),
)
TITLES = (("Daw", "ဒေါ်"), ("U", "ဦး"), ("Ma", "မ"), ("Ko", "ကို"))
BIG_CITIES = ("Yangon (East)", "Yangon (West)", "Mandalay")
CONTRIBUTORS_PER_REGION = 9


@dataclass(frozen=True, slots=True)
class Told:
    """What a run did."""

    shops: int
    new: int
    there: int


class NothingKnown(Exception):
    """The reference tables are not loaded."""


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


@dataclass(frozen=True, slots=True)
class _Way:
    """A way in which an item is sold: so many of a unit, each holding ``to_base`` of ``base``."""

    unit: str
    quantity: Decimal
    to_base: Decimal
    base: Base
    # Main base units of the item in all of it.
    size: float


@dataclass(frozen=True, slots=True)
class _Sold:
    """An item as the demo sells it."""

    id: int
    slug: str
    goods: Goods
    ways: Mapping[PriceType, tuple[Sequence[_Way], Sequence[float]]]
    ranges: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class _Stall:
    """A shop of the demo with what it sells, and on which days of the week there is most to buy."""

    place: Place
    kind: str
    region_slug: str
    busy_days: frozenset[int]
    items: Sequence[_Sold]
    often: Sequence[float]
    habit: float

    def weight(self, weekday: int) -> float:
        return BUSY[self.kind] * (3.0 if weekday in self.busy_days else 1.0)


def _load(*, entries_wanted: int, days: int, now: datetime, bar: Bar) -> Told:
    settings = {"entries": entries_wanted, "days": days}
    items = _items()
    stalls, new_shops = _stalls(items)
    batch = loading.begin(
        source=SOURCE,
        file_name=f"{entries_wanted:,} prices over {days} days",
        file_hash=hashlib.sha256(json.dumps([SEED, settings]).encode()).hexdigest(),
        counts=settings,
    )
    made = _prices(stalls, entries_wanted=entries_wanted, days=days, now=now)
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


def _items() -> list[_Sold]:
    """The items of the demo with the ways in which they are sold."""
    found = {item.slug: item for item in Item.objects.filter(slug__in=GOODS, is_active=True)}
    ranges = ranges_of(item.pk for item in found.values())
    sold = []
    for slug, goods in GOODS.items():
        item = found.get(slug)
        if item is None:
            continue
        units = {one.unit.code: one for one in units_for(item_id=item.pk, region_id=None)}
        ways = {}
        for type, all_ways in ((RETAIL, RETAIL_WAYS), (WHOLESALE, WHOLESALE_WAYS)):
            some = _ways(item, units, all_ways)
            if type in goods.sold and some:
                ways[type] = ([way for way, _ in some], list(accumulate(weight for _, weight in some)))
        own = {base: ends for (item_id, base), ends in ranges.items() if item_id == item.pk}
        if ways:
            sold.append(_Sold(item.pk, slug, goods, ways, own))
    if not sold:
        raise NothingKnown("There are no items yet: run manage.py load_reference first.")
    return sold


def _ways(item: Item, units: Mapping[str, PricedUnit], ways: Mapping[str, Ways]) -> list[tuple[_Way, float]]:
    own = next((some for name, some in ways.items() if item.slug.startswith(name)), ways[item.base])
    fitting = []
    for code, quantity, weight in own:
        unit = units.get(code)
        if unit is None:
            continue
        size = float(unit.to_base) * float(quantity)
        if unit.base != item.base:
            if item.category.slug != "oil-and-fats" or (unit.base, item.base) != ("kg", "l"):
                continue
            size /= OIL_KG_PER_LITRE
        fitting.append((_Way(code, Decimal(quantity), unit.to_base, BASE_OF[unit.base], size), weight))
    return fitting


def _stalls(items: Sequence[_Sold]) -> tuple[list[_Stall], int]:
    """The demo's shops, made where they are missing. :return: them, and how many were made."""
    markets = [
        market
        for township in Township.objects.select_related("region").order_by("pcode")
        for market in _markets(township)
    ]
    if not markets:
        raise NothingKnown("There are no townships yet: run manage.py load_reference first.")
    before = Shop.objects.filter(source=SOURCE).count()
    ids = shops_for_import(source=SOURCE, markets=markets, is_demo=True)
    shops = (
        Shop.objects.filter(pk__in=ids.values()).select_related("region", "township").order_by("source_key")
    )
    return [_stall(shop, items) for shop in shops], len(ids) - before


def _markets(township: Township) -> Iterator[Market]:
    """The shops of a township: a town has several, a small place one or none."""
    rng = Random(f"{SEED}/shops/{township.pcode}")
    is_seat = township.name_en == township.district or township.region.kind == Region.Kind.TERRITORY
    is_town = is_seat or township.district in BIG_CITIES
    if township.point is None or not (is_town or rng.random() < 0.4):
        return
    kinds = ["MARKET"]
    if is_town:
        kinds += ["SHOP", "SHOP", "STALL"]
    elif rng.random() < 0.4:
        kinds.append("SHOP")
    if is_seat and rng.random() < 0.6:
        kinds.append("WHOLESALE")
    if township.district in BIG_CITIES and rng.random() < 0.35:
        kinds += ["SUPERMARKET", "STALL"]
    for number, kind in enumerate(kinds):
        english, burmese = _shop_name(kind, township, rng)
        yield Market(
            key=f"{township.pcode}/{number}",
            name=english,
            name_my=burmese,
            region_id=township.region_id,
            township_id=township.pk,
            longitude=round(township.point.x + rng.uniform(-0.012, 0.012), 5),
            latitude=round(township.point.y + rng.uniform(-0.012, 0.012), 5),
            kind=kind,
        )


def _shop_name(kind: str, township: Township, rng: Random) -> tuple[str, str]:
    """A name in English and Burmese."""
    place, place_my = township.name_en, township.name_my or township.name_en
    title, person = rng.choice(TITLES), rng.choice(PEOPLE)
    owner, owner_my = f"{title[0]} {person[0]}", f"{title[1]}{person[1]}"
    match kind:
        case "MARKET":
            return f"{place} market", f"{place_my}ဈေး"
        case "WHOLESALE":
            return f"{place} wholesale centre", f"{place_my} လက်ကားဈေး"
        case "SUPERMARKET":
            return f"{place} supermarket", f"{place_my} စူပါမားကတ်"
        case "SHOP":
            return f"{owner}'s shop, {place}", f"{owner_my} ကုန်စုံဆိုင်၊ {place_my}"
        case _:
            return f"{owner}'s stall, {place}", f"{owner_my} ဆိုင်၊ {place_my}"


def _stall(shop: Shop, items: Sequence[_Sold]) -> _Stall:
    rng = Random(f"{SEED}/stall/{shop.source_key}")
    types = {WHOLESALE} if shop.kind == "WHOLESALE" else {RETAIL}
    own = [item for item in items if rng.random() < HAS[shop.kind] and types & item.ways.keys()]
    own = own or [item for item in items if types & item.ways.keys()]
    return _Stall(
        place=Place(
            shop.pk,
            shop.shop_name,
            shop.region_id,
            shop.region.name_en,
            shop.township_id,
            shop.township.name_en if shop.township else "",
        ),
        kind=shop.kind,
        region_slug=shop.region.slug,
        busy_days=frozenset(rng.sample(range(7), 2 if shop.kind == "MARKET" else 1)),
        items=own,
        often=list(accumulate(item.goods.often for item in own)),
        habit=rng.gauss(0, 0.03),
    )


def _prices(
    stalls: Sequence[_Stall], *, entries_wanted: int, days: int, now: datetime
) -> Iterator[PriceEntry]:
    """The newest prices that came in up to a moment, from the newest day back."""
    rate = entries_wanted / days
    levels = Levels()
    judged: dict[tuple[int, str, Decimal, Decimal], tuple[int, Judgement]] = {}
    weights = [list(accumulate(stall.weight(weekday) for stall in stalls)) for weekday in range(7)]
    today = clock.yangon_day(now)
    left = entries_wanted
    for back in range(10 * days + 10):
        day = today - timedelta(days=back)
        # Whole numbers that add up to the rate, whichever day is the first.
        count = math.floor(rate * (day.toordinal() + 1)) - math.floor(rate * day.toordinal())
        rng = Random(f"{SEED}/{rate}/{day}")
        made = []
        for number in range(count):
            stall = rng.choices(stalls, cum_weights=weights[day.weekday()])[0]
            entry = _price(
                stall,
                day=day,
                key=f"{SEED}/{rate}/{day}/{number}",
                now=now,
                rng=rng,
                levels=levels,
                judged=judged,
            )
            if entry.received_at <= now:
                made.append(entry)
        made.sort(key=lambda entry: (entry.received_at, entry.id), reverse=True)
        yield from made[:left]
        left -= len(made)
        if left <= 0:
            return


def _price(
    stall: _Stall,
    *,
    day: date,
    key: str,
    now: datetime,
    rng: Random,
    levels: "Levels",
    judged: dict[tuple[int, str, Decimal, Decimal], tuple[int, Judgement]],
) -> PriceEntry:
    item = rng.choices(stall.items, cum_weights=stall.often)[0]
    type = _type(stall, item, rng)
    ways, often = item.ways[type]
    way = rng.choices(ways, cum_weights=often)[0]
    seen_at = _time(day, rng)
    # Most people tell at once, some in the evening.
    received_at = seen_at + timedelta(
        seconds=rng.randint(5, 240) if rng.random() < 0.85 else rng.randint(600, 14_400)
    )
    level = levels.of(item.slug, stall.region_slug, day)
    kyat = (
        math.exp(level + stall.habit + rng.gauss(0, 0.02))
        * way.size
        * (CHEAPER_IN_BULK if type == WHOLESALE else 1)
    )
    price = _rounded(kyat)
    known = (item.id, way.unit, way.quantity, price)
    if known not in judged:
        judged[known] = _judge(item, way, price)
    amount, judgement = judged[known]
    by = _contributor(stall, rng)
    id = str(uuid5(NAMESPACE, key))
    confirmed = _confirmations(id, by, seen_at=seen_at, now=now, rng=rng)
    return PriceEntry(
        id=id,
        item_id=item.id,
        shop_id=stall.place.shop_id,
        shop_name=stall.place.shop_name,
        region_id=stall.place.region_id,
        region_name=stall.place.region_name,
        township_id=stall.place.township_id,
        township_name=stall.place.township_name,
        price=price,
        quantity=way.quantity,
        unit=way.unit,
        amount=amount,
        base=way.base,
        type=type,
        seen_at=seen_at,
        submitter=by,
        body_hash=hashlib.sha256(
            f"{item.slug}/{way.unit}/{way.quantity}/{price}/{seen_at}".encode()
        ).hexdigest(),
        source=SOURCE,
        status=plausibility.STATUS_OF[judgement.verdict],
        judgement=judgement,
        received_at=received_at,
        published_at=received_at + timedelta(seconds=1),
        last_seen_at=max([seen_at, *(change.at for change in confirmed)]),
        confirmations=len(confirmed),
        demo=True,
        rev=len(confirmed),
        changes=confirmed,
    )


def _type(stall: _Stall, item: _Sold, rng: Random) -> PriceType:
    usual = WHOLESALE if stall.kind == "WHOLESALE" else RETAIL
    other = RETAIL if usual == WHOLESALE else WHOLESALE
    if other in item.ways and stall.kind in ("MARKET", "WHOLESALE") and rng.random() < 0.06:
        return other
    return usual


def _time(day: date, rng: Random) -> datetime:
    """When on a day a price is seen: mostly in the morning, when markets are full."""
    seconds = rng.triangular(5.0, 21.0, 8.0) * 3600
    return clock.start_of_day(day) + timedelta(milliseconds=round(seconds * 1000))


def _rounded(kyat: float) -> Decimal:
    """Kyat as people say them: nobody asks 3,487 for a viss."""
    step = next(
        step
        for below, step in ((500, 10), (2000, 50), (20_000, 100), (100_000, 500), (math.inf, 1000))
        if kyat < below
    )
    return Decimal(max(step, round(kyat / step) * step))


def _judge(item: _Sold, way: _Way, price: Decimal) -> tuple[int, Judgement]:
    amount = unit_price_pya(price=price, quantity=way.quantity, to_base=way.to_base)
    low, high = item.ranges.get(way.base, (None, None))
    verdict = plausibility.judge(
        plausibility.PriceFacts(
            price=price,
            quantity=way.quantity,
            amount_pya=amount,
            base=way.base,
            unit_code=way.unit,
            low_pya=None if low is None else int(low * 100),
            high_pya=None if high is None else int(high * 100),
        )
    )
    return amount, verdict.judgement


def _contributor(stall: _Stall, rng: Random) -> Submitter:
    """Somebody of the region, or the shop itself. They have no accounts, so their numbers are below zero."""
    if stall.kind in ("SHOP", "SUPERMARKET", "WHOLESALE") and rng.random() < 0.3:
        name = stall.place.shop_name.partition(",")[0]
        return Submitter(-100_000 - stall.place.shop_id, name, Role.RETAILER)
    return _person(stall.place.region_id, rng.randrange(CONTRIBUTORS_PER_REGION))


@cache
def _person(region_id: int, number: int) -> Submitter:
    rng = Random(f"{SEED}/person/{region_id}/{number}")
    names = [rng.choice(TITLES)[0], *(english for english, _ in rng.sample(PEOPLE, 2))]
    return Submitter(-(region_id * 100 + number + 1), " ".join(names), Role.CONTRIBUTOR)


def _confirmations(
    id: str, by: Submitter, *, seen_at: datetime, now: datetime, rng: Random
) -> tuple[Change, ...]:
    """A few prices were seen again by others in the next days."""
    if rng.random() > 0.06:
        return ()
    numbers = rng.sample(range(1, CONTRIBUTORS_PER_REGION), rng.choice((1, 1, 1, 2, 3)))
    moments = sorted(seen_at + timedelta(minutes=rng.randint(60, 3000)) for _ in numbers)
    region = (-by.id - 1) // 100 if by.id > -100_000 else 0
    own = (-by.id - 1) % 100 if by.id > -100_000 else -1
    return tuple(
        Change(str(uuid5(NAMESPACE, f"{id}/{other}")), "CONFIRM", at, other)
        for at, number in zip(moments, numbers, strict=True)
        if number != own and at <= now
        for other in [-(region * 100 + number + 1)]
    )
