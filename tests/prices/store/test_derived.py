"""Latest prices, history, boards: the newer computation wins."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pymongo import monitoring

from potato.stores import mongo
from prices.store import boards, history, latest
from prices.types import (
    NATION,
    DayMiddle,
    DayStat,
    HistoryMonth,
    LatestAmount,
    LatestPrice,
    MonthOfMiddles,
    Submitter,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_latest(**fields) -> LatestPrice:
    return LatestPrice(
        **{
            "item_id": 1,
            "shop_id": 1,
            "region_id": 1,
            "township_id": None,
            "type": "RETAIL",
            "base": "kg",
            "entry_id": "entry",
            "price": Decimal("2400.50"),
            "quantity": Decimal(1),
            "unit": "kg",
            "amount": 240_050,
            "seen_at": NOON,
            "received_at": NOON,
            "submitter": Submitter(1, "Daw Mya", "CONTRIBUTOR"),
            "source": "CROWD",
            "confirmations": 2,
            "verdict": "fine",
        }
        | fields
    )


def make_month(*days: int, **fields) -> HistoryMonth:
    month = HistoryMonth(1, 1, "RETAIL", "kg", "2026-11", ())
    stats = tuple(DayStat(date(2026, 11, day), 2, 10 * day, 15 * day, 20 * day, 30 * day) for day in days)
    return replace(month, days=stats, **fields)


class TestLatest:
    def test_gives_back_what_was_put_in(self):
        price = make_latest()

        assert latest.put_many({price.key: price}, rev=1)

        assert latest.of_item(1) == [price]
        assert latest.of_shop(1) == [price]
        assert latest.of_item_in(1, [1, 2]) == [price]
        assert latest.of_item_in(1, [2]) == []
        assert latest.get_many([price.key, "1:2:RETAIL:kg"]) == [price]

    def test_gives_what_figures_need_of_it(self):
        price = make_latest()
        latest.put_many({price.key: price, make_latest(shop_id=2).key: None}, rev=1)
        amount = LatestAmount(**{field.name: getattr(price, field.name) for field in fields(LatestAmount)})

        assert latest.amounts_of_item(1) == [amount]
        assert latest.amounts_of_region(1) == [amount]
        assert latest.all_amounts() == [amount]

    @pytest.mark.parametrize("older", [4, 5])
    def test_is_never_replaced_by_an_older_computation(self, older):
        price = make_latest(amount=1)
        latest.put_many({price.key: price}, rev=5)

        assert not latest.put_many({price.key: replace(price, amount=2)}, rev=older)
        assert latest.of_item(1) == [price]

    def test_writes_what_it_may_of_several(self):
        newer, other = make_latest(shop_id=1, amount=1), make_latest(shop_id=2, amount=1)
        latest.put_many({newer.key: newer}, rev=9)

        written = latest.put_many({newer.key: replace(newer, amount=2), other.key: other}, rev=5)

        assert not written
        assert {price.shop_id: price.amount for price in latest.of_item(1)} == {1: 1, 2: 1}

    def test_that_is_gone_is_not_brought_back_by_an_older_computation(self):
        price = make_latest()
        latest.put_many({price.key: None}, rev=5)

        assert not latest.put_many({price.key: price}, rev=4)
        assert latest.of_item(1) == latest.of_shop(1) == []
        assert latest.put_many({price.key: price}, rev=6)
        assert latest.of_item(1) == [price]

    def test_lists_an_items_keys_with_those_that_are_gone(self):
        here, gone = make_latest(shop_id=1), make_latest(shop_id=2)
        latest.put_many({here.key: here, gone.key: None, make_latest(item_id=11).key: None}, rev=1)

        assert sorted(latest.keys_of_item(1)) == sorted([here.key, gone.key])


class TestHistory:
    def test_gives_back_what_was_put_in(self):
        month = make_month(1, 30)

        assert history.put_over([(month, None)], rev=1)

        assert history.months_of(item_id=1, region_id=1) == [month]
        assert history.get_many([month.key]) == {month.key: (month, 1)}

    def test_is_written_only_over_what_was_read(self):
        history.put_over([(make_month(1), None)], rev=1)

        assert history.put_over([(make_month(2), 1)], rev=2)
        assert not history.put_over([(make_month(3), 1)], rev=3)
        assert history.months_of(item_id=1, region_id=1) == [make_month(2)]

    def test_is_not_written_over_a_month_that_came_meanwhile(self):
        history.put_over([(make_month(1), None)], rev=1)

        assert not history.put_over([(make_month(2), None)], rev=2)
        assert history.months_of(item_id=1, region_id=1) == [make_month(1)]

    def test_is_not_written_where_a_month_that_was_read_is_gone(self):
        assert not history.put_over([(make_month(2), 1)], rev=2)
        assert history.months_of(item_id=1, region_id=1) == []

    def test_of_an_item_made_anew_empties_what_has_no_prices_left(self):
        old, kept = make_month(1, month="2026-10"), make_month(1)
        history.put_over([(old, None), (kept, None)], rev=1)

        assert history.replace_item(1, {kept.key: kept}, rev=2)

        assert history.months_of(item_id=1, region_id=1) == [replace(old, days=()), kept]

    def test_made_anew_never_replaces_what_is_newer(self):
        history.put_over([(make_month(1), None)], rev=7)

        assert not history.replace_item(1, {make_month(2).key: make_month(2)}, rev=6)
        assert history.months_of(item_id=1, region_id=1) == [make_month(1)]

    def test_keeps_places_series_and_months_apart(self):
        some = [
            make_month(1, month="2026-11"),
            make_month(1, month="2025-01"),
            make_month(1, region_id=NATION),
            make_month(1, type="WHOLESALE"),
            make_month(1, region_id=2),
        ]
        history.put_over([(month, None) for month in some], rev=1)

        series = {"item_id": 1, "type": "RETAIL", "base": "kg"}
        one_series = history.months_of_regions(region_ids=[1], **series)
        assert [month.month for month in one_series] == ["2025-01", "2026-11"]
        several = history.months_of_regions(region_ids=[2, 1, NATION], since="2026-01", **series)
        assert [month.region_id for month in several] == [NATION, 1, 2]
        assert len(history.months_of(item_id=1, region_id=1, since="2026-01")) == 2
        assert {month.region_id for month in history.of_item(1, since="2025-01")} == {NATION, 1, 2}
        middles = MonthOfMiddles(
            1, "RETAIL", "kg", tuple(DayMiddle(d.day, d.n, d.median) for d in some[2].days)
        )
        assert history.middles_of_region(NATION, since="2025-01") == [middles]


class TestBoards:
    def put(self, key: str, *, rev: int, **data) -> bool:
        return boards.put_many({key: data}, rev=rev, made_at=NOON)

    @pytest.mark.parametrize("older", [4, 5])
    def test_are_never_replaced_by_an_older_computation(self, older):
        self.put("shop:1", rev=5, rows=["new"])

        assert not self.put("shop:1", rev=older, rows=["old"])

        board = boards.get_many(["shop:1", "shop:2"])["shop:1"]
        assert (board.rev, board.data, board.made_at) == (5, {"rows": ["new"]}, NOON)

    def test_tell_the_highest_number_of_a_kind_and_a_region(self):
        self.put("item:1:1", rev=3, region=1)
        self.put("item:1:nation", rev=8)
        self.put("item:2:1", rev=5, region=1)
        self.put("shop:1", rev=9)

        assert boards.newest_rev(kind="item", region_id=1) == 5
        assert boards.newest_rev(kind="item") == 8
        assert boards.newest_rev(kind="item", region_id=2) == 0

    def test_know_the_regions_of_an_item_and_of_no_other(self):
        self.put("item:1:2", rev=1, region=2)
        self.put("item:1:nation", rev=1)
        self.put("item:11:3", rev=1, region=3)

        assert boards.regions_of_item(1) == {2}

    def test_list_their_numbers(self):
        self.put("home", rev=4)
        self.put("shop:1", rev=7)

        assert boards.revs() == {"home": 4, "shop:1": 7}


class TestWrites:
    def test_are_waited_for_until_a_majority_has_them_on_disk(self):
        """What is acknowledged must outlive a lost primary, and what is computed must be read from what lasts."""
        seen: list[dict] = []

        class Listener(monitoring.CommandListener):
            def started(self, event):
                seen.append(dict(event.command))

            def succeeded(self, event): ...

            def failed(self, event): ...

        own = mongo.connect(event_listeners=[Listener()])
        database = own.get_default_database()
        database["price_entries"].insert_one({"_id": "written"})
        database["price_entries"].find_one({"_id": "written"})
        own.close()

        insert = next(command for command in seen if "insert" in command)
        find = next(command for command in seen if "find" in command)
        assert insert["writeConcern"] == {"w": "majority", "j": True}
        assert find["readConcern"]["level"] == "majority"
