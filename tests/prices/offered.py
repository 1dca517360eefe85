"""Where a visitor gets to: the links of a page, and its forms with each of their choices."""

import re
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from django.urls import resolve
from django.utils import translation

PRIVATE = ("/accounts/", "/prices/", "/alerts/", "/admin/", "/basket/mine/", "/readyz")
"""Pages of members and contributors, and what machines ask for the state of the stores."""
_ENTRY = re.compile("/prices/[0-9a-f-]{36}/")
"""A single price is public, among the addresses of those who send prices."""
OPTIONS = 3


class Offers(HTMLParser):
    """The addresses that a page leads to: of its links, and of its forms with each of their first choices."""

    def __init__(self, page: str, *, at: str) -> None:
        super().__init__()
        self.found: dict[str, None] = {}
        self._at = at
        self._home = urlsplit(at)[:2]
        self._form: tuple[str, list[tuple[str, str]], list[tuple[str, str]]] | None = None
        self._select, self._options = "", 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self._add(given["href"])
        elif tag == "form" and given.get("method", "get") == "get":
            self._form = given.get("action", ""), [], []
        elif self._form and tag == "input" and given.get("name"):
            hidden = given.get("type") == "hidden"
            value = given.get("value", "") if hidden or given.get("value") else "a"
            self._form[1 if hidden else 2].append((given["name"], value))
        elif self._form and tag == "select":
            self._select, self._options = given.get("name", ""), 0
        elif self._form and tag == "option" and self._options < OPTIONS:
            self._options += 1
            self._form[2].append((self._select, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form:
            action, hidden, choices = self._form
            self._form = None
            self._add(f"{action}?{urlencode([*hidden, *dict(choices).items()])}")
            for choice in choices:
                self._add(f"{action}?{urlencode([*hidden, choice])}")

    def _add(self, target: str) -> None:
        parts = urlsplit(urljoin(self._at, target))
        if (parts.scheme, parts.netloc) in (("", ""), self._home):
            self.found[parts.path + (f"?{parts.query}" if parts.query else "")] = None


def is_public(path: str) -> bool:
    path = path.removeprefix("/my")
    return bool(_ENTRY.fullmatch(path)) or not path.startswith((*PRIVATE, "/static/"))


def kind_of(path: str) -> str:
    with translation.override("my" if path.startswith("/my/") else "en"):
        return resolve(urlsplit(path).path).view_name
