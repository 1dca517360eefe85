"""The limits of pages: a bare WSGI answer (``/bare``) and a view of Django without middleware (``/``).

Both answer with ``HELLO_BYTES`` bytes, as many as the page that they stand beside; ``/bare?1234`` with 1234 bytes.
"""

import functools
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

BODY = b"h" * int(os.environ.get("HELLO_BYTES", "5"))


def hello(request: HttpRequest) -> HttpResponse:
    """Answers a GET, and a POST as the form's is answered: by a redirect."""
    if request.method == "POST":
        assert request.POST
        return HttpResponse(status=302, headers={"Location": "/", "Content-Length": "0"})
    return HttpResponse(BODY, headers={"Content-Length": str(len(BODY))})


urlpatterns = [path("", hello)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="hello", USE_TZ=True)
django = get_wsgi_application()


@functools.cache
def bare(length: str) -> tuple[bytes, list[tuple[str, str]]]:
    body = b"h" * int(length) if length else BODY
    return body, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/bare":
        body, headers = bare(environ["QUERY_STRING"])
        start_response("200 OK", headers)
        return [body]
    return django(environ, start_response)
