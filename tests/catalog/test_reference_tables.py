"""The tables that `load_reference` reads must agree with each other and with the real prices."""

import csv
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from prices.importers.wfp.reader import ADMIN1_NAMES, WFP_UNITS, Observation, read

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "prices"
REAL_FILES = [
    REAL / "wfp_food_prices_mmr_2008_2022.csv.gz",
    REAL / "wfp_food_prices_mmr_2008_2025_9col.csv.gz",
]
real_files = pytest.mark.skipif(
    not all(path.exists() for path in REAL_FILES), reason="the real price files are not beside this checkout"
)

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
BASES = {"kg", "l", "pc"}


def table(name: str) -> list[dict[str, str]]:
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names(text: str) -> list[str]:
    return [name for name in text.split(";") if name]


REGIONS = table("shops/reference/regions.csv")
TOWNSHIPS = table("shops/reference/townships.csv")
CATEGORIES = table("catalog/reference/categories.csv")
ITEMS = {row["slug"]: row for row in table("catalog/reference/items.csv")}
UNITS = {row["code"]: row for row in table("catalog/reference/units.csv")}
FACTORS = table("catalog/reference/factors.csv")
RANGES = table("catalog/reference/ranges.csv")
COMMODITIES = {row["commodity"]: row["item"] for row in table("catalog/reference/wfp_commodities.csv")}


@cache
def real_observations() -> list[Observation]:
    return [row for path in REAL_FILES for row in read(path) if isinstance(row, Observation)]


def bases_of(item: dict[str, str]) -> set[str]:
    """The bases that an item's usual units lead to, by the unit's own factor or the item's."""
    kin = {item["slug"], item["variety_of"]} - {""}
    found = set()
    for code in names(item["usual_units"]):
        special = [
            factor["base"]
            for factor in FACTORS
            if factor["unit"] == code
            and (factor["item"] == item["slug"] or (factor["item"] in kin and factor["scope"] == "varieties"))
        ]
        found.add(special[0] if special else UNITS[code]["base"])
    return found


class TestEveryTable:
    @pytest.mark.parametrize(
        "name",
        [
            "shops/reference/regions.csv",
            "shops/reference/townships.csv",
            "catalog/reference/categories.csv",
            "catalog/reference/items.csv",
            "catalog/reference/units.csv",
            "catalog/reference/factors.csv",
            "catalog/reference/ranges.csv",
            "catalog/reference/wfp_commodities.csv",
        ],
    )
    def test_has_whole_rows_without_stray_space(self, name):
        for row in table(name):
            assert None not in row, row
            for value in row.values():
                assert value is not None, row
                assert value == value.strip(), row

    def test_has_unique_keys(self):
        for keys in (
            [row["iso_code"] for row in REGIONS],
            [row["slug"] for row in REGIONS],
            [row["pcode"] for row in TOWNSHIPS],
            [(row["region"], row["slug"]) for row in TOWNSHIPS],
            [row["slug"] for row in CATEGORIES],
            [row["slug"] for row in table("catalog/reference/items.csv")],
            [row["name_en"] for row in ITEMS.values()],
            [row["position"] for row in ITEMS.values()],
            [row["code"] for row in table("catalog/reference/units.csv")],
            [(row["unit"], row["item"], row["region"]) for row in FACTORS],
            [(row["item"], row["base"]) for row in RANGES],
            [row["commodity"] for row in table("catalog/reference/wfp_commodities.csv")],
        ):
            assert [key for key, times in Counter(keys).items() if times > 1] == []

    def test_has_slugs_fit_for_a_url(self):
        for rows, key in (
            (REGIONS, "slug"),
            (TOWNSHIPS, "slug"),
            (CATEGORIES, "slug"),
            (ITEMS.values(), "slug"),
            (UNITS.values(), "code"),
        ):
            for row in rows:
                assert SLUG.fullmatch(row[key]), row
                assert len(row[key]) <= (20 if key == "code" else 50), row


class TestPlaces:
    def test_are_15_regions_and_358_townships(self):
        assert len(REGIONS) == 15
        assert len(TOWNSHIPS) == 358
        assert {row["region"] for row in TOWNSHIPS} == {row["iso_code"] for row in REGIONS}

    def test_have_both_names(self):
        for row in REGIONS + TOWNSHIPS:
            assert row["name_en"].isascii(), row
            assert re.search(r"[\u1000-\u109f]", row["name_my"]), row

    def test_have_townships_under_the_region_of_their_p_code(self):
        region_of = {code: row["iso_code"] for row in REGIONS for code in names(row["mimu_pcodes"])}

        assert len(region_of) == 18
        assert all(region_of[row["pcode"][:6]] == row["region"] for row in TOWNSHIPS)

    def test_have_region_points_inside_their_boxes(self):
        for row in REGIONS:
            assert float(row["min_lat"]) < float(row["latitude"]) < float(row["max_lat"])
            assert float(row["min_lon"]) < float(row["longitude"]) < float(row["max_lon"])

    def test_have_township_points_in_or_near_the_region_or_none(self):
        boxes = {row["iso_code"]: row for row in REGIONS}
        without = [row for row in TOWNSHIPS if not row["latitude"]]

        assert len(without) == 4
        assert all(not row["longitude"] for row in without)
        for row in TOWNSHIPS:
            if row["latitude"]:
                box = boxes[row["region"]]
                assert float(box["min_lat"]) - 0.3 < float(row["latitude"]) < float(box["max_lat"]) + 0.3, row
                assert float(box["min_lon"]) - 0.3 < float(row["longitude"]) < float(box["max_lon"]) + 0.3, (
                    row
                )

    def test_have_the_names_that_the_wfp_reader_knows(self):
        assert {name for row in REGIONS for name in names(row["wfp_admin1"])} == ADMIN1_NAMES


class TestUnits:
    def test_have_a_factor_unless_they_are_containers(self):
        for unit in UNITS.values():
            if unit["kind"] == "container":
                assert (unit["to_base"], unit["base"]) == ("", ""), unit
            else:
                assert Decimal(unit["to_base"]) > 0, unit
                assert {"mass": "kg", "volume": "l", "count": "pc"}[unit["kind"]] == unit["base"], unit

    def test_fit_into_nine_decimals(self):
        for row in [*UNITS.values(), *FACTORS]:
            if row["to_base"]:
                assert Decimal(row["to_base"]) == round(Decimal(row["to_base"]), 9), row

    @pytest.mark.parametrize(
        ("many", "of", "make"),
        [
            (100, "tical", "viss"),
            (2, "half-viss", "viss"),
            (4, "quarter-viss", "viss"),
            (8, "eighth-viss", "viss"),
            (16, "pyi", "basket"),
            (4, "seik", "basket"),
            (1000, "g", "kg"),
            (1000, "ml", "l"),
        ],
    )
    def test_agree_with_each_other(self, many, of, make):
        assert many * Decimal(UNITS[of]["to_base"]) == Decimal(UNITS[make]["to_base"])

    def test_have_a_tin_of_an_eighth_pyi(self):
        assert 8 * Decimal(UNITS["lame"]["to_base"]) == pytest.approx(Decimal(UNITS["pyi"]["to_base"]))

    def test_include_every_unit_that_wfp_prices_are_filed_under(self):
        assert {code for _, code in WFP_UNITS.values()} <= UNITS.keys()


class TestFactors:
    def test_name_known_things(self):
        regions = {row["iso_code"] for row in REGIONS}
        for factor in FACTORS:
            assert factor["unit"] in UNITS, factor
            assert factor["item"] in ITEMS, factor
            assert factor["scope"] in {"item", "varieties"}, factor
            assert factor["region"] in regions | {""}, factor
            assert factor["base"] in BASES, factor
            assert Decimal(factor["to_base"]) > 0, factor
            assert factor["source"], factor
            assert len(factor["source"]) <= 200, factor

    def test_of_rice_and_paddy_are_the_known_ones(self):
        known = {(row["unit"], row["item"]): Decimal(row["to_base"]) for row in FACTORS}

        assert known["basket", "paddy"] == Decimal("20.865")
        assert known["bag", "rice"] == 50
        assert known["basket", "rice"] == Decimal("33.3")
        assert known["seik", "rice"] * 4 == known["basket", "rice"]
        assert known["pyi", "rice"] * 16 == known["basket", "rice"]
        assert known["lame", "rice"] * 128 == known["basket", "rice"]


class TestItems:
    def test_name_known_categories_units_and_kinds(self):
        for item in ITEMS.values():
            assert item["category"] in {row["slug"] for row in CATEGORIES}, item
            assert item["default_unit"] in names(item["usual_units"]), item
            assert set(names(item["usual_units"])) <= UNITS.keys(), item
            assert item["base"] in BASES, item

    def test_are_varieties_of_a_kind_that_is_not_a_variety_itself(self):
        for item in ITEMS.values():
            if item["variety_of"]:
                assert ITEMS[item["variety_of"]]["variety_of"] == "", item

    def test_come_after_the_kind_that_they_are_varieties_of(self):
        order = list(ITEMS)

        for slug, item in ITEMS.items():
            if item["variety_of"]:
                assert order.index(item["variety_of"]) < order.index(slug)

    def test_have_usual_units_that_all_lead_to_a_base(self):
        for item in ITEMS.values():
            assert bases_of(item) <= BASES, item
            assert item["base"] in bases_of(item), item

    def test_have_no_wages(self):
        assert not any("wage" in item["name_en"].lower() for item in ITEMS.values())

    def test_have_names_and_aliases_that_fit(self):
        for item in ITEMS.values():
            assert re.search(r"[\u1000-\u109f]", item["name_my"]), item
            assert all(
                len(name) <= 120 for name in (item["name_en"], item["name_my"], *names(item["aliases"]))
            )


class TestRanges:
    def test_are_ordered_positive_and_say_where_they_come_from(self):
        for row in RANGES:
            assert 0 < Decimal(row["low_kyat"]) < Decimal(row["high_kyat"]), row
            assert row["source"], row
            assert len(row["source"]) <= 200, row

    def test_cover_exactly_the_bases_that_items_may_be_priced_in(self):
        given = {(row["item"], row["base"]) for row in RANGES}

        assert given == {(slug, base) for slug, item in ITEMS.items() for base in bases_of(item)}

    def test_see_a_hundred_baskets_of_rice_given_as_one(self):
        dearest = {(row["item"], row["base"]): Decimal(row["high_kyat"]) for row in RANGES}

        assert dearest["rice-yadanar-toe", "kg"] < Decimal(950_000) / Decimal("33.3")
        assert dearest["paddy-emata", "kg"] < Decimal(791_000) / Decimal("20.865")


class TestWfpCommodities:
    def test_lead_to_items(self):
        assert set(COMMODITIES.values()) <= ITEMS.keys()

    @real_files
    def test_are_all_those_of_the_real_files(self):
        real = {row.commodity for row in real_observations()}

        assert real == COMMODITIES.keys()

    @real_files
    def test_have_the_category_that_wfp_gives_them(self):
        slug_of = {row["name_en"].lower(): row["slug"] for row in CATEGORIES}
        for row in real_observations():
            assert ITEMS[COMMODITIES[row.commodity]]["category"] == slug_of[row.category]

    @real_files
    def test_that_share_an_item_never_price_it_twice_in_a_market_on_a_day(self):
        seen = {}
        for row in real_observations():
            key = (row.date, row.market, COMMODITIES[row.commodity], row.unit_code, row.price_type)
            seen.setdefault(key, set()).add(row.commodity)

        assert {names for names in map(frozenset, seen.values()) if len(names) > 1} == set()

    @real_files
    def test_have_six_prices_outside_their_range_and_those_are_yuan(self):
        ranges = {
            (row["item"], row["base"]): (Decimal(row["low_kyat"]), Decimal(row["high_kyat"]))
            for row in RANGES
        }
        outside = {}
        for row in real_observations():
            low, high = ranges[COMMODITIES[row.commodity], UNITS[row.unit_code]["base"]]
            if not low <= row.price / row.quantity <= high:
                outside[row.natural_key] = row.price

        assert outside == {
            ("2022-03-15", "Lin Haw", "Salt", "KG"): 5,
            ("2022-03-15", "Lin Haw", "Pulses", "KG"): 10,
            ("2022-03-15", "Lower Ban Wai", "Rice (low quality)", "KG"): 5,
            ("2022-03-15", "Dein Aw", "Salt", "KG"): 6,
            ("2022-03-15", "Dein Aw", "Pulses", "KG"): 16,
            ("2022-03-15", "Nawng Hkit", "Pulses", "KG"): 10,
        }
