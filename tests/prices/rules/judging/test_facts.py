from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prices.rules.judging.facts import LARGEST_LOT, facts_for
from prices.rules.judging.structure import judge
from prices.rules.units import unit_price_pya


def make_facts(**given):
    return facts_for(
        **{
            "price": Decimal(4_800),
            "quantity": Decimal(2),
            "unit_code": "viss",
            "amount_pya": 146_975,
            "base": "kg",
            "range_pya": (30_000, 2_000_000),
        }
        | given
    )


class TestFactsFor:
    def test_gives_the_lot_in_base_units_beside_the_largest_of_that_base(self):
        facts = make_facts()

        assert (facts.lot, facts.largest_lot) == (Decimal("3.3"), LARGEST_LOT["kg"])

    def test_gives_the_range_of_the_item(self):
        facts = make_facts()

        assert (facts.low_pya, facts.high_pya) == (30_000, 2_000_000)

    def test_leaves_the_range_open_where_nobody_curated_one(self):
        facts = make_facts(range_pya=None)

        assert (facts.low_pya, facts.high_pya) == (None, None)
        assert judge(facts).code == "no_range"

    @pytest.mark.parametrize("base", ["kg", "l", "pc"])
    def test_lets_every_base_have_a_largest_lot(self, base):
        facts = make_facts(base=base, price=Decimal(146_975) * 11_000 / 100)

        assert judge(facts).code == "unusual_lot"

    @given(
        price=st.decimals(1, 10**9, places=2),
        quantity=st.decimals("0.001", 10**5, places=3),
        to_base=st.decimals("0.01", 1_000, places=5),
    )
    def test_finds_the_quantity_again_from_price_and_amount(self, price, quantity, to_base):
        exact = quantity * to_base
        assume(price * 100 / exact >= 1_000)  # at least 10 kyat: half a pya of rounding is little
        amount = unit_price_pya(price=price, quantity=quantity, to_base=to_base)

        lot = make_facts(price=price, quantity=quantity, amount_pya=amount).lot

        assert abs(lot - exact) <= Decimal("0.05") + exact / 1_000
