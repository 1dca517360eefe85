"""How a reader likes prices: unit, numerals, home region. One small cookie, of few possible values, without an account.

Whatever is unknown in it counts as no preference. The page cache makes it part of its key and Django makes the page
by it, so both must read the same: who reads a request first keeps what it found with the request. Nothing here is
personal: a page made by preferences is the same for everybody who has them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie

UNITS = ("kg", "viss", "pyi")
NUMERALS = ("latin", "myanmar")
COOKIE_DAYS = 365
LONGEST = 60

_READ = "potato.preferences"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Empty where a reader leaves it to the page."""

    unit: str = ""
    """``kg`` or ``viss`` for whatever is priced by mass, or ``pyi`` for what is sold by that; the rest is as without."""
    numerals: str = ""
    """``latin`` or ``myanmar``; without, those of the page's language."""
    region: str = ""
    """The home region's slug."""

    def __str__(self) -> str:
        """As the cookie holds it; empty without any preference."""
        return f"{self.unit}.{self.numerals}.{self.region}" if self != NONE else ""


NONE = Preferences()

_current: ContextVar[Preferences] = ContextVar("preferences", default=NONE)
_is_region: Callable[[str], bool] = lambda slug: False  # noqa: E731


def regions_are(known: Callable[[str], bool]) -> None:
    """Say what tells a region's slug; it may not raise. Who knows the places does so in its ``ready``."""
    global _is_region
    _is_region = known


def parse(cookie: str) -> Preferences:
    """What a cookie says: ``viss.latin.yangon``, each part possibly empty. Never fails."""
    parts = cookie.split(".") if len(cookie) <= LONGEST else []
    if len(parts) != 3:
        return NONE
    unit, numerals, region = parts
    return Preferences(
        unit=unit if unit in UNITS else "",
        numerals=numerals if numerals in NUMERALS else "",
        region=region if region and _is_region(region) else "",
    )


def read(environ: dict[str, Any]) -> Preferences:
    """The preferences that a request came with, the same for everybody who asks during this request."""
    known: Preferences | None = environ.get(_READ)
    if known is None:
        cookies = environ.get("HTTP_COOKIE", "")
        name = settings.PREFERENCES_COOKIE_NAME
        known = environ[_READ] = parse(parse_cookie(cookies).get(name, "")) if name in cookies else NONE
    return known


def keep(response: HttpResponse, preferences: Preferences) -> None:
    """Have the reader's browser remember them, for this site's pages only; without any, forget."""
    if preferences == NONE:
        response.delete_cookie(settings.PREFERENCES_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.PREFERENCES_COOKIE_NAME,
        str(preferences),
        max_age=COOKIE_DAYS * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def keep_region(request: HttpRequest, response: HttpResponse, slug: str) -> None:
    """Have the browser remember a home region beside what else its reader prefers."""
    keep(response, replace(read(request.META), region=slug))


@contextmanager
def page(preferences: Preferences) -> Iterator[None]:
    """The time in which one page is made, for a reader with these preferences."""
    token = _current.set(preferences)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Preferences:
    """Those of the reader of the page being made."""
    return _current.get()
