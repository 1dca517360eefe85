"""Pages already seen, without a connection: kept for everybody, never for who is signed in."""

import re
import time

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import PATIENCE_MS, Installation, Walk, sign_in, walking

KEPT = """async () => {
  const kept = await (await caches.open('potato-pages-1')).keys();
  return kept.map(request => new URL(request.url).pathname);
}"""


def wait_until_kept(page: Page, paths: set[str]) -> None:
    """Return when these pages, and no others, are on the device."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (kept := set(page.evaluate(KEPT))) != paths:
        assert time.monotonic() < deadline, kept
        page.wait_for_timeout(100)


def context_of(walk: Walk) -> BrowserContext:
    return walk.page.context


class TestWithoutConnection:
    def test_pages_already_seen_are_read_again_with_their_age(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, service_workers="allow") as walk:
            page = walk.go("/items/onions/")
            # The page that brought the worker is kept, too.
            wait_until_kept(page, {"/items/onions/"})
            walk.go("/regions/yangon/")
            walk.go("/my/items/onions/")
            wait_until_kept(page, {"/items/onions/", "/regions/yangon/", "/my/items/onions/"})
            expect(page.locator("#saved")).to_be_hidden()
            assert walk.trouble == []

            context_of(walk).set_offline(True)
            page.goto(f"{demo.address}/items/onions/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Onions")
            expect(page.locator("#saved")).to_have_text(re.compile(r"Saved copy from \d\d:\d\d\. "))
            assert (
                page.evaluate("getComputedStyle(document.querySelector('.mast')).borderBottomWidth") == "3px"
            )
            page.goto(f"{demo.address}/my/items/onions/")
            expect(page.locator("#saved")).to_have_text(re.compile("[၀-၉]{2}:[၀-၉]{2}"))

            page.goto(f"{demo.address}/items/garlic/")
            expect(page.get_by_role("heading", level=1)).to_have_text("No connection")
            saved = page.locator("#saved-pages").get_by_role("link")
            expect(saved).to_have_count(3)
            saved.filter(has_text="Yangon").click()
            expect(page.locator("#saved")).to_be_visible()

            context_of(walk).set_offline(False)
            page.reload()
            expect(page.locator("#saved")).to_be_hidden()

    def test_nothing_of_who_is_signed_in_is_there_and_nothing_at_all_after_signing_out(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, service_workers="allow") as walk:
            page = walk.go("/items/onions/")
            wait_until_kept(page, {"/items/onions/"})
            sign_in(walk, role="contributor")
            for path in ("/prices/mine/", "/accounts/profile/", "/prices/submit/", "/items/garlic/"):
                walk.go(path)
            assert page.evaluate(KEPT) == ["/items/onions/"]

            walk.go("/accounts/logout/")
            page.get_by_role("main").get_by_role("button", name="Sign out").click()
            page.wait_for_url(re.compile(f"{demo.address}/(my/)?$"))
            # With "You have signed out" on it, the next page is none for everybody.
            wait_until_kept(page, set())
            assert walk.trouble == []
