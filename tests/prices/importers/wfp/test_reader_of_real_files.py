"""What the reader finds in the World Food Programme's own files."""

from collections import Counter
from pathlib import Path

import pytest

from prices.importers.wfp.reader import Observation, Reason, RefusedRow, read

REAL = Path(__file__).resolve().parents[5] / "shared" / "data" / "prices"
REAL_14 = REAL / "wfp_food_prices_mmr_2008_2022.csv.gz"
REAL_9 = REAL / "wfp_food_prices_mmr_2008_2025_9col.csv.gz"


@pytest.mark.skipif(not REAL_14.exists(), reason="the real price files are not beside this checkout")
class TestTheRealFiles:
    @pytest.fixture(scope="class")
    @staticmethod
    def rows() -> tuple[list[Observation | RefusedRow], list[Observation | RefusedRow]]:
        return list(read(REAL_14)), list(read(REAL_9))

    def test_hold_the_known_numbers_of_observations_and_wages(self, rows):
        older, later = rows

        goods = [row for row in older + later if isinstance(row, Observation)]
        refused = [row for row in older + later if isinstance(row, RefusedRow)]
        assert (len(older), len(later), len(goods) + len(refused)) == (30_321, 34_916, 65_237)
        assert len({row.natural_key for row in goods}) == 43_629
        assert {row.reason for row in refused} == {Reason.NOT_GOODS}
        # A wage's key, as an observation would have it: these make the 45,190 complete.
        assert len({_wage_key(row.raw) for row in refused}) == 1_561

    def test_have_no_key_twice_in_a_file_and_the_same_price_in_both(self, rows):
        older = {row.natural_key: row for row in rows[0] if isinstance(row, Observation)}
        later = {row.natural_key: row for row in rows[1] if isinstance(row, Observation)}
        both = older.keys() & later.keys()

        assert len(older) == 28_760
        assert len(later) == 33_888
        assert len(both) == 28_760 + 33_888 - 43_629
        assert all(older[key].price == later[key].price for key in both)

    def test_have_one_market_of_a_name_and_few_wholesale_prices(self, rows):
        goods = [row for row in rows[0] + rows[1] if isinstance(row, Observation)]

        # Otherwise the natural key, which has no region, would join two markets.
        assert max(Counter(market for market, _ in {(row.market, row.admin1) for row in goods}).values()) == 1
        assert {(row.market, row.commodity) for row in goods if row.price_type == "WHOLESALE"} == {
            ("Yangon", "Rice (Emata)")
        }
        assert {row.typed for row in goods if row.price_type == "WHOLESALE"} == {True}


def _wage_key(raw: str) -> tuple[str, str]:
    """Day and market of a wage's row of either shape; all are one commodity and unit."""
    fields = raw.split(",")
    market = fields[3]
    renamed = {
        "Ramci": "Ramsi",
        "Chipwi Market": "Chipwi",
        "Hpakant Market": "Hpakant",
        "Kan Nar Market": "Kan Nar",
    }
    return fields[0], renamed.get(market, market)
