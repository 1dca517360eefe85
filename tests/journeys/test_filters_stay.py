"""Whoever filters a page stays where they were on it, on a phone and on a desk.

The rule. A filter whose answer takes the place of a part of the page leaves the page's scroll position as it was (or
at the page's new end, where it has become shorter), and the control that was used in view and focused. A filter or
link that loads a page anew leads to the top of that page, or to what its address names if that is there. Going back
leads to the former answer, at its former scroll position.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE_MS, PHONE, Installation, Walk, sign_in, walking
from tests.journeys.filters import (
    AWAIT_SCROLL,
    AWAIT_SWAP,
    DESK,
    MAKE_VALID,
    OTHER_BUTTONS,
    STATE,
    TO_THE_MIDDLE,
    TOLERANCE,
    Form,
    Visited,
    choose_another,
    each_control,
    element,
    forms_of,
    kind_of,
    misplaced,
    use,
    visit,
)

# People tap on a phone, and use the keyboard on a desk: in a page both are a click or a change of the same control.
SIZES = pytest.mark.parametrize(("size", "way"), [(PHONE, "tap"), (DESK, "key")], ids=["phone", "desk"])


@pytest.fixture(scope="module")
def browser_of_one(demo: Installation, chromium: Browser) -> Iterator[Walk]:
    """One browser for the whole module: what it has fetched once it need not fetch for each test."""
    with walking(chromium, demo.address) as walk:
        yield walk


@pytest.fixture
def walk(browser_of_one: Walk) -> Walk:
    """Somebody who was never here, on a phone."""
    browser_of_one.page.context.clear_cookies()
    browser_of_one.page.set_viewport_size(PHONE)
    browser_of_one.trouble.clear()
    return browser_of_one


@pytest.fixture(scope="module")
def visited(browser_of_one: Walk) -> list[Visited]:
    return visit(browser_of_one)


@pytest.fixture(scope="module")
def forms(visited: list[Visited]) -> list[Form]:
    return forms_of(visited)


class TestFiltersThatSwapAPartOfThePage:
    @SIZES
    def test_leave_the_page_where_it_was_and_the_control_focused(
        self, walk: Walk, forms: list[Form], size: Any, way: str
    ) -> None:
        faults, used = [], 0
        walk.page.set_viewport_size(size)
        for form, (at, kind, name) in each_control(forms, swaps=True):
            page = walk.go(form.path)
            page.locator("main form").nth(form.number).evaluate(MAKE_VALID)
            control = element(page, form, at)
            if not control.is_enabled():
                continue
            id = control.get_attribute("id") or ""
            control.evaluate(TO_THE_MIDDLE)
            before = page.evaluate(STATE, id)
            page.evaluate(AWAIT_SWAP, PATIENCE_MS)
            if not use(control, kind, way):
                continue
            page.evaluate("() => window.swapped")
            after = page.evaluate(STATE, id)
            used += 1
            faults += [f"{form.path}, {name or kind}: {fault}" for fault in moved(before, after, id=id)]
        assert faults == []
        assert walk.trouble == []
        # The item page's three forms and the list of shops.
        assert used >= 12

    @SIZES
    def test_are_taken_back_to_where_the_page_was(
        self, walk: Walk, forms: list[Form], size: Any, way: str
    ) -> None:
        tried = 0
        walk.page.set_viewport_size(size)
        for form in (form for form in forms if form.swaps):
            at = next((at for at, kind, _ in form.controls if kind == "select"), None)
            if at is None:
                continue
            page = walk.go(form.path)
            control = element(page, form, at)
            control.evaluate(TO_THE_MIDDLE)
            name, value = control.get_attribute("id") or "", control.input_value()
            start, former = page.url, page.evaluate(STATE, None)["scroll"]
            page.evaluate(AWAIT_SWAP, PATIENCE_MS)
            if not control.is_enabled() or not use(control, "select", way):
                continue
            page.evaluate("() => window.swapped")
            chosen, filtered = page.url, page.locator(f"#{name}").input_value()
            page.evaluate("scrollTo({top: 150, behavior: 'instant'})")

            with page.expect_response(start):
                page.go_back()

            expect(page).to_have_url(start)
            expect(page.locator(f"#{name}")).to_have_value(value)
            self.assert_stands_at(page, former)
            assert page.locator("h1").count() == 1

            with page.expect_response(chosen):
                page.go_forward()

            expect(page.locator(f"#{name}")).to_have_value(filtered)
            tried += 1
        assert walk.trouble == []
        assert tried >= 3

    def test_show_the_saved_page_or_the_browsers_own_when_back_meets_no_network(
        self, demo: Installation, chromium: Browser
    ) -> None:
        with walking(chromium, demo.address) as walk:
            page = walk.go("/items/onions/")
            page.evaluate(AWAIT_SWAP, PATIENCE_MS)
            choose_another(page.locator("#f-region"))
            page.evaluate("() => window.swapped")
            page.route("**/items/onions/", lambda route: route.abort())

            # The page asks anew, whole, instead of standing under an address that it is not the answer to.
            with page.expect_event(
                "requestfailed", lambda request: request.is_navigation_request()
            ) as failed:
                page.evaluate("history.back()")

            assert failed.value.url == f"{demo.address}/items/onions/"

    def assert_stands_at(self, page: Page, wanted: float) -> None:
        at = page.evaluate(AWAIT_SCROLL, [wanted, TOLERANCE, PATIENCE_MS])
        assert abs(at - wanted) <= TOLERANCE, f"{page.url} stands at {at}, not at {wanted}"


def moved(before: dict[str, Any], after: dict[str, Any], *, id: str) -> list[str]:
    """What somebody notices who used a control and sees the answer."""
    faults = []
    wanted = min(before["scroll"], after["last"])
    if abs(after["scroll"] - wanted) > TOLERANCE:
        faults.append(f"scrolled from {before['scroll']} to {after['scroll']}")
    if after["isThere"] and not after["isInView"]:
        faults.append("the control is out of view")
    if after["focused"] != id and (after["isThere"] or not id):
        faults.append("the control has lost the focus")
    return faults


class TestFiltersThatLoadAPage:
    @SIZES
    def test_lead_to_its_top_or_to_what_the_address_names(
        self, walk: Walk, forms: list[Form], size: Any, way: str
    ) -> None:
        faults, used = [], 0
        walk.page.set_viewport_size(size)
        for form, (at, kind, name) in each_control(forms, swaps=False):
            # What is preferred or remembered on one page changes the next.
            walk.page.context.clear_cookies()
            page = walk.go(form.path)
            control = element(page, form, at)
            control.evaluate(TO_THE_MIDDLE)
            sends = page.locator("main form").nth(form.number).locator("button:not([type=button])")
            with page.expect_navigation():
                use(control, kind, way)
                if kind in ("select", "radio", "checkbox"):
                    sends.first.press("Enter")
            used += 1
            if fault := misplaced(page):
                faults.append(f"{form.path}, {name or kind}: {fault}")
        assert faults == []
        assert used >= 10


class TestLinksToTheSamePage:
    @SIZES
    def test_lead_to_its_top_or_to_what_the_address_names(
        self, walk: Walk, visited: list[Visited], size: Any, way: str
    ) -> None:
        faults: list[str] = []
        walk.page.set_viewport_size(size)
        ways = {
            f"{kind_of(there.path)} {link['of']}": (there.path, link["href"])
            for there in visited
            for link in there.links_to_itself[size["width"]]
        }
        for path, href in ways.values():
            page = walk.go(path)
            link = page.locator(f"main a[href='{href}']:visible").first
            link.evaluate(TO_THE_MIDDLE)
            with page.expect_navigation():
                use(link, "link", way)
            if fault := misplaced(page):
                faults.append(f"{path}, link to {href}: {fault}")
        assert faults == []
        assert len(ways) >= 8


class TestButtonsOutsideForms:
    @SIZES
    def test_leave_the_page_where_it_was(
        self, walk: Walk, visited: list[Visited], size: Any, way: str
    ) -> None:
        used: list[str] = []
        walk.page.set_viewport_size(size)
        for path in (there.path for there in visited if there.has_buttons):
            page = walk.go(path)
            buttons = page.locator(f"{OTHER_BUTTONS}:visible")
            for at in range(buttons.count()):
                buttons.nth(at).evaluate(TO_THE_MIDDLE)
                before = page.evaluate(STATE, None)["scroll"]
                use(buttons.nth(at), "button", way)
                page.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
                )

                assert abs(page.evaluate(STATE, None)["scroll"] - before) <= TOLERANCE, path
                used.append(path)
        assert any(path.startswith("/map/") for path in used)


class TestFollowingAShop:
    def test_leaves_the_page_where_it_was_and_the_button_focused(
        self, demo: Installation, chromium: Browser, visited: list[Visited]
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = walk.go(next(there.path for there in visited if kind_of(there.path) == "shop"))
            button = page.get_by_role("button", name="Follow", exact=True)
            button.evaluate(TO_THE_MIDDLE)
            id = button.get_attribute("id") or ""
            before = page.evaluate(STATE, id)
            page.evaluate(AWAIT_SWAP, PATIENCE_MS)
            button.press("Enter")
            page.evaluate("() => window.swapped")

            expect(page.get_by_role("button", name="Undo")).to_be_focused()
            assert moved(before, page.evaluate(STATE, id), id=id) == []
            assert walk.trouble == []
