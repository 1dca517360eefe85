"""What a demo is made of, and where there may be one."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from catalog.services import load_catalog
from potato import calendar
from potato.stores import mongo
from prices import services
from prices.derived import refresh
from prices.importers.demo import goods, seed
from prices.ledger import installation
from prices.store import boards, entries
from prices.types import ALARMS
from shops.models import Shop
from shops.services import load_places
from tests.factories import make_user
from tests.prices.importers import stored
from tests.prices.importers.conftest import AS_OF, FileMaker, row_14
from tests.prices.importers.demo.conftest import publish, seed_demo
from tests.prices.importers.stored import wrong

NOW = datetime(2022, 12, 20, 9, 30, tzinfo=UTC)


class TestSeedDemo:
    def test_makes_as_many_prices_as_asked_for_and_marks_them_all(self, country: SimpleNamespace):
        said = seed_demo(entries=300, days=30)

        made = stored.documents("price_entries")
        assert len(made) == 300
        assert {(row["demo"], row["source"]) for row in made} == {(True, "DEMO")}
        assert set(Shop.objects.values_list("is_demo", "source")) == {(True, "DEMO")}
        assert "300 demo prices" in said
        assert installation.mode() == "demo"

    def test_asks_at_a_terminal_before_it_makes_or_removes_any(self, country: SimpleNamespace, terminal: Any):
        terminal.answer("no")
        with pytest.raises(CommandError, match="Nothing was done"):
            seed_demo(entries=20, days=2)
        assert stored.documents("price_entries") == []

        seed_demo(entries=20, days=2, interactive=False)
        with pytest.raises(CommandError, match="Nothing was done"):
            seed_demo(remove=True)

        assert len(stored.documents("price_entries")) == 20
        assert len(terminal.asked) == 2

    def test_makes_them_up_to_this_minute_and_no_later(self, country: SimpleNamespace):
        seed.seed(entries_wanted=3000, days=10, now=NOW)

        received = sorted(row["receivedAt"] for row in stored.documents("price_entries"))
        assert NOW - timedelta(minutes=30) < received[-1] <= NOW
        assert timedelta(days=9) < received[-1] - received[0] < timedelta(days=12)
        confirmed = [change["at"] for row in stored.documents("price_entries") for change in row["changes"]]
        assert confirmed
        assert max(confirmed) <= NOW

    def test_makes_everything_that_is_derived_right(self, country: SimpleNamespace):
        seed_demo(entries=400, days=60)

        assert wrong() == []

    def test_has_a_price_that_moved_abnormally_in_the_last_week(
        self, country: SimpleNamespace, settings: Any
    ):
        turn, _share = goods.JUMPS["onions", "shan"]
        cycles = (AS_OF - goods.EPOCH).days // (goods.JUMP_DAYS * len(goods.JUMPS))
        jumped = goods.EPOCH + timedelta(days=goods.JUMP_DAYS * (turn + cycles * len(goods.JUMPS)))
        settings.POTATO_AS_OF = jumped + timedelta(days=6)

        seed_demo(entries=900, days=90)

        refresh.renew_alarms(all_of_them=True)
        rows = boards.get_many([ALARMS])[ALARMS].data["rows"]
        assert (country.onions.pk, country.shan.pk) in {(row["item"], row["region"]) for row in rows}

    def test_makes_the_same_at_the_same_moment(self, country: SimpleNamespace):
        seed.seed(entries_wanted=200, days=20, now=NOW)
        first = stored.documents("price_entries")
        mongo.database()["price_entries"].delete_many({})

        seed.seed(entries_wanted=200, days=20, now=NOW)

        assert stored.documents("price_entries") == first

    def test_adds_nothing_the_second_time(self, country: SimpleNamespace):
        seed.seed(entries_wanted=200, days=20, now=NOW)
        before = {name: stored.documents(name) for name in stored.COLLECTIONS}

        told = seed.seed(entries_wanted=200, days=20, now=NOW)

        assert (told.new, told.there, told.shops) == (0, 200, 0)
        assert {name: stored.documents(name) for name in stored.COLLECTIONS} == before

    def test_adds_what_happened_since_on_a_later_day(self, country: SimpleNamespace):
        seed.seed(entries_wanted=200, days=20, now=NOW)
        first = {row["_id"]: row for row in stored.documents("price_entries")}

        told = seed.seed(entries_wanted=200, days=20, now=NOW + timedelta(days=2))

        assert 10 <= told.new <= 30  # two days at ten a day
        later = {row["_id"]: row for row in stored.documents("price_entries")}
        added = [row for id, row in later.items() if id not in first]
        assert all(row["receivedAt"] > NOW for row in added)
        assert all(later[id]["price"] == row["price"] for id, row in first.items())

    def test_leaves_what_visitors_did_to_a_demo_price(self, country: SimpleNamespace):
        seed.seed(entries_wanted=50, days=5, now=NOW)
        publish()
        entry = entries.get(stored.documents("price_entries")[0]["_id"])
        services.confirm_price(by=make_user(role="CONTRIBUTOR"), entry=entry, now=NOW)
        publish()

        seed.seed(entries_wanted=50, days=5, now=NOW)

        assert entries.get(entry.id).confirmations == entry.confirmations + 1


class TestWhereThereIsNoDemo:
    def test_refuses_where_prices_are_real(self, country: SimpleNamespace, files: FileMaker):
        call_command("import_wfp", str(files("a.csv", row_14())), verbosity=0)

        with pytest.raises(CommandError, match="this installation shows real prices"):
            seed_demo(entries=10)

        assert len(stored.documents("price_entries")) == 1
        assert not Shop.objects.filter(is_demo=True).exists()

    def test_refuses_where_debug_is_off(self, country: SimpleNamespace, settings: Any):
        settings.DEBUG = False

        with pytest.raises(CommandError, match="DEBUG is off"):
            seed_demo(entries=10)

        assert stored.documents("price_entries") == []

    @pytest.mark.parametrize("numbers", [{"entries": 0}, {"entries": -5}, {"days": 0}, {"entries": 10**9}])
    def test_refuses_silly_numbers(self, numbers: dict[str, int], country: SimpleNamespace):
        with pytest.raises(CommandError, match="goes from 1"):
            seed_demo(**numbers)

    def test_says_what_is_missing_without_reference_tables(self, db: None, mongo_store: None):
        with pytest.raises(CommandError, match="load_reference"):
            seed_demo(entries=10)

    def test_only_if_empty_leaves_alone_what_is_there(self, country: SimpleNamespace, files: FileMaker):
        seed_demo(entries=20, days=5, only_if_empty=True)
        assert len(stored.documents("price_entries")) == 20
        seed_demo(entries=500, days=5, only_if_empty=True)
        assert len(stored.documents("price_entries")) == 20
        call_command("import_wfp", str(files("a.csv", row_14())), verbosity=0)
        seed_demo(entries=20, days=5, only_if_empty=True)

        assert len(stored.documents("price_entries")) == 1


class TestBelievable:
    def test_prices_are_what_a_market_could_ask(self, db: None, mongo_store: None, settings: Any):
        settings.POTATO_AS_OF = AS_OF
        load_places()
        load_catalog()

        seed.seed(entries_wanted=3000, days=400, now=NOW)

        made = stored.documents("price_entries")
        assert len(made) == 3000
        assert Counter(row["status"] for row in made)["published"] > 2970
        assert 0.1 < sum(row["type"] == "WHOLESALE" for row in made) / 3000 < 0.18
        assert {"viss", "kg", "pyi", "l", "pc", "bag", "basket"} <= {row["unit"] for row in made}
        assert 0.01 < sum(row["confirmations"] > 0 for row in made) / 3000 < 0.1
        assert all(row["price"].to_decimal() % 10 == 0 for row in made)
        assert len({row["location"]["region_id"] for row in made}) == 15
        assert len({row["itemId"] for row in made}) > 40
        kinds = Counter(Shop.objects.values_list("kind", flat=True))
        assert min(kinds[kind] for kind in ("MARKET", "SHOP", "STALL", "WHOLESALE", "SUPERMARKET")) >= 10
        assert all(shop.point and shop.township_id and shop.shop_name_my for shop in Shop.objects.all())
        self._check_bulk_is_cheaper(made)
        self._check_onions_are_dear_in_december(made)

    def _check_bulk_is_cheaper(self, made: list[dict[str, Any]]) -> None:
        rice = Item.objects.get(slug="rice-low-quality").pk
        amounts = defaultdict(list)
        for row in made:
            if row["itemId"] == rice:
                amounts[row["type"]].append(int(row["unitPrice"]["amount"]))
        assert 0.75 < median(amounts["WHOLESALE"]) / median(amounts["RETAIL"]) < 0.97

    def _check_onions_are_dear_in_december(self, made: list[dict[str, Any]]) -> None:
        onions = Item.objects.get(slug="onions").pk
        by_month = defaultdict(list)
        for row in made:
            if row["itemId"] == onions and row["type"] == "RETAIL":
                by_month[calendar.yangon_day(row["timestamp"]).month].append(int(row["unitPrice"]["amount"]))
        assert median(by_month[12]) > 1.15 * median(by_month[6])

    def test_markets_are_busier_on_their_days(self, country: SimpleNamespace):
        seed.seed(entries_wanted=4000, days=100, now=NOW)

        by_shop = defaultdict(Counter)
        for row in stored.documents("price_entries"):
            by_shop[row["shopId"]][calendar.yangon_day(row["timestamp"]).weekday()] += 1
        busiest = by_shop[max(by_shop, key=lambda shop: by_shop[shop].total())]
        (_, most), *_, (_, least) = busiest.most_common()
        assert most > 1.5 * least

    def test_a_walk_does_not_depend_on_the_day_that_is_asked_first(self):
        days = [date(2022, 1, 1) + timedelta(days=number) for number in range(0, 300, 7)]

        forwards = [walk.at(day) for walk in [goods.Walk("onions", 0.05)] for day in days]
        backwards = [walk.at(day) for walk in [goods.Walk("onions", 0.05)] for day in reversed(days)]

        assert forwards == backwards[::-1]
        assert max(abs(value) for value in forwards) < 1
