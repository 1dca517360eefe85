from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection

from potato import clock
from potato.stores import revisions
from prices import tasks
from prices.coordination import locks
from prices.derived import board_copies
from prices.ledger import installation
from prices.models import BoardCopy, ImportBatch, Installation, LedgerRow
from prices.names import cache as names
from prices.publishing import relay, rows
from prices.store import boards, entries, history, latest, reference, reports
from shops.models import Shop, ShopStatistics
from tests.factories import make_entry, make_shop
from tests.prices import oracle
from tests.prices.market import Market, forget_names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def demo() -> Market:
    """A demo: prices that were loaded, and prices that a visitor sent, with all that follows from them."""
    installation.begin_demo()
    market = Market()
    market.shop = make_shop(is_demo=True)
    ImportBatch.objects.create(source="DEMO", file_name="demo", file_hash="demo")
    entries.add_many(
        make_entry(
            shop=market.shop,
            item_id=market.item.pk,
            seen_at=market.now - timedelta(days=day),
            demo=True,
            dirty=True,
        )
        for day in range(5)
    )
    forget_names()
    sent = market.send(1000)
    relay.run_once()
    market.report(sent)
    market.confirm(sent)
    relay.run_once()
    tasks.rebuild_all()
    board_copies.copy_changed()
    return market


class TestBeginDemo:
    def test_marks_what_is_sent(self, demo):
        assert installation.mode() == "demo"
        assert names.mode() == "demo"
        assert {row.demo for row in latest.of_item(demo.item.pk)} == {True}

    def test_is_refused_where_real_prices_are(self):
        installation.begin_real()

        with pytest.raises(ValueError, match="real"):
            installation.begin_demo()

    def test_is_refused_where_people_have_sent_prices(self):
        market = Market()
        market.send()
        relay.run_once()

        with pytest.raises(ValueError, match="real"):
            installation.begin_demo()

        assert installation.mode() == "empty"


class TestBeginReal:
    def test_takes_everything_of_the_demo_away(self, demo):
        demo.send(1100)

        assert installation.begin_real()

        assert (installation.mode(), reference.changed_since(-1)[2]) == ("real", "real")
        for module in (entries, latest, history, boards, reports):
            assert module.collection().count_documents({}) == 0, module.__name__
        assert not BoardCopy.objects.exists()
        assert not ShopStatistics.objects.exists()
        assert not LedgerRow.objects.exclude(kind="REFERENCE").exists()
        assert not ImportBatch.objects.exists()
        assert list(Shop.objects.filter(pk=demo.shop.pk)) == []
        assert Shop.objects.filter(pk=demo.near.pk).exists()

    def test_again_takes_nothing_away(self, demo):
        installation.begin_real()
        market = Market()
        id = market.send()
        relay.run_once()

        assert not installation.begin_real()

        assert entries.get(id)

    def test_leaves_the_names_of_the_demos_shops_behind(self, demo):
        demo.near.save()
        demo.shop.save()
        relay.run_once()
        assert names.get("shop", demo.shop.pk)

        installation.begin_real()
        relay.run_once()
        names.refresh()

        assert names.get("shop", demo.shop.pk) is None
        assert names.get("shop", demo.near.pk)

    def test_tells_kept_pages_that_the_boards_are_gone(self, demo):
        shown = boards.revs()
        revisions.tell(shown)

        installation.begin_real()

        newest = revisions.newest(list(shown))
        assert shown
        assert [key for key, rev in shown.items() if newest[key] is None or newest[key] <= rev] == []

    def test_lets_no_figure_mix_the_two(self, demo):
        late = demo.send(1100)
        installation.begin_real()
        real = demo.send(2400, shop=demo.far)
        assert not LedgerRow.objects.filter(pk=late).exists()

        relay.run_once()
        tasks.roll_up_dirty_days()
        tasks.renew()
        board_copies.copy_changed()

        (price,) = latest.of_item(demo.item.pk)
        assert (price.entry_id, price.demo) == (real, False)
        assert oracle.differences() == []
        assert "'demo': True" not in str([copy.data for copy in BoardCopy.objects.all()])
        assert set(BoardCopy.objects.values_list("key", flat=True)) == set(boards.revs())

    def test_begins_anew_after_it_was_killed(self, demo, monkeypatch):
        class Killed(BaseException):
            pass

        def killed(*args, **kwargs):
            raise Killed

        for module, name in [(reports, "remove_all"), (boards, "remove_all"), (reference, "put_mode")]:
            with monkeypatch.context() as dying, pytest.raises(Killed):
                dying.setattr(module, name, killed)
                installation.begin_real()
            assert installation.mode() == "demo"

        assert installation.begin_real()
        assert installation.mode() == "real"
        assert entries.collection().count_documents({}) == 0


class TestEndDemo:
    def test_shows_nothing(self, demo):
        assert installation.end_demo()
        assert not installation.end_demo()

        assert installation.mode() == "empty"
        assert entries.collection().count_documents({}) == 0

    def test_leaves_real_prices_alone(self):
        installation.begin_real()
        market = Market()
        id = market.send()
        relay.run_once()

        assert not installation.end_demo()
        assert entries.get(id)


@pytest.mark.django_db(transaction=True)
class TestChangingWhileSomebodyWrites:
    def test_waits_until_what_is_being_written_is_written(self, demo):
        writing, may_end, order = Event(), Event(), []

        def write():
            try:
                with locks.mode_stays():
                    writing.set()
                    may_end.wait(10)
                    order.append("written")
            finally:
                connection.close()

        def change():
            try:
                installation.begin_real()
                order.append("changed")
            finally:
                connection.close()

        writer, changer = Thread(target=write), Thread(target=change)
        writer.start()
        assert writing.wait(10)
        changer.start()
        changer.join(0.5)
        assert changer.is_alive()
        may_end.set()
        writer.join(10)
        changer.join(30)

        assert order == ["written", "changed"]
        assert installation.mode() == "real"

    def test_parks_a_demo_row_that_a_relay_had_claimed(self, demo):
        late = demo.send(1100)
        claimed = rows.claim()
        LedgerRow.objects.filter(pk=late).update(is_demo=True)

        installation.begin_real()
        relay.publish(claimed)

        assert entries.get(late) is None
        assert entries.collection().count_documents({}) == 0


class TestBoardsDay:
    def test_jumps_when_readers_time_does(self, settings):
        installation.boards_made()
        assert installation.boards_are_of_today()

        settings.POTATO_AS_OF = clock.today() + timedelta(days=3)
        assert not installation.boards_are_of_today()
        assert not installation.time_jumped()

        settings.POTATO_AS_OF = clock.today() - timedelta(days=30)
        assert installation.time_jumped()

    def test_is_unknown_in_a_new_installation(self):
        assert not installation.boards_are_of_today()
        assert installation.time_jumped()
        assert Installation.objects.count() == 1
