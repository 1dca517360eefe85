"""The key of a page: what makes one visitor's page differ from another's."""

import re
from urllib.parse import parse_qsl
from wsgiref.types import WSGIEnvironment

from django.conf import settings
from django.utils.translation import get_language_from_path
from django.utils.translation.trans_real import parse_accept_lang_header

from potato import preferences

QUERY_KEYS = frozenset(
    {"item", "region", "township", "category", "type", "unit", "max_age", "sort", "period", "page"}
)
MAX_LENGTH = 200
"""Of a path and of a query, characters: longer ones have no key."""

Key = tuple[str, ...]

_COOKIE = re.compile(r"\s*([^=;\s]+)\s*(?:=\s*([^;]*))?")


def key_of(environ: WSGIEnvironment) -> Key | None:
    """The key of the page that a request asks for; None if the page cache has no answer to such a request."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or "HTTP_AUTHORIZATION" in environ:
        return None
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if len(path) > MAX_LENGTH or len(query) > MAX_LENGTH:
        return None
    if query and not {name for name, _ in parse_qsl(query, keep_blank_values=True)} <= QUERY_KEYS:
        return None
    language = ""
    if cookies := environ.get("HTTP_COOKIE"):
        for name, value in _COOKIE.findall(cookies):
            if name == settings.LANGUAGE_COOKIE_NAME:
                language = value
            elif name not in (settings.CSRF_COOKIE_NAME, settings.PREFERENCES_COOKIE_NAME):
                return None
    if path == "/" and not language:
        # The first page sends a first visitor to the language they prefer.
        accepted = parse_accept_lang_header(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200])
        wanted = accepted[0][0] if accepted else settings.POTATO_LANGUAGE
        if not wanted.startswith(settings.LANGUAGE_CODE):
            return None
    return (
        environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}",
        environ.get("wsgi.url_scheme", ""),
        # As Django reads it.
        environ.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip()[:8],
        path,
        query,
        ",".join(
            name
            for name in ("HTTP_HX_REQUEST", "HTTP_HX_BOOSTED", "HTTP_HX_HISTORY_RESTORE_REQUEST")
            if environ.get(name) == "true"
        ),
        str(preferences.read(environ)),
    )


def has_form_token(environ: WSGIEnvironment) -> bool:
    """Whether a request brings a CSRF token: Django's answer to it may hold that token, so it is not for others."""
    return settings.CSRF_COOKIE_NAME in environ.get("HTTP_COOKIE", "")


def anonymised(environ: WSGIEnvironment) -> WSGIEnvironment:
    """The same request as a GET by somebody of whom only the key is known: its answer may be stored for everybody.

    What the reader prefers has been read with the key, and stays with the request.
    """
    environ = {**environ, "REQUEST_METHOD": "GET"}
    for name in (
        "HTTP_IF_NONE_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_RANGE",
        "CONTENT_TYPE",
        "CONTENT_LENGTH",
    ):
        environ.pop(name, None)
    language = get_language_from_path(environ.get("PATH_INFO", "")) or settings.LANGUAGE_CODE
    environ["HTTP_COOKIE"] = f"{settings.LANGUAGE_COOKIE_NAME}={language}"
    return environ
