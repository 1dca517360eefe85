"""The admin of units, items and factors: the rules in the user's words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Base, Item, Unit, UnitFactor
from tests.admin_forms import address, errors, inline
from tests.factories import make_category, make_item, make_region, make_unit

pytestmark = pytest.mark.django_db


class TestTheUnitForm:
    FIELDS = {"code": "tin", "name_en": "Tin", "kind": "volume", "position": 1, "is_active": "on"}

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"base": "kg", "to_base": ""}, "to_base"),
            ({"base": "", "to_base": "2"}, "base"),
            ({"base": "kg", "to_base": "0"}, "to_base"),
            ({"base": "kg", "to_base": "-2"}, "to_base"),
            ({"base": "kg", "to_base": "NaN"}, "to_base"),
            ({"base": "kg", "to_base": "1e309"}, "to_base"),
            ({"base": "ounce", "to_base": "2"}, "base"),
        ],
    )
    def test_wants_base_and_number_together(self, client, staff, fields, field):
        response = client.post(address(Unit, "add"), self.FIELDS | fields)

        assert set(errors(response)) == {field}

    def test_takes_a_unit_with_or_without_a_size(self, client, staff):
        assert client.post(address(Unit, "add"), self.FIELDS | {"base": "", "to_base": ""}).status_code == 302
        sized = self.FIELDS | {"code": "tin2", "base": "l", "to_base": "40.915"}
        assert client.post(address(Unit, "add"), sized).status_code == 302

        assert set(Unit.objects.values_list("code", "base")) == {("tin", ""), ("tin2", "l")}


class TestTheItemForm:
    def fields(self, **fields):
        return {
            "name_en": "Paw San",
            "name_my": "ပေါ်ဆန်း",
            "slug": "paw-san",
            "aliases": "",
            "category": make_category().pk,
            "variety_of": "",
            "base": "kg",
            "default_unit": make_unit(code="viss", to_base="1.63293").pk,
            "is_active": "on",
            "position": "10",
            **inline("factors"),
            **inline("ranges"),
            **fields,
        }

    def test_stores_names_units_factors_and_ranges_together(self, client, staff):
        bag = make_unit(code="bag", kind=Unit.Kind.CONTAINER, to_base=None, base="")
        factor = {"unit": bag.pk, "to_base": "48", "base": "kg", "for_varieties": "on", "source": "weighed"}
        limits = {"base": "kg", "low_kyat": "500", "high_kyat": "9000", "source": ""}

        response = client.post(
            address(Item, "add"),
            self.fields(
                aliases="ပေါ်ဆန်းမွှေး; Pearl rice;", **inline("factors", factor), **inline("ranges", limits)
            ),
        )

        assert response.status_code == 302
        item = Item.objects.get(slug="paw-san")
        assert item.aliases == ["ပေါ်ဆန်းမွှေး", "Pearl rice"]
        assert [unit.code for unit in item.usual_units.all()] == ["viss"], "the default unit is a usual one"
        assert item.factors.get().to_base == 48
        assert item.ranges.get().high_kyat == 9000

    def test_shows_what_prices_may_be_given_in(self, client, staff):
        item = make_item(default_unit=make_unit(name_en="viss", to_base="1.63293"))

        assert "viss (1.63293 kg)" in client.get(address(Item, "change", item.pk)).content.decode()

    def test_asks_as_much_for_many_factors_as_for_few(self, client, staff):
        item, counts = make_item(), []
        for _ in range(2):
            for _ in range(3):
                UnitFactor.objects.create(
                    unit=make_unit(), item=item, region=make_region(), to_base=2, base="kg", source="x"
                )
            with CaptureQueriesContext(connection) as queries:
                client.get(address(Item, "change", item.pk))
            counts.append(len(queries))

        assert counts[0] == counts[1]

    @pytest.mark.parametrize(
        ("factor", "field"),
        [
            ({"to_base": "0"}, "to_base"),
            ({"to_base": "-1"}, "to_base"),
            ({"to_base": "much"}, "to_base"),
            ({"base": "ounce"}, "base"),
            ({"source": ""}, "source"),
            ({"unit": "99999999"}, "unit"),
        ],
    )
    def test_takes_no_factor_that_makes_no_sense(self, client, staff, factor, field):
        good = {"unit": make_unit().pk, "to_base": "48", "base": "kg", "source": "weighed"}

        response = client.post(address(Item, "add"), self.fields(**inline("factors", good | factor)))

        assert set(errors(response)) == {field}

    @pytest.mark.parametrize(
        ("limits", "field"),
        [
            ({"low_kyat": "9000", "high_kyat": "500"}, "high_kyat"),
            ({"low_kyat": "0", "high_kyat": "500"}, "low_kyat"),
            ({"low_kyat": "-5", "high_kyat": "500"}, "low_kyat"),
        ],
    )
    def test_takes_no_range_that_makes_no_sense(self, client, staff, limits, field):
        rows = inline("ranges", {"base": "kg", "source": "", **limits})

        assert set(errors(client.post(address(Item, "add"), self.fields(**rows)))) == {field}

    def test_takes_no_variety_of_itself_or_of_a_variety(self, client, staff):
        rice = make_item(name_en="Rice")
        emata = make_item(name_en="Emata", variety_of=rice)
        emata_25 = make_item(name_en="Emata 25")

        def refused(item, parent):
            response = client.post(address(Item, "change", item.pk), self.fields(variety_of=parent.pk))
            Unit.objects.filter(code="viss").delete()
            return errors(response)["variety_of"]

        assert refused(emata_25, emata_25) == "An item cannot be a variety of itself."
        assert refused(emata_25, emata) == "Emata is a variety of Rice: choose Rice."
        assert refused(rice, emata_25) == "This item has varieties, so it cannot be one itself."

    def test_keeps_the_slug_and_deletes_nothing(self, client, staff):
        item = make_item(slug="rice")

        client.post(address(Item, "change", item.pk), self.fields(slug="other"))
        answer = client.post(address(Item, "delete", item.pk), {"post": "yes"})

        assert answer.status_code == 403
        assert Item.objects.get(pk=item.pk).slug == "rice"


class TestTheFactorForm:
    def test_says_that_a_factor_is_there_already_for_the_whole_country(self, client, staff):
        unit, item = make_unit(), make_item()
        UnitFactor.objects.create(unit=unit, item=item, to_base=2, base=Base.KG, source="x")
        fields = {"unit": unit.pk, "item": item.pk, "region": "", "to_base": 3, "base": "kg", "source": "y"}

        response = client.post(address(UnitFactor, "add"), fields)

        assert "already exists" in errors(response)["__all__"]
