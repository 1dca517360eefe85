"""The key Enter, which phones call "Go": it presses the first button of a form."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Installation, Walk, sign_in, walking

TO_CHECK = "/admin/prices/ledgerrow/to-check/"
FIELDS = "input[type=checkbox], input[type=text], input[type=number], input:not([type]), select"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def walk(request: pytest.FixtureRequest, demo: Installation, chromium: Browser) -> Iterator[Walk]:
    with walking(chromium, demo.address, java_script_enabled=request.param) as walk:
        yield walk


def posts(walk: Walk) -> list[str]:
    """What is sent from now on, as bodies of forms."""
    sent: list[str] = []
    walk.page.on(
        "request", lambda asked: sent.append(asked.post_data or "") if asked.method == "POST" else None
    )
    return sent


def send_price(walk: Walk, *, price: str) -> None:
    page = walk.go("/prices/submit/?item=onions")
    page.get_by_label("Shop or stall").select_option(index=1)
    page.get_by_label("Price in kyat").fill(price)
    walk.follow(page.get_by_role("button", name="Send price").last)


class TestEnter:
    def test_decides_nothing_about_the_prices_to_check(
        self, walk: Walk, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address, java_script_enabled=False) as contributor:
            sign_in(contributor, role="contributor")
            send_price(contributor, price="987,654")
            # The page of a price that waits for the relay loads itself again.
            expect(contributor.page.get_by_role("heading", name="Waits for a check")).to_be_visible()
        sign_in(walk, role="admin")
        page = walk.go(TO_CHECK)
        row = page.get_by_role("row").filter(has_text="987,654")
        row.get_by_role("checkbox").check()
        page.get_by_label("Reason").fill("nobody asks that")
        sent = posts(walk)

        for field in page.locator("#content").locator(FIELDS).all():
            field.press("Enter")
        walk.follow(page.get_by_role("button", name="Remove"))

        assert ["action=removed" in body for body in sent] == [True]

    def test_bans_nobody_in_the_list_of_people(self, walk: Walk) -> None:
        sign_in(walk, role="admin")
        page = walk.go("/admin/accounts/user/")
        page.get_by_role("row").filter(has_text="contributor@potato.test").get_by_role("checkbox").check()
        actions = page.get_by_role("combobox")
        actions.select_option(label="Ban")
        sent = posts(walk)

        for field in page.locator("#changelist-form").locator(FIELDS).all():
            field.press("Enter")
        actions.select_option(value="")
        walk.follow(page.locator("button[name=index]"))

        assert ["action=&" in body for body in sent] == [True]

    def test_in_a_list_that_is_edited_loses_nothing(self, walk: Walk) -> None:
        sign_in(walk, role="admin")
        page = walk.go("/admin/catalog/category/")
        position = page.locator("[name=form-0-position]")
        was = position.input_value()
        position.fill("77")
        sent = posts(walk)

        position.press("Enter")
        expect(position).to_have_value("77")
        position.fill(was)
        walk.follow(page.locator("[name=_save]"))

        assert ["_save=" in body for body in sent] == [True]

    def test_after_words_for_another_shop_searches_and_sends_no_price(self, walk: Walk) -> None:
        sign_in(walk, role="contributor")
        page = walk.go("/prices/submit/?item=onions")
        shops = page.get_by_label("Shop or stall")
        shops.select_option(index=1)
        assert "Yangon" not in shops.locator("option:checked").inner_text()
        page.get_by_label("Price in kyat").fill("2,345")
        words = page.get_by_label("Name of the shop or market")
        if not words.is_visible():
            page.get_by_text("Find another shop").click()
        words.fill("Yangon")
        walk.follow(page.get_by_role("button", name="Find", exact=True))
        expect(page.get_by_text("More than").or_(page.get_by_text("in the list above"))).to_be_visible()

        with page.expect_navigation():
            page.get_by_label("Name of the shop or market").press("Enter")

        expect(page.get_by_label("Price in kyat")).to_have_value("2,345")
        expect(page).to_have_url(f"{walk.address}/prices/submit/")
        expect(page.get_by_role("alert")).to_have_count(0)

    def test_elsewhere_does_what_the_only_button_says_or_begins_a_line(self, walk: Walk) -> None:
        sign_in(walk, role="contributor")
        send_price(walk, price="2,222")
        walk.follow(walk.page.get_by_role("link", name="This price"))
        price = walk.page.url
        page = walk.go(f"{price}withdraw/")
        sent = posts(walk)
        why = page.get_by_label("Why?")
        why.fill("a slip")
        why.press("Enter")
        expect(why).to_have_value("a slip\n")

        page = walk.go("/basket/?item=onions&quantity-onions=1&unit-onions=viss")
        quantity = page.get_by_label("How much Onions")
        quantity.fill("3")
        with page.expect_navigation():
            quantity.press("Enter")
        expect(page.get_by_label("How much Onions")).to_have_value("3")
        page = walk.go("/compare/")
        with page.expect_navigation():
            page.get_by_label("Name of a shop or place").press("Enter")
        expect(page.get_by_role("heading", name="Side by side")).to_be_visible()

        assert sent == []
        walk.go(price)
        expect(walk.page.get_by_text("Taken back")).to_have_count(0)
