from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prices.rules.judging.facts import PriceFacts
from prices.rules.judging.structure import Verdict, judge, judge_spread
from prices.types import Judgement

KYAT = 100  # pya

amounts = st.integers(1, 10**12)


def make_facts(*, amount_kyat=2_400, low_kyat=300, high_kyat=20_000, **facts) -> PriceFacts:
    return PriceFacts(
        **{
            "price": Decimal(amount_kyat),
            "quantity": Decimal(1),
            "amount_pya": amount_kyat * KYAT,
            "base": "kg",
            "unit_code": "kg",
            "low_pya": None if low_kyat is None else low_kyat * KYAT,
            "high_pya": None if high_kyat is None else high_kyat * KYAT,
        }
        | facts
    )


class TestJudge:
    def test_finds_a_price_inside_its_range_fine(self):
        assert judge(make_facts()) == Verdict("fine")

    @pytest.mark.parametrize("amount", [300, 20_000])
    def test_counts_the_ends_of_the_range_as_inside(self, amount):
        assert judge(make_facts(amount_kyat=amount)).verdict == "fine"

    def test_leaves_a_price_unjudged_where_no_range_is_known(self):
        verdict = judge(make_facts(low_kyat=None, high_kyat=None))

        assert (verdict.verdict, verdict.code) == ("unjudged", "no_range")

    def test_quarantines_a_price_above_its_range_and_says_the_range_in_plain_words(self):
        verdict = judge(make_facts(amount_kyat=2_400_000))

        assert (verdict.verdict, verdict.code) == ("quarantined", "above_range")
        assert verdict.words == "K 2,400,000 a kg is outside K 300 to K 20,000, what this may cost"

    def test_quarantines_a_price_in_yuan_below_its_range(self):
        verdict = judge(make_facts(amount_kyat=8))

        assert (verdict.verdict, verdict.code) == ("quarantined", "below_range")

    @pytest.mark.parametrize(("base", "words"), [("kg", "a kg"), ("l", "a litre"), ("pc", "a piece")])
    def test_names_the_base_unit_in_the_reason(self, base, words):
        assert words in judge(make_facts(amount_kyat=1, base=base)).words

    def test_judges_at_the_one_end_that_is_known(self):
        assert judge(make_facts(amount_kyat=20_001, low_kyat=None)).code == "above_range"
        assert judge(make_facts(amount_kyat=299, high_kyat=None)).code == "below_range"
        assert judge(make_facts(low_kyat=None)).verdict == "fine"
        assert judge(make_facts(high_kyat=None)).verdict == "fine"

    def test_takes_a_range_with_its_ends_the_wrong_way_round_as_not_known(self):
        assert judge(make_facts(low_kyat=20_000, high_kyat=300)).verdict == "unjudged"

    @pytest.mark.parametrize("bad", ["0", "-1", "NaN", "Infinity"])
    @pytest.mark.parametrize("field", ["price", "quantity"])
    def test_quarantines_what_is_not_positive(self, field, bad):
        verdict = judge(make_facts(**{field: Decimal(bad)}))

        assert (verdict.verdict, verdict.code) == ("quarantined", "not_positive")

    def test_quarantines_a_unit_price_of_nothing(self):
        assert judge(make_facts(amount_pya=0)).code == "not_positive"

    def test_warns_of_a_lot_larger_than_makes_sense(self):
        verdict = judge(make_facts(lot=Decimal("500000"), largest_lot=Decimal("10000")))

        assert (verdict.verdict, verdict.code) == ("warned", "unusual_lot")
        assert verdict.words == "500,000 kg is more than the usual 10,000 kg"

    def test_has_nothing_against_the_largest_lot_or_an_unknown_one(self):
        largest = Decimal("10000")

        assert judge(make_facts(lot=largest, largest_lot=largest)).verdict == "fine"
        assert judge(make_facts(lot=Decimal("1E+9"))).verdict == "fine"

    def test_says_that_the_price_is_out_of_range_before_it_speaks_of_the_lot(self):
        facts = make_facts(amount_kyat=1, lot=Decimal(100), largest_lot=Decimal(10))

        assert judge(facts).code == "below_range"

    def test_looks_at_the_spread_of_a_quote_too(self):
        facts = make_facts(minimum=Decimal(2_700), maximum=Decimal(28_500))

        assert judge(facts).code == "maximum_twice_minimum"

    def test_gives_the_entry_what_it_keeps(self):
        verdict = judge(make_facts(amount_kyat=24_000))

        assert verdict.judgement == Judgement(
            verdict="quarantined", reason=verdict.reason, hint="one_zero_too_many"
        )

    @settings(deadline=None)
    @given(amount=amounts, low=amounts, high=amounts, unit=st.sampled_from(["kg", "viss", "bag"]))
    def test_quarantines_exactly_what_is_outside(self, amount, low, high, unit):
        low, high = min(low, high), max(low, high)

        verdict = judge(make_facts(amount_pya=amount, low_pya=low, high_pya=high, unit_code=unit))

        assert (verdict.verdict == "quarantined") == (not low <= amount <= high)
        assert verdict.code in {"", "below_range", "above_range"}
        if verdict.hint:
            assert verdict.verdict == "quarantined"


class TestHints:
    @pytest.mark.parametrize(
        ("amount", "hint"),
        [
            (24_000, "one_zero_too_many"),
            (240_000, "two_zeros_too_many"),
            (240, "one_zero_too_few"),
            (24, "two_zeros_too_few"),
            (24_000_000, None),
            (1, None),
        ],
    )
    def test_names_the_zeros_that_would_bring_the_price_inside(self, amount, hint):
        assert judge(make_facts(amount_kyat=amount)).hint == hint

    def test_asks_per_viss_when_kilograms_were_given_and_no_zero_explains_the_price(self):
        verdict = judge(make_facts(amount_kyat=2_800, low_kyat=1_500, high_kyat=2_000))

        assert verdict.hint == "per_viss_not_kg"

    def test_asks_per_kilogram_when_viss_were_given(self):
        verdict = judge(make_facts(amount_kyat=1_100, low_kyat=1_500, high_kyat=2_000, unit_code="viss"))

        assert verdict.hint == "per_kg_not_viss"

    @pytest.mark.parametrize("facts", [{"unit_code": "bag"}, {"unit_code": "viss"}, {"base": "l"}])
    def test_does_not_ask_about_viss_when_another_unit_was_given(self, facts):
        verdict = judge(make_facts(amount_kyat=2_800, low_kyat=1_500, high_kyat=2_000, **facts))

        assert verdict.hint is None

    def test_names_the_slip_that_lands_nearest_to_the_middle(self):
        assert judge(make_facts(amount_kyat=25_000)).hint == "one_zero_too_many"
        assert judge(make_facts(amount_kyat=200_000)).hint == "two_zeros_too_many"

    def test_has_none_for_a_fine_price(self):
        assert judge(make_facts()).hint is None

    def test_works_with_one_end_of_the_range(self):
        assert judge(make_facts(amount_kyat=100_000, low_kyat=None)).hint == "one_zero_too_many"
        assert judge(make_facts(amount_kyat=100, high_kyat=None)).hint == "one_zero_too_few"

    @settings(deadline=None)
    @given(inside=st.integers(300 * KYAT, 20_000 * KYAT), zeros=st.sampled_from([10, 100]))
    def test_always_has_one_when_zeros_were_added_to_a_good_price(self, inside, zeros):
        verdict = judge(make_facts(amount_pya=inside * zeros))

        assert verdict.verdict == "fine" or verdict.hint is not None


class TestJudgeSpread:
    @pytest.mark.parametrize(
        ("minimum", "maximum", "code"),
        [
            ("2700", "2850", ""),
            ("2700", "2700", ""),
            ("2700", "5399.99", ""),
            ("2700", "5400", "maximum_twice_minimum"),
            ("2700", "28500", "maximum_twice_minimum"),
            ("2850", "2700", "minimum_above_maximum"),
            ("0", "2700", "not_positive"),
            ("2700", "-1", "not_positive"),
            ("NaN", "2700", "not_positive"),
        ],
    )
    def test_quarantines_spreads_that_no_market_has(self, minimum, maximum, code):
        verdict = judge_spread(Decimal(minimum), Decimal(maximum))

        assert verdict.code == code
        assert verdict.verdict == ("quarantined" if code else "fine")

    def test_has_nothing_to_say_about_a_single_price(self):
        assert judge_spread(None, Decimal(2700)).verdict == "fine"
        assert judge_spread(Decimal(2700), None).verdict == "fine"
        assert judge_spread(None, None).verdict == "fine"

    def test_refuses_a_single_price_of_zero(self):
        assert judge_spread(None, Decimal(0)).code == "not_positive"

    def test_says_both_prices_in_the_reason(self):
        assert judge_spread(Decimal(2850), Decimal(2700)).words == (
            "the minimum K 2,850 is above the maximum K 2,700"
        )
