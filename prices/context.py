"""What templates of every page may ask of prices."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from potato import preferences
from potato.context import provide
from potato.errors import Unavailable
from prices.names import cache as names


@provide
def whose_prices(request: HttpRequest) -> dict[str, Any]:
    """``demo_mode``: whether the prices shown are a demo's. A function: only a template that gets there asks."""
    return {"demo_mode": is_demo}


def is_demo() -> bool:
    """Whether this installation shows a demo; false where nothing can tell."""
    try:
        return names.mode() == "demo"
    except (Unavailable, DatabaseError):
        # The page that says that the stores are away must not fail for want of its banner.
        return False


def is_region(slug: str) -> bool:
    """Whether a region is called so; false where nothing can tell."""
    try:
        return names.by_slug("region", slug) is not None
    except (Unavailable, DatabaseError):
        # A preference is no reason to fail.
        return False


preferences.regions_are(is_region)
