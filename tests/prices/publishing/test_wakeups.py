import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from prices.publishing.relay import Published
from prices.publishing.wakeups import TASKS, Spacing, Wakeups

MATCH, ROLL_UP, RENEW = "alerts.match_published", "prices.roll_up_dirty_days", "prices.renew_boards"
TELL_UNTIL_THE_BREAKER_IS_OPEN = """
import time, django
django.setup()
from potato.stores.breaker import REDIS
from prices.publishing.wakeups import Published, Wakeups
wakeups = Wakeups()
while REDIS.is_closed:
    wakeups.tell([Published(item_id=1, region_id=1, shop_id=1)])
    time.sleep(0.01)
"""


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
        assert spacing.pause(now=100.25) == pytest.approx(0.05)
        assert spacing.take(now=100.31) == [MATCH]
        assert spacing.pause(now=100.31) == pytest.approx(2.69)
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

    def test_write_one_line_about_a_dead_redis(self, process_env):
        """In a process of its own: threads of other tests may tell of another Redis."""
        written = subprocess.run(
            [sys.executable, "-c", TELL_UNTIL_THE_BREAKER_IS_OPEN],
            env={**process_env, "REDIS_URL": "redis://127.0.0.1:1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )

        (line,) = written.stderr.splitlines()
        assert "redis is unavailable (down): Error 111 connecting to 127.0.0.1:1" in line

    def test_show_the_traceback_of_a_bug(self, monkeypatch, caplog):
        monkeypatch.setattr("prices.publishing.wakeups.json", None)
        wakeups = Wakeups()

        tell_until(lambda: "New prices could not be announced" in caplog.text, wakeups)

        assert "AttributeError" in caplog.text


def tell_until(true: Callable[[], bool], wakeups: Wakeups) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        wakeups.tell([Published(item_id=1, region_id=1, shop_id=1)])
        time.sleep(0.01)
