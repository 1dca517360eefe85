from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prices.rules.judging.facts import facts_for
from prices.rules.judging.structure import judge
from prices.rules.typed_numbers import parse_decimal, plain
from prices.rules.typed_price import Fix, TypedPrice, read_typed_price
from prices.rules.units import VISS_IN_KG

SIZES = {
    "kg": (Decimal(1), "kg"),
    "viss": (VISS_IN_KG, "kg"),
    "ton": (Decimal(1_000), "kg"),
    "litre": (Decimal(1), "l"),
}
KYAT = 100  # pya


def read(price="2,400", quantity="1", unit="viss", sizes=SIZES, low=300, high=20_000) -> TypedPrice | None:
    ranges = {"kg": (low * KYAT, high * KYAT)} if low else {}
    return read_typed_price(price=price, quantity=quantity, unit=unit, sizes=sizes, ranges_pya=ranges)


class TestReadTypedPrice:
    def test_computes_the_price_of_a_base_unit_and_finds_it_fine(self):
        found = read("၄၈၀၀", "2")

        assert (found.price, found.quantity, found.unit) == (Decimal(4_800), Decimal(2), "viss")
        assert (found.amount_pya, found.base) == (146_975, "kg")
        assert found.verdict.verdict == "fine"
        assert found.fix is None

    @pytest.mark.parametrize(
        "typed",
        [
            {"price": ""},
            {"price": "abc"},
            {"price": "0"},
            {"price": "9" * 400},
            {"price": "2,40"},
            {"quantity": ""},
            {"quantity": "0"},
            {"quantity": "1.2345"},
            {"unit": ""},
            {"unit": "basket"},
            {"price": "0.01", "unit": "ton"},
        ],
    )
    def test_is_nothing_while_what_is_typed_makes_no_price(self, typed):
        assert read(**typed) is None

    def test_is_judged_by_the_range_of_the_base_that_its_unit_leads_to(self):
        assert read("1", unit="kg").verdict.code == "below_range"
        assert read("1", unit="litre").verdict.code == "no_range"

    def test_warns_of_an_unusual_lot_with_and_without_a_range(self):
        for low in (300, None):
            verdict = read("24,000,000", "10,000", low=low).verdict
            assert (verdict.verdict, verdict.code) == ("warned", "unusual_lot")

    @given(
        price=st.decimals("0.01", 10**10 - 1, places=2),
        quantity=st.decimals("0.001", 10**6 - 1, places=3),
        unit=st.sampled_from(sorted(SIZES)),
        low=st.none() | st.integers(1, 10_000),
    )
    def test_is_judged_as_what_is_sent_is(self, price, quantity, unit, low):
        found = read(str(price), str(quantity), unit, low=low)

        if found:
            facts = facts_for(
                price=found.price,
                quantity=found.quantity,
                unit_code=unit,
                amount_pya=found.amount_pya,
                base=found.base,
                range_pya=(low * KYAT, 20_000 * KYAT) if low and found.base == "kg" else None,
            )
            assert found.verdict == judge(facts)


class TestFix:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [("24,000", "2400"), ("240", "2400"), ("240,000", "2400"), ("24", "2400"), ("24,000.5", "2400.05")],
    )
    def test_is_the_price_with_as_many_zeros_as_are_usual(self, typed, meant):
        assert read(typed, unit="kg", low=1_000, high=5_000).fix == Fix(price=Decimal(meant))

    def test_is_the_unit_that_the_price_may_have_been_for(self):
        assert read("4,800", unit="kg", low=2_500, high=4_000).fix == Fix(unit="viss")
        assert read("480", unit="viss", low=400, high=2_000).fix == Fix(unit="kg")

    def test_is_not_a_unit_that_the_item_is_not_sold_by(self):
        found = read("4,800", unit="kg", low=2_500, high=4_000, sizes={"kg": SIZES["kg"]})

        assert found.verdict.hint == "per_viss_not_kg"
        assert found.fix is None

    def test_is_not_a_price_that_the_form_would_refuse(self):
        found = read("24,000.55", unit="kg", low=1_000, high=5_000)

        assert found.verdict.hint == "one_zero_too_many"
        assert found.fix is None

    @given(price=st.integers(1, 10**9), low=st.integers(1, 1_000), width=st.integers(2, 100))
    def test_of_the_price_can_be_sent_and_is_inside_the_range(self, price, low, width):
        found = read(str(price), unit="kg", low=low, high=low * width)

        if found.fix and found.fix.price:
            assert parse_decimal(plain(found.fix.price)) == found.fix.price
            assert low <= found.fix.price <= low * width
