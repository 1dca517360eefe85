"""The reference tables of places and catalogue: loading them, and loading them again."""

import shutil
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog import services
from catalog.models import Category, Item, PriceRange, Unit, UnitFactor
from potato.tables import TableError
from shops.models import Region, Shop, Township
from shops.services import load_places
from shops.signals import reference_changed
from tests.factories import make_shop

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tables(tmp_path):
    """Copies of the tables that a test may change, in the folders of their apps."""
    for app in ("shops", "catalog"):
        shutil.copytree(PROJECT / app / "reference", tmp_path / app / "reference")
    return tmp_path


@pytest.fixture
def news():
    """What ``reference_changed`` told, as (kind, how many)."""
    told = []

    def remember(sender, kind, ids, **_):
        told.append((kind, len(ids)))

    reference_changed.connect(remember)
    yield told
    reference_changed.disconnect(remember)


def load(tables, **options):
    return load_places(folder=tables / "shops/reference", **options) | services.load_catalog(
        folder=tables / "catalog/reference", **options
    )


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def everything():
    """All rows of all tables with their keys, to compare."""
    models = [Region, Township, Category, Unit, Item, UnitFactor, PriceRange, Item.usual_units.through]
    return [
        sorted(str([getattr(cell, "wkt", cell) for cell in row]) for row in model.objects.values_list())
        for model in models
    ]


class TestLoading:
    def test_fills_every_table(self, tables):
        written = load(tables)

        assert Region.objects.count() == written["regions"] == 15
        assert Township.objects.count() == written["townships"] == 358
        assert Item.objects.count() == written["items"] > 80
        assert Unit.objects.get(code="viss").to_base == Decimal("1.63293")
        paw_san = Item.objects.filter(variety_of__slug="rice").first()
        assert paw_san.category.slug == "cereals-and-tubers"
        factor = UnitFactor.objects.get(item__slug="paddy", unit__code="basket")
        assert (factor.to_base, factor.base, factor.region) == (Decimal("20.865"), "kg", None)
        yangon = Region.objects.get(slug="yangon")
        assert yangon.bounds[0] < yangon.point.x < yangon.bounds[2]

    def test_counts_the_default_unit_among_the_usual_ones(self, tables):
        load(tables)

        for item in Item.objects.select_related("default_unit").prefetch_related("usual_units"):
            assert item.default_unit in item.usual_units.all()

    def test_again_changes_nothing_and_tells_nothing(self, tables, news, django_assert_max_num_queries):
        load(tables)
        before = everything()
        news.clear()

        started = time.perf_counter()
        with django_assert_max_num_queries(30):
            written = load(tables)

        assert time.perf_counter() - started < 1
        assert set(written.values()) == {0}
        assert everything() == before
        assert news == []

    def test_tells_each_kind_once(self, tables, news):
        load(tables)

        assert [kind for kind, _ in news] == ["region", "township", "category", "unit", "item"]
        assert dict(news)["township"] == 358
        assert dict(news)["item"] == Item.objects.count()

    def test_leaves_alone_what_staff_changed(self, tables):
        load(tables)
        Item.objects.filter(slug="rice").update(name_en="Plain rice", is_active=False)
        UnitFactor.objects.filter(item__slug="paddy").delete()

        load(tables)

        assert Item.objects.get(slug="rice").name_en == "Plain rice"
        assert not UnitFactor.objects.filter(item__slug="paddy").exists()

    def test_applies_a_row_that_changed_in_its_table_and_tells_of_it_alone(self, tables, news):
        load(tables)
        news.clear()
        Item.objects.filter(slug="rice").update(name_my="တခြား", is_active=False)
        Item.objects.filter(slug="paddy").update(name_en="Unhusked rice")
        edit(
            tables / "catalog/reference/items.csv",
            "\nrice,cereals-and-tubers,Rice,",
            "\nrice,cereals-and-tubers,Any rice,",
        )

        written = load(tables)

        rice = Item.objects.get(slug="rice")
        assert (rice.name_en, rice.name_my) == ("Any rice", "ဆန်")
        assert rice.is_active is False, "only staff switch an item on or off"
        assert Item.objects.get(slug="paddy").name_en == "Unhusked rice"
        assert written["items"] == 1
        assert news == [("item", 1)]

    def test_adopts_a_row_that_staff_made_before_its_table_had_it(self, tables):
        Category.objects.create(slug="oil-and-fats", name_en="Oils")

        load(tables)

        assert Category.objects.get(slug="oil-and-fats").name_en == "Oil and fats"

    def test_writes_everything_again_when_told_to_overwrite(self, tables):
        load(tables)
        Item.objects.filter(slug="rice").update(name_en="Plain rice")
        UnitFactor.objects.filter(item__slug="paddy").delete()

        load(tables, overwrite=True)

        assert Item.objects.get(slug="rice").name_en == "Rice"
        assert UnitFactor.objects.filter(item__slug="paddy").exists()

    def test_keeps_rows_that_left_their_table(self, tables):
        load(tables)
        path = tables / "catalog/reference/ranges.csv"
        path.write_text(
            "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
        )

        load(tables)

        assert PriceRange.objects.count() > 50

    def test_changes_a_variety_to_an_item_of_its_own(self, tables):
        load(tables)
        line = next(
            line
            for line in (tables / "catalog/reference/items.csv").read_text(encoding="utf-8").splitlines()
            if line.startswith("rice-emata,")
        )
        edit(tables / "catalog/reference/items.csv", line + "\n", line.replace(",rice,kg,", ",,kg,") + "\n")

        load(tables)

        assert Item.objects.get(slug="rice-emata").variety_of is None


class TestAMistakeInATable:
    @pytest.mark.parametrize(
        ("table", "old", "new", "message"),
        [
            ("catalog/reference/units.csv", "viss,viss,ပိဿာ,mass,1.63293", "viss,viss,ပိဿာ,mass,much", "line 4, to_base"),
            ("catalog/reference/units.csv", "viss,viss,ပိဿာ,mass,1.63293", "viss,viss,ပိဿာ,mass,NaN", "line 4, to_base"),
            ("catalog/reference/units.csv", "viss,viss,ပိဿာ,mass,1.63293", "viss,viss,ပိဿာ,mass,-1", "line 4, to_base"),
            ("catalog/reference/units.csv", "viss,viss,ပိဿာ,mass,1.63293", "viss,viss,ပိဿာ,weight,1", "line 4, kind"),
            ("catalog/reference/units.csv", "viss,viss,ပိဿာ,mass,1.63293,kg,30", "viss,viss,ပိဿာ,mass,1,kg", "line 4, the line"),
            ("catalog/reference/units.csv", "\nviss,viss,", "\nkg,viss,", "line 4, code: 'kg' is in line 2 already"),
            ("catalog/reference/units.csv", "code,name_en", "code,english", "line 1: the columns must be"),
            ("catalog/reference/items.csv", "\nrice,cereals-and-tubers", "\nrice,cereals", "line 2, category: there is no"),
            ("catalog/reference/items.csv", "\nrice,cereals-and-tubers,Rice,", "\nrice,cereals-and-tubers,,", "line 2, name_en: is empty"),
            ("shops/reference/townships.csv", "MMR001001,MM-11,", "MMR001001,MM-99,", "line 2, region: there is no"),
            ("shops/reference/townships.csv", "myitkyina,Myitkyina,", "waingmaw,Myitkyina,", "slug: 'waingmaw' is another"),
            ("shops/reference/townships.csv", "25.38381,97.37679", "97.37679,25.38381", "line 2, latitude"),
            ("shops/reference/townships.csv", "25.38381,97.37679", ",97.37679", "line 2, latitude"),
            ("shops/reference/regions.csv", "MM-01,sagaing,", "MM-01,bago,", "line 3, slug: 'bago' is in line 2 already"),
            ("shops/reference/regions.csv", "MM-01,sagaing,", "MM-01,a/b,", "line 2, slug: 'a/b' is not of small"),
            ("shops/reference/regions.csv", "MM-01,sagaing,", "MM-01\0,sagaing,", "line 2, iso_code: contains a NUL"),
            ("shops/reference/regions.csv", "MM-01,sagaing,", f"{'M' * 200},sagaing,", "line 2, iso_code: longer than 50"),
            ("catalog/reference/units.csv", "\nviss,viss,", "\nVISS,viss,", "line 4, code: 'VISS' is not of small"),
        ],
    )  # fmt: skip
    def test_is_named_by_file_line_and_field_and_nothing_is_written(self, tables, table, old, new, message):
        edit(tables / table, old, new)

        with pytest.raises(TableError) as error:
            load_places(folder=tables / "shops/reference")
            services.load_catalog(folder=tables / "catalog/reference")

        assert str(error.value).startswith(table)
        assert message in str(error.value)
        assert not Unit.objects.exists()

    @pytest.mark.parametrize(
        ("column", "value", "message"),
        [
            ("variety_of", "rice", "cannot be a variety of itself"),
            ("variety_of", "rice-emata", "is a variety itself"),
            ("variety_of", "nothing", "there is no 'nothing'"),
            ("usual_units", "kg;bushel", "there is no unit 'bushel'"),
            ("default_unit", "bushel", "there is no 'bushel'"),
            ("position", "-1", "not a whole number"),
            ("position", "99999", "not a whole number"),
            ("name_en", "x" * 121, "longer than 120"),
        ],
    )
    def test_in_an_item_names_the_field(self, tables, column, value, message):
        path = tables / "catalog/reference/items.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        number = next(number for number, line in enumerate(lines) if line.startswith("rice,"))
        cells = lines[number].split(",")
        cells[lines[0].split(",").index(column)] = value
        lines[number] = ",".join(cells)
        path.write_text("\n".join(lines), encoding="utf-8")

        with pytest.raises(TableError) as error:
            load(tables)

        assert f"items.csv, line {number + 1}, {column}: " in str(error.value)
        assert message in str(error.value)
        assert not Item.objects.exists()

    def test_is_a_table_that_is_missing_or_no_utf_8(self, tables):
        (tables / "catalog/reference/units.csv").write_bytes("ပိဿာ".encode("utf-16"))
        with pytest.raises(TableError, match=r"catalog/reference/units\.csv is not UTF-8"):
            load(tables)

        (tables / "catalog/reference/units.csv").unlink()
        with pytest.raises(TableError, match=r"catalog/reference/units\.csv cannot be read"):
            load(tables)

    def test_is_a_code_changed_of_a_region_that_is_there(self, tables):
        load(tables)
        edit(tables / "shops/reference/regions.csv", "MM-01,sagaing,", "MM-99,sagaing,")

        with pytest.raises(TableError, match="line 2, slug: 'sagaing' is another region's"):
            load(tables)

    def test_would_take_a_townships_shops_to_another_region(self, tables):
        load(tables)
        make_shop(township=Township.objects.get(pcode="MMR001001"))
        edit(tables / "shops/reference/townships.csv", "MMR001001,MM-11,", "MMR001001,MM-12,")

        with pytest.raises(TableError, match="the township has shops"):
            load(tables)

        assert Shop.objects.get().township.region.iso_code == "MM-11"


class TestTheCommand:
    def test_says_what_it_wrote_and_then_that_there_is_nothing_new(self, capsys):
        call_command("load_reference")
        assert "358 townships" in capsys.readouterr().out

        call_command("load_reference")
        assert capsys.readouterr().out == "Reference tables: nothing new.\n"

    def test_writes_nothing_at_all_when_a_table_is_wrong(self, tables, monkeypatch):
        edit(tables / "catalog/reference/items.csv", "\nrice,cereals-and-tubers", "\nrice,cereals")
        monkeypatch.setattr(
            services.load_catalog,
            "__kwdefaults__",
            {"folder": tables / "catalog/reference", "overwrite": False},
        )

        with pytest.raises(CommandError, match=r"catalog/reference/items\.csv, line 2, category"):
            call_command("load_reference")

        assert not Region.objects.exists()
