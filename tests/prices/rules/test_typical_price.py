import statistics
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potato.calendar import yangon_day
from prices.rules.typical_price import (
    MIN_SHOPS,
    NO_PRICES,
    WINDOW_DAYS,
    ShopPrice,
    Summary,
    change_percent,
    cheaper_by,
    is_fresh,
    median_pya,
    summarise,
    typical_for,
    window_start,
)

NOW = datetime(2025, 12, 16, 5, 0, tzinfo=UTC)  # 11:30 in Yangon
DAY = timedelta(days=1)

amounts = st.integers(1, 10**15)
moments = st.datetimes(datetime(2008, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def make_price(*, shop=1, amount=184_000, age=DAY, at=None, township=7) -> ShopPrice:
    return ShopPrice(shop_id=shop, region_id=13, township_id=township, amount=amount, seen_at=at or NOW - age)


def make_summary(*, n_shops=3, median=200_000, newest=NOW - DAY) -> Summary:
    return Summary(
        median=median,
        low=median - 5_000,
        high=median + 5_000,
        n_shops=n_shops,
        newest=newest,
        oldest=newest - 5 * DAY,
    )


shop_prices = st.builds(
    lambda shop, amount, hours: make_price(shop=shop, amount=amount, age=timedelta(hours=hours)),
    shop=st.integers(1, 6),
    amount=amounts,
    hours=st.integers(-48, 60 * 24),
)


class TestYangonDay:
    def test_begins_at_half_past_five_in_the_evening_utc(self):
        assert yangon_day(datetime(2025, 12, 15, 17, 29, 59, 999_000, tzinfo=UTC)) == date(2025, 12, 15)
        assert yangon_day(datetime(2025, 12, 15, 17, 30, tzinfo=UTC)) == date(2025, 12, 16)

    def test_is_the_same_whatever_zone_the_moment_is_told_in(self):
        moment = datetime(2025, 12, 15, 20, 0, tzinfo=UTC)

        assert yangon_day(moment.astimezone(timezone(timedelta(hours=-8)))) == yangon_day(moment)

    def test_refuses_a_naive_moment(self):
        with pytest.raises(ValueError, match="time zone"):
            yangon_day(datetime(2025, 12, 15))


class TestWindow:
    def test_starts_at_midnight_in_yangon_34_days_before_today(self):
        assert window_start(NOW) == datetime(2025, 11, 11, 17, 30, tzinfo=UTC)

    def test_moves_at_midnight_in_yangon_only(self):
        last_of_day = datetime(2025, 12, 16, 17, 29, 59, 999_000, tzinfo=UTC)

        assert window_start(last_of_day) == window_start(NOW)
        assert window_start(last_of_day + timedelta(milliseconds=1)) == window_start(NOW) + DAY

    def test_counts_a_price_of_the_first_moment_and_not_of_the_one_before(self):
        first = window_start(NOW)

        assert is_fresh(first, now=NOW)
        assert not is_fresh(first - timedelta(milliseconds=1), now=NOW)

    def test_does_not_count_a_price_of_a_later_day(self):
        midnight = datetime(2025, 12, 16, 17, 30, tzinfo=UTC)

        assert is_fresh(midnight - timedelta(milliseconds=1), now=NOW)
        assert not is_fresh(midnight, now=NOW)

    @settings(deadline=None)
    @given(seen_at=moments, now=moments)
    def test_holds_exactly_35_days_of_yangon(self, seen_at, now):
        age = (yangon_day(now) - yangon_day(seen_at)).days

        assert is_fresh(seen_at, now=now) == (age in range(WINDOW_DAYS))
        if seen_at <= now:
            assert is_fresh(seen_at, now=now) == (seen_at >= window_start(now))


class TestMedianPya:
    @pytest.mark.parametrize(
        ("values", "median"),
        [([5], 5), ([3, 1, 2], 2), ([1, 2], 2), ([2, 3], 2), ([3, 4], 4), ([4, 1, 3, 2], 2), ([7, 7, 1], 7)],
    )
    def test_is_the_middle_and_half_even_between_two(self, values, median):
        assert median_pya(values) == median

    def test_stays_exact_where_floating_point_would_not(self):
        assert median_pya([2**62 + 1, 2**62 + 3]) == 2**62 + 2

    def test_refuses_no_values(self):
        with pytest.raises(ValueError, match="no values"):
            median_pya([])

    @settings(deadline=None)
    @given(st.lists(amounts, min_size=1))
    def test_is_the_exact_median_rounded_half_even(self, values):
        assert median_pya(values) == round(statistics.median([Fraction(value) for value in values]))


class TestSummarise:
    def test_takes_the_newest_price_of_each_shop(self):
        prices = [
            make_price(shop=1, amount=100, age=1 * DAY),
            make_price(shop=1, amount=900, age=2 * DAY),
            make_price(shop=2, amount=200, age=3 * DAY),
            make_price(shop=3, amount=300, age=4 * DAY),
        ]

        assert summarise(prices, now=NOW) == Summary(
            median=200,
            low=100,
            high=300,
            n_shops=3,
            newest=NOW - 1 * DAY,
            oldest=NOW - 4 * DAY,
        )

    def test_leaves_old_prices_out_even_when_a_shop_has_no_other(self):
        prices = [make_price(shop=1, amount=100), make_price(shop=2, amount=900, age=36 * DAY)]

        summary = summarise(prices, now=NOW)

        assert (summary.n_shops, summary.high) == (1, 100)

    def test_leaves_prices_of_later_days_out_so_that_the_past_can_be_lived_in(self):
        prices = [make_price(shop=1, amount=100), make_price(shop=1, amount=900, age=-2 * DAY)]

        assert summarise(prices, now=NOW).median == 100

    def test_lets_the_later_received_win_when_two_were_seen_at_the_same_moment(self):
        prices = [make_price(amount=100), make_price(amount=200)]

        assert summarise(prices, now=NOW).median == 200

    def test_is_empty_without_prices(self):
        assert summarise([], now=NOW) == NO_PRICES

    @settings(deadline=None)
    @given(st.lists(shop_prices, max_size=20), st.randoms())
    def test_does_not_depend_on_the_order_of_different_moments(self, prices, random):
        distinct = list({(price.shop_id, price.seen_at): price for price in prices}.values())
        shuffled = random.sample(distinct, len(distinct))

        assert summarise(shuffled, now=NOW) == summarise(distinct, now=NOW)

    @settings(deadline=None)
    @given(st.lists(shop_prices, max_size=20))
    def test_stays_within_its_own_bounds(self, prices):
        summary = summarise(prices, now=NOW)

        assert summary.n_shops <= len(prices)
        if summary.n_shops:
            assert summary.low <= summary.median <= summary.high
            assert summary.oldest <= summary.newest
        else:
            assert summary == NO_PRICES


class TestTypicalFor:
    def test_speaks_for_the_township_when_three_shops_do(self):
        local = [make_price(shop=shop, amount=amount) for shop, amount in ((1, 100), (2, 300), (3, 200))]

        typical = typical_for(local=local, region=make_summary(), nation=make_summary(), now=NOW)

        assert (typical.scope, typical.amount, typical.low, typical.high) == ("township", 200, 100, 300)
        assert (typical.n_shops, typical.is_thin) == (3, False)

    def test_turns_to_the_region_when_the_township_has_two_shops(self):
        local = [make_price(shop=1), make_price(shop=2)]

        typical = typical_for(local=local, region=make_summary(median=5), nation=make_summary(), now=NOW)

        assert (typical.scope, typical.amount) == ("region", 5)

    def test_counts_shops_and_not_prices(self):
        local = [make_price(shop=1, age=age * DAY) for age in range(10)]

        assert typical_for(local=local, region=make_summary(), now=NOW).scope == "region"

    def test_turns_to_the_nation_when_the_region_is_thin_too(self):
        typical = typical_for(
            local=[make_price()], region=make_summary(n_shops=2), nation=make_summary(median=9), now=NOW
        )

        assert (typical.scope, typical.amount) == ("nation", 9)

    @pytest.mark.parametrize(
        ("region", "nation", "scope"),
        [(0, 0, "township"), (1, 0, "region"), (2, 2, "nation"), (0, 1, "nation")],
    )
    def test_takes_the_widest_place_with_a_price_when_all_are_thin(self, region, nation, scope):
        typical = typical_for(
            local=[make_price()],
            region=make_summary(n_shops=region) if region else NO_PRICES,
            nation=make_summary(n_shops=nation) if nation else NO_PRICES,
            now=NOW,
        )

        assert typical.scope == scope
        assert typical.is_thin
        assert typical.n_shops == max(1, nation or region)

    def test_calls_the_last_known_price_old_when_nothing_is_fresh(self):
        seen_at = NOW - 400 * DAY

        typical = typical_for(local=[make_price(at=seen_at)], last_known=make_price(at=seen_at), now=NOW)

        assert (typical.scope, typical.amount, typical.newest) == ("old", 184_000, seen_at)
        assert (typical.low, typical.high, typical.n_shops) == (184_000, 184_000, 1)

    def test_has_none_when_there_never_was_a_price(self):
        typical = typical_for(now=NOW)

        assert (typical.scope, typical.amount, typical.n_shops, typical.newest) == ("none", None, 0, None)

    def test_has_none_when_the_only_price_is_of_a_later_day(self):
        assert typical_for(last_known=make_price(age=-3 * DAY), now=NOW).scope == "none"

    def test_ignores_a_stored_summary_whose_prices_have_all_left_the_window(self):
        stale = make_summary(newest=window_start(NOW) - timedelta(milliseconds=1))

        typical = typical_for(region=stale, nation=stale, last_known=make_price(age=90 * DAY), now=NOW)

        assert typical.scope == "old"

    @settings(deadline=None)
    @given(
        local=st.lists(shop_prices, max_size=8),
        elsewhere=st.lists(shop_prices, max_size=8),
        abroad=st.lists(shop_prices, max_size=8),
    )
    def test_never_lets_a_thin_place_speak_while_another_is_not(self, local, elsewhere, abroad):
        region = summarise(local + elsewhere, now=NOW)
        nation = summarise(local + elsewhere + abroad, now=NOW)

        typical = typical_for(local=local, region=region, nation=nation, now=NOW)

        assert (typical.scope == "none") == (nation.n_shops == 0)
        assert typical.is_thin == (nation.n_shops < MIN_SHOPS)
        if typical.scope != "none":
            assert typical.low <= typical.amount <= typical.high


class TestChangePercent:
    @pytest.mark.parametrize(
        ("old", "new", "percent"),
        [
            (183_700, 192_700, "4.9"),
            (228_800, 192_700, "-15.8"),
            (100, 100, "0.0"),
            (100, 0, "-100.0"),
            (1, 3, "200.0"),
            (1_000_000, 999_999, "0.0"),
        ],
    )
    def test_has_one_decimal(self, old, new, percent):
        assert str(change_percent(old, new)) == percent

    @pytest.mark.parametrize("old", [0, -5])
    def test_is_unknown_without_an_old_price(self, old):
        assert change_percent(old, 100) is None

    @settings(deadline=None)
    @given(old=amounts, new=amounts)
    def test_is_within_half_a_tenth_of_the_exact_value(self, old, new):
        exact = Fraction(new - old, old) * 100

        assert abs(Fraction(change_percent(old, new)) - exact) <= Fraction(1, 20)
        assert change_percent(old, old) == Decimal(0)


class TestCheaperBy:
    def place(self, median: int, **fields):
        return typical_for(nation=make_summary(median=median, **fields), now=NOW)

    def test_says_by_how_much_from_ten_percent_on(self):
        country = self.place(200_000)

        assert cheaper_by(self.place(180_000), country) == Decimal("-10.0")
        assert cheaper_by(self.place(180_200), country) is None
        assert cheaper_by(self.place(300_000), country) is None

    def test_says_nothing_of_few_shops_or_of_old_prices(self):
        cheap, country = self.place(100_000), self.place(200_000)
        thin = self.place(100_000, n_shops=MIN_SHOPS - 1)
        old = typical_for(last_known=make_price(amount=100_000, age=90 * DAY), now=NOW)
        none = typical_for(now=NOW)

        assert cheaper_by(cheap, country) == Decimal("-50.0")
        for place, wider in ((thin, country), (old, country), (none, country), (cheap, old), (cheap, thin)):
            assert cheaper_by(place, wider) is None
