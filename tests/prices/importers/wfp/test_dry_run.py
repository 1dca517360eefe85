from pathlib import Path
from types import SimpleNamespace

from django.db import connection

from prices.importers.wfp import run
from prices.models import LedgerRow
from tests.prices.importers import stored
from tests.prices.importers.conftest import FileMaker, row_9, row_14
from tests.prices.importers.wfp.conftest import import_wfp


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

        told = run.import_files(paths, dry_run=True)
        done = run.import_files(paths)

        told.refiled = done.refiled
        assert told == done

    def test_writes_no_user_and_does_not_touch_the_mode(self, country: SimpleNamespace, files: FileMaker):
        import_wfp(files("a.csv", row_14()), dry_run=True)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM accounts_user), (SELECT count(*) FROM prices_installation)"
            )
            assert cursor.fetchone() == (0, 0)
