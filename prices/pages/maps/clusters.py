"""Shops as they stand on a map: those too close to each other to be told apart are one group. Pure rules, no I/O."""

import math
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from prices.pages.maps.outlines import mercator
from prices.pages.shared_parts.box import Box, Position

ALONE_FROM = 11
"""From this zoom on only shops that would cover each other are one group."""
CELL, SMALL_CELL = 80, 40
"""Pixels of a group's cell; a price on a marker is about as wide as the first."""
MOST = 300
TILE = 256
ABOVE, GAP = 5, 4
"""Pixels from a shop's point to the label above it, and between two labels."""


@dataclass(frozen=True, slots=True)
class ShopPoint:
    """A shop with its price, in pya per base unit, and whether that still counts."""

    shop_id: int
    at: Position
    amount: int
    is_old: bool
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Shops that share a marker; old prices are members, and have no part in the figures."""

    shops: tuple[ShopPoint, ...]

    @property
    def at(self) -> Position:
        """The middle of its shops."""
        n = len(self.shops)
        return sum(shop.at[0] for shop in self.shops) / n, sum(shop.at[1] for shop in self.shops) / n

    @property
    def box(self) -> Box:
        longitudes = [shop.at[0] for shop in self.shops]
        latitudes = [shop.at[1] for shop in self.shops]
        return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))

    @property
    def fresh(self) -> list[int]:
        """The amounts that count, the lowest first."""
        return sorted(shop.amount for shop in self.shops if not shop.is_old)


@dataclass(frozen=True, slots=True)
class Label:
    """How large the text of a marker is drawn, in pixels."""

    width: float
    height: float


_Drawn = tuple[float, float, float, float]
"""Where on the map, in pixels: west, south, east, north."""


def grouped(
    points: Iterable[ShopPoint], *, zoom: int, label_of: Callable[[Group], Label], most: int = MOST
) -> list[Group]:
    """The markers of a map, at most ``most``, of which no label covers another.

    Shops of a cell are one group; where there would be too many, cells grow until they suffice.
    """
    points = sorted(points, key=_cheapest_first)
    cell = SMALL_CELL if zoom >= ALONE_FROM else CELL
    while True:
        cells: dict[tuple[int, int], list[ShopPoint]] = {}
        for point in points:
            cells.setdefault(_cell(point.at, zoom=zoom, size=cell), []).append(point)
        if len(cells) <= most:
            return _apart([Group(tuple(some)) for _where, some in sorted(cells.items())], zoom, label_of)
        cell *= 2


def text_width(text: str, *, size: float) -> float:
    """About how wide a text is in a system's font, in pixels: rather a little too wide."""
    return size * sum(_width(letter) for letter in text)


def _apart(groups: Iterable[Group], zoom: int, label_of: Callable[[Group], Label]) -> list[Group]:
    """The groups, with those made one whose labels would cover each other, the nearest first, until there are none."""
    alive: dict[int, tuple[Group, _Drawn]] = {}
    covering: list[tuple[float, int, int]] = []

    def place(number: int, group: Group) -> None:
        drawn = _drawn(group, zoom, label_of(group))
        for other, (_group, there) in alive.items():
            if _cover(drawn, there):
                heappush(covering, (_distance(drawn, there), other, number))
        alive[number] = group, drawn

    numbers = count()
    for group in groups:
        place(next(numbers), group)
    while covering:
        _far, one, other = heappop(covering)
        if one in alive and other in alive:
            shops = [*alive.pop(one)[0].shops, *alive.pop(other)[0].shops]
            place(next(numbers), Group(tuple(sorted(shops, key=_cheapest_first))))
    return [group for group, _drawn in alive.values()]


def _drawn(group: Group, zoom: int, label: Label) -> _Drawn:
    """Where a marker is drawn with its label and half a gap around it, in pixels of the map."""
    scale = TILE * 2**zoom / 360
    x, y = group.at[0] * scale, mercator(group.at[1]) * scale
    half = (label.width + GAP) / 2
    return x - half, y - GAP / 2, x + half, y + ABOVE + label.height + GAP / 2


def _cover(one: _Drawn, other: _Drawn) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _distance(one: _Drawn, other: _Drawn) -> float:
    return math.hypot(one[0] + one[2] - other[0] - other[2], one[1] - other[1])


def _cheapest_first(shop: ShopPoint) -> tuple[int, int]:
    return shop.amount, shop.shop_id


def _cell(at: Position, *, zoom: int, size: int) -> tuple[int, int]:
    pixels = TILE * 2**zoom / 360
    return math.floor(at[0] * pixels / size), math.floor(mercator(at[1]) * pixels / size)


def _width(letter: str) -> float:
    """Of a letter, in units of the font's size: a little more than Noto's, bold."""
    if letter.isascii():
        return 0.62 if letter.isalnum() else 0.32
    return {"Mn": 0.0, "Nd": 0.76, "Lo": 0.95}.get(unicodedata.category(letter), 0.6)
