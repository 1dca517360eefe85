"""A connection that comes and goes: what was tapped and typed is not lost, and pages say in words what is wrong."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Installation, asleep, sign_in, walking

AWAY = "The network does not answer. Try again in a moment."


def fill_in(page: Page, price: str) -> None:
    page.locator("#id_shop").select_option(index=1)
    page.locator("#id_price").fill(price)
    page.locator("#id_quantity").fill("1")
    # It comes in above the button: a click at that moment would miss it.
    expect(page.locator("output.echo")).to_be_visible()


class TestFilters:
    def test_show_what_was_tapped_last_and_say_while_the_network_is_away(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/items/onions/")
            region, said = page.locator("#f-region"), page.locator("#saved")
            # It never comes.
            page.route(re.compile("region=mandalay"), lambda route: None)

            region.select_option("mandalay")
            region.select_option("yangon")
            page.wait_for_url("**region=yangon**")
            expect(region).to_have_value("yangon")

            page.context.set_offline(True)
            page.locator("#f-age").select_option(index=1)
            expect(said).to_have_text(AWAY)
            page.context.set_offline(False)
            page.locator("#f-age").select_option(index=2)
            page.wait_for_url("**max_age=**")
            expect(said).to_be_hidden()

            page.route(re.compile("region=bago"), lambda route: route.fulfill(status=502, body="Bad gateway"))
            region.select_option("bago")
            expect(said).to_have_text("Please try again in a moment")


class TestPriceSentWithoutConnection:
    def test_stays_in_its_form_and_is_sent_from_there_later(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, service_workers="allow") as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/prices/submit/?item=onions")
            page.wait_for_function("navigator.serviceWorker.controller")
            fill_in(page, "2345")
            page.context.set_offline(True)

            page.get_by_role("button", name="Send price").last.click()
            expect(page.locator("#saved")).to_have_text(AWAY)
            expect(page.locator("#id_price")).to_have_value("2345")

            # As where the browser takes a network for one that is none.
            with page.expect_navigation():
                page.locator("#submit-form").evaluate("form => form.submit()")
            expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
            expect(page.get_by_role("link", name="Try again")).to_be_hidden()
            page.context.set_offline(False)
            walk.follow(page.get_by_role("button", name="Send again"))
            page.wait_for_url("**/prices/submissions/**")
            expect(page.get_by_text("2,345").first).to_be_visible()

    def test_is_sent_where_the_browser_is_wrong_about_its_network(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.page
            page.add_init_script("Object.defineProperty(navigator, 'onLine', {get: () => false})")
            sign_in(walk, role="contributor")
            walk.go("/prices/submit/?item=onions")
            fill_in(page, "2347")

            walk.follow(page.get_by_role("button", name="Send price").last)

            expect(page.get_by_role("heading", level=1)).to_have_text("Published")
            assert walk.trouble == []


class TestPriceThatWasAccepted:
    def test_is_asked_for_again_when_the_network_was_away(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/prices/submit/?item=onions")
            fill_in(page, "2346")
            cut = re.compile("looks=")
            page.route(cut, lambda route: route.abort("internetdisconnected"))

            # Else the price may be published before its page first asks.
            with asleep(demo, "relay"):
                walk.follow(page.get_by_role("button", name="Send price").last)
                expect(page.locator("#saved")).to_have_text(AWAY)
            page.unroute(cut)

            expect(page.get_by_role("heading", level=1)).to_have_text("Published")
            expect(page.locator("#saved")).to_be_hidden()
