from io import BytesIO

import pytest
from django.test import RequestFactory

from potato.web.request import Handler, Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return Handler()


def ask(site, method, path, content_type):
    environ = RequestFactory().generic(method, path, content_type="text/plain").environ
    environ |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": "0", "wsgi.input": BytesIO(b"")}
    said = []
    body = b"".join(site(environ, lambda status, headers: said.append(status)))
    return int(said[0].split()[0]), body.decode()


class TestRequest:
    @pytest.mark.parametrize("charset", ["base64", "zlib", "rot13", "utf-16", "latin-1"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_with_a_query_and_a_charset_that_is_not_utf_8_is_refused_by_a_page(self, site, method, charset):
        status, page = ask(site, method, "/form/?q=%E1%80%86", f"text/plain; charset={charset}")

        assert status == 400
        assert "<main" in page

    def test_reads_the_address_as_utf_8(self):
        environ = RequestFactory().get("/?q=%E1%80%86", content_type="text/plain; charset=latin-1").environ

        assert Request(environ).GET["q"] == "ဆ"

    def test_reads_as_many_parameters_as_a_form_may_have_and_no_more(self):
        environ = RequestFactory().get("/?" + "q=rice&" * 499 + "q=salt&q=" + "&x" * 10_000).environ

        query = Request(environ).GET

        assert (len(query.getlist("q")), query["q"], list(query)) == (500, "salt", ["q"])

    @pytest.mark.parametrize("debug", [False, True])
    def test_with_any_number_of_parameters_is_answered(self, site, settings, debug):
        settings.DEBUG = debug

        status, page = ask(site, "GET", "/?" + "&".join(["unit=viss"] * 501), "")

        assert status == 200
        assert "<main" in page


class TestHandler:
    @pytest.mark.parametrize("debug", [False, True])
    @pytest.mark.parametrize("path", ["/nothing/here/", "/my/nothing/here/", "/\x00/"])
    def test_answers_by_our_page_where_there_is_nothing(self, site, settings, debug, path):
        settings.DEBUG = debug

        status, page = ask(site, "GET", path, "")

        assert status == 404
        assert "<main" in page and "potato.css" in page
        assert "DEBUG" not in page
