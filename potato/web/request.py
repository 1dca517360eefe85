"""How the web process reads a request and has it answered: as Django does, but for three things."""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest, get_bytes_from_wsgi
from django.http import Http404, HttpRequest, QueryDict
from django.utils.functional import cached_property

from potato.web import errors_pages


class Request(WSGIRequest):
    """Django's; its address is UTF-8, whatever it says of its body, and ends after so many parameters.

    Django would read the address by the body's charset, before any middleware: some names of codecs (base64, zlib)
    are no encodings of text, and nothing would answer for that. And it would refuse an address of too many
    parameters, where a page says what it left out.
    """

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        parameters = get_bytes_from_wsgi(self.environ, "QUERY_STRING", "").split(b"&", most)[:most]
        return QueryDict(b"&".join(parameters), encoding="utf-8")


class Handler(WSGIHandler):
    """Django's; who finds nothing reads our page, also while ``DEBUG`` is on: that is what most people try first."""

    request_class = Request

    def _get_response(self, request: HttpRequest) -> Any:
        try:
            return super()._get_response(request)  # type: ignore[misc]
        except Http404 as error:
            return errors_pages.not_found(request, error)
