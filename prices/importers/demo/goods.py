"""What things cost in the demo, in which units, and how prices move. Pure: the same day is the same price."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from prices.types import RETAIL, WHOLESALE, PriceType

SEED = "potato"
EPOCH = date(2000, 1, 3)  # a Monday; the walks begin here
# The levels below are of about this day; before it things were cheaper.
LEVELS_OF = date(2025, 7, 1)
INFLATION_A_YEAR = 0.08


class Goods(NamedTuple):
    """What an item costs (retail, kyat per its main base unit) and how lively its price is.

    :param often: how often it is bought and sold beside other items.
    :param jumps: the usual change from week to week, as a share.
    :param season: how much dearer it is at the worst time of the year, as a share.
    :param dear_month: when that is.
    """

    kyat: int
    often: float
    jumps: float = 0.02
    season: float = 0.0
    dear_month: int = 1
    sold: tuple[PriceType, ...] = (RETAIL, WHOLESALE)


GOODS: Mapping[str, Goods] = {
    "rice-low-quality": Goods(2400, 9, 0.015, 0.06, 10),
    "rice-high-quality": Goods(3600, 6, 0.015, 0.06, 10),
    "rice-emata": Goods(2600, 6, 0.015, 0.06, 10),
    "rice-shwebo-paw-san": Goods(4300, 5, 0.015, 0.06, 10),
    "rice-paw-san": Goods(4000, 4, 0.015, 0.06, 10),
    "paddy": Goods(1150, 2, 0.02, 0.08, 10, sold=(WHOLESALE,)),
    "maize": Goods(1300, 1, 0.02, 0.08, 8),
    "potatoes": Goods(2200, 5, 0.03, 0.2, 11),
    "oil-palm": Goods(6500, 8, 0.02),
    "oil-groundnut": Goods(11500, 5, 0.02),
    "oil-sesame": Goods(12500, 2, 0.02),
    "onions": Goods(2500, 9, 0.05, 0.35, 12),
    "garlic": Goods(7000, 6, 0.03, 0.2, 1),
    "tomatoes": Goods(2800, 8, 0.07, 0.4, 8),
    "ginger": Goods(3400, 3, 0.04, 0.2, 9),
    "chili-long-dried": Goods(14000, 4, 0.03, 0.15, 11),
    "cabbage": Goods(1200, 4, 0.06, 0.3, 7),
    "cauliflower": Goods(2000, 3, 0.06, 0.35, 7),
    "carrot": Goods(2500, 3, 0.05, 0.25, 8),
    "eggplant": Goods(1800, 3, 0.05, 0.25, 1),
    "yard-long-bean": Goods(600, 3, 0.05, 0.2, 1, sold=(RETAIL,)),
    "water-spinach": Goods(300, 4, 0.04, 0.2, 3, sold=(RETAIL,)),
    "radish": Goods(450, 2, 0.05, 0.25, 7, sold=(RETAIL,)),
    "pumpkin": Goods(1200, 2, 0.03, 0.15, 5),
    "banana": Goods(200, 3, 0.03, 0.1, 7, sold=(RETAIL,)),
    "watermelon": Goods(4500, 1, 0.05, 0.3, 9, sold=(RETAIL,)),
    "pulses": Goods(4200, 3, 0.02),
    "chickpeas": Goods(5200, 3, 0.02),
    "lentil": Goods(5000, 2, 0.02),
    "green-gram-mung-bean": Goods(4500, 2, 0.02),
    "black-gram": Goods(3600, 2, 0.03),
    "pigeon-pea": Goods(3900, 2, 0.03),
    "groundnut-kernel-red": Goods(6500, 2, 0.02),
    "sesame-white": Goods(7000, 1, 0.03),
    "meat-chicken": Goods(10500, 5, 0.03, 0.06, 4),
    "meat-pork": Goods(13500, 5, 0.02, 0.05, 4),
    "meat-beef": Goods(17000, 2, 0.015),
    "eggs-local": Goods(380, 7, 0.03, 0.06, 6),
    "duck-eggs": Goods(420, 3, 0.03, 0.06, 6),
    "fish-mrigal-carp": Goods(6500, 4, 0.03, 0.1, 5),
    "fish-tilapia": Goods(6000, 3, 0.03, 0.1, 5),
    "salt": Goods(900, 4, 0.01, 0.1, 9),
    "sugar-white": Goods(4000, 3, 0.015),
    "jaggery-palm-sugar": Goods(3600, 2, 0.02, 0.1, 10),
    "fuel-diesel": Goods(3000, 4, 0.02, sold=(RETAIL,)),
}

# Unit, quantity and how often people use it, for the items that may be sold so; the first that fit are taken.
Ways = Sequence[tuple[str, str, float]]
RETAIL_WAYS: Mapping[str, Ways] = {
    "rice": (("pyi", "1", 5), ("viss", "1", 3), ("kg", "1", 1.5), ("bag", "1", 1)),
    "fuel": (("l", "1", 7), ("impgal", "1", 3)),
    "kg": (("viss", "1", 7), ("half-viss", "1", 1), ("tical", "25", 1), ("kg", "1", 1.5)),
    "l": (("l", "1", 7), ("viss", "1", 3)),
    "pc": (("bundle", "1", 4), ("pc", "1", 5), ("ten", "1", 4)),
}
WHOLESALE_WAYS: Mapping[str, Ways] = {
    "rice": (("bag", "1", 7), ("basket", "1", 3)),
    "paddy": (("basket", "100", 7), ("basket", "1", 3)),
    "kg": (("basket", "1", 4), ("viss", "10", 5), ("viss", "50", 3), ("ton", "1", 1)),
    "l": (("viss", "10", 6), ("l", "20", 4)),
    "pc": (("ten", "10", 5), ("pc", "100", 5)),
}
CHEAPER_IN_BULK = 0.88

# Far from where things grow or land, most of them cost more.
FAR = {"chin": 0.18, "kachin": 0.12, "rakhine": 0.1, "kayah": 0.07, "tanintharyi": 0.08, "shan": 0.03}
FAR |= {"yangon": 0.04, "ayeyarwady": -0.05, "bago": -0.04, "magway": -0.02, "sagaing": -0.03}

# Now and then a road is cut, or a harvest comes all at once: in one region a price jumps from one day to the next, by
# this share, and takes weeks to come back. Of goods and regions that have many prices, so that it can be told.
_JUMPS = (
    ("oil-palm", "yangon", 0.5),
    ("onions", "shan", 0.6),
    ("eggs-local", "yangon", 0.5),
    ("rice-low-quality", "shan", -0.32),
    ("potatoes", "yangon", 0.6),
    ("garlic", "shan", 0.55),
    ("tomatoes", "yangon", -0.42),
    ("oil-palm", "shan", 0.5),
    ("rice-emata", "yangon", 0.45),
    ("rice-low-quality", "mandalay", 0.45),
    ("garlic", "yangon", 0.55),
    ("eggs-local", "shan", 0.5),
    ("fuel-diesel", "yangon", 0.45),
    ("tomatoes", "mandalay", 0.65),
    ("onions", "yangon", 0.65),
    ("rice-high-quality", "shan", 0.45),
    ("meat-chicken", "yangon", 0.45),
    ("tomatoes", "shan", 0.65),
    ("rice-low-quality", "yangon", -0.32),
    ("meat-pork", "shan", 0.45),
    ("chili-long-dried", "yangon", 0.5),
    ("onions", "mandalay", 0.6),
    ("rice-shwebo-paw-san", "yangon", 0.45),
    ("rice-emata", "shan", 0.45),
    ("meat-pork", "yangon", 0.45),
    ("rice-low-quality", "sagaing", 0.45),
    ("rice-high-quality", "yangon", 0.45),
    ("rice-shwebo-paw-san", "shan", 0.45),
    ("fish-tilapia", "yangon", 0.5),
    ("oil-palm", "sagaing", 0.5),
)
JUMPS = {(slug, region): (turn, share) for turn, (slug, region, share) in enumerate(_JUMPS)}
JUMP_DAYS = 2
"""How often the next of them does: at any time some did so about a week ago."""
JUMP_LASTS, JUMP_FADES = 9, 10.0
"""Days in full, and then days in which it shrinks to a third."""


class Levels:
    """The logarithm of what an item costs in a region on a day, retail, per its main base unit."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}
        self._known: dict[tuple[str, str, date], float] = {}

    def of(self, slug: str, region: str, day: date) -> float:
        key = (slug, region, day)
        if key not in self._known:
            self._known[key] = self._level(slug, region, day)
        return self._known[key]

    def _level(self, slug: str, region: str, day: date) -> float:
        goods = GOODS[slug]
        years = (day - LEVELS_OF).days / 365.25
        month = day.month - 1 + day.day / 31
        season = math.log1p(goods.season) * math.cos((month - goods.dear_month + 0.5) / 12 * math.tau)
        country = self._walk(slug, goods.jumps).at(day)
        here = self._walk(f"{slug}/{region}", goods.jumps * 0.7).at(day)
        middle = math.log(goods.kyat) + INFLATION_A_YEAR * years + season + FAR.get(region, 0.0)
        return middle + country + here + jump(slug, region, day)

    def _walk(self, name: str, jumps: float) -> "Walk":
        if name not in self._walks:
            self._walks[name] = Walk(name, jumps)
        return self._walks[name]


def jump(slug: str, region: str, day: date) -> float:
    """How much of its latest jump a price still has on a day, as a logarithm; nought where there was none."""
    if (slug, region) not in JUMPS:
        return 0.0
    number, share = JUMPS[slug, region]
    turn, rest = divmod((day - EPOCH).days, JUMP_DAYS)
    days = (turn - number) % len(JUMPS) * JUMP_DAYS + rest
    return math.log1p(share) * math.exp(-max(0, days - JUMP_LASTS) / JUMP_FADES)


class Walk:
    """A random walk from week to week that is drawn back to nought, so that it never leaves what is believable."""

    PULL = 0.96

    def __init__(self, name: str, jumps: float) -> None:
        self._random = Random(f"{SEED}/walk/{name}").random
        # Evenly spread steps of this half width jump by ``jumps`` on average (root mean square).
        self._width = jumps * math.sqrt(3)
        self._weeks = [0.0]

    def at(self, day: date) -> float:
        week, rest = divmod((day - EPOCH).days, 7)
        week = max(week, 0)
        if len(self._weeks) < week + 2:
            self._walk_on(week + 2)
        before, after = self._weeks[week : week + 2]
        return before + (after - before) * rest / 7

    def _walk_on(self, until: int) -> None:
        weeks, random, width, last = self._weeks, self._random, self._width, self._weeks[-1]
        for _ in range(len(weeks), until):
            last = self.PULL * last + (2 * random() - 1) * width
            weeks.append(last)
