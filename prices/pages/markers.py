"""Shops as they stand on a map: those too close to each other to be told apart are one group. Pure rules, no I/O."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prices.pages.outlines import Position, mercator
from shops.models import EAST, NORTH, SOUTH, WEST

FIRST_ZOOM, LAST_ZOOM = 5, 14
ALONE_FROM = 11
"""From this zoom on only shops that would cover each other are one group."""
CELL, SMALL_CELL = 80, 40
"""Pixels of a group's cell; a price on a marker is about as wide as the first."""
MOST = 300
TILE = 256


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of the map in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, at: Position) -> bool:
        return self.west <= at[0] <= self.east and self.south <= at[1] <= self.north

    def meets(self, bounds: Sequence[float]) -> bool:
        """Whether anything of west, south, east, north lies inside; True where nobody knows those."""
        if len(bounds) != 4:
            return True
        west, south, east, north = bounds
        return west <= self.east and east >= self.west and south <= self.north and north >= self.south


MYANMAR = Box(WEST, SOUTH, EAST, NORTH)


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


def grouped(points: Iterable[ShopPoint], *, zoom: int, most: int = MOST) -> list[Group]:
    """The markers of a map, at most ``most``: where there would be more, cells grow until they suffice."""
    points = sorted(points, key=lambda point: (point.amount, point.shop_id))
    cell = SMALL_CELL if zoom >= ALONE_FROM else CELL
    while True:
        cells: dict[tuple[int, int], list[ShopPoint]] = {}
        for point in points:
            cells.setdefault(_cell(point.at, zoom=zoom, size=cell), []).append(point)
        if len(cells) <= most:
            return [Group(tuple(some)) for _where, some in sorted(cells.items())]
        cell *= 2


def _cell(at: Position, *, zoom: int, size: int) -> tuple[int, int]:
    pixels = TILE * 2**zoom / 360
    return math.floor(at[0] * pixels / size), math.floor(mercator(at[1]) * pixels / size)
