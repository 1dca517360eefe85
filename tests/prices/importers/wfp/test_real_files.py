"""The World Food Programme's own files."""

import csv
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.models import Item
from catalog.services import load_catalog
from potato import clock
from shops.models import Shop
from shops.services import load_places
from tests.prices import oracle
from tests.prices.importers import stored
from tests.prices.importers.wfp.conftest import import_wfp

REAL = Path(__file__).resolve().parents[5] / "shared" / "data" / "prices"


REAL_14 = REAL / "wfp_food_prices_mmr_2008_2022.csv.gz"


REAL_9 = REAL / "wfp_food_prices_mmr_2008_2025_9col.csv.gz"


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
