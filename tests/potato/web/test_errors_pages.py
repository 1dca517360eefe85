"""What is answered when something goes wrong, to a reader and to the page that htmx keeps up to date."""

import pytest
from django.test import Client

from potato.web import errors_pages

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ANSWERS = {
    400: errors_pages.bad_request,
    403: errors_pages.forbidden,
    404: errors_pages.not_found,
    408: errors_pages.late,
    500: errors_pages.server_error,
    503: lambda request: errors_pages.unavailable(request, store="postgres"),
}


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


class TestAPartThatCannotBeMade:
    @pytest.mark.parametrize("status", ANSWERS)
    def test_leaves_what_stands_in_its_place(self, status, rf):
        response = ANSWERS[status](rf.get("/", headers=HTMX))

        assert (response.status_code, response.content) == (status, b"")
        assert response["HX-Reswap"] == "none"
        assert "HX-Retarget" not in response
        assert "HX-Request" in response["Vary"]

    @pytest.mark.parametrize(
        ("address", "status"),
        [("/broken/postgres/", 503), ("/broken/mongo/", 503), ("/broken/bug/", 500), ("/nowhere/", 404)],
    )
    def test_never_takes_the_place_of_the_page(self, browser, address, status):
        response = browser.get(address, headers=HTMX)

        assert (response.status_code, response.content) == (status, b"")
        assert "HX-Retarget" not in response

    @pytest.mark.parametrize("address", ["/?q=%00", "/form/"])
    def test_leaves_the_page_alone_also_before_any_page_was_looked_up(self, browser, address):
        # Refused by the middleware: a NUL, and an encoding that is not UTF-8.
        response = browser.get(address, headers=HTMX, CONTENT_TYPE="text/plain; charset=latin-1")

        assert response.status_code in (400, 404)
        assert (response.content, response["HX-Reswap"]) == (b"", "none")

    def test_says_that_a_store_is_away(self, browser):
        response = browser.get("/broken/postgres/", headers=HTMX)

        assert response["X-Potato-Degraded"] == "postgres"
        assert int(response["Retry-After"]) > 0
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("whole", ["HX-Boosted", "HX-History-Restore-Request"])
    def test_is_a_page_where_htmx_asks_for_a_whole_one(self, browser, whole):
        assert b"<main" in browser.get("/nowhere/", headers=HTMX | {whole: "true"}).content


class TestAPage:
    @pytest.mark.parametrize("status", ANSWERS)
    def test_is_shown_to_who_asks_for_a_page(self, status, rf):
        response = ANSWERS[status](rf.get("/"))

        assert response.status_code == status
        assert b"<main" in response.content
        assert "HX-Request" in response["Vary"]

    def test_takes_the_place_of_the_page_when_a_form_was_sent_by_htmx(self, browser):
        response = browser.post("/broken/postgres/", {"price": "2,400"}, headers=HTMX)

        assert (response.status_code, response["HX-Retarget"]) == (503, "body")
        assert b'name="price" value="2,400"' in response.content


class TestAFormWhileAStoreIsAway:
    """The page gives back what was sent only to whom it is: a strange site could have people send anything."""

    def answer(self, rf, **headers: str):
        request = rf.post("/prices/submit/", {"note": "mine"}, headers=headers)
        request._dont_enforce_csrf_checks = False
        return errors_pages.unavailable(request, store="postgres").content.decode()

    def test_gives_back_what_one_of_our_own_pages_sent(self, rf):
        assert "mine" in self.answer(rf, sec_fetch_site="same-origin")

    def test_gives_nothing_back_to_another_site(self, rf):
        for headers in ({}, {"sec_fetch_site": "cross-site"}, {"origin": "null"}):
            assert "mine" not in self.answer(rf, **headers)
