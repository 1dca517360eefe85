"""The search field in a browser: suggestions, the keyboard, what was searched for before."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, Route, expect

from tests.journeys.conftest import Installation, walking


def field(page: Page) -> Locator:
    return page.locator("#q")


def type_in(page: Page, words: str, *, whole: str = "") -> None:
    """Type, and wait for what is suggested to all of it: an earlier answer would be replaced under the reader's hand."""

    def is_answer(response: Response) -> bool:
        url = urlsplit(response.url)
        return url.path.endswith("/search/suggest/") and parse_qs(url.query)["q"] == [whole or words]

    with page.expect_response(is_answer):
        field(page).press_sequentially(words, delay=20)


def options(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def recent(page: Page) -> list[str]:
    return json.loads(page.evaluate("localStorage.searches ?? '[]'"))


class TestSearchField:
    @pytest.mark.parametrize(
        ("before", "typed", "name", "heading"),
        [("", "onoin", "Onions", "Onions"), ("/my", "ကြက်သွန်န", "ကြက်သွန်နီ", "ကြက်သွန်နီ")],
    )
    def test_suggests_and_is_led_by_the_keyboard(
        self, demo: Installation, chromium: Browser, before: str, typed: str, name: str, heading: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go(f"{before}/")
            type_in(page, typed)
            expect(options(page).first).to_contain_text(name)
            expect(field(page)).to_have_attribute("aria-expanded", "true")
            assert all(
                box["height"] >= 44 for option in options(page).all() if (box := option.bounding_box())
            )
            walk.look_at_it()

            page.keyboard.press("ArrowDown")
            expect(options(page).first).to_have_attribute("aria-selected", "true")
            assert field(page).get_attribute("aria-activedescendant") == options(page).first.get_attribute(
                "id"
            )
            page.keyboard.press("Enter")

            page.wait_for_url(f"**{before}/items/onions/")
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            assert recent(page) == [name]
            assert walk.trouble == []

    def test_closes_and_searches_for_what_was_typed(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/")
            field(page).press_sequentially("r", delay=20)
            page.wait_for_timeout(300)
            expect(options(page)).to_have_count(0)
            type_in(page, "ice", whole="rice")
            expect(options(page).first).to_be_visible()
            page.keyboard.press("Escape")
            expect(page.get_by_role("listbox")).to_be_hidden()
            expect(field(page)).to_have_value("rice")
            type_in(page, " ", whole="rice ")
            expect(options(page).first).to_be_visible()
            page.keyboard.press("Tab")
            expect(page.get_by_role("listbox")).to_be_hidden()
            field(page).press("Enter")
            page.wait_for_url(re.compile(r"/search/\?q=rice"))

            assert recent(page) == ["rice"]
            assert walk.trouble == []

    def test_stays_closed_when_an_answer_comes_after_escape(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/")
            held: list[Route] = []
            page.route("**/search/suggest/?q=rice*", lambda route: held.append(route))
            with page.expect_request("**/search/suggest/?q=rice*"):
                field(page).press_sequentially("rice", delay=20)
            page.keyboard.press("Escape")
            with page.expect_response("**/search/suggest/?q=rice*"):
                held[0].continue_()
            page.evaluate("new Promise(requestAnimationFrame)")
            expect(page.get_by_role("listbox")).to_be_hidden()

            page.unroute("**/search/suggest/?q=rice*")
            page.keyboard.press("ArrowDown")
            expect(options(page).first).to_be_visible()
            assert walk.trouble == []

    def test_offers_what_was_searched_for_and_forgets_it(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/")
            field(page).focus()
            expect(page.get_by_role("listbox")).to_be_hidden()
            page.evaluate("""localStorage.searches = '["oil", "garlic", "salt", "rice", "egg"]'""")
            for words in ("onion", "garlic"):
                field(page).fill(words)
                field(page).press("Enter")
                page.wait_for_url(re.compile(rf"/search/\?q={words}"))
            assert recent(page) == ["garlic", "onion", "oil", "salt", "rice"]

            walk.go("/")
            field(page).focus()
            expect(page.get_by_text("Recent searches", exact=True)).to_be_visible()
            options(page).filter(has_text="salt").click()
            page.wait_for_url(re.compile(r"/search/\?q=salt"))
            assert recent(page)[0] == "salt"
            walk.go("/")
            field(page).focus()
            page.keyboard.press("ArrowUp")
            page.keyboard.press("Enter")
            expect(page.get_by_role("listbox")).to_be_hidden()
            assert recent(page) == []
            page.evaluate("localStorage.searches = '{broken'")
            walk.go("/")
            field(page).focus()
            expect(page.get_by_role("listbox")).to_be_hidden()

            assert walk.trouble == []
