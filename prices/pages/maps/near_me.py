"""Shops near somebody: how far they are, and what they ask for an item. Distances are said as about so much."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.maps.outlines import Frame, frame_around
from prices.pages.maps.regions_map import Dot
from prices.pages.shared_parts.box import Box, Position
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import shop_name
from prices.rules import typical_price
from prices.rules.boards.format import from_ms
from prices.rules.distance import distance_km

METRES_A_DEGREE = 111_195.0
ROWS_SHOWN = 100
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NearRow:
    """A shop's newest price, and how far it is."""

    shop: str
    shop_url: str
    place: str
    distance: str
    amount: str
    price: str
    """The amount with its currency, unit and age."""
    age: str
    at: str
    """Latitude and longitude, for the map; empty where nobody knows them."""
    is_old: bool
    is_cheapest: bool


@dataclass(frozen=True, slots=True)
class NearMap:
    """The surroundings, drawn: shops as dots inside a circle."""

    view_box: str
    x: int
    y: int
    radius: int
    dots: tuple[Dot, ...]
    title: str


def metres_between(one: Position, other: Position) -> float:
    """How far two positions are from each other."""
    return 1000 * distance_km(one[::-1], other[::-1])


def shops_around(at: Position, *, metres: float) -> dict[int, float]:
    """The shops within a distance that are not closed for good, and how far they are, from the names in memory."""
    found = {}
    for shop in names.all_of("shop"):
        point = shop.facts.get("point")
        if point and shop.facts.get("status") != "CLOSED":
            away = metres_between(at, (point[0], point[1]))
            if away <= metres:
                found[shop.id] = away
    return found


def sorted_rows(
    rows: Iterable[Row], distances: Mapping[int, float], *, sort: str, words: Wording
) -> list[Row]:
    """The prices of the shops that are near, in the order asked for; those too old to count come last."""
    keys = {
        "distance": lambda row: (distances[row["shop"]], row["amount"]),
        "newest": lambda row: (-row["seen"], row["amount"]),
    }
    key = keys.get(sort, lambda row: (row["amount"], distances[row["shop"]]))
    near = [row for row in rows if row["shop"] in distances]
    return sorted(near, key=lambda row: (not is_fresh(row, words), *key(row), row["shop"]))


def near_rows(
    rows: Sequence[Row], distances: Mapping[int, float], *, measure: Measure, words: Wording, links: Links
) -> list[NearRow]:
    fresh = [row["amount"] for row in rows if is_fresh(row, words)]
    cheapest = min(fresh) if len(fresh) > 1 else None
    return [
        near_row(row, distances[row["shop"]], cheapest=cheapest, measure=measure, words=words, links=links)
        for row in rows[:ROWS_SHOWN]
    ]


def near_row(
    row: Row, metres: float, *, cheapest: int | None, measure: Measure, words: Wording, links: Links
) -> NearRow:
    is_old = not is_fresh(row, words)
    amount = words.kyat(row["amount"], to_base=measure.to_base)
    point = position_of(row["shop"])
    said = {
        "price": words.money(row["amount"], measure.per, to_base=measure.to_base),
        "age": words.ago(row["seen"]),
    }
    text = gettext("%(price)s, %(age)s, too old to count") if is_old else gettext("%(price)s, %(age)s")
    return NearRow(
        shop=shop_name(row["shop"]),
        shop_url=links.shop(row["shop"]),
        place=str(names.get("township", row["township"]) or names.get("region", row["region"]) or ""),
        distance=distance(metres, words),
        amount=amount,
        price=text % said,
        age=words.age(row["seen"]),
        at=f"{point[1]},{point[0]}" if point else "",
        is_old=is_old,
        is_cheapest=not is_old and row["amount"] == cheapest,
    )


def nearest(rows: Iterable[Row], at: Position, *, words: Wording) -> tuple[Row, float] | None:
    """The nearest shop with a price that counts, or else with any, and how far it is."""
    known = [
        (not is_fresh(row, words), metres_between(at, point), row["shop"], row)
        for row in rows
        if (point := position_of(row["shop"]))
    ]
    if not known:
        return None
    _is_old, metres, _shop, row = min(known, key=lambda one: one[:3])
    return row, metres


def drawing(at: Position, *, metres: float, rows: Iterable[Row], title: str) -> NearMap:
    """The shops around somebody in a circle of that radius."""
    up = metres / METRES_A_DEGREE
    across = up / max(0.1, math.cos(math.radians(at[1])))
    box = Box(at[0] - across, at[1] - up, at[0] + across, at[1] + up)
    frame: Frame = frame_around(
        west=box.west, south=box.south, east=box.east, north=box.north, size=300, margin=16
    )
    x, y = frame.place(at)
    dots = [
        Dot(round(dot_x), round(dot_y), shop_name(row["shop"]))
        for row in rows
        if (point := position_of(row["shop"]))
        for dot_x, dot_y in [frame.place(point)]
    ]
    return NearMap(
        view_box=frame.view_box,
        x=round(x),
        y=round(y),
        radius=round(frame.width / 2 - 16),
        dots=tuple(dots[:ROWS_SHOWN]),
        title=title,
    )


def distance(metres: float, words: Wording) -> str:
    """A distance in kilometres, as exact as points of markets are: ``0.3 km``, ``23 km``."""
    km = metres / 1000
    if km < 0.1:
        return gettext("under %(n)s km") % {"n": words.digits("0.1")}
    text = f"{km:.1f}" if km < 9.95 else f"{km:,.0f}"
    return gettext("%(n)s km") % {"n": words.digits(text)}


def is_fresh(row: Row, words: Wording) -> bool:
    return typical_price.is_fresh(from_ms(row["seen"]), now=words.now)


def position_of(shop_id: int) -> Position | None:
    shop = names.get("shop", shop_id)
    point = shop.facts.get("point") if shop else None
    return (point[0], point[1]) if point else None
