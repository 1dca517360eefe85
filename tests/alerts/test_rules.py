"""When rules notify, without a database."""

from datetime import date, timedelta

import pytest

from alerts import rules
from alerts.rules import Limits, PlaceFacts
from prices.types import DayStat

TODAY = date(2026, 3, 31)


def days(*amounts: int | None, every: int = 1) -> list[DayStat]:
    """One price a day, the last one today; None is a day without."""
    first = TODAY - timedelta(days=every * (len(amounts) - 1))
    return [
        DayStat(first + timedelta(days=every * index), 1, amount, amount, amount, amount)
        for index, amount in enumerate(amounts)
        if amount is not None
    ]


def ago(*numbers: int) -> list[date]:
    return [TODAY - timedelta(days=number) for number in numbers]


class TestKindsMet:
    @pytest.mark.parametrize(
        ("typical", "met"),
        [(99, ["ANY", "LOW"]), (100, ["ANY"]), (200, ["ANY"]), (201, ["ANY", "HIGH"]), (None, ["ANY"])],
    )
    def test_has_records_that_are_broken(self, typical, met):
        assert rules.kinds_met(PlaceFacts(typical=typical, low=100, high=200)) == met

    def test_has_no_record_without_a_past(self):
        assert rules.kinds_met(PlaceFacts(typical=100)) == ["ANY"]


class TestRearming:
    @pytest.mark.parametrize(("lowest", "is_armed"), [(1_019, False), (1_020, False), (1_021, True)])
    def test_of_a_limit_below_takes_two_percent_more(self, lowest, is_armed):
        under = rules.rearms_below(PlaceFacts(lowest=lowest))

        assert (under > 1_000) is is_armed

    @pytest.mark.parametrize(("highest", "is_armed"), [(981, False), (980, False), (979, True)])
    def test_of_a_limit_above_takes_two_percent_less(self, highest, is_armed):
        over = rules.rearms_above(PlaceFacts(highest=highest))

        assert (over < 1_000) is is_armed

    def test_takes_a_fresh_price(self):
        assert rules.rearms_below(PlaceFacts()) is None
        assert rules.rearms_above(PlaceFacts()) is None


class TestIsQuiet:
    @pytest.mark.parametrize(
        ("hours", "hour", "quiet"),
        [
            ((20, 7), 19, False),
            ((20, 7), 20, True),
            ((20, 7), 0, True),
            ((20, 7), 6, True),
            ((20, 7), 7, False),
            ((1, 5), 0, False),
            ((1, 5), 4, True),
            ((1, 5), 5, False),
            ((3, 3), 3, False),
        ],
    )
    def test_goes_over_midnight(self, hours, hour, quiet):
        assert rules.is_quiet(hour=hour, quiet_from=hours[0], quiet_until=hours[1]) is quiet


class TestWouldHaveNotified:
    def test_of_a_limit_below_is_once_while_the_price_stays_around_it(self):
        prices = days(1_100, 1_000, 1_010, 990, 1_019, 1_000, 1_021, 1_000)

        assert rules.would_have_notified(prices, Limits("BELOW", amount=1_000), today=TODAY) == ago(6, 0)

    def test_of_a_limit_above_likewise(self):
        prices = days(900, 1_000, 990, 1_010, 979, 1_000)

        assert rules.would_have_notified(prices, Limits("ABOVE", amount=1_000), today=TODAY) == ago(4, 0)

    def test_of_a_change_counts_from_the_last_time(self):
        prices = days(1_000, 1_040, 1_051, 1_090, 1_104)

        assert rules.would_have_notified(prices, Limits("CHANGE", percent=5), today=TODAY) == ago(2, 0)

    def test_of_a_record_compares_with_thirty_days(self):
        prices = days(800, *[1_000] * 31, 990, 995, 1_001)

        assert rules.would_have_notified(prices, Limits("LOW"), today=TODAY) == ago(2)
        prices = days(1_200, *[1_000] * 31, 1_001)
        assert rules.would_have_notified(prices, Limits("HIGH"), today=TODAY) == ago(0)

    def test_of_a_silence_is_the_first_price_after_it(self):
        prices = days(1_000, None, None, None, 1_000, None, 1_000)

        assert rules.would_have_notified(prices, Limits("SILENCE", days=3), today=TODAY) == ago(2)

    def test_leaves_out_what_comes_within_the_pause(self):
        prices = days(*[1_000] * 8)

        assert rules.would_have_notified(prices, Limits("ANY", cooldown_hours=72), today=TODAY) == ago(
            7, 4, 1
        )

    def test_looks_at_ninety_days(self):
        prices = days(*[1_000] * 200)

        found = rules.would_have_notified(prices, Limits("ANY"), today=TODAY)

        assert (len(found), found[0]) == (90, TODAY - timedelta(days=89))

    @pytest.mark.parametrize("kind", ["BELOW", "ABOVE", "CHANGE", "LOW", "HIGH", "ANY", "SILENCE"])
    def test_is_nothing_without_prices(self, kind):
        assert rules.would_have_notified([], Limits(kind), today=TODAY) == []


class TestSuggestion:
    @pytest.mark.parametrize(
        ("kind", "amount", "suggested"),
        [
            ("BELOW", 899, 900),
            ("BELOW", 900, None),
            ("ABOVE", 1_101, 1_100),
            ("ABOVE", 1_100, None),
            ("LOW", 1, None),
        ],
    )
    def test_is_the_record_where_the_wish_lies_beyond_it(self, kind, amount, suggested):
        prices = days(1_000, 900, 1_100, 1_000)

        assert rules.suggestion(prices, Limits(kind, amount=amount), today=TODAY) == suggested

    def test_needs_prices_of_the_last_ninety_days(self):
        prices = days(900, 1_000, every=100)[:1]

        assert rules.suggestion(prices, Limits("BELOW", amount=1), today=TODAY) is None
