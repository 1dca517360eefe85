"""Everything that a shopper and a contributor do, in a browser that runs no script."""

import re

from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, asleep, sign_in, walking


class TestWithoutJavascript:
    def test_a_price_is_found_and_one_is_sent(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            page = walk.go("/")
            page.get_by_role("searchbox", name="Search items").fill("ကြက်သွန်နီ")
            walk.follow(page.get_by_role("search").get_by_role("button", name="Search"))
            walk.follow(page.get_by_role("main").get_by_role("link", name="Onions", exact=True))
            page.get_by_label("Region", exact=True).select_option(label="Yangon")
            page.get_by_label("Order").select_option(label="Dearest first")
            walk.follow(page.get_by_role("button", name="Show", exact=True))
            expect(page).to_have_url(re.compile("region=yangon.*sort=dearest|sort=dearest.*region=yangon"))
            shops = page.get_by_role("table", name=re.compile("Shops")).get_by_role("rowheader")
            expect(shops.first).to_be_visible()
            shop = shops.last.get_by_role("link").inner_text()
            walk.look_at_it()

            sign_in(walk, role="contributor")
            walk.go("/prices/submit/")
            page.get_by_label("Item", exact=True).select_option(label="Onions ကြက်သွန်နီ")
            if not page.get_by_label("Name of the shop or market").is_visible():
                # It is folded where the shop of last time is filled in.
                page.get_by_text("Find another shop").click()
            page.get_by_label("Name of the shop or market").fill(shop)
            walk.follow(page.get_by_role("button", name="Find", exact=True))
            expect(page.get_by_text(re.compile(r"shops? found"))).to_be_visible()
            found = page.get_by_label("Shop or stall").locator("option").filter(has_text=shop).first
            page.get_by_label("Shop or stall").select_option(value=found.get_attribute("value"))
            page.get_by_label("Unit", exact=True).select_option(value="viss")
            page.get_by_label("Price in kyat").fill("2,400")
            walk.look_at_it()
            with asleep(demo, "relay"):
                walk.follow(page.get_by_role("button", name="Send price").last)
                expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
                expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
                walk.look_at_it()
            # The page loads itself again; nobody pressed anything.
            expect(page.get_by_role("heading", name="Published")).to_be_visible()
            expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
            walk.look_at_it()
            walk.follow(page.get_by_role("link", name="This price"))
            expect(page.get_by_role("main")).to_contain_text("1,470")

            assert walk.trouble == []
