"""Nothing typed is lost: the session ends, another tab signs in, or a store is away, on a phone."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE_MS, Installation, Walk, asleep, sign_in, walking

NOTE = "two “sacks” <left>"


def second_tab(walk: Walk) -> Walk:
    """Another page of the same browser."""
    return Walk(walk.page.context, walk.address)


def sign_out(walk: Walk) -> None:
    page = walk.go("/accounts/logout/")
    walk.follow(page.get_by_role("main").get_by_role("button", name="Sign out"))


def fill_in(walk: Walk) -> Page:
    """The form for a price, filled in but for what the test types."""
    page = walk.go("/prices/submit/")
    page.get_by_label("Item", exact=True).select_option(label="Onions ကြက်သွန်နီ")
    expect(page.get_by_label("Unit", exact=True)).to_have_value("viss")
    page.get_by_label("Shop or stall").select_option(index=1)
    page.get_by_text("Add a note").click()
    page.get_by_label("Note").fill(NOTE)
    type_price(page, "2,400")
    expect(page.locator("#echo")).to_contain_text("1,470")
    return page


def type_price(page: Page, price: str) -> None:
    page.get_by_label("Price in kyat").fill(price)


def expect_filled_in(page: Page, price: str) -> None:
    expect(page.get_by_label("Price in kyat")).to_have_value(price)
    expect(page.get_by_label("Note")).to_have_value(NOTE)
    expect(page.get_by_label("Item", exact=True).locator("option:checked")).to_contain_text("Onions")


def send(walk: Walk) -> Page:
    return walk.follow(walk.page.get_by_role("main").get_by_role("button", name="Send price"))


def wait_for_worker(walk: Walk, worker: str) -> None:
    """Where there shall be a service worker, every form goes through it from now on."""
    if worker == "allow":
        walk.page.wait_for_function("navigator.serviceWorker.controller")


@contextmanager
def members_locked(potato: Installation) -> Iterator[None]:
    """PostgreSQL does not answer who somebody is."""
    url = potato.env["DATABASE_URL"].replace("postgis:", "postgresql:")
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE accounts_user")
        yield


def set_role(potato: Installation, role: str) -> None:
    url = potato.env["DATABASE_URL"].replace("postgis:", "postgresql:")
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE accounts_user SET role = %s WHERE email = 'contributor@potato.test'", [role]
        )


class TestAFormWhoseSessionHasEnded:
    def test_stays_while_its_author_types_and_is_there_again_after_signing_in(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = fill_in(walk)
            sign_out(second_tab(walk))

            with page.expect_response(re.compile("/echo/")) as echo:
                type_price(page, "2,500")
            with page.expect_response(re.compile("/shops/\\?")) as shops:
                page.locator("details").first.evaluate("details => { details.open = true }")
                page.get_by_label("Name of the shop or market").press_sequentially("zay")
            with page.expect_response(re.compile("/units/")) as units:
                page.get_by_label("Item", exact=True).select_option(index=2)
            page.get_by_label("Item", exact=True).select_option(label="Onions ကြက်သွန်နီ")

            assert [answer.value.status for answer in (echo, shops, units)] == [204, 204, 204]
            # What 2,400 came to does not stand beside 2,500.
            expect(page.locator("#echo")).to_be_empty()
            assert page.url.endswith("/prices/submit/")
            expect_filled_in(page, "2,500")

            send(walk)
            page.get_by_label("E-mail address").fill("contributor@potato.test")
            page.get_by_label("Password").fill("mangosteen-contributor")
            walk.follow(page.get_by_role("main").get_by_role("button", name="Sign in"))

            expect(page.get_by_text("What you typed is here again")).to_be_visible()
            expect_filled_in(page, "2,500")
            walk.look_at_it()

    def test_stays_once_its_author_may_not_send_prices_any_more(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = fill_in(walk)
            set_role(demo, "USER")
            try:
                with page.expect_response(re.compile("/echo/")) as echo:
                    type_price(page, "2,500")

                assert echo.value.status == 204
                expect_filled_in(page, "2,500")
            finally:
                set_role(demo, "CONTRIBUTOR")


class TestAFormWhilePostgreSQLDoesNotAnswer:
    def test_stays_and_is_sent_afterwards(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = fill_in(walk)

            with members_locked(demo):
                with page.expect_response(re.compile("/echo/")) as echo:
                    type_price(page, "2,500")
                assert echo.value.status == 503
                expect(page.locator("#saved")).to_have_text("Please try again in a moment")
                expect(page.locator("#echo")).to_be_empty()
                expect_filled_in(page, "2,500")

                send(walk)
                expect(page.get_by_role("heading", level=1)).to_have_text("Please try again in a moment")
            walk.follow(page.get_by_role("button", name="Send again"))

            expect(page).to_have_url(re.compile("/prices/submissions/"))


class TestThePageOfAPriceThatWaits:
    def test_stays_readable_and_asks_no_more_once_the_session_has_ended(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk, asleep(demo, "relay"):
            page = walk.page
            page.clock.install()
            answers: list[int] = []
            page.on("response", lambda one: "looks=" in one.url and answers.append(one.status))
            sign_in(walk, role="contributor")
            fill_in(walk)
            send(walk)
            expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
            sign_out(second_tab(walk))

            deadline = time.monotonic() + PATIENCE_MS / 1000
            while 204 not in answers:
                assert time.monotonic() < deadline, answers
                page.wait_for_timeout(100)
            answers.clear()
            # Whatever would ask again does so now.
            page.clock.run_for(600_000)

            expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
            assert answers == []


class TestAFormOfAPageFromBeforeSigningInElsewhere:
    @pytest.mark.parametrize("worker", ["block", "allow"])
    def test_is_sent_by_one_more_tap(self, demo: Installation, chromium: Browser, worker: str) -> None:
        with walking(chromium, demo.address, service_workers=worker) as walk:
            sign_in(walk, role="contributor")
            wait_for_worker(walk, worker)
            page = fill_in(walk)
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="contributor")

            send(walk)

            expect(page.get_by_role("heading", level=1)).to_have_text("Please send the form again")
            for shown in ("Onions", "2,400", NOTE, "contributor@potato.test"):
                expect(page.get_by_role("main")).to_contain_text(shown)
            walk.look_at_it()
            send(walk)
            expect(page).to_have_url(re.compile("/prices/submissions/"))

    def test_names_the_price_that_it_is_about(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/my/items/onions/?region=yangon")
            price_page = re.search(r'"(/my/prices/[0-9a-f-]{36}/)', page.content())
            assert price_page
            walk.go(price_page[1])
            price = page.get_by_role("main").locator(".ticket").inner_text().partition(" =")[0]
            item = page.get_by_role("heading", level=1).inner_text()
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="contributor")

            walk.follow(page.get_by_role("button", name="ဈေးမပြောင်းသေး"))

            expect(page.get_by_role("heading", name="သက်ဆိုင်သည့်အရာ")).to_be_visible()
            expect(page.get_by_role("main")).to_contain_text(f"{item}, {price}, ")
            walk.look_at_it()
            walk.follow(page.get_by_role("main").get_by_role("button", name="ဈေးမပြောင်းသေး"))
            expect(page).to_have_url(re.compile("/my/prices/"))
            expect(page.get_by_text("ဒီနေ့ တွေ့တယ်")).to_be_visible()

    def test_says_whose_account_it_is_now(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = fill_in(walk)
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="retailer")

            send(walk)

            expect(page.get_by_role("main")).to_contain_text("retailer@potato.test")
            expect(page.get_by_role("main")).to_contain_text("even if somebody else filled in the form")

    def test_waits_for_signing_in_when_nobody_is_signed_in_any_more(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = fill_in(walk)
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="retailer")
            sign_out(tab)

            send(walk)
            expect(page.get_by_role("main")).to_contain_text("You are not signed in.")
            walk.look_at_it()
            send(walk)
            page.get_by_label("E-mail address").fill("contributor@potato.test")
            page.get_by_label("Password").fill("mangosteen-contributor")
            walk.follow(page.get_by_role("main").get_by_role("button", name="Sign in"))

            expect(page).to_have_url(re.compile("/prices/submit/"))
            expect_filled_in(page, "2,400")

    def test_that_htmx_sends_is_answered_in_place_of_the_page(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/shops/2/")
            follow = page.get_by_role("button", name="Follow", exact=True)
            expect(follow).to_be_visible()
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="contributor")

            follow.click()

            expect(page.get_by_role("heading", level=1)).to_have_text("Please send the form again")
            expect(page.get_by_role("main")).to_contain_text("Follow")
            expect(page.locator("main")).to_have_count(1)
            walk.follow(page.get_by_role("button", name="Send again"))
            expect(page.get_by_role("button", name="Stop following")).to_be_visible()

    def test_without_javascript_is_sent_by_one_more_tap(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/preferences/")
            page.get_by_text("a viss", exact=True).click()
            tab = second_tab(walk)
            sign_out(tab)
            sign_in(tab, role="contributor")

            walk.follow(page.get_by_role("button", name="Save"))
            expect(page.get_by_role("main")).to_contain_text("a viss")
            walk.follow(page.get_by_role("button", name="Save"))

            expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.fixture
def evil() -> Iterator[str]:
    """Another site, whose page sends a form to Potato by itself; where to is in its address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target = self.path.partition("?to=")[2]
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            form = f'<form method="post" action="{target}"><input name="note" value="buy at evil"></form>'
            self.wfile.write(f"<title>evil</title>{form}<script>document.forms[0].submit()</script>".encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # Another site than 127.0.0.1.
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


class TestAFormOfAnotherSite:
    @pytest.mark.parametrize("worker", ["block", "allow"])
    def test_is_not_given_back(self, demo: Installation, chromium: Browser, evil: str, worker: str) -> None:
        with walking(chromium, demo.address, service_workers=worker) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/prices/submit/")
            wait_for_worker(walk, worker)

            with page.expect_response(f"{demo.address}/prices/submit/") as answer:
                page.goto(f"{evil}?to={demo.address}/prices/submit/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Please send the form again")

            assert answer.value.status == 403
            assert "evil" not in page.content()
            expect(page.locator("form[method=post]")).to_have_count(0)
