"""Requests as Django reads them, but for one thing."""

from django.core.handlers.wsgi import WSGIRequest, get_bytes_from_wsgi
from django.http import QueryDict
from django.utils.functional import cached_property


class Request(WSGIRequest):
    """Django's; its address is UTF-8, whatever it says of its body.

    Django would read the address by the body's charset, before any middleware: some names of codecs (base64, zlib)
    are no encodings of text, and nothing would answer for that.
    """

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]
        return QueryDict(get_bytes_from_wsgi(self.environ, "QUERY_STRING", ""), encoding="utf-8")
