"""The markers of a map of shops, in the reader's words: a script only places them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import EN_DASH, Wording
from prices.pages.maps.clusters import Group, Label, ShopPoint, grouped, text_width
from prices.pages.maps.near_me import position_of
from prices.pages.shared_parts.box import LAST_ZOOM, Box
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import n_shops, shop_name
from prices.rules import typical_price
from prices.rules.boards.format import from_ms

MOST_NAMED, MOST_NAMED_AT_LAST = 12, 60
"""Shops that a marker names: on a map that may be drawn closer, and on one that is as close as it gets."""

# How static/potato/map.css writes a marker, in pixels.
PRICE_SIZE, COUNT_SIZE = 13, 12
LINES = {"en": (19.5, 18.0), "my": (24.7, 22.8)}
"""Height of a line with a price and of one with a count, by language."""
MARGINS = (15, 6)
"""Across and up."""


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
            is_old = not typical_price.is_fresh(from_ms(row["seen"]), now=words.now)
            found.append(ShopPoint(row["shop"], at, row["amount"], is_old, row["seen"]))
    return found


def markers_of(
    points: Iterable[ShopPoint], *, zoom: int, measure: Measure, words: Wording, links: Links
) -> list[Marker]:
    """What stands on the map, the cheapest single shop marked."""

    def label_of(group: Group) -> Label:
        price, count = _texts(group, measure, words)
        line, small_line = LINES[words.language]
        width = max(text_width(price, size=PRICE_SIZE), text_width(count, size=COUNT_SIZE))
        return Label(width + MARGINS[0], line + (small_line if count else 0) + MARGINS[1])

    groups = grouped(points, zoom=zoom, label_of=label_of)
    fresh = [amount for group in groups for amount in group.fresh]
    cheapest = min(fresh) if len(fresh) > 1 else None
    return [_marker(group, cheapest, _named(group, zoom), measure, words, links) for group in groups]


def n_unplaced(rows: Iterable[dict[str, Any]]) -> int:
    """How many shops of a table no map can show, because nobody knows where they are."""
    return sum(1 for row in rows if not position_of(row["shop"]))


def _named(group: Group, zoom: int) -> tuple[ShopPoint, ...]:
    """The shops that a marker names: none of a large group that will come apart; where it never will, the cheapest."""
    if zoom == LAST_ZOOM:
        return group.shops[:MOST_NAMED_AT_LAST]
    return group.shops if len(group.shops) <= MOST_NAMED else ()


def _marker(
    group: Group,
    cheapest: int | None,
    named: tuple[ShopPoint, ...],
    measure: Measure,
    words: Wording,
    links: Links,
) -> Marker:
    box, fresh, is_single = group.box, group.fresh, len(group.shops) == 1
    price, count = _texts(group, measure, words)
    state = "" if fresh else "old"
    if is_single and fresh and fresh[0] == cheapest:
        state = "best"
    return Marker(
        at=(round(group.at[1], 5), round(group.at[0], 5)),
        box=(box.south, box.west, box.north, box.east),
        price=price,
        count=count,
        state=state,
        shops=tuple(_shop(shop, measure, words, links) for shop in named),
    )


def _texts(group: Group, measure: Measure, words: Wording) -> tuple[str, str]:
    """What a marker says: a price or a range, and of how many shops."""
    fresh = group.fresh
    if len(group.shops) == 1:
        return words.kyat(group.shops[0].amount, to_base=measure.to_base), ""
    count = n_shops(len(fresh) or len(group.shops), words)
    if not fresh:
        return gettext("too old to count"), count
    low, high = (words.kyat(amount, to_base=measure.to_base) for amount in (fresh[0], fresh[-1]))
    return low if low == high else f"{low}{EN_DASH}{high}", count


def _shop(shop: ShopPoint, measure: Measure, words: Wording, links: Links) -> MarkerShop:
    said = {
        "price": words.money(shop.amount, measure.per, to_base=measure.to_base),
        "age": words.ago(shop.seen),
    }
    text = gettext("%(price)s, %(age)s, too old to count") if shop.is_old else gettext("%(price)s, %(age)s")
    return MarkerShop(name=shop_name(shop.shop_id), url=links.shop(shop.shop_id), price=text % said)
