"""The same files again."""

from datetime import UTC, datetime
from itertools import permutations
from types import SimpleNamespace

import pytest

from prices.store import entries
from prices.types import Change
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, row_9, row_14
from tests.prices.importers.stored import empty, only_entry, wrong
from tests.prices.importers.wfp.conftest import import_wfp


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
            empty()
            for together in [order] if runs == 1 else [[path] for path in order]:
                import_wfp(*together)
            assert wrong() == []
            seen.append(stored.everything())

        assert seen[0] == seen[1]
        assert len(seen[0]["entries"]) == 10
        assert ("MM-06|Dagon", "Dagon", "MARKET", "yangon", "thaketa", (96.21, 16.79)) in seen[0]["shops"]
