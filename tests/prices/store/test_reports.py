from datetime import UTC, datetime, timedelta

from prices.store import reports
from prices.types import Report

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_report(**fields) -> Report:
    return Report(
        **{"id": "r1", "entry_id": "e1", "item_id": 1, "by": 7, "reason": "wrong", "text": "", "at": NOON}
        | fields
    )


class TestReports:
    def test_are_stored_once(self):
        reports.add(make_report())
        reports.close("e1", outcome="removed")

        reports.add(make_report())

        assert reports.of_entry("e1") == [make_report(outcome="removed")]

    def test_wait_the_newest_first_until_somebody_deals_with_their_price(self):
        reports.add(make_report(id="r1"))
        reports.add(make_report(id="r2", at=NOON + timedelta(hours=1)))
        reports.add(make_report(id="r3", entry_id="e2"))

        reports.close("e2", outcome="published")

        assert [report.id for report in reports.open()] == ["r2", "r1"]
