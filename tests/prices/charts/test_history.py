import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potato.text.wording import Wording
from prices.charts import Point, history_chart, points_of
from prices.charts.labels import width_of
from prices.charts.scale import NARROWEST
from prices.pages.item.history import date_label
from prices.rules.rollups import summarise_period
from prices.types import DayStat
from tests.prices.charts.drawn import amounts, month, numbers, percent

DECEMBER = date(2025, 12, 1)

day_points = st.lists(
    st.builds(
        lambda day, prices: Point(date(2024, 1, 1) + timedelta(days=day), *sorted(prices)),
        day=st.integers(0, 700),
        prices=st.lists(amounts, min_size=3, max_size=3),
    ),
    max_size=40,
    unique_by=lambda point: point.day,
)


class TestHistoryChart:
    def test_has_nothing_to_draw_without_prices(self):
        assert history_chart([], by="month") is None
        assert history_chart([month("2025-12", None)], by="month") is None

    def test_draws_one_line_through_months_that_follow_each_other(self):
        chart = history_chart(
            [month("2025-10", 1000), month("2025-11", 1200), month("2025-12", 1100)], by="month"
        )

        assert re.fullmatch(r"M0 [\d.]+ 175 [\d.]+ 350 [\d.]+", chart.line)
        assert (chart.band, chart.gaps, chart.dots) == ("", "", ())

    def test_puts_dearer_prices_higher(self):
        chart = history_chart([month("2025-11", 1000), month("2025-12", 1200)], by="month")

        _, cheap_y, _, dear_y = numbers(chart.line)

        assert 0 <= dear_y < cheap_y <= 100

    def test_breaks_the_line_where_a_month_is_missing_and_marks_the_gap(self):
        points = [month("2025-01", 10), month("2025-02", 11), month("2025-05", 12), month("2025-06", 10)]

        chart = history_chart(points, by="month")

        assert chart.line.count("M") == 2
        assert chart.gaps == "M70 0H280V100H70z"
        assert chart.gap_labels == ("42.5%",)

    def test_takes_a_month_without_a_middle_as_a_gap(self):
        points = [month("2025-01", 10), month("2025-02", None), month("2025-03", 12)]

        assert history_chart(points, by="month") == history_chart([points[0], points[2]], by="month")

    def test_draws_a_lone_month_as_a_dot(self):
        points = [month("2025-01", 10), month("2025-02", 11), month("2025-06", 12), month("2025-12", 13)]

        chart = history_chart(points, by="month")

        assert chart.line.count("M") == 1
        assert len(chart.dots) == 1
        assert chart.dots[0].x == "38.6%"

    def test_marks_the_newest_price_even_when_it_is_alone(self):
        chart = history_chart([month("2025-12", 1800, low=1700, high=1900)], by="month")

        assert (chart.line, chart.dots, chart.peak) == ("", (), None)
        assert (chart.last.x, chart.last.label) == ("42.5%", "1,800")
        assert chart.band.startswith("M175 ")

    def test_draws_the_band_from_low_to_high_and_back(self):
        points = [month("2025-11", 15, low=10, high=20), month("2025-12", 15, low=12, high=18)]

        band = numbers(history_chart(points, by="month").band)

        assert band[0::2] == [0, 350, 350, 0]
        assert band[1] < band[3] < band[5] < band[7]

    def test_shows_silence_before_the_first_price_and_after_the_last(self):
        chart = history_chart([month("2025-06", 10)], by="month", first=date(2025, 1, 1), last=DECEMBER)

        assert chart.gaps.count("M") == 2
        assert chart.gaps.startswith("M0 0H")
        assert "H350V" in chart.gaps

    def test_begins_the_scale_at_zero_when_prices_differ_much(self):
        chart = history_chart([month("2025-11", 100), month("2025-12", 900)], by="month")

        assert chart.from_zero
        assert chart.floor == "0"

    def test_says_where_the_scale_begins_when_not_at_zero(self):
        chart = history_chart([month("2025-11", 1800), month("2025-12", 1900)], by="month")

        assert not chart.from_zero
        assert chart.floor == "1,750"
        assert chart.y_ticks[0].label == "1,750"

    def test_cuts_what_lies_far_above_the_line_and_says_how_far(self):
        points = [month("2025-11", 1000, high=1900), month("2025-12", 1100, high=20_000)]

        chart = history_chart(points, by="month")

        assert chart.above == "20,000"
        assert [tick.label for tick in chart.y_ticks][-1] == "2,500"
        assert min(numbers(chart.band)[1::2]) == 0
        assert history_chart(points[:1], by="month").above == ""

    def test_does_not_make_a_mountain_of_a_small_change(self):
        chart = history_chart([month("2025-11", 1800), month("2025-12", 1801)], by="month")

        _, first_y, _, last_y = numbers(chart.line)

        assert abs(first_y - last_y) < 2

    def test_marks_the_peak_unless_it_is_the_newest_price(self):
        high_inside = [month("2025-01", 1000), month("2025-02", 2000), month("2025-12", 1500)]
        high_at_end = [month("2025-01", 1000), month("2025-12", 1500)]

        assert history_chart(high_inside, by="month").peak.label == "2,000"
        assert history_chart(high_at_end, by="month").peak is None

    def test_marks_no_peak_on_a_flat_line(self):
        assert history_chart([month(f"2025-{m:02d}", 1800) for m in range(1, 13)], by="month").peak is None

    def test_leaves_out_the_label_of_a_tick_under_the_newest_price(self):
        for price in range(1000, 2000, 10):
            chart = history_chart([month("2025-11", 1000), month("2025-12", price, high=2000)], by="month")

            label_y = float(chart.last.label_y)

            # Burmese numerals have tails: two lines of them need more room than two of Latin digits.
            assert all(abs(float(tick.label_y) - label_y) >= 16 for tick in chart.y_ticks if tick.label)

    def test_leaves_it_out_too_where_a_wide_label_reaches_it_from_further_left(self):
        wide = {"amount_label": lambda _pya: "၁၅၀,၀၀၀", "tick_label": lambda _pya: "၁၅၀,၀၀၀"}
        for price in range(110_000, 200_000, 1_000):
            points = [month("2025-01", 110_000, high=200_000), month("2025-10", price)]

            chart = history_chart(points, by="month", last=date(2025, 12, 1), **wide)

            label_y = float(chart.last.label_y)
            assert all(abs(float(tick.label_y) - label_y) >= 16 for tick in chart.y_ticks if tick.label)

    def test_writes_years_under_a_long_history_and_not_too_many(self):
        points = [month(f"{year}-{m:02d}", 1000 + year) for year in range(2008, 2026) for m in range(1, 13)]

        chart = history_chart(points, by="month")

        assert [tick.label for tick in chart.x_ticks] == ["2010", "2015", "2020", "2025"]

    def test_writes_days_under_thirty_days(self):
        points = [Point(date(2025, 11, 17) + timedelta(days=day), 100, 100, 100) for day in range(30)]

        chart = history_chart(points, by="day")

        assert [tick.label for tick in chart.x_ticks] == ["17 Nov", "24 Nov", "1 Dec", "8 Dec", "15 Dec"]

    def test_places_months_under_a_year_of_weeks(self):
        points = [Point(date(2025, 1, 6) + timedelta(weeks=week), 100, 100, 100) for week in range(50)]

        chart = history_chart(points, by="week")

        assert chart.line.count("M") == 1
        assert [tick.label for tick in chart.x_ticks] == ["Mar", "May", "Jul", "Sep", "Nov"]
        assert chart.x_ticks[0].x == "13.4%"  # 54 of 343 days, in 85 % of the width

    def test_writes_mondays_under_a_few_weeks(self):
        points = [Point(date(2025, 12, 1) + timedelta(weeks=week), 100, 100, 100) for week in range(3)]

        chart = history_chart(points, by="week")

        assert [tick.label for tick in chart.x_ticks] == ["1 Dec", "8 Dec", "15 Dec"]

    def test_uses_the_labels_of_the_page(self):
        chart = history_chart(
            [month("2025-12", 1800)],
            by="month",
            amount_label=lambda pya: f"<{pya}>",
            date_label=lambda *_: "လ",
        )

        assert chart.last.label == "<180000>"
        assert [tick.label for tick in chart.x_ticks] == ["လ"]

    def test_refuses_two_points_of_one_period(self):
        with pytest.raises(ValueError, match="same period"):
            history_chart([Point(date(2025, 12, 1), 1, 1, 1), Point(date(2025, 12, 9), 1, 1, 1)], by="month")

    def test_draws_what_the_rollups_give(self):
        days = [DayStat(day=date(2025, m, 15), n=2, min=100, median=150, max=200, sum=300) for m in (10, 12)]

        points = points_of(summarise_period(days, "month"))

        assert points == [Point(date(2025, m, 1), 100, 150, 200) for m in (10, 12)]
        assert history_chart(points, by="month").gaps

    def test_stays_small_for_eighteen_years_of_months(self):
        points = [
            month(f"{year}-{m:02d}", 1000 + year * m % 97, low=900, high=1200)
            for year in range(2008, 2026)
            for m in range(1, 13)
        ]

        chart = history_chart(points, by="month")

        assert len(chart.line) + len(chart.band) < 8_000

    @settings(deadline=None)
    @given(points=day_points, by=st.sampled_from(["day", "week", "month"]))
    def test_keeps_everything_inside_and_loses_no_price(self, points, by):
        if by != "day":
            stats = [
                DayStat(day=p.day, n=1, min=p.low, median=p.middle, max=p.high, sum=p.middle) for p in points
            ]
            points = points_of(summarise_period(stats, by))

        chart = history_chart(points, by=by)

        if not points:
            assert chart is None
            return
        for path in (chart.line, chart.band):
            coordinates = numbers(path)
            assert all(0 <= x <= 350 for x in coordinates[0::2])
            assert all(0 <= y <= 100 for y in coordinates[1::2])
        in_lines = len(numbers(chart.line)) // 2
        newest_alone = max(points, key=lambda point: point.day).middle is not None and len(points) - in_lines
        assert newest_alone in (len(chart.dots), len(chart.dots) + 1)
        for mark in (*chart.dots, chart.last, *([chart.peak] if chart.peak else [])):
            assert 0 <= percent(mark.x) <= 85
            assert 8 <= float(mark.y) <= 210
        assert 1 <= len(chart.y_ticks) <= 8
        assert len({tick.y for tick in chart.y_ticks}) == len(chart.y_ticks)
        assert len(chart.x_ticks) <= 6


class TestLinesBeside:
    def test_are_drawn_by_their_middles_and_marked(self):
        own = [month("2025-01", 1000), month("2025-02", 1100), month("2025-03", 1200)]
        other = [month("2025-01", 2000, high=9000), month("2025-02", 2100), month("2025-03", 2200)]

        chart = history_chart(own, by="month", others=[other])

        (line,) = chart.others
        assert numbers(line.path)[0::2] == [0, 175, 350]
        assert [mark.x for mark in line.marks] == ["0%", "42.5%", "85%"]
        assert float(chart.y_ticks[-1].label.replace(",", "")) < 3000
        assert all(0 <= y <= 100 for y in numbers(line.path)[1::2])

    def test_have_a_mark_where_they_are_alone_and_few_along_the_way(self):
        own = [month(f"20{year:02d}-01", 1000) for year in range(10, 26)]
        long = [month(f"{year}-{m:02d}", 1000) for year in range(2012, 2025) for m in range(1, 13)]

        chart = history_chart(own, by="month", others=[long, [month("2015-06", 900), month("2025-01", 950)]])

        assert len(chart.others[0].marks) in (5, 6)
        assert (chart.others[1].path, len(chart.others[1].marks)) == ("", 2)

    def test_are_drawn_where_the_place_itself_has_no_price(self):
        chart = history_chart([], by="month", others=[[month("2025-01", 10), month("2025-02", 11)]])

        assert (chart.line, chart.band, chart.last, chart.peak) == ("", "", None, None)
        assert len(numbers(chart.others[0].path)) == 4

    def test_say_from_where_to_where_the_rows_of_the_table_lie(self):
        chart = history_chart(
            [month("2025-03", 10), month("2025-05", 10)],
            by="month",
            first=date(2025, 1, 1),
            last=date(2025, 11, 1),
            others=[[month("2025-06", 10)], []],
        )

        assert (chart.oldest_x, chart.newest_x) == ("17.00", "42.50")


class TestLabels:
    @pytest.mark.parametrize("language", ["en", "my"])
    @pytest.mark.parametrize(
        ("by", "days"), [("day", 30), ("week", 364), ("month", 365 * 5), ("month", 365 * 17)]
    )
    def test_lie_on_no_other_on_the_narrowest_phone(self, language, by, days):
        words = Wording(language, datetime(2025, 12, 15, tzinfo=UTC))

        for ago in range(0, 365, 11):
            last = date(2025, 12, 15) - timedelta(days=ago)
            chart = history_chart(
                [Point(last, 1, 1, 1)],
                by=by,
                first=last - timedelta(days=days),
                date_label=lambda day, kind: date_label(day, kind, words),
            )

            places = [percent(tick.x) / 100 * NARROWEST + 4 for tick in chart.x_ticks]
            ends = [place + width_of(tick.label) for place, tick in zip(places, chart.x_ticks, strict=True)]
            assert places
            assert all(end < place for end, place in zip(ends, places[1:], strict=False))
            assert ends[-1] <= NARROWEST + 1

    def test_of_dear_goods_have_room_beside_the_plot(self):
        cheap, dear = (
            history_chart([month("2025-11", kyat), month("2025-12", kyat + 9)], by="month")
            for kyat in (1800, 1_234_500)
        )

        assert cheap.plot_width == "85%"
        assert percent(dear.plot_width) < 80
        assert dear.last.x == dear.plot_width

    def test_are_round_in_the_unit_shown(self):
        chart = history_chart(
            [month("2025-11", 1715), month("2025-12", 1927)], by="month", to_base=Decimal("1.63293")
        )

        assert [tick.label for tick in chart.y_ticks][:3] == ["2,800", "2,900", "3,000"]
