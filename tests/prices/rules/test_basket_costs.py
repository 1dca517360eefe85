from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from prices.rules.basket_costs import Bill, Line, Offer, best_first, bill_of, cheapest_split, cost_pya

NOON = datetime(2025, 12, 15, 12, tzinfo=UTC)
RICE = Line(1, "kg", Decimal(5), Decimal(1))
ONIONS = Line(2, "kg", Decimal("0.5"), Decimal("1.63293"))

costs = st.one_of(st.none(), st.integers(1, 40))


@st.composite
def markets(draw):
    """Bills of some shops for the same list."""
    n_lines = draw(st.integers(1, 5))
    bills = draw(st.lists(st.tuples(*[costs] * n_lines), max_size=7))
    return {number + 1: Bill(row) for number, row in enumerate(bills)}


def rank(chosen) -> tuple[int, int]:
    """How many are missing, and what the rest costs."""
    return (sum(cost is None for cost in chosen), sum(cost or 0 for cost in chosen))


class TestCost:
    def test_is_exact_and_rounded_once(self):
        assert cost_pya(171_500, quantity=Decimal(5), to_base=Decimal(1)) == 857_500
        # 100 pya a kilogram, half a viss: 81.6465
        assert cost_pya(100, quantity=Decimal("0.5"), to_base=Decimal("1.63293")) == 82

    def test_rounds_halves_to_the_even_neighbour(self):
        assert cost_pya(1, quantity=Decimal("0.5"), to_base=Decimal(1)) == 0
        assert cost_pya(3, quantity=Decimal("0.5"), to_base=Decimal(1)) == 2


class TestBill:
    def test_names_what_is_missing_and_how_old_its_prices_are(self):
        bill = bill_of([RICE, ONIONS], {0: Offer(200_000, NOON - timedelta(days=3))})

        assert bill.costs == (1_000_000, None)
        assert (bill.total, bill.missing, bill.n_covered) == (1_000_000, (1,), 1)
        assert bill.oldest == NOON - timedelta(days=3)

    def test_without_any_price_has_no_age(self):
        assert bill_of([RICE], {}) == Bill((None,), (None,))
        assert bill_of([RICE], {}).oldest is None


class TestBestFirst:
    def test_puts_a_place_that_lacks_something_behind_one_that_has_all(self):
        bills = {1: Bill((10, None)), 2: Bill((500, 500)), 3: Bill((None, None)), 4: Bill((400, 500))}

        assert best_first(bills) == [4, 2, 1]


class TestCheapestSplit:
    def test_takes_each_item_where_it_costs_less(self):
        split = cheapest_split({1: Bill((10, 50)), 2: Bill((40, 20)), 3: Bill((30, 30))})

        assert split.shops == (1, 2)
        assert split.bill.costs == (10, 20)
        assert split.shop_of == (1, 2)
        assert split.is_proven

    def test_needs_two_shops(self):
        assert cheapest_split({}) is None
        assert cheapest_split({1: Bill((10,)), 2: Bill((None,))}) is None

    def test_prefers_one_item_more_to_any_saving(self):
        split = cheapest_split({1: Bill((1, None)), 2: Bill((1, None)), 3: Bill((900, 900_000))})

        assert split.bill.missing == ()

    def test_says_when_it_could_not_try_all_shops(self):
        bills = {1: Bill((1, 30)), 2: Bill((5, 28)), 3: Bill((40, 1))}

        assert cheapest_split(bills).is_proven
        assert (
            not cheapest_split(bills, most_tried=2).is_proven
            or cheapest_split(bills, most_tried=2).bill.total == cheapest_split(bills).bill.total
        )

    @given(markets())
    @settings(max_examples=150, deadline=None)
    def test_finds_what_trying_everything_finds(self, bills):
        sellers = {shop: bill for shop, bill in bills.items() if bill.n_covered}

        split = cheapest_split(bills)

        best = min(
            (
                rank(chosen)
                for pair in combinations(sellers.values(), 2)
                for chosen in product(
                    *({None, *halves} for halves in zip(*(bill.costs for bill in pair), strict=True))
                )
            ),
            default=None,
        )
        assert (split.bill.rank if split else None) == best

    @given(markets(), st.integers(2, 4))
    @settings(max_examples=100, deadline=None)
    def test_is_right_whenever_it_says_that_it_is(self, bills, most_tried):
        some, every = cheapest_split(bills, most_tried=most_tried), cheapest_split(bills)

        if some and some.is_proven:
            assert some.bill.rank == every.bill.rank
