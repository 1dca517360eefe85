"""What the demo's prices do, by rules alone."""

import csv
import math
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from prices.importers.demo.goods import FAR, GOODS, JUMPS, Levels
from prices.rules import market_alarm
from prices.rules.price_moves import WEEK

RANGES = Path(__file__).resolve().parents[4] / "catalog/reference/ranges.csv"
FIRST = date(2026, 1, 1)


class TestJumps:
    @pytest.mark.parametrize("day", [FIRST + timedelta(days=back) for back in range(0, 64, 3)])
    def test_make_some_price_move_abnormally_whenever_one_looks(self, day: date):
        levels, week = Levels(), timedelta(days=WEEK.days)

        moves = [levels.of(slug, region, day) - levels.of(slug, region, day - week) for slug, region in JUMPS]

        abnormal = [move for move in moves if abs(move) > 4 * market_alarm.LEAST_SCALE]
        assert 1 <= len(abnormal) <= 6

    def test_are_of_goods_that_there_are_and_all_of_different_ones(self):
        assert {slug for slug, _region in JUMPS} <= GOODS.keys()
        assert sorted(turn for turn, _share in JUMPS.values()) == list(range(len(JUMPS)))

    def test_are_gone_when_the_next_one_comes(self):
        slug, region = next(iter(JUMPS))
        levels = [Levels().of(slug, region, FIRST + timedelta(days=back)) for back in range(200)]

        jumps = [back for back, (before, after) in enumerate(pairwise(levels)) if after - before > 0.2]

        assert len(jumps) == 3
        assert {later - earlier for earlier, later in pairwise(jumps)} == {60}


class TestLevels:
    def test_stay_within_what_an_item_may_cost(self):
        levels, known = Levels(), defaultdict(dict)
        with RANGES.open() as file:
            for row in csv.DictReader(file):
                known[row["item"]][row["base"]] = float(row["low_kyat"]), float(row["high_kyat"])

        for slug in GOODS:
            # The widest of its base units: which one a level is of is the catalogue's to say.
            low, high = (
                min(low for low, _ in known[slug].values()),
                max(high for _, high in known[slug].values()),
            )
            for region in (*FAR, "mandalay"):
                for weeks in range(0, 160, 2):
                    kyat = math.exp(levels.of(slug, region, FIRST - timedelta(weeks=weeks)))
                    assert low * 1.2 < kyat < high / 1.2, (slug, region, weeks)
