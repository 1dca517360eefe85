"""A moderator at work on a phone."""

from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import (
    NARROWEST,
    PHONE,
    Installation,
    Walk,
    asleep,
    scrolls_sideways,
    sign_in,
    walking,
)

TO_CHECK = "/admin/prices/ledgerrow/to-check/"


def send_price(walk: Walk, *, price: str) -> str:
    """Send a price of onions. :return: the address of its page."""
    page = walk.go("/prices/submit/?item=onions")
    page.get_by_label("Shop or stall").select_option(index=1)
    page.get_by_label("Price in kyat").fill(price)
    walk.follow(page.get_by_role("button", name="Send price").last)
    link = page.get_by_role("link", name="This price")
    expect(link).to_be_visible()
    return link.get_attribute("href") or ""


def fits(page: Page) -> None:
    for size in (NARROWEST, PHONE):
        page.set_viewport_size(size)
        assert not scrolls_sideways(page), f"{page.url} is wider than {size['width']} px"


class TestAModerator:
    def test_sees_on_a_phone_what_comes_of_a_decision(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as contributor:
            sign_in(contributor, role="contributor")
            send_price(contributor, price="876,543")
            price = send_price(contributor, price="2,468")
        with walking(chromium, demo.address) as reader:
            sign_in(reader, role="shopper")
            page = reader.go(f"{price}report/")
            page.get_by_label("The price is wrong").check()
            page.get_by_label("In your words").fill("it is 2,600 since Monday")
            reader.follow(page.get_by_role("button", name="Send the report"))
            page = reader.go(f"{price}report/")
            page.get_by_label("In your words").fill("it is 2,700 since Monday")
            reader.follow(page.get_by_role("button", name="Change the report"))
            expect(page.get_by_text("Your report was changed.")).to_be_visible()
            assert reader.trouble == []

        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="admin")
            page = walk.go(TO_CHECK)
            expect(page.get_by_role("row").filter(has_text="2,468")).to_contain_text(
                "it is 2,700 since Monday"
            )
            row = page.get_by_role("row").filter(has_text="876,543")
            row.get_by_role("checkbox").check()
            page.get_by_label("Reason").fill("two zeros too many")
            fits(page)
            with asleep(demo, "relay"):
                walk.follow(page.get_by_role("button", name="Remove"))
                expect(row).to_have_count(0)
                expect(page.locator("#decided").get_by_text("It is done in a moment.")).to_be_visible()
                fits(page)
            # Nobody loads the page again.
            decision = page.locator("#decided li").filter(has_text="876,543")
            expect(decision).to_contain_text("Done.")
            expect(page.locator("#decided").get_by_text("It is done in a moment.")).to_have_count(0)

            walk.go(f"/my{TO_CHECK}")
            fits(page)

            assert walk.trouble == []
