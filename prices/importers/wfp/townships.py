"""In which township a market of the World Food Programme's lies. Pure: points and names in, a township out."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from prices.rules.distance import distance_km


class TownshipPoint(NamedTuple):
    """A township by its P-code and English name, with a point (degrees) where one is known."""

    pcode: str
    name: str
    latitude: float | None
    longitude: float | None


def match_township(
    *, market: str, position: tuple[float, float] | None, townships: Iterable[TownshipPoint]
) -> TownshipPoint | None:
    """Which of a region's townships a market lies in, as well as points can tell.

    The one whose point is nearest to the market's (latitude, longitude); where the market has no
    position, the one of its name ("Budalin Myoma" is Budalin); else none.
    """
    candidates = list(townships)
    if position is not None:
        located = [
            (distance_km(position, (place.latitude, place.longitude)), place.pcode, place)
            for place in candidates
            if place.latitude is not None and place.longitude is not None
        ]
        if located:
            return min(located)[2]
    wanted = _place_name(market)
    return next((place for place in candidates if wanted and wanted in _names_of(place.name)), None)


def _names_of(township: str) -> set[str]:
    """A township's name as it is, and what stands before and in its brackets: "Pangsang (Panghkam)"."""
    before, _, inside = township.partition("(")
    return {_place_name(township), _place_name(before), _place_name(inside)} - {""}


def _place_name(name: str) -> str:
    """A name as far as it tells places apart: letters only, without the words for "town market"."""
    words = re.sub(r"[^a-z ]", " ", name.lower().replace("myo ma", "myoma")).split()
    return "".join(word for word in words if word not in {"market", "myoma", "main", "municipal"})
