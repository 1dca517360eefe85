"""Every address of the site, and the forms of a page."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.conf import settings
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the site as a route: ``items/<slug:slug>/``."""
    for pattern in (resolver or get_resolver("potato.urls")).url_patterns:
        if isinstance(pattern.pattern, LocalePrefixPattern):
            own = ""
        elif isinstance(pattern.pattern, RegexPattern):
            own = re.sub(r"\(\?P(<\w+>)(?:[^()]|\([^()]*\))*\)", r"\1", str(pattern.pattern)).strip("^$")
        else:
            own = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, before + own)
        else:
            yield before + own


def pages() -> list[str]:
    return [route for route in routes() if not route.startswith(settings.ADMIN_PATH)]


def in_burmese(path: str, *, number: int) -> str:
    """Every second address in Burmese; those that have no language stay."""
    has_language = not path.startswith(("/healthz", "/readyz", "/favicon"))
    return f"/my{path}" if number % 2 and has_language else path


def query(values: Iterable[tuple[str, str]]) -> str:
    return "?" + urlencode(list(values), errors="surrogatepass")


def body(fields: dict[str, str]) -> bytes:
    return urlencode(fields, errors="surrogatepass").encode()


class Fields(HTMLParser):
    """The forms of a page that are sent by POST: where to, and the names of their fields with what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("method") or "").lower() == "post"
            if self._inside:
                self.forms.append((given.get("action") or "", {}))
        elif self._inside and tag in ("input", "select", "textarea", "button") and given.get("name"):
            self.forms[-1][1].setdefault(given["name"] or "", given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
