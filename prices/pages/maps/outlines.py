"""The outlines of states and regions, for maps that the server draws.

From Natural Earth, 10m admin 1 (public domain), thinned: ``shops/static/shops/regions.geojson``, which the maps in
the browser draw too (see ``docs/sources.md``). A drawing is in Web Mercator, as those are, and in whole units: neighbours
share the points of their border, so rounding leaves no slivers.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import shops
from prices.pages.shared_parts.box import Position

GEOJSON = Path(shops.__file__).parent / "static" / "shops" / "regions.geojson"
LIES_INSIDE = {"nay-pyi-taw": "mandalay"}
"""Natural Earth draws Nay Pyi Taw as a part of Mandalay."""
MERCATOR_ENDS = 85.0
"""Degrees of latitude; from there on the map would be taller than it is wide."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the world, and the size that it is drawn in. ``west`` and ``top`` are Mercator's degrees."""

    west: float
    top: float
    scale: float
    width: float
    height: float

    @property
    def view_box(self) -> str:
        return f"0 0 {round(self.width)} {round(self.height)}"

    def place(self, at: Position) -> tuple[float, float]:
        """Where a position is drawn."""
        longitude, latitude = at
        return (longitude - self.west) * self.scale, (self.top - mercator(latitude)) * self.scale

    def shows(self, at: Position) -> bool:
        x, y = self.place(at)
        return 0 <= x <= self.width and 0 <= y <= self.height


def frame_around(
    *, west: float, south: float, east: float, north: float, size: float, margin: float
) -> Frame:
    """A frame for a box of degrees whose longer side is drawn ``size`` units long, with a margin of units."""
    low, high = mercator(south), mercator(north)
    scale = (size - 2 * margin) / max(east - west, high - low, 1e-6)
    return Frame(
        west=west - margin / scale,
        top=high + margin / scale,
        scale=scale,
        width=(east - west) * scale + 2 * margin,
        height=(high - low) * scale + 2 * margin,
    )


@cache
def whole_country(size: float = 600.0) -> Frame:
    """The frame of all of Myanmar."""
    rings = [ring for some in _rings().values() for ring in some]
    return _around(rings, size=size, margin=0.0)


@cache
def of_region(slug: str, size: float = 300.0) -> Frame | None:
    """The frame of one region; None where there is no outline of it, nor of what it lies in."""
    rings = _rings().get(LIES_INSIDE.get(slug, slug))
    return _around(rings, size=size, margin=8.0) if rings else None


@cache
def path(slug: str, frame: Frame) -> str:
    """The SVG path of a region's outline; empty where there is none."""
    return "".join(_path(ring, frame) for ring in _rings().get(slug, ()))


def mercator(latitude: float) -> float:
    """How far north a latitude is on a Mercator map, in degrees of longitude; the poles are not on it."""
    latitude = max(-MERCATOR_ENDS, min(latitude, MERCATOR_ENDS))
    return math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2)))


def _path(ring: tuple[Position, ...], frame: Frame) -> str:
    corners: list[tuple[int, int]] = []
    for at in ring:
        x, y = frame.place(at)
        corner = round(x), round(y)
        if not corners or corners[-1] != corner:
            corners.append(corner)
    if corners[0] == corners[-1]:
        corners.pop()
    if len(corners) < 3:
        # An island smaller than a dot.
        return ""
    steps = [after - before for pair in pairwise(corners) for before, after in zip(*pair, strict=True)]
    text = "".join(f"{step}" if step < 0 else f" {step}" for step in steps)
    return f"M{corners[0][0]} {corners[0][1]}l{text.lstrip()}z"


def _around(rings: list[tuple[Position, ...]], *, size: float, margin: float) -> Frame:
    longitudes = [at[0] for ring in rings for at in ring]
    latitudes = [at[1] for ring in rings for at in ring]
    return frame_around(
        west=min(longitudes),
        south=min(latitudes),
        east=max(longitudes),
        north=max(latitudes),
        size=size,
        margin=margin,
    )


@cache
def _rings() -> dict[str, list[tuple[Position, ...]]]:
    """The outer borders of every region's pieces; none of them has a hole."""
    found: dict[str, list[tuple[Position, ...]]] = {}
    for feature in json.loads(GEOJSON.read_text())["features"]:
        geometry = feature["geometry"]
        pieces = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        found[feature["properties"]["slug"]] = [
            tuple((longitude, latitude) for longitude, latitude in piece[0]) for piece in pieces
        ]
    return found
