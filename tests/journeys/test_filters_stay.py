"""Whoever filters a page stays where they were on it, on a phone and on a desk.

The rule. A filter whose answer takes the place of a part of the page leaves the page's scroll position as it was (or
at the page's new end, where it has become shorter), and the control that was used in view and focused. A filter or
link that loads a page anew leads to the top of that page, or to what its address names if that is there. Going back
leads to the former answer, at its former scroll position.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import PATIENCE_MS, PHONE, Installation, Walk, sign_in, walking

DESK = {"width": 1280, "height": 800}
# People tap on a phone, and use the keyboard on a desk: in a page both are a click or a change of the same control.
SIZES = pytest.mark.parametrize(("size", "way"), [(PHONE, "tap"), (DESK, "key")], ids=["phone", "desk"])
TOLERANCE = 3
PAGES_OF_A_KIND = 3
# Pages of forms that are filled in rather than filtered by, with tests of their own.
NO_FILTERS = ("/accounts/", "/prices/", "/admin/", "/my/")

# Every form of the main part: where it leads, whether its answer is swapped in, and its controls by number; of a group of
# radio buttons, which are one choice, the last.
FORMS = r"""() => [...document.querySelectorAll('main form')].map(form => ({
  action: new URL(form.action).pathname, swaps: form.hasAttribute('hx-get'),
  controls: [...form.elements].map((one, at) => [at, one.tagName === 'INPUT' ? one.type : one.tagName.toLowerCase(), one.name])
    .filter(([at, type]) => type !== 'hidden' && type !== 'fieldset' && form.elements[at].checkVisibility())
    .filter(([at, type, name]) => type !== 'radio' || form.elements[at] === [...form.elements[name]].at(-1)),
}))"""
# By their attribute: a link in a drawing has an object for its href.
LINKS = r"""() => [...document.querySelectorAll('main a[href], footer a[href]')]
  .map(link => new URL(link.getAttribute('href'), location).href)"""
# A page that is asked for with other filters: sorting, paging, periods, units, lines of a chart.
LINKS_TO_ITSELF = r"""() => [...document.querySelectorAll('main a[href]')]
  .filter(link => link.pathname === location.pathname && link.search !== location.search && link.checkVisibility())
  .map(link => ({href: link.getAttribute('href'), of: (link.closest('nav, table, ul, .map, p')?.className ?? '') + link.className}))"""
# The next swap is whole, its settling included, and painted: the browser has moved the page by then if it ever does.
AWAIT_SWAP = r"""patience => { window.swapped = new Promise((done, giveUp) => {
  document.addEventListener('htmx:afterSettle', () => requestAnimationFrame(() => requestAnimationFrame(done)), {once: true});
  setTimeout(() => giveUp(new Error('nothing was swapped')), patience);
}) }"""
# Where the page stands once it stands where it should, or when nobody waits any longer.
AWAIT_SCROLL = r"""async ([wanted, tolerance, patience]) => {
  const end = performance.now() + patience;
  while (Math.abs(scrollY - wanted) > tolerance && performance.now() < end) await new Promise(requestAnimationFrame);
  return scrollY;
}"""
# A page that was loaded stands at its top or at what its address names, in the end: it may glide there.
AWAIT_ARRIVAL = r"""async ([tolerance, patience]) => {
  const end = performance.now() + patience, root = document.documentElement;
  for (;;) {
    const named = location.hash && document.querySelector(location.hash);
    const top = (named || root).getBoundingClientRect().top, last = root.scrollHeight - root.clientHeight;
    const isThere = Math.abs(top) <= tolerance || !!named && top > 0 && Math.abs(scrollY - last) <= tolerance;
    if (isThere || performance.now() > end) return {isThere, hash: location.hash, top, scroll: scrollY, last};
    await new Promise(requestAnimationFrame);
  }
}"""
STATE = r"""id => {
  const root = document.documentElement, control = id ? document.getElementById(id) : null, box = control?.getBoundingClientRect();
  return {
    scroll: scrollY, last: root.scrollHeight - root.clientHeight, focused: document.activeElement.id,
    isThere: !!control && !control.disabled, isInView: !!box && box.top >= 0 && box.bottom <= innerHeight,
  };
}"""
OTHER_BUTTONS = "main button:not(form button)"
TO_THE_MIDDLE = "one => one.scrollIntoView({block: 'center', behavior: 'instant'})"
MAKE_VALID = (
    "form => { for (const one of form.elements) if (one.required && !one.value) one.value = one.min || 'a' }"
)


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page; ``controls`` are (number among its elements, kind, name)."""

    path: str
    number: int
    action: str
    swaps: bool
    controls: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Visited:
    """What there is to use on a page: its forms, its links to itself at each width, buttons that belong to no form."""

    path: str
    forms: list[dict[str, Any]]
    links_to_itself: dict[int, list[dict[str, str]]]
    has_buttons: bool


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
def visited(demo: Installation, browser_of_one: Walk) -> list[Visited]:
    """Some pages of every kind, found by following links from the first page."""
    found: dict[str, list[Visited]] = {}
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        pages = found.setdefault(kind_of(path), [])
        if len(pages) == PAGES_OF_A_KIND:
            continue
        page = browser_of_one.go(path)
        links_to_itself = {}
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            links_to_itself[size["width"]] = page.evaluate(LINKS_TO_ITSELF)
        has_buttons = page.locator(OTHER_BUTTONS).count() > 0
        pages.append(Visited(path, page.evaluate(FORMS), links_to_itself, has_buttons))
        for link in page.evaluate(LINKS):
            parts = urlsplit(link)
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = link.startswith(demo.address) and not address.startswith(NO_FILTERS)
            if is_ours and address not in seen and kind_of(address):
                seen.add(address)
                waiting.append(address)
    return [page for pages in found.values() for page in pages]


@pytest.fixture(scope="module")
def forms(visited: list[Visited]) -> list[Form]:
    """Every form of those pages, once for each set of controls."""
    found: dict[Any, Form] = {}
    for page in visited:
        for number, about in enumerate(page.forms):
            controls = tuple((at, kind, name) for at, kind, name in about["controls"])
            form = Form(page.path, number, about["action"], about["swaps"], controls)
            names = tuple((kind, name.split("-")[0]) for _, kind, name in controls)
            if controls:
                found.setdefault((kind_of(about["action"]), names), form)
    return list(found.values())


def kind_of(address: str) -> str:
    """The name of an address; empty for a file, and for what is no page of ours."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    name = match.url_name or ""
    return "" if "history" in name or name in ("favourite_shop", "map_shops", "suggest") else name


def each_control(forms: list[Form], *, swaps: bool) -> Iterator[tuple[Form, tuple[int, str, str]]]:
    """Every control of the forms whose answer is swapped in, or of those that load a page."""
    return ((form, control) for form in forms if form.swaps == swaps for control in form.controls)


def element(page: Page, form: Form, at: int) -> Locator:
    """A control of the form: its elements are numbered among what is listed in ``form.elements``."""
    page.locator("main form").nth(form.number).evaluate(
        "(form, at) => { form.elements[at].dataset.used = '' }", at
    )
    return page.locator("[data-used]")


def choose_another(control: Locator) -> bool:
    """Choose something else in a select, as somebody does who taps it; false where there is nothing else."""
    values = control.evaluate("one => [...one.options].map(option => option.value)")
    others = [value for value in values if value != control.input_value()]
    # A region with many prices makes the longest page.
    chosen = next((value for value in others if value == "yangon"), others[-1] if others else None)
    if chosen is not None:
        control.select_option(chosen)
    return chosen is not None


def use(control: Locator, kind: str, way: str) -> bool:
    """Use a control; false where it has nothing to offer."""
    control.focus()
    if kind == "select":
        if way == "tap":
            return choose_another(control)
        options = "one => [one.selectedIndex, one.options.length]"
        at, n = control.evaluate(options)
        if n > 1:
            # Its answer may take its place at once: nothing more is asked of it.
            control.press("ArrowDown" if at + 1 < n else "ArrowUp")
        return n > 1
    if kind in ("submit", "button", "link"):
        if way == "tap":
            control.click()
        else:
            control.press("Enter")
    elif kind in ("search", "text"):
        control.fill("a")
        control.press("Enter")
    else:
        control.press("Space" if kind in ("radio", "checkbox") else "Enter")
    return True


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
            button = page.get_by_role("button", name="Follow this shop")
            button.evaluate(TO_THE_MIDDLE)
            id = button.get_attribute("id") or ""
            before = page.evaluate(STATE, id)
            page.evaluate(AWAIT_SWAP, PATIENCE_MS)
            button.press("Enter")
            page.evaluate("() => window.swapped")

            expect(page.get_by_role("button", name="Stop following")).to_be_focused()
            assert moved(before, page.evaluate(STATE, id), id=id) == []
            assert walk.trouble == []


def misplaced(page: Page) -> str:
    """Where a page that was just loaded stands, if it is neither at its top nor at what its address names."""
    page.wait_for_load_state("load")
    where = page.evaluate(AWAIT_ARRIVAL, [TOLERANCE, PATIENCE_MS])
    if where["isThere"]:
        return ""
    return (
        f"{where['hash'] or 'the top'} is at {where['top']}, scrolled to {where['scroll']} of {where['last']}"
    )
