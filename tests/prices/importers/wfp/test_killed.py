"""An import that was killed, and others that run beside it."""

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
from django.core.management import call_command
from django.db import connection

from prices.coordination.ids import uuid7
from prices.models import ImportBatch
from prices.publishing import relay
from prices.store import entries
from shops.models import Shop
from tests.factories import make_user
from tests.prices.importers import stored
from tests.prices.importers.conftest import AS_OF, FileMaker, Killer, row_9, row_14
from tests.prices.importers.stored import empty, wrong
from tests.prices.importers.wfp.conftest import import_wfp
from tests.prices.sending import submit_price

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
        ("prices.importers.wfp.markets.shops_for_import", 2, "after"),
        ("prices.store.entries._write", 1, "after"),
        ("prices.importers.loading.loaded", 2, "after"),
        ("prices.store.filing.file_in_township", 1, "after"),
        ("prices.derived.refresh.rebuild", 1, "before"),
        ("prices.store.latest.put_many", 1, "after"),
        ("prices.derived.refresh.rebuild_shops", 1, "before"),
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
        empty()
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
        project = Path(__file__).resolve().parents[4]

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
                        submit_price(
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
