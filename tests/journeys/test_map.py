"""The map, and near me, in a browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

YANGON = {"latitude": 16.8, "longitude": 96.15}
# Pairs of labels of which one covers the other.
COVERED = r"""() => {
  const boxes = [...document.querySelectorAll(".pin:not(.dot) b")].map(label => label.getBoundingClientRect());
  return boxes.flatMap((one, at) => boxes.slice(0, at).filter(other =>
    one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom)).length;
}"""


class TestTheMap:
    def test_shows_the_prices_that_the_list_beside_it_has(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/map/?item=onions&region=yangon")
            shops = page.get_by_role("table", name=re.compile("Shops")).locator("tbody tr")
            listed = sorted(row.locator(".p").inner_text() for row in shops.all())
            expect(page.locator("[data-map][data-drawn]")).to_be_visible()

            # As close as the map goes, shop by shop: whatever the map can show is asked for once.
            source = page.locator("[data-map]").get_attribute("data-source")
            found = page.request.get(f"{demo.address}{source}&zoom=14&box=92,9,102,29").json()["markers"]
            drawn = [shop["price"] for marker in found for shop in marker["shops"]]

            assert sorted(price.split("\N{NO-BREAK SPACE}")[1].split()[0] for price in drawn) == listed
            pins = page.locator(".pin b")
            expect(pins.first).to_be_visible()
            assert page.evaluate(COVERED) == 0
            pins.first.click()
            walk.look_at_it()
            assert walk.trouble == []

    @pytest.mark.parametrize("start", ["", "/my"])
    def test_has_no_label_that_covers_another_on_a_wide_screen(
        self, demo: Installation, chromium: Browser, start: str
    ) -> None:
        with walking(chromium, demo.address, viewport={"width": 1280, "height": 900}) as walk:
            page = walk.go(f"{start}/map/?item=tomatoes")
            expect(page.locator(".pin b").first).to_be_visible()

            assert page.evaluate(COVERED) == 0
            assert walk.trouble == []

    def test_is_a_drawing_that_leads_on_without_javascript(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as walk:
            page = walk.go("/my/map/?item=onions")
            walk.follow(page.locator('a[data-region="yangon"] path'))
            expect(page).to_have_url(re.compile("/my/map/.*region=yangon"))
            expect(page.locator("svg.place .dot").first).to_be_visible()
            expect(page.locator("[data-map]")).to_be_hidden()
            walk.look_at_it()

            assert walk.trouble == []


class TestNearMe:
    def test_finds_shops_around_the_position_that_was_granted(
        self, demo: Installation, chromium: Browser
    ) -> None:
        options = {"geolocation": YANGON, "permissions": ["geolocation"]}
        with walking(chromium, demo.address, **options) as walk:
            page = walk.go("/items/onions/")
            walk.follow(page.get_by_role("link", name="Near me"))
            page.get_by_label("How far").select_option(label="50 km")
            page.get_by_role("button", name="Use my position").click()
            expect(page.get_by_role("heading", name=re.compile("Within 50 km"))).to_be_visible()
            rows = page.locator("tr[data-price]")
            expect(page.locator(".pin")).to_have_count(rows.count())
            prices = sorted(row.get_attribute("data-price") or "" for row in rows.all())
            pins = page.locator(".pin b").evaluate_all("all => all.map(pin => pin.lastChild.textContent)")
            assert sorted(pins) == prices
            assert page.evaluate(COVERED) == 0
            assert "96.15" not in page.url
            walk.look_at_it()

            assert walk.trouble == []

    @pytest.mark.parametrize("start", ["", "/my"])
    def test_offers_townships_where_the_position_is_refused(
        self, demo: Installation, chromium: Browser, start: str
    ) -> None:
        with walking(chromium, demo.address, permissions=[]) as walk:
            page = walk.go(f"{start}/items/onions/near/")
            page.locator("[data-ask]").click()
            expect(page.locator("[data-near-told]")).to_have_text(
                page.locator("[data-near]").get_attribute("data-refused") or ""
            )
            expect(page.locator("#id_township")).to_be_focused()
            page.locator("#id_township").select_option(index=200)
            page.locator("#id_radius").select_option("50")
            walk.follow(page.locator("[data-near] .btn"))
            expect(page.locator("main h2").first).to_be_visible()
            walk.look_at_it()

            assert walk.trouble == []
