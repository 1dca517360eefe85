from datetime import date, timedelta
from decimal import Decimal

import pytest

from prices.rules import comparisons
from prices.rules.comparisons import Lowest
from prices.types import DayStat

TODAY = date(2025, 12, 15)


def day(back: int, median: int = 200_000) -> DayStat:
    return DayStat(day=TODAY - timedelta(days=back), n=1, min=median, median=median, max=median, sum=median)


def weeks(*medians: int) -> list[DayStat]:
    """A price a week, the last one today."""
    return [
        day(7 * back, median) for back, median in zip(range(len(medians) - 1, -1, -1), medians, strict=True)
    ]


class TestLowestIfGood:
    @pytest.mark.parametrize(
        ("amount", "is_good"),
        [(190_000, True), (200_000, True), (210_000, True), (210_001, False), (None, False)],
    )
    def test_is_within_five_percent_of_the_lowest(self, amount, is_good):
        days = weeks(230_000, 220_000, 200_000, 240_000, 250_000, 230_000)

        found = comparisons.lowest_if_good(amount, days, today=TODAY)

        assert found == (Lowest(200_000, since=TODAY - timedelta(days=35)) if is_good else None)

    @pytest.mark.parametrize(
        ("days", "is_enough"),
        [
            ([], False),
            ([day(back) for back in range(33, -1, -1)], False),
            ([day(back) for back in range(35, -1, -1)], True),
            ([day(back) for back in (28, 21, 14, 7, 0)], False),
            ([day(back) for back in (35, 28, 21, 14, 7)], True),
            # Old enough, but of few weeks: a low among two or three prices says little.
            ([day(back) for back in (300, 35, 3, 2, 1, 0)], False),
            # Prices once a month, as surveys bring them.
            ([day(back) for back in (122, 91, 61, 30, 0)], True),
        ],
    )
    def test_needs_five_weeks_of_history(self, days, is_enough):
        assert (comparisons.lowest_if_good(200_000, days, today=TODAY) is not None) is is_enough

    def test_looks_back_a_year(self):
        days = [day(365, 100_000), day(364, 190_000), *weeks(230_000, 220_000, 200_000, 240_000, 250_000)]

        assert comparisons.lowest_if_good(190_000, days, today=TODAY) == Lowest(
            190_000, since=TODAY - timedelta(days=364)
        )
        assert comparisons.lowest_if_good(200_000, days, today=TODAY) is None


class TestChangedSince:
    DAYS = (day(100, 100_000), day(60, 160_000), day(20, 150_000), day(2, 200_000))

    @pytest.mark.parametrize(
        ("back", "before", "percent"),
        [(100, 100, "100.0"), (70, 100, "100.0"), (60, 60, "25.0"), (25, 60, "25.0"), (20, 20, "33.3"), (3, 20, "33.3")],
    )  # fmt: skip
    def test_compares_with_the_newest_day_at_or_before(self, back, before, percent):
        found = comparisons.changed_since(self.DAYS, TODAY - timedelta(days=back))

        assert found is not None
        assert (found.before.day, found.newest) == (TODAY - timedelta(days=before), self.DAYS[-1])
        assert found.percent == Decimal(percent)

    def test_finds_nothing_further_back_than_35_days(self):
        days = [day(100, 100_000), day(2, 200_000)]

        assert comparisons.changed_since(days, TODAY - timedelta(days=65)) is not None
        assert comparisons.changed_since(days, TODAY - timedelta(days=64)) is None

    def test_finds_nothing_before_the_first_day_or_after_the_last(self):
        for back in (101, 2, 1, 0):
            assert comparisons.changed_since(self.DAYS, TODAY - timedelta(days=back)) is None
        assert comparisons.changed_since([], TODAY) is None
