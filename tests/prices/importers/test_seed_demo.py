import io
import threading
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Item
from catalog.services import load_catalog
from potato import clock
from potato.stores import mongo
from prices import copies, installation, refresh, relay, services, tasks
from prices.ids import uuid7
from prices.importers import demo, demo_goods
from prices.models import BoardCopy, ImportBatch, LedgerRow
from prices.store import boards, entries
from prices.types import ALARMS
from shops.models import Favourite, Shop, ShopStatistics
from shops.services import load_places, set_favourite
from tests.factories import make_shop, make_user
from tests.prices import oracle
from tests.prices.importers import stored
from tests.prices.importers.conftest import AS_OF, FileMaker, Killer, row_9, row_14

NOW = datetime(2022, 12, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def development(settings: Any) -> None:
    settings.DEBUG = True


def seed_demo(**options: Any) -> str:
    """Run the command. :return: what it says."""
    said = io.StringIO()
    call_command("seed_demo", stdout=said, **options)
    return said.getvalue()


def wrong() -> list[str]:
    """What is derived and not what it must be."""
    return oracle.differences(now=clock.now())


def publish() -> None:
    while relay.run_once():
        pass


class TestSeedDemo:
    def test_makes_as_many_prices_as_asked_for_and_marks_them_all(self, country: SimpleNamespace):
        said = seed_demo(entries=300, days=30)

        made = stored.documents("price_entries")
        assert len(made) == 300
        assert {(row["demo"], row["source"]) for row in made} == {(True, "DEMO")}
        assert set(Shop.objects.values_list("is_demo", "source")) == {(True, "DEMO")}
        assert "300 demo prices" in said
        assert installation.mode() == "demo"

    def test_makes_them_up_to_this_minute_and_no_later(self, country: SimpleNamespace):
        demo.seed(entries_wanted=3000, days=10, now=NOW)

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
        turn, _share = demo_goods.JUMPS["onions", "shan"]
        cycles = (AS_OF - demo_goods.EPOCH).days // (demo_goods.JUMP_DAYS * len(demo_goods.JUMPS))
        jumped = demo_goods.EPOCH + timedelta(
            days=demo_goods.JUMP_DAYS * (turn + cycles * len(demo_goods.JUMPS))
        )
        settings.POTATO_AS_OF = jumped + timedelta(days=6)

        seed_demo(entries=900, days=90)

        refresh.renew_alarms(all_of_them=True)
        rows = boards.get_many([ALARMS])[ALARMS].data["rows"]
        assert (country.onions.pk, country.shan.pk) in {(row["item"], row["region"]) for row in rows}

    def test_makes_the_same_at_the_same_moment(self, country: SimpleNamespace):
        demo.seed(entries_wanted=200, days=20, now=NOW)
        first = stored.documents("price_entries")
        mongo.database()["price_entries"].delete_many({})

        demo.seed(entries_wanted=200, days=20, now=NOW)

        assert stored.documents("price_entries") == first

    def test_adds_nothing_the_second_time(self, country: SimpleNamespace):
        demo.seed(entries_wanted=200, days=20, now=NOW)
        before = {name: stored.documents(name) for name in stored.COLLECTIONS}

        told = demo.seed(entries_wanted=200, days=20, now=NOW)

        assert (told.new, told.there, told.shops) == (0, 200, 0)
        assert {name: stored.documents(name) for name in stored.COLLECTIONS} == before

    def test_adds_what_happened_since_on_a_later_day(self, country: SimpleNamespace):
        demo.seed(entries_wanted=200, days=20, now=NOW)
        first = {row["_id"]: row for row in stored.documents("price_entries")}

        told = demo.seed(entries_wanted=200, days=20, now=NOW + timedelta(days=2))

        assert 10 <= told.new <= 30  # two days at ten a day
        later = {row["_id"]: row for row in stored.documents("price_entries")}
        added = [row for id, row in later.items() if id not in first]
        assert all(row["receivedAt"] > NOW for row in added)
        assert all(later[id]["price"] == row["price"] for id, row in first.items())

    def test_leaves_what_visitors_did_to_a_demo_price(self, country: SimpleNamespace):
        demo.seed(entries_wanted=50, days=5, now=NOW)
        publish()
        entry = entries.get(stored.documents("price_entries")[0]["_id"])
        services.confirm_price(by=make_user(role="CONTRIBUTOR"), entry=entry, now=NOW)
        publish()

        demo.seed(entries_wanted=50, days=5, now=NOW)

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


@pytest.mark.django_db(transaction=True)
class TestAKilledSeeding:
    @pytest.mark.parametrize(
        ("function", "call"),
        [
            ("prices.importers.demo.shops_for_import", 1),
            ("prices.store.entries._insert", 3),
            ("prices.refresh.rebuild_shops", 1),
        ],
    )
    def test_is_finished_by_the_next_run(
        self, function: str, call: int, lasting_country: SimpleNamespace, kill: Killer
    ):
        kill(function, "seed_demo", "--entries", 60, "--days", 20, call=call)

        seed_demo(entries=60, days=20, only_if_empty=True)

        assert 60 <= len(stored.documents("price_entries")) <= 63  # it is a little later by now
        assert wrong() == []
        assert set(ImportBatch.objects.values_list("state", flat=True)) == {"refreshed"}

    @pytest.mark.parametrize(
        ("function", "end"),
        [
            ("prices.store.entries.remove_demo", "remove"),
            ("prices.store.history.remove_all", "import"),
            ("shops.services.remove_demo_shops", "import"),
        ],
    )
    def test_a_killed_removal_is_finished_too(
        self, function: str, end: str, lasting_country: SimpleNamespace, files: FileMaker, kill: Killer
    ):
        seed_demo(entries=60, days=20)
        path = files("a.csv", row_14())
        command = ("seed_demo", "--remove") if end == "remove" else ("import_wfp", path)

        kill(function, *command)
        call_command(*map(str, command), verbosity=0)

        assert_nothing_is_demo()
        assert len(stored.documents("price_entries")) == (0 if end == "remove" else 1)


@pytest.fixture
def visited(country: SimpleNamespace) -> SimpleNamespace:
    """A demo in which visitors sent, confirmed and reported prices, followed shops, and one row still waits."""
    return visit(country)


def visit(country: SimpleNamespace) -> SimpleNamespace:
    seed_demo(entries=200, days=40)
    publish()
    visitor = make_user(role="CONTRIBUTOR")
    own_shop = make_shop(region=country.yangon, township=country.dagon)
    shops = [Shop.objects.filter(is_demo=True).first(), own_shop]
    for shop in shops:
        submit(by=visitor, shop=shop, country=country)
        set_favourite(by=visitor, shop=shop, on=True)
    publish()
    entry = entries.get(stored.documents("price_entries")[0]["_id"])
    services.confirm_price(by=visitor, entry=entry, now=clock.now())
    services.report_price(by=visitor, act_id=uuid7(), entry=entry, reason="too_high", now=clock.now())
    publish()
    tasks.roll_up_dirty_days()
    tasks.renew()
    copies.copy_changed()
    submit(by=visitor, shop=own_shop, country=country)
    assert BoardCopy.objects.exists()
    assert stored.documents("reports")
    assert wrong() == []
    return SimpleNamespace(visitor=visitor, own_shop=own_shop, country=country)


def submit(*, by: Any, shop: Shop, country: SimpleNamespace, price: int = 2500) -> str:
    return services.submit_price(
        by=by,
        submission_id=uuid7(),
        item=country.rice,
        shop=shop,
        price=Decimal(price),
        quantity=Decimal(1),
        unit=country.units["kg"],
        type="RETAIL",
        now=clock.now(),
    ).id


def assert_nothing_is_demo() -> None:
    """Neither store holds anything of a demo, nor anything that was computed from one."""
    publish()
    for collection in stored.COLLECTIONS:
        for document in stored.documents(collection):
            assert not _is_demo(document), (collection, document)
    assert not Shop.objects.filter(is_demo=True).exists()
    assert not LedgerRow.objects.filter(is_demo=True).exists()
    assert not ImportBatch.objects.filter(source="DEMO").exists()
    assert not any(_is_demo(copy.data) for copy in BoardCopy.objects.all())
    assert wrong() == []


def _is_demo(value: Any) -> bool:
    """Whether anything inside is marked as demo (a shop's name in the reference is the mark of one that was)."""
    if isinstance(value, dict):
        return (
            value.get("demo") is True or value.get("source") == "DEMO" or any(map(_is_demo, value.values()))
        )
    return any(map(_is_demo, value)) if isinstance(value, list) else False


class TestTheEndOfTheDemo:
    def test_takes_everything_away_and_what_visitors_sent_too(self, visited: SimpleNamespace):
        said = seed_demo(remove=True)

        assert said == "The demo is gone.\n"
        assert stored.documents("price_entries") == []
        assert stored.documents("price_history") == []
        assert stored.documents("reports") == []
        assert [row for row in stored.documents("latest_prices") if row["present"]] == []
        assert stored.documents("boards") == []
        assert list(BoardCopy.objects.all()) == []
        assert list(ShopStatistics.objects.all()) == []
        assert_nothing_is_demo()
        assert installation.mode() == "empty"

    def test_keeps_people_and_the_shops_that_they_made(self, visited: SimpleNamespace):
        seed_demo(remove=True)

        visited.visitor.refresh_from_db()
        assert list(Shop.objects.all()) == [visited.own_shop]
        assert [one.shop for one in Favourite.objects.all()] == [visited.own_shop]

    def test_comes_again_when_asked(self, visited: SimpleNamespace):
        seed_demo(remove=True)

        seed_demo(entries=30, days=5)

        assert len(stored.documents("price_entries")) == 30
        assert wrong() == []

    def test_is_harmless_without_a_demo(self, country: SimpleNamespace, files: FileMaker):
        call_command("import_wfp", str(files("a.csv", row_14())), verbosity=0)

        assert seed_demo(remove=True) == "There is no demo here.\n"
        assert len(stored.documents("price_entries")) == 1

    def test_is_the_first_real_import(self, visited: SimpleNamespace, files: FileMaker):
        said = io.StringIO()
        call_command("import_wfp", str(files("a.csv", row_14(), row_14(date="2022-11-15"))), stdout=said)

        assert "The demo and everything sent in it went" in said.getvalue()
        assert len(stored.documents("price_entries")) == 2
        assert {row["source"] for row in stored.documents("price_entries")} == {"WFP"}
        assert_nothing_is_demo()
        assert installation.mode() == "real"

    @pytest.mark.parametrize("what", ["dry_run", "broken", "nothing"])
    def test_does_not_come_with_an_import_that_brings_nothing(
        self, what: str, visited: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        before = {name: stored.documents(name) for name in stored.COLLECTIONS}
        path = files("a.csv", row_14(price="") if what == "nothing" else row_14())
        if what == "broken":
            path.write_text("no prices\n")

        try:
            call_command("import_wfp", str(path), dry_run=what == "dry_run", verbosity=0)
        except CommandError:
            assert what == "broken"

        assert {name: stored.documents(name) for name in stored.COLLECTIONS} == before
        assert installation.mode() == "demo"


@pytest.mark.django_db(transaction=True)
class TestNoFigureEverMixesDemoAndReal:
    REAL_KYAT = 20_000
    BETWEEN = 1_000_000  # pya: a demo kilogram costs less, a real one in this test more

    def test_neither_while_real_prices_come_in(self, lasting_country: SimpleNamespace, files: FileMaker):
        visited = visit(lasting_country)
        path = files(
            "a.csv",
            *(
                row_9(date=f"2022-{month:02}-{day:02}", market=market, price=str(self.REAL_KYAT))
                for month in (11, 12)
                for day in range(1, 16)
                for market in ("88 ward", "Thaketa", "Dagon")
            ),
        )
        stop, mixed, looks = threading.Event(), [], Counter()

        def watch() -> None:
            while not stop.is_set():
                mixed.extend(self._mixed())
                looks["all"] += 1

        def visitors() -> None:
            try:
                while not stop.is_set():
                    submit(by=visited.visitor, shop=visited.own_shop, country=lasting_country)
                    relay.run_once()
                    tasks.roll_up_dirty_days()
                    tasks.renew()
                    looks["sent"] += 1
                    if installation.mode() == "real":
                        break
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for work in (watch, visitors)]
        for thread in threads:
            thread.start()
        call_command("import_wfp", str(path), verbosity=0)
        threads[1].join(60)
        stop.set()
        threads[0].join(60)

        assert mixed == []
        assert looks["all"] > 3
        assert looks["sent"] > 0
        publish()
        demo_rows = LedgerRow.objects.filter(is_demo=True)
        # One that was accepted while the demo ended is not published, and says so.
        assert set(demo_rows.values_list("state", flat=True)) <= {"parked"}
        demo_rows.delete()
        real = [row for row in stored.documents("price_entries") if row["source"] == "CROWD"]
        assert len(stored.documents("price_entries")) == 90 + len(real)
        tasks.roll_up_dirty_days()
        tasks.renew()
        assert_nothing_is_demo()

    def _mixed(self) -> list[str]:
        """Figures that come from demo and real prices at once."""
        found = []
        sources = mongo.database()["price_entries"].distinct("source")
        if "DEMO" in sources and "WFP" in sources:
            found.append("entries")
        for month in stored.documents("price_history"):
            low, high = min(month["days"]["min"], default=0), max(month["days"]["max"], default=0)
            if low < self.BETWEEN <= high and month["itemId"] == Item.objects.get(slug="rice-low-quality").pk:
                found.append(month["_id"])
        for board in stored.documents("boards"):
            marks = {row["demo"] for row in board["data"].get("rows", []) if "demo" in row}
            marks |= {row["demo"] for row in board["data"].get("latest", [])}
            if len(marks) > 1:
                found.append(board["_id"])
        return found


class TestBelievable:
    def test_prices_are_what_a_market_could_ask(self, db: None, mongo_store: None, settings: Any):
        settings.POTATO_AS_OF = AS_OF
        load_places()
        load_catalog()

        demo.seed(entries_wanted=3000, days=400, now=NOW)

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
                by_month[clock.yangon_day(row["timestamp"]).month].append(int(row["unitPrice"]["amount"]))
        assert median(by_month[12]) > 1.15 * median(by_month[6])

    def test_markets_are_busier_on_their_days(self, country: SimpleNamespace):
        demo.seed(entries_wanted=4000, days=100, now=NOW)

        by_shop = defaultdict(Counter)
        for row in stored.documents("price_entries"):
            by_shop[row["shopId"]][clock.yangon_day(row["timestamp"]).weekday()] += 1
        busiest = by_shop[max(by_shop, key=lambda shop: by_shop[shop].total())]
        (_, most), *_, (_, least) = busiest.most_common()
        assert most > 1.5 * least

    def test_a_walk_does_not_depend_on_the_day_that_is_asked_first(self):
        days = [date(2022, 1, 1) + timedelta(days=number) for number in range(0, 300, 7)]

        forwards = [walk.at(day) for walk in [demo_goods.Walk("onions", 0.05)] for day in days]
        backwards = [walk.at(day) for walk in [demo_goods.Walk("onions", 0.05)] for day in reversed(days)]

        assert forwards == backwards[::-1]
        assert max(abs(value) for value in forwards) < 1
