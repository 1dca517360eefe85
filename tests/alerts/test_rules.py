from datetime import date, timedelta
from typing import Any

import pytest

from alerts.rules import (
    PlaceFacts,
    Rule,
    after_notifying,
    fires,
    is_quiet,
    rearmed,
    suggestion,
    would_have_notified,
)
from prices.types import DayStat

TODAY = date(2026, 11, 20)
HUGE = 9_223_372_036_854_775_807


def history(*medians: int | None, until: date = TODAY) -> list[DayStat]:
    """A day each, the last one ``until``; None is a day without a price. A day's prices lie 10 around its median."""
    first = until - timedelta(days=len(medians) - 1)
    return [
        DayStat(first + timedelta(days=number), 3, median - 10, median, median + 10, 3 * median)
        for number, median in enumerate(medians)
        if median is not None
    ]


def facts(typical: int | None = None, **more: Any) -> PlaceFacts:
    return PlaceFacts(**{"lowest": typical, "highest": typical, "typical": typical, **more})


class TestFires:
    @pytest.mark.parametrize(("price", "expected"), [(999, True), (1000, True), (1001, False)])
    def test_below_at_its_limit_and_under_it(self, price: int, expected: bool) -> None:
        assert fires(Rule("BELOW", amount=1000), price, facts()) is expected

    @pytest.mark.parametrize(("price", "expected"), [(999, False), (1000, True), (1001, True)])
    def test_above_at_its_limit_and_over_it(self, price: int, expected: bool) -> None:
        assert fires(Rule("ABOVE", amount=1000), price, facts()) is expected

    @pytest.mark.parametrize("kind", ["BELOW", "ABOVE"])
    def test_no_limit_that_is_not_armed(self, kind: Any) -> None:
        assert not fires(Rule(kind, amount=1000, is_armed=False), 1000, facts())

    @pytest.mark.parametrize(
        ("typical", "expected"), [(1049, False), (1050, True), (951, False), (950, True), (None, False)]
    )
    def test_change_by_its_percentage_in_either_direction(self, typical: int | None, expected: bool) -> None:
        assert fires(Rule("CHANGE", percent=5, baseline=1000), 1, facts(typical)) is expected

    def test_no_change_without_a_price_to_compare_with(self) -> None:
        assert not fires(Rule("CHANGE", percent=5), 1000, facts(1000))

    @pytest.mark.parametrize(
        ("kind", "typical", "expected"),
        [("LOW", 899, True), ("LOW", 900, False), ("HIGH", 1101, True), ("HIGH", 1100, False)],
    )
    def test_records_when_they_are_broken_not_when_they_are_met(
        self, kind: Any, typical: int, expected: bool
    ) -> None:
        place = facts(typical, low_before=900, high_before=1100)

        assert fires(Rule(kind), 1, place) is expected

    @pytest.mark.parametrize("kind", ["LOW", "HIGH"])
    def test_no_record_where_nothing_was_before(self, kind: Any) -> None:
        assert not fires(Rule(kind), 1, facts(900))

    @pytest.mark.parametrize(
        ("kind", "typical", "expected"),
        [("LOW", 883, False), ("LOW", 882, True), ("HIGH", 1121, False), ("HIGH", 1122, True)],
    )
    def test_a_record_again_when_it_went_on_by_two_percent(
        self, kind: Any, typical: int, expected: bool
    ) -> None:
        baseline = 900 if kind == "LOW" else 1100
        place = facts(typical, low_before=950, high_before=1000)

        assert fires(Rule(kind, is_armed=False, baseline=baseline), 1, place) is expected

    def test_any_price(self) -> None:
        assert fires(Rule("ANY"), HUGE, facts())

    @pytest.mark.parametrize(("silent", "expected"), [(6, False), (7, True), (365, True)])
    def test_silence_of_as_many_days_as_it_asks_for(self, silent: int, expected: bool) -> None:
        assert fires(Rule("SILENCE", days=7), 1, facts(1, silent_days=silent)) is expected

    def test_exactly_at_the_largest_amounts(self) -> None:
        assert fires(Rule("BELOW", amount=HUGE), HUGE, facts())
        assert not fires(Rule("CHANGE", percent=32767, baseline=HUGE), 1, facts(1))


class TestRearmed:
    @pytest.mark.parametrize(("lowest", "expected"), [(1000, False), (1019, False), (1020, True)])
    def test_below_when_the_lowest_price_is_two_percent_over_the_limit(
        self, lowest: int, expected: bool
    ) -> None:
        rule = Rule("BELOW", amount=1000, is_armed=False)

        assert rearmed(rule, facts(lowest)).is_armed is expected

    @pytest.mark.parametrize(("highest", "expected"), [(1000, False), (981, False), (980, True)])
    def test_above_when_the_highest_price_is_two_percent_under_the_limit(
        self, highest: int, expected: bool
    ) -> None:
        rule = Rule("ABOVE", amount=1000, is_armed=False)

        assert rearmed(rule, facts(highest)).is_armed is expected

    @pytest.mark.parametrize("kind", ["BELOW", "ABOVE", "LOW", "HIGH"])
    def test_when_there_is_no_price_any_more(self, kind: Any) -> None:
        assert rearmed(Rule(kind, amount=1000, is_armed=False), facts()).is_armed

    @pytest.mark.parametrize(
        ("kind", "typical", "expected"),
        [("LOW", 917, False), ("LOW", 918, True), ("HIGH", 1079, False), ("HIGH", 1078, True)],
    )
    def test_records_when_the_typical_price_has_left_them_by_two_percent(
        self, kind: Any, typical: int, expected: bool
    ) -> None:
        place = facts(typical, low_before=900, high_before=1100)

        assert rearmed(Rule(kind, is_armed=False), place).is_armed is expected

    def test_gives_a_change_its_first_price_to_compare_with_and_no_other(self) -> None:
        assert rearmed(Rule("CHANGE", percent=5), facts(1000)).baseline == 1000
        assert rearmed(Rule("CHANGE", percent=5, baseline=900), facts(1000)).baseline == 900


class TestAfterNotifying:
    @pytest.mark.parametrize(
        ("kind", "is_armed", "baseline"),
        [
            ("BELOW", False, 7),
            ("ABOVE", False, 7),
            ("LOW", False, 1000),
            ("HIGH", False, 1000),
            ("CHANGE", True, 1000),
            ("ANY", True, 7),
            ("SILENCE", True, 7),
        ],
    )
    def test_leaves_what_the_next_price_is_compared_with(
        self, kind: Any, is_armed: bool, baseline: int
    ) -> None:
        after = after_notifying(Rule(kind, baseline=7), facts(1000))

        assert (after.is_armed, after.baseline) == (is_armed, baseline)


class TestIsQuiet:
    @pytest.mark.parametrize(
        ("hour", "expected"), [(19, False), (20, True), (23, True), (0, True), (6, True), (7, False)]
    )
    def test_over_midnight(self, hour: int, expected: bool) -> None:
        assert is_quiet(hour, 20, 7) is expected

    @pytest.mark.parametrize(("hour", "expected"), [(12, False), (13, True), (14, True), (15, False)])
    def test_within_a_day(self, hour: int, expected: bool) -> None:
        assert is_quiet(hour, 13, 15) is expected

    def test_never_where_both_ends_are_equal(self) -> None:
        assert not any(is_quiet(hour, 8, 8) for hour in range(24))


class TestWouldHaveNotified:
    def test_notifies_once_for_a_price_that_flaps_around_its_limit(self) -> None:
        days = history(1200, 1010, 1015, 1010, 1012, 1010)

        assert would_have_notified(days, Rule("BELOW", amount=1000), today=TODAY) == [
            TODAY - timedelta(days=4)
        ]

    def test_notifies_again_once_the_price_had_gone_back(self) -> None:
        days = history(1010, 1200, 1010)

        found = would_have_notified(days, Rule("BELOW", amount=1000), today=TODAY)

        assert found == [TODAY - timedelta(days=2), TODAY]

    def test_looks_at_the_highest_price_of_a_day_for_above(self) -> None:
        assert would_have_notified(history(990), Rule("ABOVE", amount=1000), today=TODAY) == [TODAY]
        assert would_have_notified(history(989), Rule("ABOVE", amount=1000), today=TODAY) == []

    def test_compares_a_change_with_the_last_notification(self) -> None:
        days = history(1000, 1040, 1080, 1100, 1188)

        found = would_have_notified(days, Rule("CHANGE", percent=8), today=TODAY)

        assert found == [TODAY - timedelta(days=2), TODAY]

    def test_waits_for_the_cooldown(self) -> None:
        days = history(*[1000] * 10)

        assert len(would_have_notified(days, Rule("ANY"), today=TODAY)) == 10
        assert len(would_have_notified(days, Rule("ANY", cooldown_hours=72), today=TODAY)) == 4

    def test_counts_the_days_without_a_price(self) -> None:
        days = history(1000, None, None, None, 1000, 1000)

        found = would_have_notified(days, Rule("SILENCE", days=4), today=TODAY)

        # The first is the first price at all.
        assert found == [TODAY - timedelta(days=5), TODAY - timedelta(days=1)]

    def test_compares_a_record_with_the_thirty_days_before_alone(self) -> None:
        days = history(800, *[1000] * 30, 950)

        assert would_have_notified(days, Rule("LOW"), today=TODAY) == [TODAY]
        assert would_have_notified(history(800, *[1000] * 29, 950), Rule("LOW"), today=TODAY) == []

    @pytest.mark.parametrize(("back", "expected"), [(89, 1), (90, 0)])
    def test_looks_back_ninety_days(self, back: int, expected: int) -> None:
        days = history(1000, until=TODAY - timedelta(days=back))

        assert len(would_have_notified(days, Rule("ANY"), today=TODAY)) == expected

    def test_knows_nothing_without_history(self) -> None:
        assert would_have_notified([], Rule("ANY"), today=TODAY) == []


class TestSuggestion:
    def test_is_what_one_day_of_ten_has_reached(self) -> None:
        days = history(*range(1000, 1020))

        assert suggestion(days, 500, today=TODAY) == 991
        assert suggestion(days, 5000, today=TODAY, kind="ABOVE") == 1028

    def test_is_the_record_of_a_few_days(self) -> None:
        assert suggestion(history(1000, 1100), 500, today=TODAY) == 990

    @pytest.mark.parametrize(
        ("wish", "kind", "is_needed"),
        [(990, "BELOW", False), (989, "BELOW", True), (1110, "ABOVE", False), (1111, "ABOVE", True)],
    )
    def test_is_made_only_where_no_price_has_met_the_wish(
        self, wish: int, kind: Any, is_needed: bool
    ) -> None:
        days = history(1000, 1100)

        assert (suggestion(days, wish, today=TODAY, kind=kind) is not None) is is_needed

    def test_is_none_without_a_price_in_ninety_days(self) -> None:
        assert suggestion(history(1000, until=TODAY - timedelta(days=90)), 1, today=TODAY) is None
