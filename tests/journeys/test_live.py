"""Open pages show new prices and notifications by themselves, and all pages of a browser share one stream."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from redis import Redis

from tests.journeys.conftest import PATIENCE_MS, Installation, Walk, sign_in, walking

EVENTS = "alerts.live.stream:application"
PAGE = "/items/onions/?region=yangon"
# Counts the streams that pages of a browser open.
STREAM = re.compile(r"/alerts/stream/\?")


def shops_with_a_price(page: Page) -> Locator:
    """The links to shops in the first table of the page."""
    return page.locator("#tables table").first.locator("th a")


def id_of(shop: Locator) -> str:
    return (shop.get_attribute("href") or "").strip("/").split("/")[-1]


def send_price(demo: Installation, chromium: Browser, *, shop_id: str, price: str) -> None:
    """Somebody else sends a price of onions, and it is published."""
    with walking(chromium, demo.address, java_script_enabled=False) as walk:
        sign_in(walk, role="contributor")
        page = walk.go(f"/prices/submit/?item=onions&shop={shop_id}")
        page.get_by_label("Price in kyat").fill(price)
        walk.follow(page.get_by_role("button", name="Send price").last)


@contextmanager
def streams_of(context: BrowserContext) -> Iterator[list[str]]:
    """The addresses of streams that pages of a browser have opened, the last one last."""
    opened: list[str] = []
    context.on("request", lambda asked: opened.append(asked.url) if STREAM.search(asked.url) else None)
    yield opened


def open_streams(demo: Installation) -> int:
    """How many connections the events process has at this moment."""
    try:
        events = demo.process(EVENTS)
    except StopIteration:
        return 0
    port = int(events.cmdline()[events.cmdline().index("--port") + 1])
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in events.net_connections()
    )


def wait_until(page: Page, condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < deadline, what
        page.wait_for_timeout(50)


class Inbox:
    """Notifications of a demo account, written as who matches prices and rules does it."""

    def __init__(self, demo: Installation, *, role: str) -> None:
        url = demo.env["DATABASE_URL"].replace("postgis:", "postgresql:")
        self._postgres = psycopg.connect(url, autocommit=True)
        self._redis = Redis.from_url(f"{demo.env['REDIS_URL']}/3")
        self._channel = f"{demo.name}:notified"
        self._user = self._one("SELECT id FROM accounts_user WHERE email = %s", f"{role}@potato.test")
        # Toasts whatever the hour.
        self._postgres.execute(
            "INSERT INTO alerts_alertsettings (user_id, daily_cap, has_quiet_hours, quiet_from, quiet_until)"
            " VALUES (%s, 10, false, 20, 7) ON CONFLICT DO NOTHING",
            [self._user],
        )

    def add(self, *, amount: int = 240_000) -> None:
        id = self._one(
            "INSERT INTO alerts_notification (user_id, kind, day, is_late, entry_id, item_id, shop_id, type, base,"
            " amount, entry_status, facts, count) SELECT %s, 'SHOP', current_date, false, %s, i.id, s.id, 'RETAIL', 'kg',"
            " %s, '', '{}', 1 FROM catalog_item i, shops_shop s WHERE i.slug = 'onions' LIMIT 1 RETURNING id",
            self._user,
            uuid.uuid4(),
            amount,
        )
        self._redis.publish(self._channel, json.dumps({"first": id, "last": id, "late": False}))

    def end_sessions(self) -> None:
        self._postgres.execute("DELETE FROM accounts_session WHERE account_id = %s", [self._user])

    def close(self) -> None:
        self._postgres.execute("DELETE FROM alerts_notification WHERE user_id = %s", [self._user])
        self._postgres.close()
        self._redis.close()

    def _one(self, sql: str, *values: object) -> int:
        row = self._postgres.execute(sql, values).fetchone()
        assert row
        return int(row[0])


@pytest.fixture
def inbox(demo: Installation) -> Iterator[Inbox]:
    inbox = Inbox(demo, role="shopper")
    yield inbox
    inbox.close()


class TestAnItemsPage:
    def test_shows_a_new_price_and_leaves_the_reader_where_they_are(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk, streams_of(walk.page.context) as streams:
            page = walk.go(PAGE)
            wait_until(page, lambda: streams, "no stream was opened")
            shop = id_of(shops_with_a_price(page).first)
            reading = shops_with_a_price(page).first
            text = reading.text_content()
            page.locator("#history").scroll_into_view_if_needed()
            page.locator("details", has_text="The same numbers as a table").locator("summary").click()
            reading.focus()
            page.evaluate("scrollBy({top: 120, behavior: 'instant'})")
            page.locator("#f-age").evaluate("one => one.dataset.mine = 'same'")

            send_price(demo, chromium, shop_id=shop, price="2,345")

            fresh = page.locator("#tables tr.fresh")
            expect(fresh).to_contain_text(re.compile("2,345"))
            expect(page.locator("#live")).to_have_text(
                re.compile(f"^New prices: {re.escape(text or '-')} [0-9,]+$")
            )
            assert page.evaluate("document.activeElement.textContent") == text
            # The filter and an open table are not touched.
            expect(page.locator("#f-age")).to_have_attribute("data-mine", "same")
            expect(page.get_by_role("region", name=re.compile("Onions")).first).to_be_visible()
            assert walk.trouble == []

    def test_does_not_move_what_is_read_below_the_prices(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk, streams_of(walk.page.context) as streams:
            page = walk.go(PAGE)
            wait_until(page, lambda: streams, "no stream was opened")
            shop = id_of(shops_with_a_price(page).first)
            # A row more would push everything below it down.
            page.locator("#tables table tbody tr").last.evaluate("row => row.remove()")
            page.evaluate("document.getElementById('history').scrollIntoView({behavior: 'instant'})")
            where = "document.getElementById('history').getBoundingClientRect().top"
            before = page.evaluate(where)

            send_price(demo, chromium, shop_id=shop, price="2,346")
            expect(page.locator("#tables tr.fresh").first).to_be_attached()

            assert abs(page.evaluate(where) - before) <= 2
            assert walk.trouble == []

    def test_shows_what_came_while_the_events_process_was_started_again(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go(PAGE)
            wait_until(page, lambda: open_streams(demo) == 1, "no stream was opened")
            shop = id_of(shops_with_a_price(page).first)

            demo.process(EVENTS).kill()
            send_price(demo, chromium, shop_id=shop, price="2,349")

            expect(page.locator("#tables tr.fresh")).to_contain_text("2,349")

    def test_does_without_a_stream_where_data_are_to_be_saved(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk, streams_of(walk.page.context) as streams:
            walk.page.add_init_script(
                "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
            )
            page = walk.go(PAGE)
            page.wait_for_timeout(1000)

            assert streams == []


class TestOtherPages:
    def test_of_the_shop_and_the_first_show_it_too(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk, streams_of(walk.page.context) as streams:
            shop = id_of(shops_with_a_price(walk.go(PAGE)).first)
            page = walk.go(f"/shops/{shop}/")
            wait_until(page, lambda: any(f"shop={shop}" in url for url in streams), "no stream of the shop")
            home = Walk(page.context, demo.address)
            home.go("/")
            wait_until(page, lambda: any("home=1" in url for url in streams), "no stream of the first page")

            send_price(demo, chromium, shop_id=shop, price="2,347")

            # A viss, which is 1.63 kg.
            expect(home.page.locator("#latest tr.fresh").first).to_contain_text("1,437")
            page.bring_to_front()
            expect(page.locator("#prices tr.fresh")).to_contain_text("2,347")
            assert walk.trouble == home.trouble == []

    def test_of_one_browser_share_one_stream(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk, streams_of(walk.page.context) as streams:
            first = walk.go(PAGE)
            wait_until(first, lambda: open_streams(demo) == 1, "no stream was opened")
            second = Walk(first.context, demo.address)
            second.go("/items/garlic/")
            mine, theirs = (page.locator("#live").get_attribute("data-live") for page in (first, second.page))
            assert mine and theirs and mine != theirs
            both = {*mine.split("&"), *theirs.split("&")}
            wait_until(
                first,
                lambda: both <= set(streams[-1].split("&")) and open_streams(demo) == 1,
                "no stream asks for both",
            )

            # Who holds the stream goes: another page takes over.
            first.close()
            wait_until(
                second.page,
                lambda: not set(mine.split("&")) & set(streams[-1].split("&")) and open_streams(demo) == 1,
                "no other page has taken over",
            )


def listens(walk: Walk, path: str) -> Page:
    """Open a page as a member, and wait until the events process knows whose it is."""
    sign_in(walk, role="shopper")
    walk.page.add_init_script(
        "addEventListener('potato:unread', () => document.documentElement.setAttribute('data-known', ''))"
    )
    page = walk.go(path)
    expect(page.locator("html[data-known]")).to_be_attached()
    return page


class TestAMember:
    def test_is_shown_a_notification_and_the_number_of_unread_ones(
        self, demo: Installation, chromium: Browser, inbox: Inbox
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = listens(walk, "/items/")
            badge = page.locator("[data-unread]")

            inbox.add(amount=234_500)

            toast = page.locator(".toasts a")
            expect(toast).to_contain_text("Onions, K 2,345 a kg")
            expect(toast).to_have_attribute("href", re.compile("^/alerts/[0-9]+/$"))
            expect(badge).to_have_text("1")
            inbox.add(amount=234_600)
            expect(badge).to_have_text("2")
            page.locator(".toasts button").first.click()
            expect(toast).to_have_count(1)
            assert walk.trouble == []

    def test_reads_it_in_burmese_on_a_burmese_page(
        self, demo: Installation, chromium: Browser, inbox: Inbox
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = listens(walk, "/my/items/")

            inbox.add(amount=234_500)

            expect(page.locator(".toasts a")).to_contain_text("၂,၃၄၅ ကျပ် / ကီလို")
            expect(page.locator(".toasts a")).to_have_attribute("href", re.compile("^/my/alerts/"))

    def test_is_shown_it_in_each_of_two_pages_over_one_stream(
        self, demo: Installation, chromium: Browser, inbox: Inbox
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = listens(walk, "/items/")
            other = Walk(page.context, demo.address)
            other.go("/shops/")
            other.page.wait_for_load_state("load")

            inbox.add()

            expect(other.page.locator(".toasts a")).to_have_count(1)
            assert open_streams(demo) == 1
            page.bring_to_front()
            assert walk.trouble == other.trouble == []

    def test_sees_the_open_inbox_renew_itself(
        self, demo: Installation, chromium: Browser, inbox: Inbox
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = listens(walk, "/items/")
            # A page that has such a part, and answers with more of it.
            page.locator("main").evaluate(
                "main => main.insertAdjacentHTML('beforeend', '<ul id=inbox></ul>')"
            )
            page.route(
                re.compile("/items/$"),
                lambda route: route.fulfill(
                    content_type="text/html", body="<p>x<ul id=inbox><li>One line</li></ul>"
                ),
            )

            inbox.add()

            expect(page.locator("#inbox li")).to_have_text("One line")
            assert walk.trouble == []
