"""Two writers of the same derived data, the older one held up until the newer one is done."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from potato import clock
from prices import tasks
from prices.coordination import locks
from prices.derived import board_copies, refresh
from prices.models import BoardCopy
from prices.publishing import relay
from prices.store import boards, entries, history, latest
from shops.models import ShopStatistics
from tests.factories import make_item, make_shop
from tests.prices import oracle
from tests.prices.market import Market, forget_names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

DAY = timedelta(days=1)


def publish() -> None:
    relay.run_once(limit=100)


def publish_and_follow() -> None:
    """Everything that happens after something was sent."""
    publish()
    tasks.roll_up_dirty_days()
    refresh.renew_places()


@pytest.fixture
def market() -> Market:
    """A market in which two items have had prices for a while."""
    market = Market()
    market.other = make_item()
    forget_names()
    for back in (1, 2, 33, 64):
        seen = market.now - back * DAY
        market.send(2000 + back, seen_at=seen)
        market.send(2100 + back, seen_at=seen, shop=market.next_door)
        market.send(900 + back, seen_at=seen, item=market.other)
        market.send(950 + back, seen_at=seen, item=market.other, shop=market.far, type="WHOLESALE")
    market.last = market.send(2050, seen_at=market.now - DAY / 2)
    publish_and_follow()
    assert oracle.differences() == []
    return market


def much_happens(market: Market) -> None:
    """Prices of both items in the same shops and days are sent, corrected, confirmed, withdrawn, and followed up."""
    market.send(2300, seen_at=market.now - DAY)
    market.send(870, item=market.other, seen_at=market.now - DAY)
    market.send(870, item=market.other, shop=market.next_door)
    market.send(870, item=market.other, shop=market.far)
    market.correct(market.last, 2222, seen_at=market.now - 2 * DAY)
    market.withdraw(market.send(1, seen_at=market.now - 2 * DAY, shop=market.next_door))
    publish_and_follow()


class Held:
    """Lets much happen just before the ``nth`` call of a function: its caller has read, and has not written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, market: Market) -> None:
        self._patch, self._market = monkeypatch, market
        self.happened = False

    def before(self, module: Any, name: str, *, nth: int = 1) -> None:
        write, calls = getattr(module, name), 0

        def held(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == nth:
                self.happened = True
                much_happens(self._market)
            return write(*args, **kwargs)

        self._patch.setattr(module, name, held)


@pytest.fixture
def held(market, monkeypatch) -> Held:
    return Held(monkeypatch, market)


WRITES = {
    "latest": (latest, "put_many"),
    "boards": (boards, "put_many"),
    "statistics": (refresh.shops, "set_statistics"),
    "days": (history, "put_over"),
    "all days": (history, "replace_item"),
    "clean": (entries, "clean"),
}


class TestAnOlderComputationIsNotWrittenLast:
    def check(self, held: Held, work: Callable[[], object]) -> None:
        work()

        assert held.happened
        assert oracle.differences() == []

    @pytest.mark.parametrize("write", ["latest", "boards", "statistics"])
    def test_by_a_relay(self, market, held, write):
        market.send(2600)
        held.before(*WRITES[write])

        self.check(held, publish_and_follow)

    @pytest.mark.parametrize("write", ["latest", "boards", "statistics"])
    def test_by_a_refresh_whose_lock_was_lost(self, market, held, write):
        touched = refresh.Touched(market.item.pk, market.near.pk, market.near.region_id, "RETAIL", "kg")
        held.before(*WRITES[write])

        self.check(held, lambda: refresh.refresh([touched]))

    @pytest.mark.parametrize("write", ["days", "boards", "clean"])
    def test_by_the_rollup(self, market, held, write):
        market.send(2600, seen_at=market.now - DAY)
        market.send(2700, seen_at=market.now - 2 * DAY)
        publish()
        held.before(*WRITES[write])

        self.check(held, lambda: (tasks.roll_up_dirty_days(), refresh.renew_places()))

    @pytest.mark.parametrize("write", ["latest", "all days", "boards", "clean"])
    def test_by_a_rebuild(self, market, held, write):
        market.send(2600, seen_at=market.now - DAY)
        publish()
        held.before(*WRITES[write])

        self.check(held, tasks.rebuild_all)

    @pytest.mark.parametrize("write", ["boards", "statistics"])
    def test_by_the_rebuild_of_shops(self, market, held, write):
        held.before(*WRITES[write])

        self.check(held, lambda: refresh.rebuild_shops([market.near.pk, market.far.pk, market.next_door.pk]))

    # Two regions with their movers, home.
    @pytest.mark.parametrize("nth", [1, 2, 3])
    def test_by_the_renewal_of_regions_and_home(self, market, held, nth):
        held.before(*WRITES["boards"], nth=nth)

        self.check(held, lambda: refresh.renew_places(all_of_them=True))

    def test_by_the_renewal_of_a_new_day(self, market, held):
        held.before(*WRITES["boards"])

        self.check(held, lambda: refresh.renew_nation([market.item.pk, market.other.pk]))

    def test_by_the_nightly_rebuild_of_the_last_days(self, market, held):
        history.collection().update_many({}, {"$set": {"days.median": [], "days.n": [], "days.day": []}})
        history.collection().update_many({}, {"$set": {"days.min": [], "days.max": [], "days.sum": []}})
        held.before(*WRITES["days"])

        tasks.rebuild_recent_days()
        assert held.happened
        tasks.rebuild_all()
        assert oracle.differences() == []

    def test_as_a_copy_in_postgresql(self, market, held, monkeypatch):
        board_copies.copy_changed()
        market.send(2600)
        publish_and_follow()
        get_many, calls = boards.get_many, 0

        def read(keys):
            nonlocal calls
            found = get_many(keys)
            calls += 1
            if calls == 1:
                much_happens(market)
                board_copies.copy_changed()
            return found

        monkeypatch.setattr(boards, "get_many", read)
        board_copies.copy_changed()

        stored = boards.revs()
        assert dict(BoardCopy.objects.values_list("key", "rev")) == stored
        for copy in BoardCopy.objects.all():
            assert copy.data == get_many([copy.key])[copy.key].data


class TestRefresh:
    def test_gives_up_when_others_are_always_faster(self, market, monkeypatch):
        monkeypatch.setattr(latest, "put_many", lambda found, *, rev: False)
        market.send(2600)

        publish()

        assert not entries.newest(
            item_id=market.item.pk, shop_id=market.near.pk, type="RETAIL", base="l", until=clock.now()
        )
        waiting = relay.LedgerRow.objects.get(state="accepted")
        assert waiting.reason == "others were faster"

    def test_writes_nothing_of_a_shop_that_is_gone(self, market):
        shop = make_shop()
        market.send(3000, shop=shop)
        id = shop.pk
        shop.delete()
        forget_names()

        publish()

        assert not ShopStatistics.objects.filter(pk=id).exists()
        assert [row["shop"] for row in boards.get_many([f"shop:{id}"])[f"shop:{id}"].data["rows"]] == [id]

    def test_leaves_no_figures_where_nothing_is_left(self, market):
        shop = make_shop()
        forget_names()
        only = market.send(3000, shop=shop)
        publish_and_follow()

        market.withdraw(only)
        publish_and_follow()

        assert boards.get_many([f"shop:{shop.pk}"])[f"shop:{shop.pk}"].data["rows"] == []
        assert ShopStatistics.objects.get(pk=shop.pk).entries == 0
        assert oracle.differences() == []


class TestRollUp:
    def test_computes_the_day_that_a_correction_left_and_the_one_it_went_to(self, market):
        entry = market.send(2600, seen_at=market.now - 5 * DAY)
        publish_and_follow()

        market.correct(entry, 2650, seen_at=market.now - 35 * DAY)
        publish_and_follow()

        assert oracle.differences() == []

    def test_goes_on_with_other_items_when_one_is_contended(self, market, monkeypatch):
        market.send(2600)
        market.send(900, item=market.other)
        publish()
        roll_up = refresh.roll_up

        def contended(dirty):
            if dirty[0].item_id == market.item.pk:
                raise refresh.Contended
            roll_up(dirty)

        monkeypatch.setattr(refresh, "roll_up", contended)
        tasks.roll_up_dirty_days()

        assert {entry.item_id for entry in entries.dirty(limit=10)} == {market.item.pk}

    def test_takes_on_more_than_one_batch(self, market, monkeypatch):
        monkeypatch.setattr(tasks, "BATCH", 5)
        for number in range(17):
            market.send(2000 + number, seen_at=market.now - number * DAY)
        publish()

        assert tasks.roll_up_dirty_days() == 17

        assert entries.dirty(limit=10) == []


class TestRebuild:
    def test_makes_everything_from_raw_entries_alone(self, market):
        for module in (latest, history, boards):
            module.remove_all()
        ShopStatistics.objects.all().delete()

        tasks.rebuild_all()

        assert oracle.differences() == []
        assert entries.dirty(limit=10) == []

    def test_takes_away_what_no_entry_stands_for(self, market):
        entries.collection().delete_many({"shopId": market.next_door.pk})
        entries.collection().delete_many({"type": "WHOLESALE"})

        tasks.rebuild_all()
        refresh.rebuild_shops([market.next_door.pk, market.far.pk])

        assert oracle.differences() == []


class TestRenewPlaces:
    def test_does_nothing_while_nothing_changed(self, market):
        assert refresh.renew_places() == 0

    def test_makes_only_the_regions_that_changed(self, market):
        before = boards.revs()
        market.send(3000, shop=market.far)
        publish_and_follow()

        changed = {key for key, rev in boards.revs().items() if rev != before.get(key)}
        assert f"region:{market.far.region_id}" in changed
        assert f"region:{market.near.region_id}" not in changed
        assert f"movers:{market.far.region_id}" in changed
        assert "home" in changed


class TestANewDay:
    def test_moves_every_window(self, market, settings):
        settings.POTATO_AS_OF = clock.today() + timedelta(days=35)

        assert tasks.renew() > 0

        assert oracle.differences(now=clock.now()) == []
        nation = boards.get_many([f"item:{market.item.pk}:nation"])[f"item:{market.item.pk}:nation"]
        assert nation.data["day"] == clock.today().isoformat()
        assert nation.data["series"]["RETAIL:kg"]["nation"]["shops"] == 0
        assert tasks.renew() == 0

    def test_of_the_past_shows_what_was_known_then(self, market, settings):
        settings.POTATO_AS_OF = clock.today() - timedelta(days=30)

        tasks.renew()

        found = oracle.differences(now=clock.now())
        # A month of history is what it is; readers' windows end today.
        assert found == []
        assert {price.amount for price in latest.of_item(market.item.pk)} == {203_300, 213_300}

    def test_that_begins_while_boards_are_made_makes_them_again(self, market, monkeypatch):
        today = clock.today()
        days = iter([today])
        tasks.renew()
        monkeypatch.setattr(clock, "today", lambda: next(days, today + DAY))
        boards_of_today = tasks.installation.Installation.objects
        boards_of_today.update(boards_day=date(2020, 1, 1))

        tasks.rebuild_all()

        assert boards_of_today.get().boards_day == today


class TestLocks:
    def test_are_given_back_after_an_error(self):
        with pytest.raises(ZeroDivisionError), locks.mode_stays(), locks.items([3, 1, 2]):
            raise ZeroDivisionError

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (0,)
