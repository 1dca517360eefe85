from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from prices.rules.price_moves import FOUR_WEEKS, MONTH, WEEK, YEAR, Timeline, Week, changes, up_to
from prices.types import DayStat

TODAY = date(2025, 12, 15)


def make_days(*days: tuple[int, int] | tuple[int, int, int]) -> list[DayStat]:
    """Days of (how many days ago, median, number of prices: one unless told), the earliest first."""
    return [
        DayStat(TODAY - timedelta(days=back), n, median, median, median, n * median)
        for back, median, n in sorted(((*day, 1)[:3] for day in days), reverse=True)
    ]


class TestWeek:
    def test_is_the_weighted_middle_of_seven_days(self):
        timeline = Timeline(make_days((0, 100), (3, 300, 3), (6, 500), (7, 900, 9)))

        assert timeline.week(timeline.newest) == Week(TODAY, 5, 300)

    def test_of_a_place_that_is_seen_once_a_month_is_that_day(self):
        timeline = Timeline(make_days((0, 100, 4), (30, 300, 3)))

        assert timeline.week(timeline.newest) == Week(TODAY, 4, 100)


class TestBefore:
    def gap(self, span, *backs: int) -> int | None:
        days = make_days((0, 1), *((back, 1) for back in backs))
        timeline = Timeline(days)
        found = timeline.before(timeline.newest, span)
        return None if found is None else (TODAY - days[found].day).days

    def test_is_as_near_to_the_span_as_there_are_prices(self):
        assert self.gap(WEEK, *range(1, 20)) == 7
        assert self.gap(MONTH, *range(1, 60)) == 30
        assert self.gap(MONTH, 28, 35) == 28
        assert self.gap(MONTH, 29, 31) == 29
        assert self.gap(FOUR_WEEKS, 31, 59) == 31
        assert self.gap(YEAR, 360, 366, 390) == 366

    def test_is_never_nearer_or_further_than_the_span_allows(self):
        assert self.gap(WEEK, 1, 6, 14) is None
        assert self.gap(FOUR_WEEKS, 27, 46) is None
        assert self.gap(FOUR_WEEKS, 45) == 45

    @given(st.sets(st.integers(1, 420)), st.sampled_from([WEEK, FOUR_WEEKS, MONTH, YEAR]))
    def test_is_the_nearest_of_all_days(self, backs, span):
        within = [back for back in backs if span.least <= back <= span.most]

        expected = min(within, key=lambda back: (abs(back - span.days), back), default=None)

        assert self.gap(span, *backs) == expected


class TestWeekly:
    @given(st.sets(st.integers(0, 300), min_size=1))
    def test_steps_back_by_at_least_a_week_each_time_and_by_no_more_than_it_must(self, backs):
        days = make_days(*((back, 1) for back in backs))
        steps = [(TODAY - days[at].day).days for at in Timeline(days).weekly()]

        assert steps[0] == min(backs)
        for earlier, later in zip(steps[1:], steps, strict=False):
            assert earlier == min(back for back in backs if back >= later + 7)
        assert not [back for back in backs if back >= steps[-1] + 7]


class TestUpTo:
    def test_leaves_out_days_to_come_and_sorts_the_others(self):
        days = make_days((0, 1), (5, 2), (-1, 3))

        assert [day.median for day in up_to(reversed(days), TODAY)] == [2, 1]


class TestChanges:
    def test_compare_the_newest_day_with_those_so_many_days_before_it(self):
        days = make_days((2, 110), (9, 100), (32, 80), (367, 55))

        assert changes(days) == {"7": 10.0, "30": 37.5, "365": 100.0}

    def test_take_the_nearest_day_where_there_is_none_but_no_month_for_a_week(self):
        assert changes(make_days((0, 110), (13, 100), (28, 80))) == {
            "7": 10.0,
            "30": 37.5,
            "365": None,
        }
        assert changes(make_days((0, 110), (14, 100), (46, 80))) == {
            "7": None,
            "30": None,
            "365": None,
        }
        assert changes(make_days((0, 110), (31, 100), (395, 55))) == {
            "7": None,
            "30": 10.0,
            "365": 100.0,
        }

    def test_of_a_single_day_are_none(self):
        assert changes(make_days((0, 110))) == {"7": None, "30": None, "365": None}
        assert changes([]) == {"7": None, "30": None, "365": None}

    def test_of_prices_that_stay_are_zero(self):
        assert changes(make_days((0, 100), (7, 100)))["7"] == 0.0
