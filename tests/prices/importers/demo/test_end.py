"""The end of the demo, after which no figure holds any of it."""

import io
import threading
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Item
from potato.stores import mongo
from prices import tasks
from prices.ledger import installation
from prices.models import BoardCopy, LedgerRow
from prices.publishing import relay
from shops.models import Favourite, Shop, ShopStatistics
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, row_9, row_14
from tests.prices.importers.demo.conftest import assert_nothing_is_demo, publish, seed_demo, submit, visit
from tests.prices.importers.stored import wrong


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
        rows = [
            row_9(date=f"2022-{month:02}-{day:02}", market=market, price=str(self.REAL_KYAT))
            for month in (11, 12)
            for day in range(1, 16)
            for market in ("88 ward", "Thaketa", "Dagon")
        ]
        path = files("a.csv", *rows)
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
