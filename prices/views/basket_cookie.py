"""A visitor's list, remembered by his browser alone: cookies that go to the pages of the list and to no other.

Their paths are the list's own, one for each language, so that no page that shows prices is made, or kept, by them.
"""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, override

COOKIE_DAYS = 180
_BETWEEN = "&"


def read(request: HttpRequest) -> list[str]:
    """The lines of the list, as an address has them in ``i``; whoever reads them must stand anything."""
    cookie = request.COOKIES.get(_name(get_language() or settings.LANGUAGE_CODE), "")
    return [line for line in cookie.split(_BETWEEN) if line]


def keep(response: HttpResponse, lines: Iterable[object]) -> None:
    """Have the browser remember a list, in every language; an empty one is forgotten."""
    value = _BETWEEN.join(str(line) for line in lines)
    for name, path in _cookies():
        if not value:
            response.delete_cookie(name, path=path, samesite="Lax")
            continue
        response.set_cookie(
            name,
            value,
            max_age=COOKIE_DAYS * 86_400,
            path=path,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _cookies() -> Iterator[tuple[str, str]]:
    """The name and the path of each."""
    for code, _language in settings.LANGUAGES:
        with override(code):
            yield _name(code), reverse("basket")


def _name(code: str) -> str:
    return f"{settings.LIST_COOKIE_NAME}_{code}"
