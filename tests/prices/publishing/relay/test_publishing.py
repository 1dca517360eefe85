"""What the relay makes of a price and of every act on it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from potato import clock
from prices.coordination.ids import uuid7
from prices.publishing import relay, rows
from prices.store import entries, reports
from shops.models import ShopStatistics
from tests.factories import make_entry, make_user
from tests.prices import oracle
from tests.prices.market import Market
from tests.prices.publishing.relay.conftest import cheapest, roll_up, row_of, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestPublish:
    def test_takes_a_price_to_its_boards(self):
        market = Market()
        id = market.send(2400)

        told = relay.run_once()

        entry = entries.get(id)
        assert (entry.status, entry.amount, entry.shop_id, entry.dirty, entry.rev) == (
            "published",
            240_000,
            market.near.pk,
            True,
            0,
        )
        assert entry.submitter.name == market.author.public_name
        assert (row_of(id).state, row_of(id).lease_until) == ("published", None)
        assert row_of(id).published_at
        assert [(one.item_id, one.shop_id) for one in told] == [(market.item.pk, market.near.pk)]
        assert cheapest(market) == [2400]

    def test_publishes_nothing_twice(self):
        market = Market()
        market.send()

        assert relay.run_once()
        assert relay.run_once() == []

    def test_keeps_the_order_of_one_price(self):
        market = Market()
        first = market.send(2400)
        second = market.correct(first, 2500)
        third = market.correct(second, 2600)
        market.confirm(third, now=market.now + timedelta(milliseconds=2))

        relay.run_once()

        assert states() == ["published"] * 4
        assert [entries.get(id).status for id in (first, second, third)] == [
            "withdrawn",
            "withdrawn",
            "published",
        ]
        assert entries.get(third).confirmations == 1
        assert cheapest(market) == [2600]

    def test_puts_prices_outside_the_items_range_into_quarantine(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        dear, fair = market.send(24_000), market.send(2400, shop=market.far)

        relay.run_once()

        assert entries.get(dear).status == "quarantined"
        assert entries.get(dear).judgement.reason.startswith("above_range")
        assert entries.get(fair).judgement.verdict == "fine"
        assert cheapest(market) == [2400]

    def test_lets_a_price_for_more_than_a_lorry_carries_wait(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        slip = market.send(2400 * 12_000, quantity=Decimal(12_000))
        lorry = market.send(2400 * 10_000, quantity=Decimal(10_000), shop=market.far)

        relay.run_once()

        assert entries.get(slip).status == "pending"
        assert entries.get(slip).judgement.reason.startswith("unusual_lot: 12,000")
        assert entries.get(lorry).status == "published"
        assert cheapest(market) == [2400]

    def test_makes_all_that_a_price_touches_right(self):
        market = Market()
        day = timedelta(days=1)
        first = market.send(2400)
        market.send(2600, shop=market.next_door, seen_at=market.now - 2 * day)
        market.send(9000, shop=market.far, type="WHOLESALE", seen_at=market.now - 60 * day)
        market.send(2100, seen_at=market.now - day)
        corrected = market.correct(first, 2700, seen_at=market.now - 3 * day)
        market.confirm(corrected)
        gone = market.send(1, shop=market.far)
        market.withdraw(gone)

        relay.run_once()
        roll_up()

        assert states() == ["published"] * 8
        assert oracle.differences() == []

    def test_moves_a_shops_price_back_when_its_newest_is_withdrawn(self):
        market = Market()
        market.send(2000, seen_at=market.now - timedelta(days=3))
        newest = market.send(3000)
        relay.run_once()
        assert cheapest(market) == [3000]

        market.withdraw(newest)
        relay.run_once()

        assert cheapest(market) == [2000]

    def test_shows_a_price_from_a_machine_whose_clock_is_ahead(self):
        market = Market()
        market.send(2400, now=market.now - timedelta(minutes=1))
        market.send(2500, now=clock.now() + timedelta(seconds=30))

        relay.run_once()

        assert cheapest(market) == [2500]
        assert ShopStatistics.objects.get(pk=market.near.pk).entries == 2

    def test_does_not_let_a_back_dated_price_win(self):
        market = Market()
        market.send(3000)
        relay.run_once()

        market.send(2000, seen_at=market.now - timedelta(days=3))
        relay.run_once()

        assert cheapest(market) == [3000]

    def test_goes_on_after_a_batch(self, monkeypatch):
        monkeypatch.setattr(rows, "BATCH", 3)
        market = Market()
        for number in range(8):
            market.send(2000 + number, seen_at=market.now - timedelta(minutes=number))

        relay.run_once()

        assert states() == ["published"] * 8
        assert cheapest(market) == [2000]


class TestConfirm:
    def test_lets_an_older_price_win_again(self):
        market = Market()
        old = market.send(2000, seen_at=market.now - timedelta(days=3))
        market.send(3000, seen_at=market.now - timedelta(hours=1))
        relay.run_once()
        assert cheapest(market) == [3000]

        market.confirm(old)
        relay.run_once()

        assert cheapest(market) == [2000]

    def test_of_a_corrected_price_is_parked(self):
        market = Market()
        old = market.send(2400)
        market.correct(old, 2500)
        late = market.confirm(old)

        relay.run_once()

        assert row_of(late).state == "parked"
        assert "no longer published" in row_of(late).reason
        assert entries.get(old).confirmations == 0
        assert cheapest(market) == [2500]

    def test_before_the_correction_stays_with_the_old_price(self):
        market = Market()
        old = market.send(2400)
        market.confirm(old)
        new = market.correct(old, 2500)

        relay.run_once()

        assert states() == ["published"] * 3
        assert (entries.get(old).confirmations, entries.get(old).status) == (1, "withdrawn")
        assert entries.get(new).confirmations == 0


class TestCorrect:
    def test_of_a_price_that_is_gone_is_parked_and_stores_nothing(self):
        market = Market()
        old = market.send(2400)
        market.withdraw(old)
        late = market.correct(old, 2500)

        relay.run_once()

        assert row_of(late).state == "parked"
        assert entries.get(late) is None
        assert cheapest(market) == []

    def test_under_an_id_that_another_price_has_leaves_the_old_one(self):
        """The id is the browser's to choose: another price's must not cost the contributor his own."""
        market = Market()
        old = market.send(2400)
        taken = make_entry(id=str(uuid7()), body_hash="imported", item_id=market.item.pk, shop=market.far)
        entries.add(taken)
        late = market.correct(old, 2500, submission_id=UUID(taken.id))

        relay.run_once()

        assert row_of(late).state == "parked"
        assert entries.get(taken.id) == taken
        assert entries.get(old).status == "published"
        assert 2400 in cheapest(market)

    def test_is_judged_anew(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        old = market.send(24_000)
        new = market.correct(old, 2400)

        relay.run_once()

        assert (entries.get(old).status, entries.get(new).status) == ("withdrawn", "published")
        assert cheapest(market) == [2400]


class TestModerate:
    def test_takes_a_price_out_and_closes_its_reports(self):
        market = Market()
        id = market.send()
        market.report(id)
        relay.run_once()
        assert [id_ for _since, id_ in reports.reported(limit=9)] == [id]

        market.moderate(id, "removed", seen="published")
        relay.run_once()

        assert entries.get(id).status == "removed"
        assert [report.outcome for report in reports.of_entry(id)] == ["removed"]
        assert cheapest(market) == []

    def test_has_nothing_to_do_with_reports_of_a_price_that_its_author_took_back(self):
        market = Market()
        withdrawn, corrected = market.send(), market.send(2500)
        for id in (withdrawn, corrected):
            market.report(id)
        market.withdraw(withdrawn)
        market.correct(corrected)
        # On its way at the same moment.
        market.report(withdrawn, by=make_user())
        relay.run_all()

        assert reports.reported(limit=9) == []
        assert {report.outcome for report in reports.of_entry(withdrawn)} == {"withdrawn"}
        assert len(reports.of_entry(withdrawn)) == 2

    def test_of_what_changed_meanwhile_is_parked(self):
        market = Market()
        id = market.send()
        market.withdraw(id)
        late = market.moderate(id, "removed", seen="published")

        relay.run_once()

        assert (row_of(late).state, row_of(late).reason) == ("parked", "changed meanwhile")
        assert entries.get(id).status == "withdrawn"

    def test_lets_a_price_out_of_quarantine(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        id = market.send(24_000)
        relay.run_once()

        market.moderate(id, "published", seen="quarantined")
        relay.run_once()

        assert cheapest(market) == [24_000]
