"""Places side by side, and what rose and fell, in a browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

DIGITS = str.maketrans("၀၁၂၃၄၅၆၇၈၉", "0123456789")


def kyat(text: str) -> float | None:
    """The first number in a cell; None where it has no price."""
    found = re.search(r"[\d,]+(\.\d+)?", text.translate(DIGITS))
    return float(found[0].replace(",", "")) if found else None


class TestComparing:
    @pytest.mark.parametrize("start", ["", "/my"])
    def test_sets_the_places_that_were_chosen_side_by_side(
        self, demo: Installation, chromium: Browser, start: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go(f"{start}/compare/")
            page.locator("#find").fill("Yangon")
            walk.follow(page.locator("form.form button"))
            walk.follow(page.locator(".cols a[href$='place=yangon']"))
            expect(page.locator(".pick")).to_have_count(1)
            page.locator("#find").fill("မန္တလေး")
            walk.follow(page.locator("form.form button"))
            walk.follow(page.locator(".cols a[href$='place=mandalay']"))
            expect(page.locator(".pick")).to_have_count(2)

            rows = page.locator(".cmp tbody tr")
            expect(rows.first).to_be_visible()
            fresh = 0
            for row in rows.all():
                marked = row.locator(".mini")
                counted = [kyat(cell.inner_text()) for cell in row.locator("td:not(.flat)").all()]
                known = [amount for amount in counted if amount is not None]
                if marked.count():
                    assert kyat(marked.first.inner_text()) == min(known)
                    fresh += 1
            assert fresh
            walk.look_at_it()

            walk.follow(page.locator("a[href*='unit=viss']").first)
            expect(page).to_have_url(re.compile("unit=viss"))
            walk.follow(page.locator(".pick a").first)
            expect(page.locator(".pick")).to_have_count(1)
            assert walk.trouble == []


class TestWhatMoved:
    @pytest.mark.parametrize("start", ["", "/my"])
    def test_is_asked_by_region_category_and_period(
        self, demo: Installation, chromium: Browser, start: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go(f"{start}/")
            walk.follow(page.locator(f"main a[href='{start}/movers/']").first)
            page.locator("#f-region").select_option("yangon")
            page.locator("#f-period").select_option("7")
            page.locator(".filter button").click()
            expect(page).to_have_url(re.compile("region=yangon.*period=7"))
            expect(page.locator("#f-region")).to_have_value("yangon")
            walk.look_at_it()

            walk.follow(page.locator(f"main a[href^='{start}/movers/unusual/']").first)
            expect(page.locator("h1")).to_be_visible()
            walk.look_at_it()
            assert walk.trouble == []
