from datetime import date

import pytest

from prices.charts import english_date, kyat_text
from prices.charts.labels import width_of


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


class TestWidth:
    def test_counts_no_signs_that_stand_above_or_below(self):
        assert width_of("ဒီဇင်ဘာ") == width_of("ဒဇင") + width_of("ဘာ")
        assert width_of("15 Dec") < width_of("၁၅ ဒီဇင်ဘာ")
