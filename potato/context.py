"""What every page's template may use."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from potato import preferences
from potato.stores import degraded

Provider = Callable[[HttpRequest], dict[str, Any]]
_providers: list[Provider] = []


def provide(provider: Provider) -> Provider:
    """Add to what every page's template may use; an app does so in its ``ready``. It must not ask a database."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def site(request: HttpRequest) -> dict[str, Any]:
    """
    ``numerals``: those that the reader prefers; empty for those of the language.
    ``stream_url``: where pages learn of new prices.
    ``degraded``: a function (a template calls it when it gets there): the stores that the page does without.
    """
    context: dict[str, Any] = {
        "numerals": preferences.current().numerals,
        "degraded": degraded.stores,
        "stream_url": f"{settings.EVENTS_URL.rstrip('/')}/alerts/stream/",
    }
    for provider in _providers:
        context.update(provider(request))
    return context
