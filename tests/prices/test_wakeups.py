import pytest

from prices.wakeups import TASKS, Spacing

ROLL_UP, RENEW = "prices.roll_up_dirty_days", "prices.renew_boards"


class TestSpacing:
    def test_asks_for_every_task_when_the_first_price_is_published(self):
        spacing = Spacing()

        spacing.published(now=100)

        assert set(spacing.take(now=100)) == set(TASKS)
        assert spacing.pause(now=100) is None

    def test_asks_again_only_after_a_while_however_many_prices_come(self):
        spacing = Spacing()
        asked = {name: [] for name in TASKS}

        # A hundred prices a second, for ten seconds.
        for number in range(1000):
            now = 100 + number / 100
            spacing.published(now=now)
            for name in spacing.take(now=now):
                asked[name].append(now)

        assert len(asked[ROLL_UP]) == 10
        assert len(asked[RENEW]) == 2

    def test_asks_once_more_after_the_last_price(self):
        spacing = Spacing()
        spacing.published(now=100)
        spacing.take(now=100)

        spacing.published(now=100.25)

        assert spacing.take(now=100.25) == []
        assert spacing.pause(now=100.25) == pytest.approx(0.75)
        assert spacing.take(now=101) == [ROLL_UP]
        assert spacing.take(now=105) == [RENEW]
        assert spacing.pause(now=105) is None
