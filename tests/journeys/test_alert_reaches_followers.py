"""The third scenario: whoever follows a shop sees its new price in an open page, and once in the inbox, whatever dies meanwhile."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, expect
from redis import Redis
from redis.exceptions import RedisError

from tests.faults.conftest import free_port
from tests.journeys.conftest import PATIENCE_MS, Installation, Walk, sign_in, walking

SHOP = "/shops/1/"
# Processes are started again with growing pauses, and pages come back to the stream spread over some seconds.
LATE_MS = 3 * PATIENCE_MS


class OwnRedis:
    """A Redis that may be killed."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with Redis.from_url(self.url) as client:
            while True:
                assert self._process.poll() is None
                with suppress(RedisError):
                    client.ping()
                    return

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def site(own_redis: OwnRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A Potato on a Redis of its own, whose shopper follows a shop and may be notified at night."""
    installation = Installation("alerts", folder=tmp_path_factory.mktemp("alerts"), REDIS_URL=own_redis.url)
    try:
        installation.start()
        installation.manage("seed_demo", "--entries", "1000", "--days", "60")
        installation.manage("create_demo_users")
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def follower(site: Installation, chromium: Browser) -> Iterator[Walk]:
    """The shopper, with the page of the shop open."""
    with walking(chromium, site.address) as walk:
        sign_in(walk, role="shopper")
        page = walk.go("/preferences/")
        page.get_by_role("radio", name="a kilogram").check()
        walk.follow(page.locator("main form .btn").first)
        page = walk.go("/alerts/settings/")
        page.locator("[name=has_quiet_hours]").uncheck()
        page.locator("[name=daily_cap]").fill("50")
        walk.follow(page.locator("main form .btn").first)
        page = walk.go(SHOP)
        page.get_by_role("main").get_by_role("button", name="Follow", exact=True).click()
        expect(page.get_by_text("You follow this now.")).to_be_visible()
        walk.go(SHOP)
        yield walk


def send(site: Installation, chromium: Browser, price: int) -> None:
    """A contributor sends a price of onions in the shop."""
    with walking(chromium, site.address, java_script_enabled=False) as walk:
        sign_in(walk, role="contributor")
        page = walk.go("/prices/submit/?item=onions&shop=1")
        page.get_by_label("Price in kyat").fill(str(price))
        page.locator("[name=unit]").select_option("kg")
        walk.follow(page.get_by_role("button", name="Send price").last)


def assert_notified_once(follower: Walk, price: int) -> None:
    """The open page has the row and one toast, the inbox has one line."""
    shown = f"{price:,}"
    page = follower.page
    expect(page.locator("#prices").get_by_text(shown)).to_be_visible(timeout=LATE_MS)
    expect(page.locator(".toasts a", has_text=shown)).to_have_count(1, timeout=LATE_MS)
    other = page.context.new_page()
    other.goto(follower.address + "/alerts/")
    expect(other.locator("#inbox .msg", has_text=shown)).to_have_count(1)
    other.close()


class TestAnAlert:
    def test_reaches_an_open_page_and_the_inbox(self, site, chromium, follower) -> None:
        page = follower.page
        before = page.locator("[data-unread]").text_content()

        send(site, chromium, 2_511)

        assert_notified_once(follower, 2_511)
        expect(page.locator("[data-unread]")).not_to_have_text(before or "")
        assert page.url == site.address + SHOP
        follower.look_at_it()

    @pytest.mark.parametrize(
        ("command", "price"),
        [("alerts.live.stream:application", 2_522), ("worker", 2_533), ("relay", 2_544)],
        ids=["events", "worker", "relay"],
    )
    def test_is_one_though_a_process_is_killed(self, site, chromium, follower, command, price) -> None:
        process = site.process(command)
        process.kill()

        send(site, chromium, price)

        assert_notified_once(follower, price)
        assert site.process(command) != process

    def test_is_one_though_redis_is_killed(self, site, chromium, follower, own_redis) -> None:
        own_redis.kill()
        try:
            send(site, chromium, 2_555)
        finally:
            own_redis.start()

        assert_notified_once(follower, 2_555)

    def test_is_one_though_redis_is_emptied(self, site, chromium, follower, own_redis) -> None:
        worker = site.process("worker")
        family: list[psutil.Process] = [worker, *worker.children(recursive=True)]
        for one in family:
            one.suspend()
        try:
            send(site, chromium, 2_566)
            expect(follower.page.locator("#prices").get_by_text("2,566")).to_be_visible(timeout=LATE_MS)
            with Redis.from_url(own_redis.url) as client:
                client.flushall()
        finally:
            for one in family:
                one.resume()

        assert_notified_once(follower, 2_566)

    def test_is_in_burmese_on_a_burmese_page(self, site, chromium, follower) -> None:
        follower.go(f"/my{SHOP}")

        send(site, chromium, 2_577)

        expect(follower.page.locator(".toasts a", has_text=re.compile("၂,၅၇၇"))).to_have_count(
            1, timeout=LATE_MS
        )
        follower.look_at_it()
        follower.go(SHOP)
