"""What makes Potato an app that can be installed and read offline, and the files for search engines.

The service worker (``templates/pwa/service_worker.js``) keeps pages on a visitor's device, only those that come with the header
``KEEP``: made for everybody, at an address of which there are not too many.
"""

import hashlib
import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext, override
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

from potato.stores.sessions import copy_suffices

KEEP = "X-Potato-Keep"
SIGN_YELLOW, PAPER = "#f8c62e", "#ffffff"
FILES = (
    "potato/tokens.css",
    "potato/potato.css",
    "potato/mark.svg",
    "potato/site.js",
    "potato/saved.js",
    "django_htmx/htmx-2.min.js",
)
"""What the page without a connection, and most others, are made of."""

ICONS = (
    ("potato/icon-192.png", "192x192", "any"),
    ("potato/icon-512.png", "512x512", "any"),
    ("potato/icon-maskable-512.png", "512x512", "maskable"),
)
CLOSED_TO_ROBOTS = ("accounts/", "prices/", "search/")


@cache
def _worker() -> str:
    # What the page without a connection is made of has no hashed name: so a new wording is fetched, too.
    parts = [("templates", "*.html"), ("templates/components", "*.html"), ("locale", "**/*.mo")]
    files = [file for folder, names in parts for file in sorted((settings.BASE_DIR / folder).glob(names))]
    about = {
        "files": settings.STATIC_URL,
        "first": [static(name) for name in FILES],
        "offline": _in_every_language("offline"),
        "signOut": list(_in_every_language("account_logout").values()),
        "keep": KEEP,
        "made": _digest(*(file.read_bytes() for file in files)),
    }
    # The data are ours alone, and the text is no HTML.
    return render_to_string("pwa/service_worker.js", {"about": mark_safe(json.dumps(about))})


@gzip_page
@require_safe
@etag(lambda request: f'"{_digest(_worker().encode())}"')
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for the whole site; another one as soon as a file that it keeps has changed."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    # Browsers ask with every page, and are told that nothing has changed.
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to know to put Potato beside its other apps."""
    about = {
        "id": "/",
        "name": gettext("Potato: food prices in Myanmar"),
        "short_name": "Potato",
        "description": gettext("What food costs today in the shops and markets of Myanmar."),
        "lang": get_language(),
        "dir": "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": SIGN_YELLOW,
        "background_color": PAPER,
        "categories": ["shopping", "food", "news"],
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {"name": gettext("Search"), "url": reverse("search")},
            {"name": gettext("Add a price"), "url": reverse("submit")},
        ],
    }
    response = JsonResponse(about, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@copy_suffices
@gzip_page
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What can be done without a connection, and which pages this device has kept."""
    return render(request, "offline.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Which pages search engines need not ask for, and where the others are listed."""
    lines = ["User-agent: *"]
    lines += [
        f"Disallow: {home}{path}" for home in _in_every_language("home").values() for path in CLOSED_TO_ROBOTS
    ]
    lines += ["", f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}"]
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _in_every_language(name: str) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = reverse(name)
    return found


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:20]
