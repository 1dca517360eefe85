from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prices.units import (
    INT64_MAX,
    FactorFacts,
    ItemFacts,
    NoFactor,
    UnitFacts,
    factor_for,
    per_unit_kyat,
    unit_price_pya,
)

VISS = Decimal("1.63293")
YANGON, MANDALAY = 13, 10
KG = UnitFacts(code="kg", kind="mass", to_base=Decimal(1), base="kg")
BASKET = UnitFacts(code="basket", kind="volume", to_base=Decimal("40.915"), base="l")
BUNDLE = UnitFacts(code="bundle", kind="container", to_base=None, base=None)
PADDY = ItemFacts(id=1, parent_id=None, bases=frozenset({"kg"}))
PAW_SAN_PADDY = ItemFacts(id=2, parent_id=1, bases=frozenset({"kg"}))

prices = st.decimals(min_value="0.01", max_value="9999999999", places=2)
quantities = st.decimals(min_value="0.001", max_value="999999", places=3)
factors = st.decimals(min_value="0.000001", max_value="5000", places=6)


def make_factor(
    *, item: ItemFacts = PADDY, unit=BASKET, region=None, to_base="20.865", base="kg"
) -> FactorFacts:
    return FactorFacts(
        unit_code=unit.code, item_id=item.id, region_id=region, to_base=Decimal(to_base), base=base
    )


class TestUnitPricePya:
    def test_is_the_price_in_pya_for_one_kilogram(self):
        assert unit_price_pya(price=Decimal(2400), quantity=Decimal(1), to_base=Decimal(1)) == 240_000

    def test_divides_by_the_kilograms_in_a_viss(self):
        assert unit_price_pya(price=Decimal(2400), quantity=Decimal(1), to_base=VISS) == 146_975

    def test_divides_by_the_quantity(self):
        assert unit_price_pya(price=Decimal(1000), quantity=Decimal(10), to_base=Decimal(1)) == 10_000

    @pytest.mark.parametrize(("price", "pya"), [("0.25", 12), ("0.35", 18), ("0.45", 22)])
    def test_rounds_halves_to_the_even_pya(self, price, pya):
        assert unit_price_pya(price=Decimal(price), quantity=Decimal(2), to_base=Decimal(1)) == pya

    def test_rounds_once_where_rounding_a_decimal_first_would_be_off(self):
        price, quantity = Decimal("1.005000000000000000000000000001"), Decimal(1)

        assert unit_price_pya(price=price, quantity=quantity, to_base=Decimal(1)) == 101

    @pytest.mark.parametrize("name", ["price", "quantity", "to_base"])
    @pytest.mark.parametrize(
        "bad", ["0", "-1", "NaN", "sNaN", "Infinity", "-Infinity", "1E+99999", "1E-99999"]
    )
    def test_refuses_what_is_not_finite_and_positive_and_of_sensible_size(self, name, bad):
        good = {"price": Decimal(5), "quantity": Decimal(1), "to_base": Decimal(1)}

        with pytest.raises(ValueError, match=name):
            unit_price_pya(**good | {name: Decimal(bad)})

    def test_refuses_a_number_of_a_thousand_digits(self):
        with pytest.raises(ValueError, match="digits"):
            unit_price_pya(price=Decimal("1." + "1" * 1000), quantity=Decimal(1), to_base=Decimal(1))

    def test_refuses_what_does_not_fit_into_64_bits(self):
        with pytest.raises(ValueError, match="too large"):
            unit_price_pya(price=Decimal(INT64_MAX), quantity=Decimal(1), to_base=Decimal(1))

    def test_keeps_the_largest_that_fits_into_64_bits(self):
        price = Decimal(INT64_MAX) / 100

        assert unit_price_pya(price=price, quantity=Decimal(1), to_base=Decimal(1)) == INT64_MAX

    def test_refuses_what_rounds_to_nothing(self):
        with pytest.raises(ValueError, match="less than half a pya"):
            unit_price_pya(price=Decimal("0.01"), quantity=Decimal(1000), to_base=Decimal(1))

    @settings(deadline=None)
    @given(price=prices, quantity=quantities, to_base=factors)
    def test_is_never_more_than_half_a_pya_from_the_exact_value(self, price, quantity, to_base):
        exact = Fraction(price) * 100 / (Fraction(quantity) * Fraction(to_base))
        assume(Fraction(1, 2) < exact < INT64_MAX)

        pya = unit_price_pya(price=price, quantity=quantity, to_base=to_base)

        assert isinstance(pya, int)
        assert abs(pya - exact) <= Fraction(1, 2)

    @settings(deadline=None)
    @given(price=prices, quantity=quantities, to_base=factors)
    def test_is_the_same_when_price_and_quantity_double(self, price, quantity, to_base):
        exact = Fraction(price) * 100 / (Fraction(quantity) * Fraction(to_base))
        assume(Fraction(1, 2) < exact < INT64_MAX)

        once = unit_price_pya(price=price, quantity=quantity, to_base=to_base)
        twice = unit_price_pya(price=price * 2, quantity=quantity * 2, to_base=to_base)

        assert once == twice


class TestPerUnitKyat:
    def test_says_kyat_a_viss_of_a_price_a_kilogram(self):
        assert per_unit_kyat(pya_per_base=184_000, to_base=VISS) == Decimal(3005)

    @pytest.mark.parametrize(
        ("pya", "shown"),
        [(250, "2.5"), (500, "5.0"), (994, "9.9"), (996, "10"), (1050, "10"), (1150, "12"), (24_049, "240")],
    )
    def test_shows_whole_kyat_and_one_decimal_under_ten(self, pya, shown):
        assert str(per_unit_kyat(pya_per_base=pya, to_base=Decimal(1))) == shown

    def test_refuses_a_factor_of_nothing(self):
        with pytest.raises(ValueError, match="to_base"):
            per_unit_kyat(pya_per_base=100, to_base=Decimal(0))

    @settings(deadline=None)
    @given(pya=st.integers(1000, INT64_MAX), to_base=factors)
    def test_is_within_half_a_kyat_of_the_exact_value(self, pya, to_base):
        exact = Fraction(pya) * Fraction(to_base) / 100
        assume(exact >= 10)

        assert abs(Fraction(per_unit_kyat(pya_per_base=pya, to_base=to_base)) - exact) <= Fraction(1, 2)


class TestFactorFor:
    def test_takes_the_units_own_size(self):
        assert factor_for(unit=KG, item=PADDY, factors=[], region_id=YANGON) == (Decimal(1), "kg")

    def test_prefers_the_items_factor_to_the_units_own_size(self):
        rice = ItemFacts(id=1, parent_id=None, bases=frozenset({"kg", "l"}))

        assert factor_for(unit=BASKET, item=rice, factors=[make_factor()], region_id=None) == (
            Decimal("20.865"),
            "kg",
        )

    def test_prefers_more_specific_factors(self):
        ladder = [
            make_factor(item=PAW_SAN_PADDY, region=YANGON, to_base="21"),
            make_factor(item=PAW_SAN_PADDY, to_base="22"),
            make_factor(item=PADDY, region=YANGON, to_base="23"),
            make_factor(item=PADDY, to_base="24"),
        ]

        found = [
            factor_for(unit=BASKET, item=PAW_SAN_PADDY, factors=[*reversed(rest)], region_id=YANGON)[0]
            for rest in (ladder, ladder[1:], ladder[2:], ladder[3:])
        ]

        assert found == [21, 22, 23, 24]

    def test_ignores_factors_of_other_regions_units_and_items(self):
        other_item = ItemFacts(id=9, parent_id=None, bases=frozenset({"kg"}))
        others = [
            make_factor(region=MANDALAY),
            make_factor(unit=BUNDLE),
            make_factor(item=other_item),
            make_factor(item=PAW_SAN_PADDY),
        ]

        with pytest.raises(NoFactor):
            factor_for(unit=BASKET, item=PADDY, factors=others, region_id=YANGON)

    def test_ignores_regional_factors_when_the_region_is_not_known(self):
        with pytest.raises(NoFactor):
            factor_for(unit=BASKET, item=PADDY, factors=[make_factor(region=YANGON)], region_id=None)

    def test_never_mixes_volume_and_mass(self):
        with pytest.raises(NoFactor, match="basket"):
            factor_for(unit=BASKET, item=PADDY, factors=[], region_id=YANGON)

    def test_ignores_a_factor_to_a_base_that_the_item_is_not_compared_by(self):
        with pytest.raises(NoFactor):
            factor_for(unit=BASKET, item=PADDY, factors=[make_factor(base="l")], region_id=None)

    def test_has_nothing_for_a_unit_without_a_size(self):
        with pytest.raises(NoFactor):
            factor_for(unit=BUNDLE, item=PADDY, factors=[], region_id=None)

    def test_does_not_lend_a_varietys_factor_to_its_kind(self):
        with pytest.raises(NoFactor):
            factor_for(unit=BASKET, item=PADDY, factors=[make_factor(item=PAW_SAN_PADDY)], region_id=None)
