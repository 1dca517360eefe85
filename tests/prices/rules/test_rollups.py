import statistics
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prices.rules.rollups import (
    PeriodStat,
    middle_of_days,
    month_key,
    period_end,
    period_start,
    period_starts,
    roll_up_days,
    split_months,
    summarise_period,
)
from prices.types import DayStat

amounts = st.integers(1, 10**12)
moments = st.datetimes(datetime(2024, 11, 25), datetime(2025, 2, 5), timezones=st.just(UTC))
days = st.dates(date(2008, 1, 1), date(2035, 12, 31))
periods = st.sampled_from(["day", "week", "month"])


def make_day(day: str, *amounts: int) -> DayStat:
    return DayStat(
        day=date.fromisoformat(day),
        n=len(amounts),
        min=min(amounts),
        median=sorted(amounts)[len(amounts) // 2],
        max=max(amounts),
        sum=sum(amounts),
    )


class TestRollUpDays:
    def test_puts_each_price_on_its_day_in_yangon(self):
        before_midnight = datetime(2025, 12, 14, 17, 29, tzinfo=UTC)
        midnight = datetime(2025, 12, 14, 17, 30, tzinfo=UTC)

        rolled = roll_up_days([(midnight, 300), (before_midnight, 100), (midnight, 201)])

        assert rolled == [
            DayStat(day=date(2025, 12, 14), n=1, min=100, median=100, max=100, sum=100),
            DayStat(day=date(2025, 12, 15), n=2, min=201, median=250, max=300, sum=501),
        ]

    def test_has_no_days_without_prices(self):
        assert roll_up_days(iter([])) == []

    def test_refuses_a_naive_time(self):
        with pytest.raises(ValueError, match="time zone"):
            roll_up_days([(datetime(2025, 12, 15), 100)])

    @settings(deadline=None)
    @given(st.lists(st.tuples(moments, amounts), max_size=60), st.randoms())
    def test_equals_a_plain_count_of_each_day_in_any_order(self, entries, random):
        by_day = {}
        for seen_at, amount in entries:
            yangon = seen_at + timedelta(hours=6, minutes=30)
            by_day.setdefault(yangon.date(), []).append(amount)

        rolled = roll_up_days(random.sample(entries, len(entries)))

        assert [stat.day for stat in rolled] == sorted(by_day)
        for stat in rolled:
            values = by_day[stat.day]
            assert (stat.n, stat.min, stat.max, stat.sum) == (
                len(values),
                min(values),
                max(values),
                sum(values),
            )
            assert stat.median == round(statistics.median([Fraction(value) for value in values]))


class TestMonths:
    def test_have_keys_that_sort_by_time(self):
        assert month_key(date(2025, 3, 31)) == "2025-03"

    def test_hold_their_days_the_earliest_first(self):
        january, february = make_day("2025-01-31", 5), [make_day("2025-02-01", 6), make_day("2025-02-28", 7)]

        assert split_months([february[1], january, february[0]]) == {
            "2025-01": (january,),
            "2025-02": tuple(february),
        }

    @settings(deadline=None)
    @given(st.lists(st.tuples(moments, amounts), max_size=40))
    def test_lose_no_day(self, entries):
        rolled = roll_up_days(entries)

        assert [day for days in split_months(rolled).values() for day in days] == rolled


class TestSummarisePeriod:
    def test_keeps_a_day_as_it_is(self):
        assert summarise_period([make_day("2025-12-15", 100, 200, 400)], "day") == [
            PeriodStat(
                start=date(2025, 12, 15),
                end=date(2025, 12, 15),
                n=3,
                low=100,
                middle_of_days=200,
                high=400,
                sum=700,
            )
        ]

    def test_runs_weeks_from_monday_to_sunday(self):
        weeks = summarise_period([make_day("2025-12-14", 100), make_day("2025-12-15", 300)], "week")

        assert [(week.start, week.end) for week in weeks] == [
            (date(2025, 12, 8), date(2025, 12, 14)),
            (date(2025, 12, 15), date(2025, 12, 21)),
        ]

    def test_puts_the_days_of_a_month_together_and_leaves_empty_months_out(self):
        stats = [
            make_day("2025-01-01", 100, 100, 100),
            make_day("2025-01-31", 500),
            make_day("2025-03-01", 7),
        ]

        january, march = summarise_period(stats, "month")

        assert january == PeriodStat(
            start=date(2025, 1, 1),
            end=date(2025, 1, 31),
            n=4,
            low=100,
            middle_of_days=100,
            high=500,
            sum=800,
        )
        assert march.start == date(2025, 3, 1)

    @settings(deadline=None)
    @given(st.lists(st.tuples(moments, amounts), max_size=60), periods)
    def test_keeps_counts_sums_and_extremes_exact(self, entries, by):
        rolled = summarise_period(roll_up_days(entries), by)

        assert sum(stat.n for stat in rolled) == len(entries)
        assert sum(stat.sum for stat in rolled) == sum(amount for _, amount in entries)
        for stat in rolled:
            assert stat.start <= stat.end
            assert stat.low <= stat.middle_of_days <= stat.high
        if entries:
            assert min(stat.low for stat in rolled) == min(amount for _, amount in entries)
            assert max(stat.high for stat in rolled) == max(amount for _, amount in entries)


class TestMiddleOfDays:
    def test_weighs_each_day_by_its_prices(self):
        assert middle_of_days([make_day("2025-01-01", 100, 100, 100), make_day("2025-01-02", 900)]) == 100

    def test_is_half_even_between_two_middles(self):
        assert middle_of_days([make_day("2025-01-01", 100), make_day("2025-01-02", 201)]) == 150

    def test_refuses_no_days(self):
        with pytest.raises(ValueError, match="no days"):
            middle_of_days([])

    @settings(deadline=None)
    @given(st.lists(st.tuples(moments, amounts), min_size=1, max_size=60))
    def test_is_the_median_of_day_medians_repeated_by_their_counts(self, entries):
        rolled = roll_up_days(entries)
        repeated = [Fraction(stat.median) for stat in rolled for _ in range(stat.n)]

        assert middle_of_days(rolled) == round(statistics.median(repeated))

    @settings(deadline=None)
    @given(st.lists(st.tuples(moments, amounts), min_size=1, max_size=60))
    def test_lies_with_the_true_median_between_the_medians_of_days(self, entries):
        rolled = roll_up_days(entries)
        medians = [stat.median for stat in rolled]
        true = round(statistics.median([Fraction(amount) for _, amount in entries]))

        assert min(medians) <= middle_of_days(rolled) <= max(medians)
        assert min(medians) <= true <= max(medians)


class TestPeriods:
    def test_end_a_month_on_its_last_day(self):
        assert period_end(date(2024, 2, 10), by="month") == date(2024, 2, 29)
        assert period_end(date(2025, 12, 31), by="month") == date(2025, 12, 31)

    def test_list_every_week_from_the_one_with_the_first_day(self):
        assert list(period_starts(date(2025, 12, 3), date(2025, 12, 15), by="week")) == [
            date(2025, 12, 1),
            date(2025, 12, 8),
            date(2025, 12, 15),
        ]

    @settings(deadline=None)
    @given(day=days, by=periods)
    def test_hold_their_days_and_follow_each_other(self, day, by):
        start, end = period_start(day, by=by), period_end(day, by=by)

        assert start <= day <= end
        assert period_start(end, by=by) == start
        assert period_start(end + timedelta(days=1), by=by) == end + timedelta(days=1)
