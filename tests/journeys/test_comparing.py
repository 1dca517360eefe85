"""Places side by side, and what rose and fell, in a browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, walking

DIGITS = str.maketrans("၀၁၂၃၄၅၆၇၈၉", "0123456789")

# Words of the comparison that go on in another line, or beyond their cell.
BROKEN_WORDS = r"""() => {
  const broken = [];
  for (const cell of document.querySelectorAll('.cmp th')) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(/\S+/g)) {
      const range = document.createRange(), edge = cell.getBoundingClientRect();
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(line => Math.round(line.top)));
      const {left, right} = range.getBoundingClientRect();
      if (lines.size > 1 || left < edge.left - 1 || right > edge.right + 1) broken.push(word[0]);
    }
  }
  return broken;
}"""


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

    def test_breaks_no_word_of_four_long_names(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            four = "&".join(
                f"place={region}" for region in ("mandalay", "tanintharyi", "ayeyarwady", "yangon")
            )
            page = walk.go(f"/compare/?{four}")

            assert page.locator(".cmp thead a").count() == 4
            assert page.evaluate(BROKEN_WORDS) == []
            walk.look_at_it()


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
