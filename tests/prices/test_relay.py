import copy
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.db import connection
from pymongo.collection import Collection

from potato import clock
from potato.errors import Unavailable
from potato.stores import mongo
from prices import installation, locks, names, refresh, relay, tasks
from prices.ids import uuid7
from prices.models import Installation, LedgerRow
from prices.store import entries, latest, reference, reports
from shops.models import ShopStatistics
from tests.factories import make_entry, make_item, make_shop
from tests.prices import oracle
from tests.prices.market import Market, forget_names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def make_due() -> None:
    """Time passes: pauses and leases are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prices_ledgerrow SET next_try_at = clock_timestamp() - interval '1 hour',"
            " lease_until = lease_until - interval '1 hour'"
        )


def states() -> list[str]:
    return list(LedgerRow.objects.exclude(kind="REFERENCE").order_by("seq").values_list("state", flat=True))


def row_of(id: str) -> LedgerRow:
    return LedgerRow.objects.get(pk=id)


def cheapest(market: Market, shop: Any = None) -> list[int]:
    """The newest prices of the market's item, in kyat, in one shop or all."""
    return sorted(
        price.amount // 100
        for price in latest.of_item(market.item.pk)
        if shop is None or price.shop_id == shop.pk
    )


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
        monkeypatch.setattr(relay, "BATCH", 3)
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
        assert [report.entry_id for report in reports.open()] == [id]

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
        market.report(withdrawn)
        relay.run_all()

        assert reports.open() == []
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


class TestPark:
    def test_of_another_body_under_a_stored_id(self):
        market = Market()
        id = uuid7()
        entries.add(make_entry(id=str(id), body_hash="imported", item_id=market.item.pk))
        market.send(submission_id=id)
        other = market.send(2500, shop=market.far)

        relay.run_once()

        assert row_of(str(id)).state == "parked"
        assert row_of(other).state == "published"
        assert entries.get(str(id)).body_hash == "imported"

    def test_of_an_act_on_a_price_that_never_was(self):
        market = Market()
        late = market.withdraw(str(uuid7()))

        relay.run_once()

        assert row_of(late).state == "parked"

    def test_of_demo_rows_after_the_demo(self):
        market = Market()
        installation.begin_demo()
        late = market.send()
        Installation.objects.update(mode="real")

        relay.run_once()

        assert (row_of(late).state, row_of(late).reason) == ("parked", "The demo has ended.")
        assert entries.get(late) is None

    def test_of_real_rows_once_a_demo_has_begun(self):
        market = Market()
        early = market.send()
        installation.begin_demo()

        relay.run_once()

        assert row_of(early).state == "parked"
        assert entries.get(early) is None


class TestPoison:
    """A row that nobody foresaw."""

    @pytest.fixture
    def market(self, monkeypatch):
        market = Market()
        entry_of = relay.entry_of

        def fails(row, *args, **kwargs):
            if row.payload.get("note") == "poison":
                raise ZeroDivisionError("nobody foresaw this")
            return entry_of(row, *args, **kwargs)

        monkeypatch.setattr(relay, "entry_of", fails)
        return market

    def test_does_not_stop_the_others(self, market):
        poison, good = market.send(note="poison"), market.send(shop=market.far)

        relay.run_once()

        assert (row_of(poison).state, row_of(good).state) == ("accepted", "published")
        assert "ZeroDivisionError" in row_of(poison).reason
        assert row_of(poison).next_try_at > row_of(poison).accepted_at

    def test_is_parked_after_many_tries(self, market):
        poison = market.send(note="poison")

        for _ in range(relay.MOST_TRIES):
            assert row_of(poison).state == "accepted"
            make_due()
            relay.run_once()

        assert row_of(poison).state == "parked"

    def test_makes_later_acts_on_it_wait(self, market):
        poison = market.send(note="poison")
        correction = market.correct(poison, 2500)
        withdrawal = market.withdraw(correction)

        relay.run_once()

        assert states() == ["accepted"] * 3, [row_of(id).reason for id in (poison, correction, withdrawal)]

    def test_makes_an_act_that_comes_later_wait(self, market):
        poison = market.send(note="poison")
        relay.run_once()
        correction = market.correct(poison, 2500)
        withdrawal = market.withdraw(correction)

        relay.run_once()

        assert states() == ["accepted"] * 3, [row_of(id).reason for id in (poison, correction, withdrawal)]

    def test_with_acts_that_wait_for_it_does_not_stop_other_items(self, market):
        """The item's only due row waits for one that is not due: the next item's turn has come."""
        poison = market.send(note="poison")
        relay.run_once()
        market.correct(poison, 2500)
        other = market.send(item=make_item())
        forget_names()

        relay.run_once()

        assert row_of(other).state == "published"

    def test_lets_its_followers_go_on_once_it_is_parked(self, market):
        poison = market.send(note="poison")
        LedgerRow.objects.filter(pk=poison).update(tries=relay.MOST_TRIES - 1)
        withdrawal = market.withdraw(poison)

        relay.run_once()

        assert row_of(poison).state == "parked"
        assert row_of(withdrawal).state == "parked"

    def test_in_what_an_item_touches_does_not_stop_other_items(self, market, monkeypatch):
        stuck, good = market.send(), market.send(item=make_item())
        forget_names()
        written = refresh.refresh

        def fails(touched, **options):
            if any(one.item_id == market.item.pk for one in touched):
                raise ZeroDivisionError("nobody foresaw this")
            written(touched, **options)

        monkeypatch.setattr(refresh, "refresh", fails)
        relay.run_once()

        assert (row_of(stuck).state, row_of(good).state) == ("accepted", "published")
        monkeypatch.undo()
        make_due()
        relay.run_once()
        assert row_of(stuck).state == "published"


class TestStoreAway:
    @pytest.fixture
    def away(self, monkeypatch):
        def add(entry):
            raise Unavailable("mongo")

        monkeypatch.setattr(entries, "add", add)
        return monkeypatch

    def test_puts_rows_back(self, away):
        market = Market()
        id = market.send()

        with pytest.raises(Unavailable):
            relay.run_once()

        row = row_of(id)
        assert (row.state, row.lease_until, row.reason) == ("accepted", None, "a store is away")
        away.undo()
        make_due()
        relay.run_once()
        assert row_of(id).state == "published"

    def test_for_long_costs_a_row_none_of_its_tries(self, away):
        market = Market()
        id = market.send()
        for _ in range(2 * relay.MOST_TRIES):
            make_due()
            with pytest.raises(Unavailable):
                relay.run_once()

        away.undo()
        away.setattr(relay, "entry_of", lambda *args, **kwargs: 1 / 0)
        make_due()
        relay.run_once()

        assert row_of(id).state == "accepted"

    def test_is_asked_again_soon(self, away):
        """When MongoDB is back after a long time, what waits must not wait much longer."""
        market = Market()
        id = market.send()
        for _ in range(20):
            make_due()
            with pytest.raises(Unavailable):
                relay.run_once()

        with connection.cursor() as cursor:
            cursor.execute("SELECT next_try_at - clock_timestamp() FROM prices_ledgerrow WHERE id = %s", [id])
            assert cursor.fetchone()[0] < timedelta(seconds=2)


class TestLease:
    def test_keeps_a_row_from_other_relays(self):
        Market().send()

        assert len(relay.claim()) == 1
        assert relay.claim() == []

    def test_of_an_item_keeps_all_its_rows(self):
        market = Market()
        market.send()
        relay.claim()
        market.send(shop=market.far)

        assert relay.claim() == []

    def test_that_ended_lets_another_relay_go_on(self):
        market = Market()
        id = market.send()
        relay.claim()
        make_due()

        relay.run_once()

        assert row_of(id).state == "published"
        assert row_of(id).tries == 2

    def test_that_ended_lets_the_first_to_finish_have_the_last_word(self):
        market = Market()
        id = market.send()
        (slow,) = relay.claim()
        make_due()
        relay.run_once()
        slow.state, slow.reason = "parked", "The store says otherwise."

        relay._mark([slow])

        assert (row_of(id).state, row_of(id).reason) == ("published", "")

    def test_that_ended_while_its_holder_worked_changes_nothing_that_another_did(self):
        """The slow one finds the row done: it must not act on it again, whatever has happened since."""
        market = Market()
        id = market.send()
        relay.run_once()
        market.withdraw(id)
        relay.run_once()
        late = market.moderate(id, "removed", seen="published")
        slow = relay.claim()
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
        monkeypatch.setattr(relay, "BATCH", 1)
        for _ in range(25):
            make_shop()

        relay.run_all()

        assert not LedgerRow.objects.filter(state="accepted").exists()


class TestNames:
    def test_of_a_shop_are_published(self):
        shop = make_shop(shop_name="Daw Mya's")

        relay.run_once()

        assert reference.get("shop", shop.pk).name_en == "Daw Mya's"
        assert names.get("shop", shop.pk).facts["region"] == shop.region_id
        assert set(LedgerRow.objects.values_list("state", flat=True)) == {"published"}

    def test_follow_a_change(self):
        shop = make_shop()
        relay.run_once()
        assert names.get("shop", shop.pk)

        shop.shop_name = "Renamed"
        shop.save()
        relay.run_once()
        names.refresh()

        assert names.get("shop", shop.pk).name_en == "Renamed"

    def test_of_what_was_deleted_are_forgotten(self):
        shop = make_shop()
        relay.run_once()
        assert names.get("shop", shop.pk)
        id = shop.pk

        shop.delete()
        relay.run_once()
        names.refresh()

        assert reference.get("shop", id) is None
        assert names.get("shop", id) is None

    def test_that_nobody_foresaw_do_not_stop_the_others(self):
        shop = make_shop()
        LedgerRow.objects.create(
            id=uuid7(), kind="REFERENCE", target="dragon:1", body_hash="", received_at=clock.now()
        )

        relay.run_once()

        assert reference.get("shop", shop.pk)
        assert LedgerRow.objects.get(target="dragon:1").state == "accepted"
        assert LedgerRow.objects.filter(target=f"shop:{shop.pk}", state="published").exists()


def roll_up() -> None:
    tasks.roll_up_dirty_days()
    refresh.renew_places()


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
                {name: value for name, value in row.items() if name not in ("rev", "madeAt", "publishedAt")}
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
        monkeypatch.setattr(refresh.shops, "set_many_statistics", counting(refresh.shops.set_many_statistics))
        monkeypatch.setattr(relay, "_mark", counting(relay._mark))
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
