"""Shops, townships or regions side by side, over the items that at least two of them have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from potato import calendar
from potato.text.wording import EN_DASH, Wording
from prices.names import cache as names
from prices.pages.compare.choice import UNITS, Chosen, Place
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import label_of, per
from prices.pages.shared_parts.phrases import type_name
from prices.pages.shared_parts.view_models import Tab
from prices.rules import typical_price
from prices.rules.typical_price import ShopPrice, Typical
from prices.rules.units import VISS_IN_KG
from prices.types import PRICE_TYPES, Board, PriceType, region_key, shop_key

SHOPS_OF_TOWNSHIP = 60
Key = tuple[int, str]
"""An item and a base unit."""
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a place's prices come from: ``keys`` of boards, and whether the place has more shops than that."""

    keys: tuple[str, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What an item costs in one place, in pya for a base unit."""

    amount: int
    seen_at: datetime
    is_old: bool


@dataclass(frozen=True, slots=True)
class Cell:
    amount: str
    age: str = ""
    is_cheapest: bool = False
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An item, with a cell for each place."""

    item: str
    item_url: str
    per: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    within: str
    url: str
    remove_url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    summary: str
    """Who is the cheapest most often; empty where nothing can be compared."""
    left_out: tuple[str, ...]
    """How many more items only one of the places has, and how many have old prices only."""


def sources_of(chosen: Chosen) -> dict[str, Source]:
    """The boards that each place's prices come from, by the place's code; a township's are its shops'."""
    townships = {place.name.id for place in chosen.places if place.kind == "township"}
    shops: dict[int, list[str]] = {}
    for shop in names.all_of("shop") if townships else ():
        if shop.facts.get("township") in townships:
            shops.setdefault(shop.facts["township"], []).append(shop_key(shop.id))
    found = {}
    for place in chosen.places:
        match place.kind:
            case "shop":
                keys = [shop_key(place.name.id)]
            case "region":
                keys = [region_key(place.name.id)]
            case _:
                keys = shops.get(place.name.id, [])
        found[place.code] = Source(tuple(keys[:SHOPS_OF_TOWNSHIP]), len(keys) > SHOPS_OF_TOWNSHIP)
    return found


def compare(
    chosen: Chosen,
    found: Mapping[str, Board],
    *,
    sources: Mapping[str, Source],
    words: Wording,
    links: Links,
) -> Comparison:
    """Put the places side by side.

    :param found: the boards of ``sources``, as far as there are any.
    """
    by_place = []
    for place in chosen.places:
        data = [board.data for key in sources[place.code].keys if (board := found.get(key))]
        of_type = _of_region if place.kind == "region" else _of_shops
        by_place.append(of_type(data, chosen.type, words))
    every = {key for prices in by_place for key in prices}
    shared = {key for key in every if sum(key in prices for prices in by_place) > 1}
    old = {key for key in shared if all(prices[key].is_old for prices in by_place if key in prices)}
    items = [(item, base) for item_id, base in shared - old if (item := names.get("item", item_id))]
    items.sort(key=lambda pair: (pair[0].facts.get("position", 0), pair[0].name_en, pair[0].id, pair[1]))
    rows, wins, n_compared = [], [0] * len(by_place), 0
    for item, base in items:
        prices = [some.get((item.id, base)) for some in by_place]
        counting = [price.amount for price in prices if price and not price.is_old]
        # The same price twice is nobody's win, and one alone is no comparison.
        lowest = min(counting, default=None) if len(counting) > 1 else None
        winner = None
        if lowest is not None:
            n_compared += 1
            at = [
                number for number, one in enumerate(prices) if one and not one.is_old and one.amount == lowest
            ]
            winner = at[0] if len(at) == 1 else None
        if winner is not None:
            wins[winner] += 1
        unit = chosen.unit if base == "kg" else base
        cells = [_cell(price, unit, number == winner, words) for number, price in enumerate(prices)]
        url = links.item(item, type=type_asked(chosen.type))
        rows.append(Row(str(item), url, per(unit, words), tuple(cells)))
    return Comparison(
        columns=tuple(_column(place, sources[place.code], chosen, words, links) for place in chosen.places),
        rows=tuple(rows),
        summary=_summary(chosen.places, wins, n_compared, words),
        left_out=_left_out(len(every - shared), len(old), words) if len(by_place) > 1 else (),
    )


def types(chosen: Chosen) -> list[Tab]:
    return [Tab(type_name(known), chosen.address(type=known), known == chosen.type) for known in PRICE_TYPES]


def units(chosen: Chosen, words: Wording) -> list[Tab]:
    return [Tab(label_of(unit, words), chosen.address(unit=unit), unit == chosen.unit) for unit in UNITS]


def _of_region(data: Iterable[Data], type: PriceType, words: Wording) -> dict[Key, Price]:
    """What is typical in a region, by its board."""
    found = {}
    for one in (one for board in data for one in board["items"]):
        series_type, _, base = one["series"].partition(":")
        price = _price(typical_texts.of_summary(one["summary"], now=words.now))
        if price and series_type == type:
            found[one["item"], base] = price
    return found


def _of_shops(data: Iterable[Data], type: PriceType, words: Wording) -> dict[Key, Price]:
    """What a shop asks; of several, what is typical in them."""
    by_item: dict[Key, list[ShopPrice]] = {}
    for row in (row for board in data for row in board["rows"]):
        if row["type"] == type:
            by_item.setdefault((row["item"], row["base"]), []).append(typical_texts.shop_price(row))
    found = {}
    for key, prices in by_item.items():
        summary = typical_price.summarise(prices, now=words.now)
        last = typical_texts.newest_of(prices)
        if price := _price(typical_price.typical_for(nation=summary, last_known=last, now=words.now)):
            found[key] = price
    return found


def _price(here: Typical) -> Price | None:
    if here.amount is None or here.newest is None:
        return None
    return Price(here.amount, here.newest, here.scope == "old")


def _cell(price: Price | None, unit: str, is_cheapest: bool, words: Wording) -> Cell:
    if price is None:
        return Cell(EN_DASH)
    amount = words.kyat(price.amount, to_base=VISS_IN_KG if unit == "viss" else None)
    # Four columns are narrow, and of an old price the month says enough.
    age = words.month(calendar.yangon_day(price.seen_at)) if price.is_old else words.age(price.seen_at)
    return Cell(amount, age, is_cheapest, price.is_old)


def _column(place: Place, source: Source, chosen: Chosen, words: Wording, links: Links) -> Column:
    region = names.get("region", place.name.facts.get("region"))
    if place.kind == "shop":
        url = links.shop(place.name.id)
    elif region:
        url = links.township(region, place.name)
    else:
        url = links.region(place.name)
    note = ""
    if source.has_more:
        note = gettext("%(place)s has more shops: %(n)s of them count here.") % {
            "place": place,
            "n": words.number(len(source.keys)),
        }
    return Column(str(place), place.within, url, chosen.without(place), note)


def _summary(places: Iterable[Place], wins: list[int], n_compared: int, words: Wording) -> str:
    most = max(wins, default=0)
    if not most:
        return ""
    leading = [str(place) for place, n in zip(places, wins, strict=True) if n == most]
    said = {"place": words.listed(leading), "n": words.number(most), "all": words.number(n_compared)}
    if len(leading) == 1:
        return gettext("Cheapest most often: %(place)s, %(n)s of %(all)s items.") % said
    return gettext("Cheapest equally often: %(place)s, each %(n)s of %(all)s items.") % said


def _left_out(n_alone: int, n_old: int, words: Wording) -> tuple[str, ...]:
    alone = ngettext(
        "%(n)s more item has a price in one of them only.",
        "%(n)s more items have a price in one of them only.",
        n_alone,
    )
    old = ngettext(
        "%(n)s more item has only prices that are too old to count.",
        "%(n)s more items have only prices that are too old to count.",
        n_old,
    )
    return tuple(text % {"n": words.number(n)} for text, n in ((alone, n_alone), (old, n_old)) if n)
