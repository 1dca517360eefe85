from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prices.rules.units import INT64_MAX, per_unit_kyat, unit_price_pya

VISS = Decimal("1.63293")

prices = st.decimals(min_value="0.01", max_value="9999999999", places=2)
quantities = st.decimals(min_value="0.001", max_value="999999", places=3)
factors = st.decimals(min_value="0.000001", max_value="5000", places=6)


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
