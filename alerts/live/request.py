"""What a stream asks for, and which pages may read one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from potato import preferences
from potato.preferences import Preferences

MOST_TOPICS = 20
"""Of items and shops together."""
_KEYS = ("item", "shop", "home", "lang", "after")
_ID = re.compile("[0-9]{1,18}")
_SESSION = re.compile("[a-z0-9]{32}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The published prices that a stream reports."""

    items: frozenset[int] = frozenset()
    shops: frozenset[int] = frozenset()
    home: bool = False
    """The first page, whose boards are renewed every few seconds."""

    def __bool__(self) -> bool:
        return self.home or bool(self.items or self.shops)


@dataclass(frozen=True, slots=True)
class Style:
    """How a stream's reader reads."""

    language: str
    prefers: Preferences


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a stream. ``session`` is what a cookie claims; ``after`` is the last notification the page knows."""

    topics: Topics
    style: Style
    session: str | None
    after: int | None


def read(query: bytes, headers: Mapping[str, str]) -> Asked | None:
    """What a request asks for; None if that is nothing, too much or not understood."""
    fields = _fields(query)
    if fields is None:
        return None
    topics, language, after = fields
    cookies = parse_cookie(headers["cookie"]) if "cookie" in headers else {}
    key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    session = key if _SESSION.fullmatch(key) else None
    if not topics and session is None:
        return None
    # The browser's own header is newer than what stood in the address when the stream was first opened.
    last = headers.get("last-event-id", "") or after
    prefers = preferences.parse(cookies.get(settings.PREFERENCES_COOKIE_NAME, ""))
    return Asked(
        topics=topics,
        style=_style(language, prefers),
        session=session,
        after=int(last) if _ID.fullmatch(last) else None,
    )


def _fields(query: bytes) -> tuple[Topics, str, str] | None:
    try:
        fields = parse_qs(query.decode("ascii"), max_num_fields=2 * MOST_TOPICS)
    except ValueError:
        return None
    if not fields.keys() <= set(_KEYS):
        return None
    items, shops = fields.get("item", []), fields.get("shop", [])
    if len(items) + len(shops) > MOST_TOPICS or not all(map(_ID.fullmatch, [*items, *shops])):
        return None
    topics = _topics(tuple(sorted(items)), tuple(sorted(shops)), "home" in fields)
    language = "my" if fields.get("lang") == ["my"] else "en"
    return topics, language, fields.get("after", [""])[-1]


# Thousands of streams ask for the same.
@lru_cache(maxsize=1000)
def _topics(items: tuple[str, ...], shops: tuple[str, ...], home: bool) -> Topics:
    return Topics(frozenset(map(int, items)), frozenset(map(int, shops)), home)


@lru_cache(maxsize=1000)
def _style(language: str, prefers: Preferences) -> Style:
    return Style(language, prefers)


def may_read(*, origin: str, host: str) -> bool:
    """Whether a page of ``origin`` may read the stream at ``host`` with its cookies.

    It may at the same origin, as one of ``CSRF_TRUSTED_ORIGINS``, and from the port of the web process on the same
    host (``POTATO_PORT``; any port in development). ``localhost`` and ``127.0.0.1`` are two hosts.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        page, port = urlsplit(origin), urlsplit(origin).port
    except ValueError:
        return False
    if page.scheme not in ("http", "https") or page.path or page.query or "@" in page.netloc:
        return False
    if page.netloc.lower() == host.lower():
        return True
    same_host = split_domain_port(page.netloc)[0] == split_domain_port(host)[0] != ""
    return same_host and (settings.DEBUG or str(port or "") == settings.POTATO_PORT != "")


def is_ours(host: str) -> bool:
    """Whether a ``Host`` is one of this site's."""
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
