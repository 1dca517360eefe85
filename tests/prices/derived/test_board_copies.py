from datetime import UTC, datetime

import pytest

from potato.stores.breaker import MONGO, Fault
from prices import selectors, tasks
from prices.derived import board_copies
from prices.models import BoardCopy
from prices.publishing import relay
from prices.store import boards
from tests.prices.market import Market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def put(key: str, *, rev: int, **data) -> None:
    boards.put_many({key: data}, rev=rev, made_at=NOON)


class TestCopyChanged:
    def test_copies_what_is_new_and_what_changed(self):
        put("home", rev=1, day="2026-11-20")
        put("shop:1", rev=2, rows=[1])
        assert board_copies.copy_changed() == 2
        assert board_copies.copy_changed() == 0

        put("shop:1", rev=3, rows=[2])

        assert board_copies.copy_changed() == 1
        copy = BoardCopy.objects.get(pk="shop:1")
        assert (copy.rev, copy.data) == (3, {"rows": [2]})

    def test_forgets_what_is_gone(self):
        put("home", rev=1)
        board_copies.copy_changed()
        boards.remove_all()

        board_copies.copy_changed()

        assert not BoardCopy.objects.exists()

    def test_never_puts_an_older_board_over_a_newer(self):
        put("home", rev=1, day="old")
        (old,) = boards.get_many(["home"]).values()
        put("home", rev=2, day="new")
        board_copies.copy_changed()

        board_copies._write([old])

        assert (BoardCopy.objects.get().rev, BoardCopy.objects.get().data) == (2, {"day": "new"})

    def test_copies_more_than_one_batch(self, monkeypatch):
        monkeypatch.setattr(board_copies, "BATCH", 3)
        for number in range(10):
            put(f"shop:{number}", rev=number + 1)

        assert board_copies.copy_changed() == 10
        assert BoardCopy.objects.count() == 10

    def test_shows_the_same_boards_without_mongodb(self):
        market = Market()
        market.send()
        relay.run_once()
        tasks.roll_up_dirty_days()
        tasks.renew()
        keys = [
            "home",
            "alarms",
            f"movers:{market.near.region_id}",
            f"shop:{market.near.pk}",
            f"item:{market.item.pk}:nation",
        ]
        with_mongodb = selectors.boards_for(keys)
        board_copies.copy_changed()
        MONGO.failed(Fault.SLOW)

        without = selectors.boards_for(keys)

        assert {key: board.data for key, board in without.items()} == {
            key: board.data for key, board in with_mongodb.items()
        }
        assert all(board.copied_at for board in without.values())
        assert not any(board.copied_at for board in with_mongodb.values())
