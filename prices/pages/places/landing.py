"""What makes a page of a place or a category worth landing on: what is cheap there, what moved, who sells."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import Change, Wording
from prices.names import cache as names
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import per
from prices.pages.shared_parts.phrases import n_shops, shop_name
from prices.rules import typical_price
from prices.rules.boards.format import base_of, from_ms
from prices.rules.typical_price import Typical
from prices.types import Name, PriceType

CHEAP_SHOWN = 6
MOVED_SHOWN = 6
SELLERS_SHOWN = 8
MOVED_PERCENT = 5
"""A price that changed by less, in 7 and in 30 days, has not moved."""

Key = tuple[int, str]
"""An item, and the base unit of its price."""


@dataclass(frozen=True, slots=True)
class CheapRow:
    """An item that is well below the country's typical price in a place."""

    item: str
    url: str
    under: str
    amount: str
    change: Change
    """To the country's typical price."""


@dataclass(frozen=True, slots=True)
class MovedRow:
    """An item whose typical price rose or fell."""

    item: str
    url: str
    history_url: str
    under: str
    amount: str
    change_7: Change
    change_30: Change


@dataclass(frozen=True, slots=True)
class SellerRow:
    """A shop, with how many items it has a price of, and how fresh those are."""

    name: str
    url: str
    place: str
    n_items: str
    age: str
    is_old: bool


def typicals_in(items: Iterable[dict[str, Any]], *, type: PriceType, words: Wording) -> dict[Key, Typical]:
    """The typical prices of a region's or the home page's board."""
    return {
        (one["item"], base_of(one["series"])): typical_texts.of_summary(one["summary"], now=words.now)
        for one in items
        if one["series"].startswith(f"{type}:")
    }


def typicals_of_shops(
    rows: Iterable[dict[str, Any]], *, type: PriceType, words: Wording
) -> dict[Key, Typical]:
    """The typical prices of some shops together, from their boards."""
    prices: dict[Key, list[typical_price.ShopPrice]] = {}
    for row in rows:
        if row["type"] == type:
            prices.setdefault((row["item"], row["base"]), []).append(typical_texts.shop_price(row))
    return {key: typical_price.typical_for(local=some, now=words.now) for key, some in prices.items()}


def cheap_rows(
    here: Mapping[Key, Typical],
    country: Mapping[Key, Typical],
    *,
    type: PriceType,
    words: Wording,
    links: Links,
    region: Name,
    township: Name | None = None,
) -> list[CheapRow]:
    """The items that are well below the country's typical price in a place, the cheapest first."""
    found = []
    for key, price in here.items():
        item, wider = names.get("item", key[0]), country.get(key)
        percent = typical_price.cheaper_by(price, wider) if wider else None
        if item is None or percent is None:
            continue
        url = links.item(
            item,
            region=region.slug,
            township=township.slug if township else "",
            type=type_asked(type),
        )
        found.append((percent, _cheap_row(item, url, key[1], price, percent, words)))
    found.sort(key=lambda pair: pair[0])
    return [row for _percent, row in found[:CHEAP_SHOWN]]


def cheap_places(
    nation_boards: Mapping[int, dict[str, Any]], *, type: PriceType, words: Wording, links: Links
) -> list[CheapRow]:
    """The regions in which items are furthest below the country's typical price, one for each item.

    :param nation_boards: the data of the items' boards of the whole country, by item.
    """
    found = []
    for item_id, data in nation_boards.items():
        item = names.get("item", item_id)
        if item is None:
            continue
        for series, prices in data["series"].items():
            if not series.startswith(f"{type}:"):
                continue
            country = typical_texts.of_summary(prices["nation"], now=words.now)
            some = []
            for region_id, summary in prices["regions"].items():
                here = typical_texts.of_summary(summary, now=words.now)
                region, percent = names.get("region", int(region_id)), typical_price.cheaper_by(here, country)
                if region is not None and percent is not None:
                    some.append((percent, region.name_en, region, here))
            if some:
                percent, _name, region, here = min(some, key=lambda one: one[:2])
                url = links.item(item, region=region.slug, type=type_asked(type))
                row = _cheap_row(item, url, base_of(series), here, percent, words, place=str(region))
                found.append((percent, row))
    found.sort(key=lambda pair: pair[0])
    return [row for _percent, row in found[:CHEAP_SHOWN]]


def moved_rows(
    items: Iterable[dict[str, Any]],
    *,
    type: PriceType,
    words: Wording,
    links: Links,
    region: Name | None = None,
    category: Name | None = None,
) -> list[MovedRow]:
    """The items of a board whose price changed most in 30 days, or else in 7, where enough shops say so."""
    found: list[tuple[float, str, MovedRow]] = []
    for one in items:
        item = names.get("item", one["item"])
        if item is None or not one["series"].startswith(f"{type}:"):
            continue
        if category is not None and item.facts.get("category") != category.id:
            continue
        price = typical_texts.of_summary(one["summary"], now=words.now)
        changes = [one["changes"].get(days) for days in ("30", "7")]
        most = max((abs(change) for change in changes if change is not None), default=0)
        if price.scope in ("old", "none") or price.is_thin or most < MOVED_PERCENT:
            continue
        query = {"region": region.slug if region else "", "type": type_asked(type)}
        row = MovedRow(
            item=str(item),
            url=links.item(item, **query),
            history_url=links.item(item, **query) + "#history",
            under=" · ".join((per(base_of(one["series"]), words), n_shops(price.n_shops, words))),
            amount=words.kyat(price.amount),
            change_7=words.change(changes[1]),
            change_30=words.change(changes[0]),
        )
        found.append((-most, item.name_en, row))
    found.sort(key=lambda one: one[:2])
    return [row for _most, _name, row in found[:MOVED_SHOWN]]


def sellers_of(rows_of: Mapping[int, Iterable[dict[str, Any]]], *, words: Wording) -> list[dict[str, Any]]:
    """What :func:`seller_rows` needs, from the boards of shops; those with most items of today first."""
    found = []
    for shop_id, rows in rows_of.items():
        seen = [(row["item"], row["seen"]) for row in rows]
        fresh = {item for item, at in seen if typical_price.is_fresh(from_ms(at), now=words.now)}
        newest = max((at for _item, at in seen), default=None)
        found.append({"shop": shop_id, "items": len(fresh), "newest": newest})
    return sorted(found, key=lambda one: (-one["items"], -(one["newest"] or 0)))


def seller_rows(
    shops: Iterable[dict[str, Any]],
    *,
    words: Wording,
    links: Links,
    limit: int = SELLERS_SHOWN,
    with_township: bool = True,
) -> list[SellerRow]:
    """The shops of a place, those with old prices only last.

    :param shops: ``{shop, items, newest}``, as a region's board holds them; ``newest`` may be None.
    """
    found: list[SellerRow] = []
    for one in shops:
        if len(found) == limit:
            break
        shop, newest = names.get("shop", one["shop"]), one["newest"]
        township = names.get("township", shop.facts.get("township")) if shop else None
        found.append(
            SellerRow(
                name=shop_name(one["shop"]),
                url=links.shop(one["shop"]),
                place=str(township or "") if with_township else "",
                n_items=words.number(one["items"]),
                age=words.age(newest) if newest is not None else gettext("no prices"),
                is_old=newest is None or not typical_price.is_fresh(from_ms(newest), now=words.now),
            )
        )
    return sorted(found, key=lambda row: row.is_old)


def _cheap_row(
    item: Name, url: str, base: str, price: Typical, percent: Any, words: Wording, *, place: str = ""
) -> CheapRow:
    return CheapRow(
        item=str(item),
        url=url,
        under=" · ".join(filter(None, (place, per(base, words), n_shops(price.n_shops, words)))),
        amount=words.kyat(price.amount),
        change=words.change(percent, decimals=0),
    )
