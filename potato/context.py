"""What every page's template may use."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from potato import degraded

type Provider = Callable[[HttpRequest], dict[str, Any]]
_providers: list[Provider] = []

THEMES = ("light", "dark")


def provide(provider: Provider) -> Provider:
    """Add to what every page's template may use; an app does so in its ``ready``. It must not ask a database."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def site(request: HttpRequest) -> dict[str, Any]:
    """
    ``events_url``: where price events come from (empty: this host).
    ``degraded_stores``: a function (a template calls it when it gets there): the stores that the page does without.
    ``theme``: ``light``, ``dark`` or empty for the reader's system.
    ``other_language``: code, name and address of this page in the other language.
    """
    context: dict[str, Any] = {
        "events_url": settings.EVENTS_URL,
        "degraded_stores": degraded.stores,
        "theme": theme if (theme := request.COOKIES.get("theme", "")) in THEMES else "",
        "other_language": other_language(request),
    }
    for provider in _providers:
        context.update(provider(request))
    return context


def other_language(request: HttpRequest) -> dict[str, str]:
    """This page in the other language, by its path alone: English has no prefix, Burmese has ``/my/``."""
    full = request.get_full_path()
    if full.startswith("/my/"):
        # One slash: two would make the rest of the path another site's name.
        return {"code": "en", "name": "English", "url": "/" + full.removeprefix("/my").lstrip("/")}
    return {"code": "my", "name": "မြန်မာ", "url": f"/my{full}"}
