"""Following a shop and an item, and a rule in two taps: on a phone, with and without JavaScript, in both languages."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Installation, sign_in, walking

WITH_OR_WITHOUT = pytest.mark.parametrize(
    "has_javascript", [True, False], ids=["JavaScript", "no JavaScript"]
)


def stop_all(walk) -> None:
    """Whatever another journey has followed."""
    page = walk.go("/alerts/following/")
    while (stop := page.get_by_role("button", name="Stop following")).count():
        stop.first.click()
        page = walk.go("/alerts/following/")


def follow_button(page: Page, name: str = "Follow"):
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


@WITH_OR_WITHOUT
class TestFollowing:
    @pytest.mark.parametrize("path", ["/items/onions/", "/shops/1/"])
    def test_is_one_tap_and_one_more_takes_it_back(
        self, demo: Installation, chromium: Browser, has_javascript: bool, path: str
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=has_javascript) as walk:
            sign_in(walk, role="shopper")
            stop_all(walk)
            page = walk.go(path)
            walk.look_at_it()

            follow_button(page).click()

            if has_javascript:
                expect(page.get_by_text("You follow this now.")).to_be_visible()
                expect(follow_button(page, "Undo")).to_be_focused()
                walk.look_at_it()
                walk.go(path)
            expect(follow_button(page, "Stop following")).to_be_visible()
            expect(follow_button(page)).to_have_count(0)
            assert page.url == demo.address + path
            followed = walk.go("/alerts/following/").get_by_role("main").locator("li form")
            expect(followed).to_have_count(1)
            walk.look_at_it()
            walk.go(path)
            follow_button(page, "Stop following").click()
            if has_javascript:
                expect(page.get_by_text("You do not follow this any more.")).to_be_visible()
                walk.go(path)
            expect(follow_button(page)).to_be_visible()
            assert walk.trouble == []

    def test_is_offered_to_a_visitor_who_comes_back_after_signing_in(
        self, demo: Installation, chromium: Browser, has_javascript: bool
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=has_javascript) as walk:
            page = walk.go("/items/onions/?region=yangon")
            walk.follow(page.get_by_role("main").get_by_role("link", name="Follow", exact=True))
            page.get_by_label("E-mail address").fill("shopper@potato.test")
            page.get_by_label("Password").fill("mangosteen-shopper")
            walk.follow(page.get_by_role("main").get_by_role("button", name="Sign in"))

            expect(page).to_have_url(re.compile(r"/items/onions/\?region=yangon$"))
            expect(
                page.get_by_role("main").get_by_role("button", name=re.compile("ollow")).first
            ).to_be_visible()
            assert walk.trouble == []


@WITH_OR_WITHOUT
class TestARule:
    @pytest.mark.parametrize("prefix", ["", "/my"])
    def test_takes_two_taps_and_says_what_it_would_have_done(
        self, demo: Installation, chromium: Browser, has_javascript: bool, prefix: str
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=has_javascript) as walk:
            sign_in(walk, role="shopper")
            page = walk.go(f"{prefix}/items/onions/?region=yangon")
            walk.follow(page.locator('main a[href*="/alerts/rules/new/"]'))
            walk.look_at_it()
            amount = page.locator('[name="amount"]')
            assert amount.input_value()
            expect(page.locator("#preview b")).to_be_visible()

            amount.fill("၁")
            if has_javascript:
                amount.blur()
            else:
                walk.follow(page.locator('[name="look"]'))
            walk.follow(page.locator('[name="use"]'))
            assert amount.input_value() not in ("", "၁")
            walk.look_at_it()
            walk.follow(page.locator("form.rule .btn:not(.quiet)"))

            expect(page).to_have_url(demo.address + f"{prefix}/alerts/rules/")
            walk.look_at_it()
            walk.follow(page.locator('[name="act"][value="pause"]').first)
            expect(page.locator(".rule-row .tag").first).to_be_visible()
            walk.follow(page.locator('[name="act"][value="delete"]').first)
            walk.look_at_it()
            walk.follow(page.locator(f'form[action="{prefix}/alerts/rules/restore/"] button'))
            expect(page.locator(".rule-row").first).to_be_visible()
            walk.follow(page.locator('[name="act"][value="delete"]').first)
            assert walk.trouble == []
