import csv
import io
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.models import Category, Item
from catalog.services import load_catalog
from potato import clock
from prices import relay, services
from prices.ids import uuid7
from prices.importers import loading, wfp_import
from prices.models import ImportBatch, LedgerRow
from prices.store import entries
from prices.types import Change, PriceEntry
from shops.models import Shop
from shops.services import load_places
from tests.factories import make_category, make_item, make_user
from tests.prices import oracle
from tests.prices.importers import stored
from tests.prices.importers.conftest import AS_OF, FileMaker, Killer, row_9, row_14

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "prices"
REAL_14 = REAL / "wfp_food_prices_mmr_2008_2022.csv.gz"
REAL_9 = REAL / "wfp_food_prices_mmr_2008_2025_9col.csv.gz"


def wrong() -> list[str]:
    """What is derived and not what it must be."""
    return oracle.differences(now=clock.now())


def import_wfp(*files: Path, **options: Any) -> str:
    """Run the command. :return: what it says."""
    said = io.StringIO()
    call_command("import_wfp", *map(str, files), stdout=said, **options)
    return said.getvalue()


def only_entry() -> PriceEntry:
    (document,) = stored.documents("price_entries")
    entry = entries.get(document["_id"])
    assert entry is not None
    return entry


class TestARow:
    def test_becomes_an_entry_of_the_world_food_programme(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14(price="1400.5")))

        entry = only_entry()
        assert (entry.price, entry.quantity, entry.unit, entry.type) == (Decimal("1400.5"), 1, "kg", "RETAIL")
        assert (entry.amount, entry.base) == (140_050, "kg")
        assert entry.seen_at == datetime(2022, 3, 14, 17, 30, tzinfo=UTC)  # midnight in Yangon
        assert entry.received_at == entry.last_seen_at == entry.seen_at
        assert (entry.source, entry.status, entry.demo) == ("WFP", "published", False)
        assert entry.judgement.verdict == "fine"
        assert entry.submitter.name == "World Food Programme"
        assert entry.item_id == country.rice.pk

    def test_is_priced_per_piece_or_kilogram_of_what_it_is_for(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(
            files(
                "a.csv",
                row_14(commodity="Eggs (local)", unit="10 pcs", price="1500"),
                row_14(commodity="Rice (low quality)", unit="1.6 KG", price="4000"),
            )
        )

        by_unit = {row["unit"]: row for row in stored.documents("price_entries")}
        assert by_unit["pc"]["unitPrice"] == {"amount": 15_000, "base": "pc"}
        assert by_unit["kg"]["unitPrice"] == {"amount": 250_000, "base": "kg"}

    def test_shows_on_boards_in_history_and_in_statistics(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(
            files("a.csv", *(row_14(date=f"2022-0{month}-15", price=f"{month}00") for month in range(1, 9)))
        )

        assert wrong() == []
        assert len(stored.documents("price_history")) == 16
        assert {row["_id"].partition(":")[0] for row in stored.documents("boards")} == {
            "item",
            "shop",
            "region",
            "movers",
            "home",
            "alarms",
        }

    def test_waits_in_quarantine_outside_the_range_of_its_item(
        self, country: SimpleNamespace, files: FileMaker
    ):
        said = import_wfp(files("a.csv", row_14(price="5.0"), row_14(price="1400", date="2022-04-15")))

        status = {row["price"].to_decimal(): row["status"] for row in stored.documents("price_entries")}
        assert status == {Decimal("5.0"): "quarantined", Decimal(1400): "published"}
        assert "1 prices are outside their item's range" in said
        assert "2022-03-15, 88 ward: K 5.0 a kg is outside K 50 to K 25,000" in said
        assert wrong() == []

    def test_causes_no_ledger_row_but_the_names_of_its_market(
        self, country: SimpleNamespace, files: FileMaker
    ):
        LedgerRow.objects.all().delete()

        import_wfp(files("a.csv", row_14()))

        shop = Shop.objects.get()
        assert list(LedgerRow.objects.values_list("kind", "target")) == [("REFERENCE", f"shop:{shop.pk}")]


class TestAMarket:
    def test_becomes_a_shop_in_the_township_whose_point_is_nearest(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("a.csv", row_14()))

        shop = Shop.objects.get()
        assert (shop.shop_name, shop.kind, shop.source) == ("88 ward", "MARKET", "WFP")
        assert (shop.region, shop.township) == (country.yangon, country.dagon)
        assert (shop.point.x, shop.point.y) == (96.27097, 16.84758)
        assert only_entry().township_id == country.dagon.pk

    def test_lies_in_the_township_of_its_name_where_it_has_no_point(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("a.csv", row_9(market="Lashio Market", admin1="Shan (North)")))

        assert Shop.objects.get().township == country.lashio

    @pytest.mark.parametrize(("latitude", "longitude"), [("-90", "96.2"), ("16.8", "-96.2"), ("1", "1")])
    def test_whose_point_is_not_in_myanmar_has_none(
        self, country: SimpleNamespace, files: FileMaker, latitude: str, longitude: str
    ):
        import_wfp(files("a.csv", row_14(latitude=latitude, longitude=longitude)))

        shop = Shop.objects.get()
        assert (shop.region, shop.township, shop.point) == (country.yangon, None, None)

    def test_shows_its_region_only_where_nothing_says_more(self, country: SimpleNamespace, files: FileMaker):
        said = import_wfp(files("a.csv", row_9(market="Somewhere")))

        assert Shop.objects.get().township is None
        assert (only_entry().region_id, only_entry().township_id) == (country.yangon.pk, None)
        assert "1 markets show their region only" in said

    def test_is_one_shop_in_both_parts_of_a_region_and_under_both_its_names(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(
            files("a.csv", row_14(market="Ramci", admin1="Shan (East)")),
            files("b.csv", row_9(market="Ramsi", admin1="Shan (North)")),
        )

        assert Shop.objects.get().shop_name == "Ramsi"
        assert len(stored.documents("price_entries")) == 1

    def test_is_two_shops_where_two_regions_have_one_of_its_name(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("a.csv", row_9(market="Myoma"), row_9(market="Myoma", admin1="Shan (East)")))

        assert Shop.objects.count() == 2
        assert len(stored.documents("price_entries")) == 2

    def test_keeps_what_staff_called_it_and_prices_go_where_staff_put_it(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("a.csv", row_14()))
        Shop.objects.update(shop_name="Ward 88", township=country.thaketa)

        import_wfp(files("b.csv", row_14(date="2022-04-15")))

        assert Shop.objects.get().shop_name == "Ward 88"
        assert {row["location"]["township_id"] for row in stored.documents("price_entries")} == {
            country.thaketa.pk
        }


class TestACommodity:
    def test_is_the_item_of_our_table(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14(commodity="Onions (local)"), row_14(commodity="Onions")))

        assert {row["itemId"] for row in stored.documents("price_entries")} == {country.onions.pk}
        assert len(stored.documents("price_entries")) == 2

    def test_becomes_an_item_in_the_programmes_category_if_nobody_knows_it(
        self, country: SimpleNamespace, files: FileMaker
    ):
        said = import_wfp(
            files(
                "a.csv",
                row_14(commodity="Milk (powder)", category="milk and dairy", unit="KG", price="9000"),
                row_14(commodity="Milk (powder)", category="milk and dairy", unit="L", price="3000"),
            )
        )

        item = Item.objects.get(slug="milk-powder")
        assert (item.name_en, item.base, item.default_unit.code) == ("Milk (powder)", "kg", "kg")
        assert item.category == Category.objects.get(slug="milk-and-dairy", name_en="Milk and dairy")
        assert {row["unitPrice"]["base"] for row in stored.documents("price_entries")} == {"kg", "l"}
        assert {row["judgement"]["verdict"] for row in stored.documents("price_entries")} == {"unjudged"}
        assert {row["status"] for row in stored.documents("price_entries")} == {"published"}
        assert "Milk (powder)" in said

    def test_is_the_same_new_item_the_next_time(self, country: SimpleNamespace, files: FileMaker):
        for day in ("15", "16"):
            import_wfp(files(f"{day}.csv", row_14(commodity="Milk (powder)", date=f"2022-03-{day}")))

        assert Item.objects.filter(name_en="Milk (powder)").count() == 1

    def test_is_an_item_that_staff_know_by_that_name(self, country: SimpleNamespace, files: FileMaker):
        ginger = make_item(
            name_en="Fresh ginger",
            aliases=["Ginger"],
            category=make_category(),
            default_unit=country.units["kg"],
        )

        import_wfp(files("a.csv", row_14(commodity="Ginger")))

        assert only_entry().item_id == ginger.pk


class TestRefusedRows:
    ROWS = (
        (row_14(commodity="Wage (qualified labour)", unit="Day"), "not_goods"),
        (row_14(unit="Bundle"), "unknown_unit"),
        (row_14(price=""), "no_price"),
        (row_14(price="cheap"), "unparsable_price"),
        (row_14(price="0"), "not_positive"),
        (row_14(price="-3"), "not_positive"),
        (row_14(admin1="Atlantis"), "unknown_region"),
        (row_14(date="2022-02-31"), "broken_date"),
        (row_14(date="2999-01-01"), "broken_date"),
        (row_14() + ",more", "wrong_column_count"),
        # Eggs are compared by the piece alone.
        (row_14(commodity="Eggs (local)", unit="KG"), "unknown_unit"),
    )

    def test_are_listed_with_file_line_and_reason_and_the_rest_goes_in(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        path = files("a.csv", *(row for row, _ in self.ROWS), row_14())
        with path.open("ab") as file:
            file.write(row_14(market="\xff").encode("latin-1") + b"\n")

        said = import_wfp(path, refused=tmp_path / "refused.csv")

        with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
            listed = list(csv.DictReader(file))
        # The header and the row of tags come first.
        wanted = {number: reason for number, (_, reason) in enumerate(self.ROWS, start=3)}
        wanted[3 + len(self.ROWS) + 1] = "bad_encoding"
        assert {int(row["line"]): row["reason"] for row in listed} == wanted
        assert {row["file"] for row in listed} == {str(path)}
        assert all(row["why"] and row["raw"] for row in listed)
        assert len(stored.documents("price_entries")) == 1
        assert "12 rows do not go in" in said
        assert "2  a zero or negative price" in said

    def test_are_listed_here_unless_told_otherwise(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        said = import_wfp(files("a.csv", row_14(price="")))

        assert (tmp_path / "refused_wfp.csv").exists()
        assert "listed in refused_wfp.csv" in said

    def test_never_take_the_place_of_the_file_that_they_are_in(
        self, country: SimpleNamespace, files: FileMaker
    ):
        # Whoever has mended a list of refused rows gives it under that name.
        path = files("refused_wfp.csv", row_14(price=""))
        before = path.read_bytes()

        with pytest.raises(CommandError, match=r"refused_wfp\.csv is to be imported"):
            import_wfp(path)

        assert path.read_bytes() == before

    def test_leave_no_list_where_there_are_none(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        import_wfp(files("a.csv", row_14()))

        assert not (tmp_path / "refused_wfp.csv").exists()


class TestABrokenFile:
    @pytest.mark.parametrize("content", [b"", b"a,b,c\n1,2,3\n", b"\x1f\x8bbroken"])
    def test_is_named_and_nothing_is_written(
        self, content: bytes, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        good = files("good.csv", row_14())
        broken = tmp_path / "broken.csv"
        broken.write_bytes(content)
        before = stored.count_all()

        with pytest.raises(CommandError, match=r"broken\.csv"):
            import_wfp(good, broken)

        assert stored.count_all() == before

    def test_is_named_when_it_is_not_there(self, country: SimpleNamespace, files: FileMaker, tmp_path: Path):
        with pytest.raises(CommandError, match=r"nowhere\.csv: No such file"):
            import_wfp(tmp_path / "nowhere.csv")

    def test_without_reference_tables_the_way_out_is_said(
        self, db: None, mongo_store: None, files: FileMaker
    ):
        with pytest.raises(CommandError, match="load_reference"):
            import_wfp(files("a.csv", row_14()))


class TestASecondRun:
    def test_adds_nothing_and_changes_nothing(self, country: SimpleNamespace, files: FileMaker):
        paths = [
            files("a.csv.gz", row_14(), row_14(price="5")),
            files("b.csv", row_9(), row_9(date="2025-12-15")),
        ]
        import_wfp(*paths)
        before = {name: stored.documents(name) for name in stored.COLLECTIONS}

        said = import_wfp(*paths)

        assert "0 prices added, 0 replaced" in said
        assert {name: stored.documents(name) for name in stored.COLLECTIONS} == before

    def test_notices_a_price_that_was_corrected_in_the_file(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14(price="1400")))

        said = import_wfp(files("a.csv", row_14(price="1500")))

        assert "0 prices added, 1 replaced" in said
        assert only_entry().price == 1500
        assert only_entry().rev == 1
        assert wrong() == []

    def test_leaves_what_a_moderator_decided(self, country: SimpleNamespace, files: FileMaker):
        path = files("a.csv", row_14())
        import_wfp(path)
        removed = Change("m1", "MODERATE", datetime.now(UTC), 1, "removed")
        entries.change(only_entry().id, removed, where=["published"])

        import_wfp(path)

        assert only_entry().status == "removed"

    def test_takes_the_last_of_two_rows_with_one_key(self, country: SimpleNamespace, files: FileMaker):
        said = import_wfp(files("a.csv", row_14(price="1400"), row_14(price="1600")))

        assert only_entry().price == 1600
        assert "2 rows are 1 observations" in said


class TestTheTwoShapes:
    def test_a_row_without_a_type_counts_as_retail_until_the_type_is_known(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("9.csv", row_9()))
        assert only_entry().type == "RETAIL"

        said = import_wfp(files("14.csv", row_14(pricetype="Wholesale")))

        assert "0 prices added, 1 replaced" in said
        assert only_entry().type == "WHOLESALE"
        assert [row["type"] for row in stored.documents("latest_prices") if row["present"]] == ["WHOLESALE"]
        assert wrong() == []

    def test_a_row_without_a_type_never_replaces_one_with_a_type(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("14.csv", row_14(pricetype="Wholesale", price="1000")))

        said = import_wfp(files("9.csv", row_9(price="1400")))

        assert "1 are known better" in said
        assert (only_entry().type, only_entry().price) == ("WHOLESALE", 1000)

    def test_keeps_what_happened_to_a_price_when_its_type_becomes_known(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("9.csv", row_9(price="5")))
        published = Change("m1", "MODERATE", datetime.now(UTC), 1, "published")
        entries.change(only_entry().id, published, where=["quarantined"])

        import_wfp(files("14.csv", row_14(price="5")))

        assert only_entry().status == "published"
        assert [change.id for change in only_entry().changes] == ["m1"]
        assert only_entry().rev == 2

    def test_judges_anew_when_the_better_file_says_another_price(
        self, country: SimpleNamespace, files: FileMaker
    ):
        import_wfp(files("9.csv", row_9(price="5")))
        published = Change("m1", "MODERATE", datetime.now(UTC), 1, "published")
        entries.change(only_entry().id, published, where=["quarantined"])

        import_wfp(files("14.csv", row_14(price="6")))

        assert only_entry().status == "quarantined"

    @pytest.mark.parametrize("runs", [1, 2])
    def test_lead_to_equal_stores_in_both_orders(self, runs: int, country: SimpleNamespace, files: FileMaker):
        fourteen = files(
            "14.csv",
            row_14(),
            row_14(
                market="Lashio",
                admin1="Shan (North)",
                latitude="22.9",
                longitude="97.7",
                pricetype="Wholesale",
            ),
            row_14(
                market="Dagon", latitude="16.79", longitude="96.21"
            ),  # named like one township, lies in another
            row_14(market="Chipwi Market", latitude="", longitude=""),
            row_14(date="2022-02-15", price="4"),
        )
        nine = files(
            "9.csv.gz",
            row_9(),
            row_9(market="Lashio", admin1="Shan (North)"),
            row_9(market="Dagon", date="2024-12-15"),
            row_9(market="Chipwi", date="2024-12-15"),
            row_9(market="88 ward", date="2025-12-15", commodity="Onions (local)"),
            row_9(market="Nowhere", price="3"),
            row_9(market="Thaketa", commodity="Eggs (local)", unit="10 pcs"),
        )
        seen = []
        for order in permutations([fourteen, nine]):
            _empty()
            for together in [order] if runs == 1 else [[path] for path in order]:
                import_wfp(*together)
            assert wrong() == []
            seen.append(stored.everything())

        assert seen[0] == seen[1]
        assert len(seen[0]["entries"]) == 10
        assert ("MM-06|Dagon", "Dagon", "MARKET", "yangon", "thaketa", (96.21, 16.79)) in seen[0]["shops"]


def _empty() -> None:
    """As before any import."""
    from potato.stores import mongo

    for name in stored.COLLECTIONS:
        mongo.database()[name].delete_many({})
    for model in (ImportBatch, LedgerRow, Shop):
        model._default_manager.all().delete()


class TestADryRun:
    def test_says_what_would_happen_and_writes_nothing(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        paths = [
            files("14.csv", row_14(), row_14(commodity="Milk", price="9000"), row_14(price="")),
            files("9.csv", row_9(), row_9(date="2025-12-15", price="5"), row_9(market="Nowhere")),
        ]
        LedgerRow.objects.all().delete()
        before, there = stored.count_all(), set(tmp_path.iterdir())

        said = import_wfp(*paths, dry_run=True)

        assert stored.count_all() == before
        assert set(tmp_path.iterdir()) == there
        assert "6 rows are 4 observations" in said
        assert "4 prices would be added, 0 replaced, 0 were there, 1 are known better" in said
        assert "2 markets would be added" in said
        assert "1 markets show their region only" in said
        assert "Milk" in said
        assert "1 prices are outside their item's range" in said
        assert "1 rows do not go in" in said

    def test_says_the_same_as_the_run_that_follows(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("old.csv", row_9(price="1300"), row_9(date="2021-12-15")))
        paths = [files("9.csv", row_9(price="1400"), row_9(date="2021-12-15")), files("14.csv", row_14())]

        told = wfp_import.import_files(paths, dry_run=True)
        done = wfp_import.import_files(paths)

        told.refiled = done.refiled
        assert told == done

    def test_writes_no_user_and_does_not_touch_the_mode(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14()), dry_run=True)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM accounts_user), (SELECT count(*) FROM prices_installation)"
            )
            assert cursor.fetchone() == (0, 0)


ROWS_14 = [
    row_14(date=f"2022-{month:02}-15", commodity=commodity, market=market)
    for month in range(1, 4)
    for commodity in ("Rice (low quality)", "Onions (local)")
    for market in ("88 ward", "Thaketa")
]
ROWS_9 = [
    row_9(date=f"2022-{month:02}-15", commodity=commodity, market=market)
    for month in range(2, 6)
    for commodity in ("Rice (low quality)", "Onions (local)")
    for market in ("88 ward", "Dagon")
]


@pytest.mark.django_db(transaction=True)
class TestAKilledImport:
    STAGES = (
        ("prices.store.entries._insert", 1, "before"),
        ("prices.store.entries._insert", 2, "after"),
        ("prices.importers.loading.loaded", 1, "after"),
        ("prices.importers.wfp_import.shops_for_import", 2, "after"),
        ("prices.store.entries._write", 1, "after"),
        ("prices.importers.loading.loaded", 2, "after"),
        ("prices.store.entries.file_in_township", 1, "after"),
        ("prices.refresh.rebuild", 1, "before"),
        ("prices.store.latest.put_many", 1, "after"),
        ("prices.refresh.rebuild_shops", 1, "before"),
    )

    @pytest.fixture
    def paths(self, files: FileMaker) -> list[Path]:
        # First the one without points, so that prices have to be filed again too.
        return [files("9.csv", *ROWS_9), files("14.csv", *ROWS_14)]

    @pytest.mark.parametrize(("function", "call", "moment"), STAGES)
    def test_is_finished_by_the_same_run_again(
        self,
        function: str,
        call: int,
        moment: str,
        lasting_country: SimpleNamespace,
        paths: list[Path],
        kill: Killer,
        whole: dict[str, Any],
    ):
        kill(function, "import_wfp", *paths, call=call, moment=moment)

        import_wfp(*paths)

        assert wrong() == []
        assert stored.everything() == whole
        assert set(ImportBatch.objects.values_list("state", flat=True)) == {"refreshed"}

    @pytest.fixture
    def whole(self, lasting_country: SimpleNamespace, paths: list[Path]) -> dict[str, Any]:
        """What an import that nobody killed leaves."""
        import_wfp(*paths)
        found = stored.everything()
        _empty()
        return found

    def test_is_finished_by_the_run_of_another_file(
        self, lasting_country: SimpleNamespace, files: FileMaker, kill: Killer
    ):
        broken_off = files("14.csv", *ROWS_14)
        kill("prices.store.entries._insert", "import_wfp", broken_off, call=2)
        assert len(stored.documents("price_entries")) < len(ROWS_14)

        said = import_wfp(files("other.csv", row_9(date="2025-12-15", market="Dagon")))

        assert len(stored.documents("price_entries")) == len(ROWS_14) + 1
        assert wrong() == []
        assert f"{broken_off} broke off earlier" in said
        assert set(ImportBatch.objects.values_list("state", flat=True)) == {"refreshed"}

    def test_is_said_to_be_partly_in_when_its_file_is_gone(
        self, lasting_country: SimpleNamespace, files: FileMaker, kill: Killer
    ):
        broken_off = files("14.csv", *ROWS_14)
        kill("prices.store.entries._insert", "import_wfp", broken_off, call=2)
        content = broken_off.read_bytes()
        broken_off.unlink()

        said = import_wfp(files("other.csv", row_9(date="2025-12-15", market="Dagon")))

        assert f"{broken_off} is only partly in" in said
        assert wrong() == []

        broken_off.write_bytes(content)
        import_wfp(broken_off)

        assert len(stored.documents("price_entries")) == len(ROWS_14) + 1
        assert wrong() == []
        assert set(ImportBatch.objects.values_list("state", flat=True)) == {"refreshed"}

    def test_leaves_no_lock_behind(self, lasting_country: SimpleNamespace, paths: list[Path], kill: Killer):
        kill("prices.store.entries._insert", "import_wfp", *paths)

        import_wfp(*paths)  # would wait for ever


@pytest.mark.django_db(transaction=True)
class TestTwoImportsAtOnce:
    def test_take_turns(
        self, lasting_country: SimpleNamespace, files: FileMaker, process_env: dict[str, str], tmp_path: Path
    ):
        paths = [files("9.csv", *ROWS_9), files("14.csv", *ROWS_14)]
        project = Path(__file__).resolve().parents[3]

        running = [
            subprocess.Popen(
                [sys.executable, str(project / "manage.py"), "import_wfp", "-v0", *map(str, order)],
                env={**process_env, "POTATO_AS_OF": str(AS_OF)},
                cwd=tmp_path,
            )
            for order in permutations(paths)
        ]

        assert [process.wait(200) for process in running] == [0, 0]
        assert len(stored.documents("price_entries")) == 16 + 12 - 4
        assert wrong() == []


@pytest.mark.django_db(transaction=True)
class TestWhileImporting:
    def test_the_relay_goes_on_and_everything_is_right_afterwards(
        self, lasting_country: SimpleNamespace, files: FileMaker
    ):
        country = lasting_country
        first = files("9.csv", *ROWS_9)
        import_wfp(first)
        shop, author = Shop.objects.filter(township__isnull=False).first(), make_user(role="CONTRIBUTOR")
        stop = threading.Event()
        sent: list[str] = []

        def people() -> None:
            try:
                while not stop.is_set():
                    sent.append(
                        services.submit_price(
                            by=author,
                            submission_id=uuid7(),
                            item=country.rice,
                            shop=shop,
                            price=Decimal(1000 + len(sent)),
                            quantity=Decimal(1),
                            unit=country.units["kg"],
                            type="RETAIL",
                            now=datetime.now(UTC),
                        ).id
                    )
                    relay.run_once()
                    time.sleep(0.01)
            finally:
                connection.close()

        thread = threading.Thread(target=people)
        thread.start()
        import_wfp(files("14.csv", *ROWS_14))
        import_wfp(files("more.csv", *(row_9(date=f"2023-{month:02}-15") for month in range(1, 12))))
        stop.set()
        thread.join()
        while relay.run_once():
            pass
        call_command("rebuild_history", stdout=io.StringIO())

        assert sent
        assert all(entries.get(one) for one in sent)
        assert wrong() == []


@pytest.mark.skipif(not REAL_14.exists(), reason="the real files are not at ../shared/data/prices")
@pytest.mark.timeout(900)
class TestTheRealFiles:
    def test_are_45190_observations_of_which_43629_go_in_and_six_are_yuan(
        self, db: None, mongo_store: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        load_places()
        load_catalog()
        started = time.monotonic()
        said = import_wfp(REAL_14, REAL_9, refused=tmp_path / "refused.csv", verbosity=1)
        first = time.monotonic() - started

        assert "65,237 rows are 45,190 observations: 1,561 are not goods, 43,629 are prices." in said
        assert "43,629 prices added, 0 replaced" in said
        assert "279 markets added" in said
        quarantined = [row for row in stored.documents("price_entries") if row["status"] != "published"]
        assert len(stored.documents("price_entries")) == 43_629
        assert len(quarantined) == 6
        assert {row["timestamp"] for row in quarantined} == {datetime(2022, 3, 14, 17, 30, tzinfo=UTC)}
        assert {row["status"] for row in quarantined} == {"quarantined"}
        with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as file:
            assert {row["reason"] for row in csv.DictReader(file)} == {"not_goods"}
        assert Shop.objects.count() == 279
        assert Item.objects.count() == 92
        assert oracle.differences(now=clock.now(), boards=False) == []

        started = time.monotonic()
        said = import_wfp(REAL_9, REAL_14, refused=tmp_path / "refused.csv")
        second = time.monotonic() - started

        assert "0 prices added, 0 replaced" in said
        with capsys.disabled():
            print(f"\nWFP's two files: {first:.1f} s, again {second:.1f} s")


class TestLoading:
    def test_refuses_demo_data_where_prices_are_real(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14()))

        with pytest.raises(ValueError, match="real prices"), loading.turn(mode="demo"):
            pass
