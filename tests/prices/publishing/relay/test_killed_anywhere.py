"""A relay that dies before each single write."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from pymongo.collection import Collection

from potato.stores import mongo
from prices.derived import refresh
from prices.models import LedgerRow
from prices.publishing import relay
from shops.models import ShopStatistics
from tests.prices import oracle
from tests.prices.market import Market
from tests.prices.publishing.relay.conftest import make_due, roll_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class Killed(BaseException):
    """What kill -9 is to a process: nothing catches it."""


WRITES = ["insert_one", "update_one", "update_many", "bulk_write"]


class TestKilledAnywhere:
    """One batch with every kind of act, and a relay that dies before each single write of it, which is after the
    one before."""

    DERIVED = ("latest_prices", "price_history", "boards", "reports", "price_entries")

    @pytest.fixture
    def market(self, settings, mongo_off_disk):
        settings.SUBMISSIONS_PER_HOUR = 10_000
        return Market()

    def send_all(self, market: Market) -> None:
        """The same acts under the same ids, each time."""
        day = timedelta(days=1)
        ids = [uuid5(UUID(int=7), str(number)) for number in range(9)]
        first = market.send(2400, submission_id=ids[0], seen_at=market.now - day)
        second = market.send(2600, submission_id=ids[1], shop=market.next_door)
        third = market.send(1900, submission_id=ids[2], shop=market.far, seen_at=market.now - 40 * day)
        market.confirm(first)
        market.correct(first, 2450, submission_id=ids[3], seen_at=market.now - 2 * day)
        market.confirm(first, now=market.now + day)
        market.withdraw(second, act_id=ids[4])
        market.report(third, act_id=ids[8])
        market.moderate(third, "removed", seen="published", act_id=ids[5])
        market.moderate(third, "published", seen="published", act_id=ids[6])
        market.send(2500, submission_id=ids[7], shop=market.next_door)

    def clear(self) -> None:
        LedgerRow.objects.all().delete()
        ShopStatistics.objects.all().delete()
        for collection in self.DERIVED:
            mongo.database()[collection].delete_many({})

    def outcome(self) -> dict[str, Any]:
        """All that is stored, but numbers drawn and moments when something was written."""
        found: dict[str, Any] = {
            "ledger": list(
                LedgerRow.objects.exclude(kind="REFERENCE")
                .order_by("seq")
                .values_list("kind", "target", "state", "reason")
            ),
            "statistics": list(
                ShopStatistics.objects.order_by("shop_id").values(
                    "shop_id", "entries", "items", "contributors", "last_seen_at"
                )
            ),
        }
        for collection in self.DERIVED:
            found[collection] = [
                {
                    name: value
                    for name, value in row.items()
                    if name not in ("rev", "seq", "madeAt", "publishedAt")
                }
                if collection != "price_entries"
                else {name: value for name, value in row.items() if name != "publishedAt"}
                for row in mongo.database()[collection].find().sort("_id", 1)
            ]
        return copy.deepcopy(found)

    def count_writes(self, monkeypatch, kill_at: int | None) -> Callable[[], int]:
        """Count every write to a store from now on, and die before one of them."""
        made = 0

        def counting(write: Callable) -> Callable:
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                nonlocal made
                made += 1
                if made == kill_at:
                    raise Killed
                return write(*args, **kwargs)

            return wrapped

        for name in WRITES:
            monkeypatch.setattr(Collection, name, counting(getattr(Collection, name)))
        monkeypatch.setattr(refresh.shops, "set_statistics", counting(refresh.shops.set_statistics))
        monkeypatch.setattr(relay, "mark", counting(relay.mark))
        return lambda: made

    def test_ends_as_if_nothing_had_happened(self, market, monkeypatch):
        with monkeypatch.context() as counted:
            self.send_all(market)
            writes = self.count_writes(counted, None)
            relay.run_once()
            roll_up()
        total, right = writes(), self.outcome()
        assert total > 15
        assert oracle.differences() == []
        assert [state for _, _, state, _ in right["ledger"]].count("parked") == 2

        for number in range(1, total + 1):
            self.clear()
            self.send_all(market)
            with monkeypatch.context() as dying:
                self.count_writes(dying, number)
                with pytest.raises(Killed):
                    relay.run_once()
                    roll_up()
            make_due()
            relay.run_once()
            roll_up()

            assert self.outcome() == right, f"killed at write {number} of {total}"
            assert oracle.differences() == []
