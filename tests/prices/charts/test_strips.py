from hypothesis import given, settings
from hypothesis import strategies as st

from prices.charts import strip
from tests.prices.charts.drawn import amounts, percent


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
