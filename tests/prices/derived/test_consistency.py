from datetime import timedelta

import pytest

from potato import clock
from prices import tasks
from prices.derived import consistency
from prices.publishing import relay
from prices.store import entries, history, latest
from tests.prices import oracle
from tests.prices.market import Market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def market() -> Market:
    market = Market()
    for back in (0, 1, 2):
        market.send(2000 + back, seen_at=market.now - timedelta(days=back))
    relay.run_once()
    tasks.roll_up_dirty_days()
    tasks.renew()
    return market


def wrong(**options) -> int:
    return consistency.recent_days_wrong(since=clock.today() - timedelta(days=3), **options)


class TestRecentDaysWrong:
    def test_finds_nothing_where_all_is_right(self, market):
        assert wrong() == 0
        assert tasks.rebuild_recent_days() == 0

    def test_finds_a_month_that_says_something_else(self, market):
        history.collection().update_one({"region_id": 0}, {"$inc": {"days.n.0": 1}})

        assert wrong() == 1
        assert wrong() == 1

    def test_puts_it_right_when_told(self, market):
        history.collection().update_one({"region_id": 0}, {"$inc": {"days.median.0": 1}})
        assert oracle.differences() != []

        assert tasks.rebuild_recent_days() == 1

        assert wrong() == 0
        assert oracle.differences() == []

    def test_says_nothing_of_days_that_wait_for_their_rollup(self, market, caplog):
        market.send(3000, seen_at=market.now - timedelta(days=1))
        relay.run_once()
        assert entries.dirty(limit=1)

        assert wrong() == 0
        assert tasks.rebuild_recent_days() == 0
        assert caplog.messages == []

    def test_finds_what_is_wrong_beside_a_day_that_waits_for_its_rollup(self, market, caplog):
        market.send(3000)
        relay.run_once()
        history.collection().update_one({"region_id": 0}, {"$inc": {"days.n.0": 1}})

        assert tasks.rebuild_recent_days() == 1

        assert "1 months of history were wrong" in caplog.text
        tasks.roll_up_dirty_days()
        tasks.renew()
        assert oracle.differences() == []

    def test_finds_a_month_that_is_missing(self, market):
        history.remove_all()

        assert wrong(fix=True) >= 2
        assert wrong() == 0
        assert oracle.differences() == []

    def test_finds_days_of_which_no_price_is_left(self, market):
        """A shop's last price was taken out, and the rollup of its day was lost."""
        for price in latest.of_item(market.item.pk):
            latest.put_many({price.key: None}, rev=10**9)
        entries.collection().update_many({}, {"$set": {"status": "removed", "dirty": False}})

        assert wrong(fix=True) >= 2
        assert wrong() == 0
        assert all(month.days == () for month in history.months_of(item_id=market.item.pk, region_id=0))
