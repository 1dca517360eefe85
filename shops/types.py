"""What others hand to the places: frozen, typed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Market:
    """A market as an import knows it. ``key`` is its name for ever in that source, whatever staff call it
    here.

    :param longitude: degrees, with ``latitude``; None for both where nobody knows.
    :param kind: one of ``Shop.Kind``.
    """

    key: str
    name: str
    region_id: int
    township_id: int | None = None
    longitude: float | None = None
    latitude: float | None = None
    name_my: str = ""
    kind: str = "MARKET"


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """What is known of a shop's prices.

    :param rev: the number drawn before the figures were computed; older figures never replace newer ones.
    """

    shop_id: int
    entries: int
    items: int
    contributors: int
    last_seen_at: datetime | None
    rev: int


@dataclass(frozen=True, slots=True)
class ShopNear:
    """A shop and how far it is from somebody."""

    shop_id: int
    region_id: int
    metres: float
