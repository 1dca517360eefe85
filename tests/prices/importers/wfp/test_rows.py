"""What a row becomes: its price, its market, its commodity."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from catalog.models import Category, Item
from prices.models import LedgerRow
from shops.models import Shop
from tests.factories import make_category, make_item
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, row_9, row_14
from tests.prices.importers.stored import only_entry, wrong
from tests.prices.importers.wfp.conftest import import_wfp


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
