"""What there is on pages to filter by: forms, links and buttons, how people use them, and where a page stands then."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Locator, Page

from tests.journeys.conftest import PATIENCE_MS, PHONE, Walk

DESK = {"width": 1280, "height": 800}
TOLERANCE = 3
PAGES_OF_A_KIND = 3
# Pages of forms that are filled in rather than filtered by, with tests of their own.
NO_FILTERS = ("/accounts/", "/prices/", "/alerts/", "/admin/", "/my/")

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


def visit(walk: Walk) -> list[Visited]:
    """Some pages of every kind, found by following links from the first page."""
    found: dict[str, list[Visited]] = {}
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop(0)
        pages = found.setdefault(kind_of(path), [])
        if len(pages) == PAGES_OF_A_KIND:
            continue
        page = walk.go(path)
        links_to_itself = {}
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            links_to_itself[size["width"]] = page.evaluate(LINKS_TO_ITSELF)
        has_buttons = page.locator(OTHER_BUTTONS).count() > 0
        pages.append(Visited(path, page.evaluate(FORMS), links_to_itself, has_buttons))
        for link in page.evaluate(LINKS):
            parts = urlsplit(link)
            address = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = link.startswith(walk.address) and not address.startswith(NO_FILTERS)
            if is_ours and address not in seen and kind_of(address):
                seen.add(address)
                waiting.append(address)
    return [page for pages in found.values() for page in pages]


def forms_of(visited: list[Visited]) -> list[Form]:
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


def misplaced(page: Page) -> str:
    """Where a page that was just loaded stands, if it is neither at its top nor at what its address names."""
    page.wait_for_load_state("load")
    where = page.evaluate(AWAIT_ARRIVAL, [TOLERANCE, PATIENCE_MS])
    if where["isThere"]:
        return ""
    return (
        f"{where['hash'] or 'the top'} is at {where['top']}, scrolled to {where['scroll']} of {where['last']}"
    )
