"""The shops of the demo over real townships, and what each of them sells by which units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from random import Random

from catalog.models import Item
from catalog.selectors import ranges_of, units_for
from catalog.types import PricedUnit
from prices.importers.demo.goods import GOODS, RETAIL_WAYS, SEED, WHOLESALE_WAYS, Goods, Ways
from prices.importers.loading import Place
from prices.rules.units import BASE_OF
from prices.types import RETAIL, WHOLESALE, Base, PriceType
from shops.models import Region, Shop, Township
from shops.services import shops_for_import
from shops.types import Market

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


class NothingKnown(Exception):
    """The reference tables are not loaded."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which an item is sold: so many of a unit, each holding ``to_base`` of ``base``."""

    unit: str
    quantity: Decimal
    to_base: Decimal
    base: Base
    # Main base units of the item in all of it.
    size: float


@dataclass(frozen=True, slots=True)
class Sold:
    """An item as the demo sells it."""

    id: int
    slug: str
    goods: Goods
    ways: Mapping[PriceType, tuple[Sequence[Way], Sequence[float]]]
    # Lowest and highest pya for one of a base.
    ranges: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Stall:
    """A shop of the demo with what it sells, and on which days of the week there is most to buy."""

    place: Place
    kind: str
    region_slug: str
    busy_days: frozenset[int]
    items: Sequence[Sold]
    often: Sequence[float]
    habit: float

    def weight(self, weekday: int) -> float:
        return BUSY[self.kind] * (3.0 if weekday in self.busy_days else 1.0)


def sold_items() -> list[Sold]:
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
            sold.append(Sold(item.pk, slug, goods, ways, own))
    if not sold:
        raise NothingKnown("There are no items yet: run manage.py load_reference first.")
    return sold


def _ways(item: Item, units: Mapping[str, PricedUnit], ways: Mapping[str, Ways]) -> list[tuple[Way, float]]:
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
        fitting.append((Way(code, Decimal(quantity), unit.to_base, BASE_OF[unit.base], size), weight))
    return fitting


def make_stalls(items: Sequence[Sold], *, source: str) -> tuple[list[Stall], int]:
    """The demo's shops, made where they are missing. :return: them, and how many were made."""
    markets = [
        market
        for township in Township.objects.select_related("region").order_by("pcode")
        for market in _markets(township)
    ]
    if not markets:
        raise NothingKnown("There are no townships yet: run manage.py load_reference first.")
    before = Shop.objects.filter(source=source).count()
    ids = shops_for_import(source=source, markets=markets, is_demo=True)
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


def _stall(shop: Shop, items: Sequence[Sold]) -> Stall:
    rng = Random(f"{SEED}/stall/{shop.source_key}")
    types = {WHOLESALE} if shop.kind == "WHOLESALE" else {RETAIL}
    own = [item for item in items if rng.random() < HAS[shop.kind] and types & item.ways.keys()]
    own = own or [item for item in items if types & item.ways.keys()]
    return Stall(
        place=Place.of(shop),
        kind=shop.kind,
        region_slug=shop.region.slug,
        busy_days=frozenset(rng.sample(range(7), 2 if shop.kind == "MARKET" else 1)),
        items=own,
        often=list(accumulate(item.goods.often for item in own)),
        habit=rng.gauss(0, 0.03),
    )
