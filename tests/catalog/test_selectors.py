from decimal import Decimal

import pytest

from catalog import selectors
from catalog.models import Base, PriceRange, Unit, UnitFactor
from tests.factories import make_item, make_region, make_unit

pytestmark = pytest.mark.django_db


def factor(*, unit, item, to_base, region=None, base="kg", **fields):
    return UnitFactor.objects.create(
        unit=unit, item=item, region=region, to_base=Decimal(to_base), base=base, source="a test", **fields
    )


def sizes(item, region=None):
    """What the units of an item hold, asked for all of them and for one after the other."""
    region_id = region.pk if region else None
    priced = selectors.units_for(item_id=item.pk, region_id=region_id)
    one_by_one = [
        selectors.unit_for(item=item, unit=unit, region_id=region_id) for unit in Unit.objects.all()
    ]
    assert {one.unit.code: one for one in one_by_one if one} == {one.unit.code: one for one in priced}
    return {one.unit.code: (one.to_base, one.base) for one in priced}


class TestUnitsFor:
    def test_gives_units_of_the_items_dimension_and_its_factors(self):
        kg, viss = make_unit(code="kg"), make_unit(code="viss", to_base="1.63293")
        basket = make_unit(code="basket", kind=Unit.Kind.VOLUME, to_base="40.915", base=Base.LITRE)
        make_unit(code="litre", kind=Unit.Kind.VOLUME, to_base=1, base=Base.LITRE)
        make_unit(code="box", kind=Unit.Kind.CONTAINER, to_base=None, base="")
        paddy = make_item(default_unit=basket, usual_units=[kg, viss])
        factor(unit=basket, item=paddy, to_base="20.865")

        assert sizes(paddy) == {
            "basket": (Decimal("20.865"), "kg"),
            "kg": (1, "kg"),
            "viss": (Decimal("1.63293"), "kg"),
        }

    def test_puts_the_default_unit_first_then_the_usual_ones(self):
        make_unit(code="lb", position=1)
        kg, viss = make_unit(code="kg", position=2), make_unit(code="viss", position=3)
        ton = make_unit(code="ton", position=4)
        item = make_item(default_unit=viss, usual_units=[ton, kg])

        found = selectors.units_for(item_id=item.pk, region_id=None)

        assert [(one.unit.code, one.is_usual) for one in found] == [
            ("viss", True),
            ("kg", True),
            ("ton", True),
            ("lb", False),
        ]

    def test_prefers_the_region_then_the_item_then_the_kind_it_is_a_variety_of(self):
        chin, mon = make_region(), make_region()
        bag = make_unit(code="bag", kind=Unit.Kind.CONTAINER, to_base=None, base="")
        rice = make_item()
        paw_san = make_item(variety_of=rice, default_unit=rice.default_unit)
        emata = make_item(variety_of=rice, default_unit=rice.default_unit)
        factor(unit=bag, item=rice, to_base=50)
        factor(unit=bag, item=rice, to_base=45, region=chin)
        factor(unit=bag, item=paw_san, to_base=48)
        factor(unit=bag, item=paw_san, to_base=47, region=mon)

        bags = {
            (name, place): sizes(item, region)["bag"][0]
            for name, item in (("paw san", paw_san), ("emata", emata))
            for place, region in (("chin", chin), ("mon", mon), ("nowhere", None))
        }

        assert bags == {
            ("paw san", "chin"): 48,
            ("paw san", "mon"): 47,
            ("paw san", "nowhere"): 48,
            ("emata", "chin"): 45,
            ("emata", "mon"): 50,
            ("emata", "nowhere"): 50,
        }

    def test_leaves_to_the_item_alone_a_factor_that_does_not_hold_for_varieties(self):
        bag = make_unit(code="bag", kind=Unit.Kind.CONTAINER, to_base=None, base="")
        rice = make_item()
        broken = make_item(variety_of=rice, default_unit=rice.default_unit)
        factor(unit=bag, item=rice, to_base=50, for_varieties=False)

        assert "bag" in sizes(rice)
        assert "bag" not in sizes(broken)

    def test_leaves_out_units_that_are_switched_off_and_knows_nothing_of_an_unknown_item(self):
        item = make_item(usual_units=[make_unit(code="old", is_active=False)])

        assert "old" not in sizes(item)
        assert selectors.units_for(item_id=10**9, region_id=None) == []

    def test_asks_as_much_for_all_items_as_for_one(self, django_assert_num_queries):
        for _ in range(5):
            make_item()

        with django_assert_num_queries(4):
            assert len(selectors.units_for_items(region_id=None)) == 5

    def test_leaves_out_a_factor_to_a_base_that_the_item_is_not_compared_by(self):
        box = make_unit(code="box", kind=Unit.Kind.CONTAINER, to_base=None, base="")
        tomato = make_item()
        factor(unit=box, item=tomato, to_base=24, base="pc")

        assert "box" not in sizes(tomato)

    def test_takes_an_items_own_unit_for_a_base_it_is_compared_by_as_well(self):
        piece = make_unit(code="pc", kind=Unit.Kind.COUNT, to_base=1, base=Base.PIECE)
        ten = make_unit(code="ten", kind=Unit.Kind.COUNT, to_base=10, base=Base.PIECE)
        cabbage = make_item(usual_units=[piece])

        assert sizes(cabbage)["ten"] == (10, "pc")
        assert sizes(make_item()).keys().isdisjoint({piece.code, ten.code})


class TestRangesOf:
    def test_gives_lowest_and_highest_pya_by_item_and_base(self):
        rice, oil = make_item(), make_item(base=Base.LITRE)
        for item, base in ((rice, "kg"), (oil, "l"), (oil, "kg")):
            PriceRange.objects.create(item=item, base=base, low_kyat="100.50", high_kyat=9000)

        found = selectors.ranges_of([oil.pk])

        assert found == {(oil.pk, "l"): (10_050, 900_000), (oil.pk, "kg"): (10_050, 900_000)}
