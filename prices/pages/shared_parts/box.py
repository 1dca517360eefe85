"""Pieces of the map in degrees, and the zooms of its maps."""

from collections.abc import Sequence
from dataclasses import dataclass

from shops.models import EAST, NORTH, SOUTH, WEST

Position = tuple[float, float]
"""Longitude and latitude in degrees."""
FIRST_ZOOM = 5
LAST_ZOOM = 14


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
