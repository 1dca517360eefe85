from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from potato.text.wording import Wording
from prices.pages.item import history
from prices.pages.shared_parts.measures import Measure
from prices.types import DayStat

TODAY = date(2025, 12, 15)


def days_of(*ago: int) -> list[DayStat]:
    return [DayStat(TODAY - timedelta(days=n), 1, 100, 100, 100, 100) for n in sorted(ago)[::-1]]


class TestSteps:
    def test_are_days_for_a_month_unless_few_days_have_a_price(self):
        assert history.step_of([days_of(*range(30))], period="30d") == "day"
        assert history.step_of([days_of(*range(0, 30, 7))], period="30d") == "week"
        assert history.step_of([days_of(3)], period="30d") == "day"
        assert history.step_of([[]], period="30d") == "day"

    def test_are_weeks_for_a_year_unless_few_weeks_have_a_price(self):
        assert history.step_of([days_of(*range(0, 365, 3))], period="1y") == "week"
        assert history.step_of([days_of(*range(0, 365, 30))], period="1y") == "month"

    def test_are_as_coarse_as_the_thinnest_line_needs(self):
        assert (
            history.step_of([days_of(*range(0, 365, 3)), days_of(*range(0, 365, 30))], period="1y") == "month"
        )
        assert history.step_of([days_of(*range(0, 365, 3)), []], period="1y") == "week"

    def test_are_months_for_longer(self):
        assert {history.step_of([days_of(*range(1000))], period=period) for period in ("5y", "all")} == {
            "month"
        }


class TestShow:
    def show(self, days: list[DayStat], **choice: Any) -> history.History:
        return history.show(
            days,
            **{
                "period": "1y",
                "since": TODAY - timedelta(days=364),
                "measure": Measure("kg", "kg", Decimal(1), "kg", "a kg"),
                "subject": "Rice, Yangon, retail",
                "place": "Yangon",
                "words": Wording("en", datetime(2025, 12, 15, 12, tzinfo=UTC)),
            }
            | choice,
        )

    def test_takes_the_first_month_whole(self):
        """Prices of the fifteenth of each month: the one a year ago is a year and a day back."""
        shown = self.show(
            [DayStat(date(2024 + m // 12, m % 12 + 1, 15), 1, 1, 1, 1, 1) for m in range(8, 24)]
        )

        assert (shown.by, len(shown.stats), shown.stats[0].start) == ("month", 13, date(2024, 12, 1))
        assert shown.chart.gaps == ""

    def test_has_a_row_for_each_period_between_the_first_and_the_last_price(self):
        shown = self.show(days_of(0, 90, 330), period="all", since=None)

        assert [row.middle for row in shown.rows] == ["1", "", "", "1", *[""] * 7, "1"]
        assert shown.sentences.newest == "Dec 2025: middle 1, low 1, high 1, 1 price"
        assert "From K\xa01 (Jan 2025) to K\xa01 (Dec 2025)" in shown.desc
