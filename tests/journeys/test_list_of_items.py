"""A visitor's list of items: by forms alone, remembered by the browser, sent to somebody else."""

import re

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

REMEMBERED = "This browser remembers a list of yours."


class TestAList:
    def test_is_made_by_forms_and_the_same_for_whoever_gets_its_address(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            page = walk.go("/items/onions/?region=yangon")
            page.get_by_label("How much").fill("၂")
            walk.follow(page.get_by_role("button", name="Add to my list"))
            expect(page).to_have_url(re.compile(r"/basket/\?i=onions:2:kg&region=yangon$"))
            page = walk.go("/items/tomatoes/?region=yangon&unit=viss")
            walk.follow(page.get_by_role("button", name="Add to my list"))
            expect(page).to_have_url(re.compile(r"/basket/\?i=onions:2:kg&i=tomatoes:1:viss&region=yangon$"))
            page.get_by_label("How much Tomatoes").fill("1.5")
            walk.follow(page.get_by_role("button", name="Count again"))
            shops = page.get_by_role("table", name="What the list costs, by shop")
            expect(shops.get_by_role("row").nth(1)).to_be_visible()
            walk.look_at_it()
            address, told = page.url, shops.inner_text()

            assert walk.trouble == []
        with walking(chromium, demo.address) as other:
            page = other.go(address)

            assert page.get_by_role("table", name="What the list costs, by shop").inner_text() == told
            assert other.trouble == []

    def test_is_there_again_in_the_browser_that_made_it(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/items/onions/")
            walk.follow(page.get_by_role("button", name="Add to my list"))
            expect(page.get_by_label("How much Onions")).to_have_value("1")
            walk.go("/items/tomatoes/")
            walk.follow(page.get_by_role("button", name="Add to my list"))
            expect(page.get_by_label("How much Onions")).to_have_value("1")
            expect(page.get_by_label("How much Tomatoes")).to_have_value("1")

            walk.go("/my/basket/")
            expect(page.locator("input[name^=quantity-]")).to_have_count(2)
            walk.look_at_it()

            # Somebody else's list takes no other's place.
            walk.go("/basket/?i=garlic:1:kg")
            expect(page.get_by_text(REMEMBERED)).to_be_visible()
            walk.follow(page.get_by_role("link", name="Open it"))
            expect(page.get_by_label("How much Tomatoes")).to_have_value("1")
            for _item in range(2):
                walk.follow(page.get_by_role("link", name=re.compile("^Remove")).first)
            expect(page.get_by_role("button", name="Begin the list")).to_be_visible()
            expect(page.get_by_text(REMEMBERED)).to_be_hidden()

            assert walk.trouble == []
