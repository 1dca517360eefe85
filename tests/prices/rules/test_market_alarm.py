from datetime import timedelta
from math import exp
from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prices.rules import market_alarm
from prices.rules.market_alarm import Alarm, Place
from prices.rules.price_moves import FOUR_WEEKS, WEEK, Span
from prices.types import DayStat
from tests.prices.rules.test_price_moves import TODAY

REGION = Place(1, None, "RETAIL", "kg")
TOWNSHIP = Place(1, 7, "RETAIL", "kg")
BASE = 200_000


def make_history(
    *, every: int, moves: list[float], last: float = 0.0, n: int = 3, ends: int = 0
) -> list[DayStat]:
    """A price noted every so many days: the given moves (logs), then the last one, the newest ``ends`` days ago."""
    levels = [0.0]
    for move in [*moves, last]:
        levels.append(levels[-1] + move)
    days = []
    for back, level in enumerate(reversed(levels)):
        amount = round(BASE * exp(level))
        days.append(
            DayStat(TODAY - timedelta(days=ends + back * every), n, amount, amount, amount, n * amount)
        )
    return days[::-1]


def noise(size: float, n: int, *, seed: int = 1) -> list[float]:
    """Moves whose sizes have this scale: the median of their sizes is 0.765 of it, as of Student's t3."""
    chance = Random(seed)
    sizes = [0.765 * size * factor for factor in (0.3, 0.8, 1.0, 1.2, 2.0)]
    return [chance.choice((-1, 1)) * sizes[number % 5] for number in range(n)]


def found(places: dict[Place, list[DayStat]]) -> list[Alarm]:
    return market_alarm.find(places, today=TODAY)


WEEKLY, MONTHLY = 7, 30


@pytest.mark.parametrize("place", [REGION, TOWNSHIP])
@pytest.mark.parametrize(("every", "span", "n_moves"), [(WEEKLY, WEEK, 60), (MONTHLY, FOUR_WEEKS, 20)])
@pytest.mark.parametrize("size", [0.05, 0.10, 0.20])
@pytest.mark.parametrize("sign", [1, -1])
class TestFind:
    def test_shows_a_jump_of_four_times_the_usual_move_and_not_one_of_one(
        self, place, every, span, n_moves, size, sign
    ):
        moves = noise(size, n_moves)
        usual = market_alarm.scale(moves, item=market_alarm.item_scale(moves, span=span))

        shown = found({place: make_history(every=every, moves=moves, last=sign * 4 * usual)})
        silent = found({place: make_history(every=every, moves=moves, last=sign * usual)})

        assert [(one.place, one.span) for one in shown] == [(place, span)]
        assert shown[0].times == pytest.approx(4, abs=0.05)
        assert (shown[0].now.amount > shown[0].before.amount) is (sign > 0)
        assert shown[0].n_moves == n_moves
        assert silent == []


class TestFindLeavesOut:
    JUMP = 1.5

    def test_a_week_with_too_few_prices(self):
        for place, least in ((REGION, 3), (TOWNSHIP, 2)):
            for n, expected in ((least, 1), (least - 1, 0)):
                history = make_history(every=MONTHLY, moves=noise(0.1, 12), last=self.JUMP, n=n)

                assert len(found({place: history})) == expected

    def test_a_place_with_too_short_a_past(self):
        for n, expected in ((6, 1), (5, 0)):
            history = make_history(every=MONTHLY, moves=noise(0.1, n), last=self.JUMP)

            assert len(found({REGION: history})) == expected

    def test_a_price_that_is_no_news_any_more(self):
        for every, fresh in ((MONTHLY, 34), (WEEKLY, 13)):
            for ends, expected in ((fresh, 1), (fresh + 1, 0)):
                history = make_history(every=every, moves=noise(0.1, 20), last=self.JUMP, ends=ends)

                assert len(found({REGION: history})) == expected, (every, ends)

    def test_days_to_come(self):
        history = make_history(every=MONTHLY, moves=noise(0.1, 20), last=self.JUMP, ends=-1)

        assert found({REGION: history}) == []

    def test_what_the_jump_of_another_kind_of_price_says(self):
        quiet = make_history(every=MONTHLY, moves=noise(0.05, 20), last=0.25)
        wild = make_history(every=MONTHLY, moves=noise(0.5, 20))

        together = found({REGION: quiet, Place(1, None, "WHOLESALE", "kg"): wild})

        assert together == found({REGION: quiet})
        assert len(together) == 1


class TestAnAlarm:
    def test_of_a_weekly_price_shows_once_over_the_time_in_which_it_is_stronger(self):
        slow = make_history(every=WEEKLY, moves=[*noise(0.03, 60), 0.15, 0.15, 0.15], last=0.15)

        (alarm,) = found({REGION: slow})

        assert alarm.span == FOUR_WEEKS
        assert alarm.until == TODAY + timedelta(days=13)

    def test_is_the_stronger_the_further_up_it_stands(self):
        places = {
            Place(region, None, "RETAIL", "kg"): make_history(
                every=MONTHLY, moves=noise(0.1, 20, seed=region), last=region * 0.4
            )
            for region in (1, 3, 2)
        }

        times = [alarm.times for alarm in found(places)]

        assert times == sorted(times, reverse=True)
        assert len(times) >= 2


class TestScale:
    def test_of_a_place_with_a_long_past_is_its_own_and_with_a_short_one_the_items(self):
        assert market_alarm.scale(noise(0.2, 400), item=0.1) == pytest.approx(0.2, rel=0.02)
        assert 0.1 < market_alarm.scale(noise(0.2, 6), item=0.1) < 0.15
        assert market_alarm.scale([], item=0.1) == 0.1

    def test_is_never_so_small_that_a_rounded_price_is_news(self):
        assert market_alarm.scale([0.0] * 100, item=0.01) == 0.06

    @given(
        st.lists(st.floats(-3, 3), min_size=1, max_size=60),
        st.floats(0.02, 1.0),
        st.sampled_from([WEEK, FOUR_WEEKS]),
    )
    def test_lies_between_what_the_place_says_and_what_the_item_says(
        self, past: list[float], item: float, span: Span
    ):
        own = max(0.01, median(map(abs, past))) / 0.765

        scale = market_alarm.scale(past, item=item)

        assert max(0.06, min(own, item)) - 1e-9 <= scale <= max(0.06, own, item) + 1e-9
