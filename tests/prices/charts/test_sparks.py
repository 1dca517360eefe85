from hypothesis import given, settings
from hypothesis import strategies as st

from prices.charts import sparkline
from tests.prices.charts.drawn import amounts, numbers


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
