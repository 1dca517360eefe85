from django import forms
from django.http import HttpRequest

from potato.web.htmx import go_to, page_or_partial
from tests.conftest import Requests

PAGE, PART = "errors/404.html", "components/potato.html"


class Name(forms.Form):
    name = forms.CharField()


def request(**headers: str) -> HttpRequest:
    return Requests(headers=headers).get("/")


class TestPageOrPartial:
    def test_answers_the_part_when_htmx_asks(self):
        response = page_or_partial(request(HX_Request="true"), PAGE, PART, {})

        assert b"<html" not in response.content
        assert "HX-Request" in response["Vary"]

    def test_answers_the_page_when_a_person_asks(self):
        response = page_or_partial(request(), PAGE, PART, {})

        assert b"<html" in response.content
        assert "HX-Request" in response["Vary"]

    def test_answers_the_page_to_a_boosted_link_and_a_restored_page(self):
        for header in ("HX_Boosted", "HX_History_Restore_Request"):
            response = page_or_partial(request(HX_Request="true", **{header: "true"}), PAGE, PART, {})

            assert b"<html" in response.content

    def test_is_422_when_a_form_was_sent_and_is_wrong(self):
        assert page_or_partial(request(HX_Request="true"), PAGE, PART, {"form": Name({})}).status_code == 422
        assert page_or_partial(request(HX_Request="true"), PAGE, PART, {"form": Name()}).status_code == 200
        assert (
            page_or_partial(request(HX_Request="true"), PAGE, PART, {"form": Name({"name": "x"})}).status_code
            == 200
        )


class TestGoTo:
    def test_redirects_by_303(self):
        response = go_to(request(), "/there/")

        assert (response.status_code, response["Location"]) == (303, "/there/")

    def test_asks_htmx_for_the_whole_page(self):
        response = go_to(request(HX_Request="true"), "/there/")

        assert response["HX-Redirect"] == "/there/"
        assert "Location" not in response
