import re
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from prices.charts import (
    Point,
    english_date,
    history_chart,
    kyat_text,
    nice_step,
    points_of,
    sparkline,
    strip,
)
from prices.rollups import DayStat, summarise_period

DECEMBER = date(2025, 12, 1)

amounts = st.integers(1, 10**11)
day_points = st.lists(
    st.builds(
        lambda day, prices: Point(date(2024, 1, 1) + timedelta(days=day), *sorted(prices)),
        day=st.integers(0, 700),
        prices=st.lists(amounts, min_size=3, max_size=3),
    ),
    max_size=40,
    unique_by=lambda point: point.day,
)


def month(text: str, middle: int | None, *, low=None, high=None) -> Point:
    """A month's point; prices in kyat."""
    low, high = low if low is not None else middle, high if high is not None else middle
    pya = [None if price is None else price * 100 for price in (low, middle, high)]
    return Point(date.fromisoformat(f"{text}-01"), *pya)


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])


class TestLabels:
    @pytest.mark.parametrize(
        ("pya", "text"), [(184_000, "1,840"), (240, "2.4"), (500, "5"), (123_456_789, "1,234,568")]
    )
    def test_write_kyat(self, pya, text):
        assert kyat_text(pya) == text

    @pytest.mark.parametrize(
        ("day", "kind", "text"),
        [
            (date(2025, 12, 15), "day", "15 Dec"),
            (date(2025, 12, 1), "month", "Dec"),
            (date(2025, 1, 1), "month", "2025"),
            (date(2025, 1, 1), "year", "2025"),
        ],
    )
    def test_write_dates(self, day, kind, text):
        assert english_date(day, kind) == text


class TestNiceStep:
    @pytest.mark.parametrize(
        ("span", "step"), [(5, 1), (6, 2), (11, 5), (26, 10), (141_000, 50_000), (501, 200)]
    )
    def test_is_round_and_fits_five_times_at_most(self, span, step):
        assert nice_step(span, least=1) == step

    def test_is_never_finer_than_asked(self):
        assert nice_step(1, least=100) == 100


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

            assert all(abs(float(tick.label_y) - label_y) >= 13 for tick in chart.y_ticks if tick.label)

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


class TestSparkline:
    def test_runs_over_24_months_and_marks_the_newest(self):
        spark = sparkline(list(range(1, 25)))

        assert spark.path.startswith("M0 24 4 ")
        assert (spark.x, spark.y) == ("92", "4")

    def test_leaves_gaps_and_draws_a_lone_month_as_a_dot(self):
        spark = sparkline([1, 2, None, 3, None])

        assert spark.path.count("M") == 2
        assert spark.path.endswith("h.1")
        assert spark.x == "69"

    def test_draws_one_price_at_the_end_and_equal_prices_in_the_middle(self):
        assert sparkline([500]).path == "M92 14h.1"
        assert sparkline([5, 5]).path == "M0 14 92 14"

    def test_has_nothing_to_draw_without_prices(self):
        assert sparkline([]) is None
        assert sparkline([None, None]) is None

    @settings(deadline=None)
    @given(st.lists(st.none() | amounts, min_size=1, max_size=40))
    def test_stays_inside(self, points):
        spark = sparkline(points)

        if spark is not None:
            coordinates = numbers(spark.path.replace("h.1", ""))
            assert len(coordinates) == 2 * sum(point is not None for point in points)
            assert all(0 <= x <= 92 for x in coordinates[0::2])
            assert all(4 <= y <= 24 for y in coordinates[1::2])
            assert [float(spark.x), float(spark.y)] == coordinates[-2:]


class TestStrip:
    def test_is_drawn_as_in_the_design(self):
        drawn = strip([171_500, 175_400, 192_700, 192_700], 184_000)

        assert [(ring.x, ring.y) for ring in drawn.rings] == [
            ("4%", "34"),
            ("20.9%", "34"),
            ("96%", "34"),
            ("96%", "23"),
        ]
        assert (drawn.height, drawn.middle_x, drawn.middle_label_x) == (62, "58.2%", "58.2%")
        assert (drawn.low_label, drawn.middle_label, drawn.high_label) == ("1,715", "1,840", "1,927")

    def test_grows_when_many_prices_are_equal(self):
        drawn = strip([100_000] * 4 + [200_000], 100_000)

        assert [ring.y for ring in drawn.rings] == ["56", "45", "34", "23", "56"]
        assert (drawn.axis_y, drawn.height) == (56, 84)

    def test_stays_low_with_a_thousand_shops(self):
        drawn = strip([100_000 + shop for shop in range(1000)], 100_500)

        assert drawn.height <= 34 + 3 * 11 + 28
        assert {float(ring.y) for ring in drawn.rings} <= {67.0, 56.0, 45.0, 34.0, 23.0}

    def test_writes_a_single_price_once_in_the_middle(self):
        drawn = strip([180_000], 180_000)

        assert (drawn.low_label, drawn.middle_label, drawn.high_label) == ("", "1,800", "")
        assert (drawn.middle_x, drawn.middle_label_x) == ("50%", "50%")

    def test_writes_the_middle_only_where_it_lies_on_no_other_label(self):
        near_low = strip([100_000, 101_000, 200_000], 101_000)
        at_low = strip([100_000, 100_000, 200_000], 100_000)

        assert (near_low.middle_x, near_low.middle, near_low.middle_label) == ("4.9%", "1,010", "")
        assert (at_low.middle_x, at_low.middle_label) == ("4%", "")

    def test_works_without_a_middle(self):
        drawn = strip([100_000, 200_000], None)

        assert (drawn.middle_x, drawn.middle, drawn.middle_label) == ("", "", "")

    def test_has_nothing_to_draw_without_prices(self):
        assert strip([], None) is None

    @settings(deadline=None)
    @given(st.lists(amounts, min_size=1, max_size=60))
    def test_places_cheap_to_dear_from_left_to_right(self, prices):
        drawn = strip(prices, sorted(prices)[len(prices) // 2])

        across = [percent(ring.x) for ring in drawn.rings]
        assert across == sorted(across)
        assert all(4 <= x <= 96 for x in across)
        assert all(0 < float(ring.y) <= drawn.axis_y for ring in drawn.rings)
        assert len({(ring.x, ring.y) for ring in drawn.rings}) == len(drawn.rings)


class TestTemplates:
    """The drawings, rendered: what people typed is escaped, what is missing is left out."""

    def render(self, name: str, **context: object) -> str:
        return render_to_string(f"components/{name}.html", context)

    def test_draw_a_chart_with_its_title_and_description_escaped(self):
        chart = history_chart([month("2025-10", 1800, high=1900), month("2025-12", 1850)], by="month")

        html = self.render("chart", chart=chart, id="history", title="Rice <b>", desc='From "K 1,800" & on')

        assert '<title id="history-title">Rice &lt;b&gt;</title>' in html
        assert "&quot;K 1,800&quot; &amp; on" in html
        assert 'aria-labelledby="history-title history-desc"' in html
        assert chart.gaps in html
        assert "scale from K" in html
        assert "style=" not in html

    def test_do_not_speak_of_the_scale_when_it_begins_at_zero(self):
        chart = history_chart([month("2025-11", 100), month("2025-12", 900)], by="month")

        html = self.render("chart", chart=chart, id="history", title="Rice", desc="")

        assert "scale" not in html

    def test_draw_a_strip_that_says_its_prices_aloud(self):
        html = self.render("strip", strip=strip([171_500, 192_700], 184_000))

        assert "<title>Shops from K 1,715 to K 1,927, middle K 1,840</title>" in html
        assert html.count("<circle") == 2

    def test_draw_a_spark_that_readers_aloud_skip(self):
        html = self.render("spark", spark=sparkline([1, 2]))

        assert 'aria-hidden="true"' in html
        assert 'd="M0 24 92 4"' in html

    @pytest.mark.parametrize("name", ["chart", "strip", "spark"])
    def test_draw_nothing_when_there_is_nothing(self, name):
        assert self.render(name, **{name: None}).strip() == ""
