import csv
from pathlib import Path

import pytest

from prices.importers.wfp.townships import TownshipPoint, match_township

INSEIN = TownshipPoint("MMR013002", "Insein", 16.8900, 96.1000)
HLAING = TownshipPoint("MMR013040", "Hlaing", 16.8450, 96.1230)
DALA = TownshipPoint("MMR013031", "Dala", None, None)
PANGSANG = TownshipPoint("MMR015308", "Pangsang (Panghkam)", None, None)
CHAUNG_U = TownshipPoint("MMR005014", "Chaung-U", None, None)


class TestMatchTownship:
    def test_takes_the_nearest_point(self):
        found = match_township(market="Insein", position=(16.846, 96.121), townships=[INSEIN, HLAING, DALA])

        assert found == HLAING

    def test_takes_the_name_when_the_market_has_no_position(self):
        assert match_township(market="Insein", position=None, townships=[HLAING, INSEIN]) == INSEIN

    def test_takes_the_name_when_no_township_has_a_point(self):
        assert match_township(market="Dala", position=(16.7, 96.1), townships=[DALA, PANGSANG]) == DALA

    @pytest.mark.parametrize(
        ("market", "township"),
        [
            ("Insein Myoma", INSEIN),
            ("INSEIN Myo Ma Market", INSEIN),
            ("Chaung U", CHAUNG_U),
            ("Pangsang", PANGSANG),
            ("Panghkam Market", PANGSANG),
        ],
    )
    def test_reads_past_the_words_for_a_town_market(self, market, township):
        everywhere = [INSEIN, HLAING, DALA, PANGSANG, CHAUNG_U]

        assert match_township(market=market, position=None, townships=everywhere) == township

    @pytest.mark.parametrize("market", ["Ho Li", "Market", "Myoma", "", "ဈေး"])
    def test_finds_none_rather_than_a_wrong_one(self, market):
        assert match_township(market=market, position=None, townships=[INSEIN, DALA]) is None

    def test_finds_none_in_a_region_without_townships(self):
        assert match_township(market="Insein", position=(16.8, 96.1), townships=[]) is None

    def test_does_not_depend_on_the_order_when_two_are_equally_near(self):
        twin = TownshipPoint("MMR013999", "Twin", INSEIN.latitude, INSEIN.longitude)

        for order in ([INSEIN, twin], [twin, INSEIN]):
            assert match_township(market="", position=(16.9, 96.1), townships=order) == INSEIN


def test_the_reference_table_gives_every_region_townships_to_match():
    path = Path(__file__).resolve().parents[4] / "shops" / "reference" / "townships.csv"
    with path.open(encoding="utf-8", newline="") as file:
        located = {row["region"] for row in csv.DictReader(file) if row["latitude"]}

    assert len(located) == 15
