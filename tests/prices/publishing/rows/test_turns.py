"""Several relays, one after the other and at once."""

from threading import Event, Thread

import pytest
from django.db import connection

from prices.coordination import locks
from prices.models import LedgerRow
from prices.publishing import relay, rows
from prices.store import entries
from tests.factories import make_item, make_shop
from tests.prices.market import Market, forget_names
from tests.prices.publishing.relay.conftest import make_due, row_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestLease:
    def test_keeps_a_row_from_other_relays(self):
        Market().send()

        assert len(rows.claim()) == 1
        assert rows.claim() == []

    def test_of_an_item_keeps_all_its_rows(self):
        market = Market()
        market.send()
        rows.claim()
        market.send(shop=market.far)

        assert rows.claim() == []

    def test_that_ended_lets_another_relay_go_on(self):
        market = Market()
        id = market.send()
        rows.claim()
        make_due()

        relay.run_once()

        assert row_of(id).state == "published"
        assert row_of(id).tries == 1

    def test_that_ended_lets_the_first_to_finish_have_the_last_word(self):
        market = Market()
        id = market.send()
        (slow,) = rows.claim()
        make_due()
        relay.run_once()
        slow.state, slow.reason = "parked", "The store says otherwise."

        rows.mark([slow])

        assert (row_of(id).state, row_of(id).reason) == ("published", "")

    def test_that_ended_while_its_holder_worked_changes_nothing_that_another_did(self):
        """The slow one finds the row done: it must not act on it again, whatever has happened since."""
        market = Market()
        id = market.send()
        relay.run_once()
        market.withdraw(id)
        relay.run_once()
        late = market.moderate(id, "removed", seen="published")
        slow = rows.claim()
        make_due()
        relay.run_once()
        assert row_of(late).state == "parked"
        entries.collection().update_one({"_id": id}, {"$set": {"status": "published"}})

        assert relay.publish(slow) == []

        assert row_of(late).state == "parked"
        assert entries.get(id).status == "published"


@pytest.mark.django_db(transaction=True)
class TestLocks:
    def test_that_a_frozen_process_holds_keep_no_other_item_waiting(self):
        market = Market()
        stuck, good = market.send(), market.send(item=make_item())
        forget_names()
        held, may_end = Event(), Event()

        def hold():
            try:
                with locks.items([market.item.pk]):
                    held.set()
                    may_end.wait(30)
            finally:
                connection.close()

        frozen = Thread(target=hold)
        frozen.start()
        assert held.wait(10)
        try:
            relay.run_once(limit=3)
            assert (row_of(stuck).state, row_of(good).state) == ("accepted", "published")
        finally:
            may_end.set()
            frozen.join()
        make_due()
        relay.run_all()
        assert row_of(stuck).state == "published"


class TestRunAll:
    def test_leaves_nothing_that_is_due_however_little_there_is_to_tell(self, monkeypatch):
        monkeypatch.setattr(rows, "BATCH", 1)
        for _ in range(25):
            make_shop()

        relay.run_all()

        assert not LedgerRow.objects.filter(state="accepted").exists()
