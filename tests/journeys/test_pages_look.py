"""Every kind of page in both languages, by day and by night, on phones and a desk."""

import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import NARROWEST, Installation, Walk, scrolls_sideways, sign_in, walking

# By day and by night. All of axe looks at the first width, at the second it looks at the texts that show only there.
WIDTHS = {"light": (1280, 360, 320), "dark": (360, 1280, 320)}
LANGUAGES = {"en": "", "my": "/my"}
MOST_LINKS = 150
LINKS_OF_A_KIND = 4

# A table with the longest name of a township in each row, and figures that onions have reached.
LONG_ROWS = """() => {
  for (const fold of document.querySelectorAll('details')) fold.open = true;
  for (const name of document.querySelectorAll('tbody th a')) name.textContent = 'Mingalartaungnyunt';
  for (const price of document.querySelectorAll('td.n .p')) price.textContent = '124,480';
  for (const change of document.querySelectorAll('td :is(.up, .down)')) change.textContent = '\u2212142.4 %';
}"""

# What a page must not be, whatever its width and colours.
FAULTS = r"""() => {
  const faults = [], shown = element => element.checkVisibility({visibilityProperty: true}) && !element.closest('.vh, .skip');
  const named = element => element.outerHTML.slice(0, 120).replace(/\s+/g, ' ');
  if (!document.querySelector('h1') || !shown(document.querySelector('h1'))) faults.push('no h1');
  const debris = document.documentElement.innerText.match(/.{0,20}(\{\{|\{%|\{#|%\(\w+\)s|None\b).{0,20}/);
  if (debris) faults.push('debris: ' + debris[0]);
  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!field.labels.length && !field.ariaLabel) faults.push('no label: ' + named(field));
  for (const image of document.querySelectorAll('img:not([alt])')) faults.push('no alt: ' + named(image));
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push('twice: #' + id);
  for (const link of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(link.hash.slice(1))) faults.push('leads nowhere: ' + named(link));
  return faults;
}"""
# What may depend on width and colours. Contrast as WCAG 2 reckons it, against the nearest painted background.
FAULTS_OF_A_VIEW = r"""() => {
  const faults = [], shown = element => element.checkVisibility({visibilityProperty: true}) && !element.closest('.vh, .skip');
  const named = element => element.outerHTML.slice(0, 120).replace(/\s+/g, ' ');
  const root = document.documentElement;
  const folded = [...document.querySelectorAll('details:not([open])')];
  folded.forEach(one => one.open = true);
  if (root.scrollWidth > root.clientWidth) faults.push('wider than the window: ' + root.scrollWidth);
  folded.forEach(one => one.open = false);
  const controls = '.btn, button, .tabs a, select, summary, .seg span, .seg a, textarea, '
    + 'input:not([type=hidden], [type=radio], [type=checkbox])';
  for (const control of document.querySelectorAll(controls)) {
    const box = control.getBoundingClientRect();
    if (shown(control) && box.width && (box.height < 43.9 || box.width < 43.9))
      faults.push(`small (${box.width} x ${box.height}): ` + named(control));
  }
  const channels = colour => colour.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [.2126, .7152, .0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  };
  // A word in a drawing stands on its own outline, where that is wide, or else on whatever is drawn below it.
  const over = ([r, g, b, alpha = 1], below) => [r, g, b].map((c, at) => c * alpha + below[at] * (1 - alpha));
  const drawn = element => {
    const {fill, fillOpacity, opacity} = getComputedStyle(element);
    const [r, g, b, alpha = 1] = channels(fill);
    return [r, g, b, alpha * fillOpacity * opacity];
  };
  const below = text => {
    const {paintOrder, stroke, strokeWidth} = getComputedStyle(text);
    if (paintOrder.startsWith('stroke') && parseFloat(strokeWidth) >= 3) return [channels(stroke)];
    let box = text.getBoundingClientRect();
    if (box.top < 100 || box.bottom > innerHeight - 100) {
      text.scrollIntoView({block: 'center', behavior: 'instant'});
      box = text.getBoundingClientRect();
    }
    return [.1, .5, .9].map(part => [...document.elementsFromPoint(box.left + box.width * part, box.top + box.height / 2)]
      .filter(one => one.matches('path, circle, rect, ellipse, polygon') && getComputedStyle(one).fill !== 'none')
      .reverse().reduce((colour, one) => over(drawn(one), colour), behind(text.closest('svg').parentElement)));
  };
  for (const text of document.querySelectorAll('svg text')) {
    if (!shown(text) || !text.textContent.trim()) continue;
    const worst = Math.min(...below(text).map(colour => contrast(drawn(text), colour)));
    if (worst < 4.49) faults.push(`pale in a drawing (${worst.toFixed(1)}): ` + named(text));
  }
  scrollTo({top: 0, behavior: 'instant'});
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (seen.has(element) || !texts.currentNode.data.trim() || !shown(element)) continue;
    if (element.closest('svg, select, noscript, script, :disabled')) continue;
    seen.add(element);
    const found = contrast(channels(getComputedStyle(element).color), behind(element));
    if (found < 4.49) faults.push(`pale (${found.toFixed(1)}): ` + named(element));
  }
  return faults;
}"""

# axe's rules (WCAG 2 and its own good practice). Its rule on contrast takes some milliseconds for each text: of all texts
# of all pages, minutes. It looks at one text of each kind: the same element, colour, size and weight, on the same
# backgrounds. ``known`` are the kinds that it has looked at; without ``whole`` it looks at nothing but the new ones.
AXE = r"""async ({known, whole}) => {
  const backgrounds = new Map(), kinds = new Map(), old = new Set(known);
  const behind = element => {
    if (element && !backgrounds.has(element)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(element);
      const own = `${backgroundColor} ${backgroundImage.slice(0, 20)} ${opacity} `;
      backgrounds.set(element, own.replace('rgba(0, 0, 0, 0) none 1 ', '') + behind(element.parentElement));
    }
    return backgrounds.get(element) ?? '';
  };
  for (const element of document.querySelectorAll('body, body *')) {
    const speaks = element.matches('input:not([type=hidden]), select, textarea')
      || [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!speaks || element.closest('noscript, script') || !element.checkVisibility({visibilityProperty: true})) continue;
    const {color, fontSize, fontWeight} = getComputedStyle(element);
    const kind = [element.tagName, element.getAttribute('class'), color, fontSize, fontWeight, behind(element)].join(' ');
    if (!old.has(kind) && !kinds.has(kind)) kinds.set(kind, element);
  }
  if (!whole && !kinds.size) return {kinds: [], faults: []};
  axe.configure({rules: [{id: 'color-contrast', selector: '[data-of-a-new-kind]'}]});
  for (const element of kinds.values()) element.dataset.ofANewKind = '';
  const found = await axe.run({resultTypes: ['violations'], ...(whole ? {} : {runOnly: ['color-contrast']})});
  for (const element of kinds.values()) delete element.dataset.ofANewKind;
  const named = node => node.html.replace(' data-of-a-new-kind=""', '').slice(0, 120);
  const faults = found.violations.map(one => `axe ${one.id}: ` + one.nodes.map(named).join(' | '));
  return {kinds: [...kinds.keys()], faults};
}"""


@pytest.fixture(scope="module")
def paths(demo: Installation, chromium: Browser) -> dict[str, Any]:
    """Addresses of pages in English: of ``everybody``, of a ``contributor``, and those that ``refuse`` with a status."""
    with walking(chromium, demo.address) as walk:
        walk.go("/items/onions/?region=yangon")
        entry = first_link(walk.page, "/prices/")
        township = first_link(walk.page, "/items/onions/?", holding="township=")
        walk.go("/regions/yangon/")
        place = first_link(walk.page, "/regions/yangon/")
        walk.go(place)
        shop = first_link(walk.page, "/shops/")
        sign_in(walk, role="contributor")
        sent = send_a_price(walk, shop_id=shop.strip("/").split("/")[-1])
    return {
        "everybody": [
            "/", "/items/", "/items/?type=wholesale", "/items/onions/", "/items/onions/?region=yangon",
            "/items/onions/?region=yangon&type=wholesale", township, "/items/onions/?region=yangon&period=all&unit=viss",
            "/items/onions/?region=atlantis&max_age=soon&page=-1", "/items/wheat/", "/categories/pulses-and-nuts/",
            "/items/onions/?region=yangon&with=mandalay&with=myanmar",
            "/map/", "/map/?item=onions&region=yangon&unit=viss", "/items/onions/near/", "/items/onions/near/?unit=ell",
            "/movers/", "/movers/?region=yangon&period=7", "/movers/unusual/", "/movers/unusual/?region=atlantis",
            "/regions/yangon/", "/regions/nay-pyi-taw/", place, "/shops/", "/shops/?region=yangon&q=a", "/shops/?q=zzzz", shop,
            "/items/onions/?region=yangon&since=2020-01-01", "/preferences/", "/preferences/?unit=viss",
            entry, "/search/", "/search/?q=rice", "/search/?q=yangon", "/search/?q=zzzz", "/search/?q=onoin",
            "/search/?q=wheat", "/search/?q=%E1%81%BE%E1%80%80%E1%80%80%E1%80%B9%E1%80%9E%E1%80%BC%E1%80%94%E1%80%B9%E1%80%94%E1%80%AE",
            "/accounts/login/", "/accounts/signup/",
            "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/confirm-email/",
            "/accounts/confirm-email/MQ:broken/", "/accounts/password/reset/key/1-broken/", "/offline/",
            "/categories/pulses-and-nuts/?type=wholesale", "/regions/yangon/?type=wholesale",
            "/compare/", "/compare/?place=yangon&place=mandalay&place=bago&place=mon", f"/compare/?place=shop-{shop.split('/')[-2]}&find=a",
            "/basket/", "/basket/?i=onions:1:viss&i=tomatoes:2:kg&i=rice:5:kg&i=wheat:1:kg",
            "/basket/?i=onions:1.5:viss&i=tomatoes:2:kg&i=eggs-local:1:ten&region=yangon",
        ],
        "contributor": [
            "/prices/submit/", "/prices/submit/?item=onions", f"/prices/submissions/{sent}/", "/prices/mine/",
            f"/prices/{sent}/", f"/prices/{sent}/correct/", f"/prices/{sent}/withdraw/", f"/prices/{sent}/report/",
            shop, f"{shop}favourite/", "/accounts/profile/", "/accounts/contribute/", "/accounts/email/",
            "/accounts/password/change/", "/accounts/logout/", "/basket/mine/", "/basket/?i=onions:1:viss",
            "/items/onions/?region=yangon", "/items/onions/favourite/", "/alerts/", "/alerts/?show=summaries", "/alerts/following/",
            "/alerts/rules/", "/alerts/rules/new/", "/alerts/rules/new/?item=onions&region=yangon&unit=viss", "/alerts/settings/",
        ],
        # Not 404: while DEBUG is on, that page is Django's own.
        "refused": {"/prices/submit/": 403, "/accounts/contribute/": 200},
    }  # fmt: skip


def first_link(page: Page, start: str, *, holding: str = "") -> str:
    """The first link in the page's main part to an address below ``start``."""
    links = page.locator(f'main a[href^="{start}"]').all()
    addresses = [link.get_attribute("href") or "" for link in links]
    found = next((address for address in addresses if address != start and holding in address), "")
    assert found
    return found


def send_a_price(walk: Walk, *, shop_id: str) -> str:
    """Send one and wait until it is published. :return: its id"""
    page = walk.go(f"/prices/submit/?item=onions&shop={shop_id}")
    page.get_by_label("Price in kyat").fill("2,400")
    # It comes in above the button: a click at that moment would miss it.
    expect(page.locator("output.echo")).to_be_visible()
    walk.follow(page.get_by_role("button", name="Send price").last)
    expect(page.get_by_role("heading", name="Published")).to_be_visible()
    return page.url.strip("/").split("/")[-1]


def faults_of(walk: Walk, path: str, *, language: str, known: set[str], status: int = 200) -> list[str]:
    """What is wrong with a page, by day and night, at every width.

    :param known: the kinds of text on whose contrast axe looked before; new ones are added.
    """
    page = walk.page
    response = page.goto(walk.address + LANGUAGES[language] + path)
    assert response is not None
    faults = [] if response.status == status else [f"status {response.status}"]
    if (lang := page.locator("html").get_attribute("lang")) != language:
        faults.append(f"lang={lang}")
    faults += page.evaluate(FAULTS)
    page.evaluate(Axe().axe_script)
    for colours, widths in WIDTHS.items():
        page.emulate_media(color_scheme=colours)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 740})
            told = page.evaluate(FAULTS_OF_A_VIEW)
            if width in widths[:2]:
                told += faults_by_axe(page, known, whole=width == widths[0])
            faults += [f"{colours}, {width} px: {fault}" for fault in told]
    return [f"{LANGUAGES[language]}{path}: {fault}" for fault in faults]


def faults_by_axe(page: Page, known: set[str], *, whole: bool) -> list[str]:
    """What axe says of the page, of its ``whole`` or of the contrast alone of kinds of text that are not known yet."""
    told = page.evaluate(AXE, {"known": sorted(known), "whole": whole})
    known |= set(told["kinds"])
    return told["faults"]


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryPage:
    def test_of_everybody_looks_right(
        self, demo: Installation, chromium: Browser, paths: dict[str, Any], language: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            known: set[str] = set()
            faults = [
                fault
                for path in paths["everybody"]
                for fault in faults_of(walk, path, language=language, known=known)
            ]

            assert faults == []
            assert walk.trouble == []

    def test_of_a_contributor_looks_right(
        self, demo: Installation, chromium: Browser, paths: dict[str, Any], language: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            known: set[str] = set()
            faults = [
                fault
                for path in paths["contributor"]
                for fault in faults_of(walk, path, language=language, known=known)
            ]

            assert faults == []
            assert walk.trouble == []

    def test_that_refuses_looks_right_too(
        self, demo: Installation, chromium: Browser, paths: dict[str, Any], language: str
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="shopper")
            known: set[str] = set()
            faults = [
                fault
                for path, status in paths["refused"].items()
                for fault in faults_of(walk, path, language=language, known=known, status=status)
            ]

            assert faults == []


class TestLongNames:
    def test_fit_the_narrowest_phone_in_every_table(
        self, demo: Installation, chromium: Browser, paths: dict[str, Any]
    ) -> None:
        with walking(chromium, demo.address, viewport=NARROWEST) as walk:
            too_wide = []
            for path in paths["everybody"]:
                walk.page.goto(demo.address + path)
                walk.page.evaluate(LONG_ROWS)
                if scrolls_sideways(walk.page):
                    too_wide.append(path)

            assert too_wide == []


class TestContrast:
    def test_is_looked_at_once_for_each_kind_of_text(self, chromium: Browser) -> None:
        with walking(chromium, "about:blank") as walk:
            page, known = walk.page, set[str]()
            page.set_content(
                "<style>.pale { color: #bbb } .dark { background: #555 }</style>"
                "<main><p>Good.</p><p>Good, too.</p><p class=pale>Pale.</p>"
                "<section class=dark><p>Dark on dark.</p></section></main>"
            )
            page.evaluate(Axe().axe_script)

            first = faults_by_axe(page, known, whole=False)
            again = faults_by_axe(page, known, whole=False)
            page.add_style_tag(content="p { color: #ccc }")
            whole = faults_by_axe(page, known, whole=True)

            assert first == ['axe color-contrast: <p class="pale">Pale.</p> | <p>Dark on dark.</p>']
            assert again == []
            assert "axe color-contrast: <p>Good.</p>" in whole

    def test_is_reckoned_in_drawings_too(self, chromium: Browser) -> None:
        with walking(chromium, "about:blank") as walk:
            page = walk.page
            page.set_content(
                "<style>.far { margin-top: 2000px } .outlined { paint-order: stroke; stroke: #fff; stroke-width: 3px }"
                "</style><svg class=far width=300 height=100><rect width=300 height=50 fill='#404' />"
                "<path d='M0 50H300V100H0z' fill='#000' fill-opacity='.6' />"
                "<text x=10 y=30 fill='#222'>Dark on dark.</text><text x=10 y=80 fill='#333'>Behind glass.</text>"
                "<text x=150 y=30 fill='#222' class=outlined>Outlined.</text><text x=150 y=80 fill='#fff'>Good.</text></svg>"
            )

            faults = page.evaluate(FAULTS_OF_A_VIEW)

            assert [re.sub("<.*?>", "", fault) for fault in faults] == [
                "pale in a drawing (1.0): Dark on dark.",
                "pale in a drawing (2.2): Behind glass.",
            ]


class TestLinks:
    def test_of_every_page_lead_somewhere(
        self, demo: Installation, chromium: Browser, paths: dict[str, Any]
    ) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            links = {}
            for start in LANGUAGES.values():
                for path in [*paths["everybody"], *paths["contributor"]]:
                    body = walk.page.request.get(walk.address + start + path).text()
                    for link in re.findall(r'<(?:a|link) [^>]*href="([^"]+)"', body):
                        url = urldefrag(urljoin(walk.address + start + path, link.replace("&amp;", "&"))).url
                        if url.startswith(walk.address):
                            links.setdefault(url, start + path)

            answers = {url: walk.page.request.get(url).status for url in chosen(list(links))}

            assert {url: (status, links[url]) for url, status in answers.items() if status != 200} == {}
            assert len(answers) > 80


def chosen(urls: list[str]) -> list[str]:
    """Some links of every kind: a view, and what is asked of it."""
    kinds: Counter[tuple[str, ...]] = Counter()
    some = []
    for url in urls:
        parts = urlsplit(url)
        is_file = parts.path.startswith("/static/")
        language = "my" if parts.path.startswith("/my/") else "en"
        with translation.override(language):
            kind = (
                ("file", parts.path)
                if is_file
                else (resolve(parts.path).view_name, language, *sorted(parse_qs(parts.query)))
            )
        kinds[kind] += 1
        if kinds[kind] <= LINKS_OF_A_KIND:
            some.append(url)
    return some[:MOST_LINKS]
