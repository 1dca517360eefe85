"""Rows and files that cannot be read."""

import csv
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError

from prices.importers.wfp.run import import_files
from prices.models import ImportBatch, Installation
from shops.models import Shop
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, row_9, row_14
from tests.prices.importers.wfp.conftest import import_wfp


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

    def test_never_take_the_place_of_that_file_under_another_name(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        path = files("a.csv", row_14(price=""))
        before = path.read_bytes()
        same = tmp_path / "same.csv"
        same.hardlink_to(path)

        with pytest.raises(CommandError, match=r"same\.csv is to be imported"):
            import_wfp(path, refused=same)

        assert path.read_bytes() == before

    @pytest.mark.parametrize("rows", [1, 500])
    def test_say_when_their_list_cannot_be_written(
        self, rows: int, country: SimpleNamespace, files: FileMaker
    ):
        path = files("a.csv", *[row_14(price="")] * rows)

        with pytest.raises(CommandError, match="/dev/full cannot be written: No space left"):
            import_wfp(path, refused=Path("/dev/full"))

    def test_leave_no_list_where_there_are_none(
        self, country: SimpleNamespace, files: FileMaker, tmp_path: Path
    ):
        import_wfp(files("a.csv", row_14()))

        assert not (tmp_path / "refused_wfp.csv").exists()


class TestTheCounts:
    HOSTILE = (
        row_14(),
        row_14(price="1500"),
        row_14(unit="10 KG", price="14000"),
        # A tenth of a pya for each kilogram is none: it takes no good price's place.
        row_14(unit="10 KG", price="0.01"),
        row_14(commodity="Eggs (local)", unit="KG"),
        row_14(commodity="Eggs (local)", unit="KG", price="7"),
        row_14(commodity="Eggs (local)", unit="KG", market="Nothing but eggs"),
        row_14(commodity="Wage (qualified labour)", unit="Day"),
        row_14(commodity="Wage (qualified labour)", unit="Day", price="6000"),
        row_14(date="2022-01-15", price="1300"),
        row_14(price=""),
    )
    LATER = (row_9(), row_9(date="2022-01-15", price="6"), row_9(commodity="Eggs (local)", unit="KG"))

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_add_up_whatever_is_in_the_files(self, dry_run: bool, country: SimpleNamespace, files: FileMaker):
        paths = [files("14.csv", *self.HOSTILE), files("9.csv", *self.LATER)]

        told = import_files(paths, dry_run=dry_run)

        went_in = told.new + told.replaced + told.unchanged + told.outranked
        assert told.rows == len(self.HOSTILE) + len(self.LATER)
        assert told.rows == told.refused.total() + told.repeated + went_in
        assert (told.refused.total(), told.repeated, told.new, told.outranked) == (8, 1, 3, 2)
        assert (told.prices, told.not_goods, told.observations) == (3, 1, 4)
        assert told.new_shops == 1
        # What is known better is not what is stored.
        assert told.quarantined == {}
        if not dry_run:
            entries = stored.documents("price_entries")
            assert {str(entry["price"]) for entry in entries} == {"1500", "14000", "1300"}
            assert Shop.objects.count() == 1
            for batch in ImportBatch.objects.all():
                counts = batch.counts
                assert counts["rows"] == counts["prices"] + counts["repeated"] + sum(
                    counts["refused"].values()
                )
                assert counts["prices"] == counts["new"] + counts["replaced"] + counts["unchanged"]

    def test_are_told(self, country: SimpleNamespace, files: FileMaker):
        said = import_wfp(files("14.csv", *self.HOSTILE), files("9.csv", *self.LATER))

        assert "14 rows are 4 observations: 1 are not goods, 3 are prices." in said
        assert "3 prices added, 0 replaced, 0 were there, 2 are known better, 1 stand again" in said
        assert "8 rows do not go in" in said


class TestAFileWithoutAPriceThatGoesIn:
    def test_ends_no_demo_and_makes_no_market(self, country: SimpleNamespace, files: FileMaker):
        Installation.objects.create(pk=1, mode=Installation.Mode.DEMO)
        before = stored.count_all()

        said = import_wfp(files("a.csv", row_14(commodity="Eggs (local)", unit="KG")))

        assert "1 rows are 0 observations" in said
        assert "1 rows do not go in" in said
        assert "demo" not in said
        assert stored.count_all() == before
        assert Installation.objects.get().mode == Installation.Mode.DEMO


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

    def test_is_no_pipe_which_would_be_waited_for(self, country: SimpleNamespace, tmp_path: Path):
        os.mkfifo(tmp_path / "pipe.csv")

        for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path):
            with pytest.raises(CommandError, match="is no file"):
                import_wfp(path)

    def test_is_none_whose_name_cannot_be_kept(self, country: SimpleNamespace, files: FileMaker):
        path = files("\udcff.csv", row_14(), row_14(price=""))

        with pytest.raises(CommandError, match=r"udcff\.csv' is not UTF-8: rename"):
            import_wfp(path)

        assert stored.documents("price_entries") == []

    def test_without_reference_tables_the_way_out_is_said(
        self, db: None, mongo_store: None, files: FileMaker
    ):
        with pytest.raises(CommandError, match="load_reference"):
            import_wfp(files("a.csv", row_14()))
