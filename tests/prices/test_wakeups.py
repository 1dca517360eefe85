import time

import pytest

from prices.relay import Published
from prices.wakeups import TASKS, Spacing, Wakeups

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

        # A hundred prices a second, for thirty seconds.
        for number in range(3000):
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
        assert spacing.pause(now=100.25) == pytest.approx(2.75)
        assert spacing.take(now=103) == [ROLL_UP]
        assert spacing.take(now=115) == [RENEW]
        assert spacing.pause(now=115) is None


class TestWakeups:
    def test_never_make_the_relay_wait_for_a_silent_redis(self, silent_url, settings):
        settings.REDIS_LIVE = silent_url
        wakeups = Wakeups()

        started = time.monotonic()
        for shop_id in range(1000):
            wakeups.tell([Published(item_id=1, region_id=1, shop_id=shop_id)])

        # A publish to a silent Redis takes a quarter of a second at the least: a thousand would be minutes.
        assert time.monotonic() - started < 10
