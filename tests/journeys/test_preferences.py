"""A reader without an account says how he likes prices, and every page remembers."""

import re

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

ITEM = "/items/onions/?region=yangon"


class TestAReader:
    def test_sees_the_unit_and_numerals_that_he_likes_also_in_what_htmx_fetches(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go(ITEM)
            walk.follow(page.get_by_role("link", name="Units, numerals and home region"))
            page.get_by_text("a viss", exact=True).click()
            page.get_by_text("၁ ၂ ၃", exact=True).click()
            page.get_by_label("Home region").select_option(label="Mandalay")
            walk.look_at_it()
            walk.follow(page.get_by_role("button", name="Save"))

            expect(page).to_have_url(walk.address + ITEM)
            expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
            ticket = page.locator(".ticket")
            expect(ticket).to_have_text(re.compile("[၀-၉] a viss.*= K.[၀-၉,]+ a kg", re.DOTALL))
            page.get_by_label("Order").select_option(label="Dearest first")
            expect(page).to_have_url(re.compile("sort=dearest"))
            expect(ticket).not_to_have_text(re.compile("[0-9]"))
            walk.go("/")
            expect(page.get_by_role("link", name="Mandalay today")).to_be_visible()

            assert walk.trouble == []

    def test_has_latin_numerals_in_burmese_without_javascript(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            page = walk.go("/my" + ITEM)
            walk.follow(page.locator("footer a[href='/my/preferences/']"))
            page.get_by_text("1 2 3", exact=True).click()
            walk.follow(page.locator("main .btn"))

            expect(page).to_have_url(walk.address + "/my" + ITEM)
            expect(page.locator(".ticket")).to_have_text(re.compile("[0-9]"))
            expect(page.locator(".ticket")).not_to_have_text(re.compile("[၀-၉]"))
            page.locator("#f-since").fill("2020-01-01")
            walk.follow(page.locator("form.since .btn"))
            expect(page).to_have_url(re.compile("region=yangon&since=2020-01-01"))
            walk.look_at_it()

            assert walk.trouble == []
