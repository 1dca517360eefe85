"""The markers of a map of shops, in the reader's words: a script only places them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.wording import EN_DASH, Wording
from prices import boards, typical
from prices.pages.links import Links
from prices.pages.markers import Box, Group, ShopPoint
from prices.pages.measures import Measure
from prices.pages.near import position_of
from prices.pages.phrases import n_shops, shop_name

MOST_NAMED = 12
"""Shops that a marker names; larger groups are counted, and come apart when the map is drawn closer."""


@dataclass(frozen=True, slots=True)
class MarkerShop:
    name: str
    url: str
    price: str
    """With its currency, unit and age."""


@dataclass(frozen=True, slots=True)
class Marker:
    """One shop, or several that stand too close together. ``at`` and ``box`` are latitude before longitude."""

    at: tuple[float, float]
    box: tuple[float, float, float, float]
    """South, west, north, east of its shops."""
    price: str
    """An amount or a range, in the page's unit."""
    count: str
    """How many shops the figure rests on: ``12 shops``; empty for a single one."""
    state: str
    """``old``: none of it counts; ``best``: the cheapest shop of the map; else empty."""
    shops: tuple[MarkerShop, ...]


def points_of(
    rows: Iterable[dict[str, Any]], *, box: Box, type: str, base: str, words: Wording
) -> list[ShopPoint]:
    """The shops of boards' rows whose position is known and lies in a box."""
    found = []
    for row in rows:
        if (row["type"], row["base"]) != (type, base):
            continue
        at = position_of(row["shop"])
        if at and box.holds(at):
            is_old = not typical.is_fresh(boards.from_ms(row["seen"]), now=words.now)
            found.append(ShopPoint(row["shop"], at, row["amount"], is_old, row["seen"]))
    return found


def markers_of(groups: Sequence[Group], *, measure: Measure, words: Wording, links: Links) -> list[Marker]:
    """What stands on the map, the cheapest single shop marked."""
    fresh = [amount for group in groups for amount in group.fresh]
    cheapest = min(fresh) if len(fresh) > 1 else None
    return [_marker(group, cheapest, measure, words, links) for group in groups]


def n_unplaced(rows: Iterable[dict[str, Any]]) -> int:
    """How many shops of a table no map can show, because nobody knows where they are."""
    return sum(1 for row in rows if not position_of(row["shop"]))


def _marker(group: Group, cheapest: int | None, measure: Measure, words: Wording, links: Links) -> Marker:
    box, fresh, is_single = group.box, group.fresh, len(group.shops) == 1
    if is_single:
        price = words.kyat(group.shops[0].amount, to_base=measure.to_base)
    elif fresh:
        low, high = (words.kyat(amount, to_base=measure.to_base) for amount in (fresh[0], fresh[-1]))
        price = low if low == high else f"{low}{EN_DASH}{high}"
    else:
        price = gettext("too old to count")
    state = "" if fresh else "old"
    if is_single and fresh and fresh[0] == cheapest:
        state = "best"
    return Marker(
        at=(round(group.at[1], 5), round(group.at[0], 5)),
        box=(box.south, box.west, box.north, box.east),
        price=price,
        count="" if is_single else n_shops(len(fresh) or len(group.shops), words),
        state=state,
        shops=tuple(_shop(shop, measure, words, links) for shop in group.shops)
        if len(group.shops) <= MOST_NAMED
        else (),
    )


def _shop(shop: ShopPoint, measure: Measure, words: Wording, links: Links) -> MarkerShop:
    said = {
        "price": words.money(shop.amount, measure.per, to_base=measure.to_base),
        "age": words.ago(shop.seen),
    }
    text = gettext("%(price)s, %(age)s, too old to count") if shop.is_old else gettext("%(price)s, %(age)s")
    return MarkerShop(name=shop_name(shop.shop_id), url=links.shop(shop.shop_id), price=text % said)
