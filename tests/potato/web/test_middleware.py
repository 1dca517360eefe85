import time

import pytest
from django.test import Client

from potato import health
from potato.stores import breaker
from potato.stores.breaker import MONGO, POSTGRES, REDIS, Fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


class TestStoresMiddleware:
    @pytest.mark.parametrize("store", ["mongo", "postgres"])
    def test_answers_503_when_a_store_is_away(self, browser, store):
        response = browser.get(f"/broken/{store}/")

        assert response.status_code == 503
        assert response["X-Potato-Degraded"] == store
        assert int(response["Retry-After"]) > 0
        assert "no-store" in response["Cache-Control"]

    def test_keeps_what_was_typed_but_the_password(self, browser):
        response = browser.post(
            "/broken/postgres/?next=/a/",
            {"price": '1"500', "note": "ဆန်", "password1": "hush", "unit": ["kg", "viss"]},
        )

        page = response.content.decode()
        assert response.status_code == 503
        for kept in (
            'name="price" value="1&quot;500"',
            'name="note" value="ဆန်"',
            'value="kg"',
            'value="viss"',
        ):
            assert kept in page
        assert "hush" not in page
        assert "Only the password must be typed again." in page
        assert 'action="/broken/postgres/?next=/a/"' in page

    def test_answers_htmx_with_the_whole_page(self, browser):
        response = browser.post("/broken/postgres/", headers={"HX-Request": "true"})

        assert response["HX-Retarget"] == "body"

    def test_promises_to_take_no_price_while_the_ledger_is_away_too(self, browser):
        MONGO.failed(Fault.SLOW)
        with_mongo_away = browser.get("/").content.decode()
        POSTGRES.failed(Fault.SLOW)
        with_both_away = browser.get("/").content.decode()

        promise = "You can still add a price"
        assert promise in with_mongo_away
        assert promise not in with_both_away
        assert "Signing in and adding prices are away for a moment." in with_both_away

    def test_says_which_stores_have_not_been_heard_of(self, browser):
        MONGO.failed(Fault.SLOW)
        REDIS.failed(Fault.SLOW)

        response = browser.get("/")

        assert response.status_code == 200
        assert response["X-Potato-Degraded"] == "mongo, redis"
        assert b'<div class="tell" role="status">' in response.content

    def test_says_nothing_while_all_is_well(self, browser):
        response = browser.get("/")

        assert "X-Potato-Degraded" not in response
        assert b'<div class="tell" role="status">' not in response.content

    def test_leaves_bugs_alone(self, browser):
        response = browser.get("/broken/bug/")

        assert response.status_code == 500
        assert "X-Potato-Degraded" not in response


class TestBadInput:
    def test_a_nul_in_the_address_is_404(self, browser):
        assert browser.get("/person/?email=a%00b").status_code == 404
        assert browser.get("/per%00son/").status_code == 404

    def test_a_nul_that_no_form_has_looked_at_is_400(self, browser):
        response = browser.post("/person/", {"email": "a\0b"})

        assert response.status_code == 400

    def test_broken_text_is_no_500(self, browser):
        for query in ("email=%ED%A0%80", "email=%FF%FE", "email=%", "%00%00", "email=" + "%F0" * 50):
            assert browser.get(f"/person/?{query}").status_code < 500

    def test_a_broken_upload_is_400(self, browser):
        for content_type in (
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x\0",
        ):
            response = browser.generic("POST", "/form/", b"--x\r\nrubbish", content_type=content_type)
            assert response.status_code in (200, 400)

    @pytest.mark.parametrize("charset", ["utf-16", "base64", "zlib", "nonsense", "utf-7"])
    def test_a_strange_charset_is_no_500(self, browser, charset):
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            body = (
                b"price=1"
                if "www" in kind
                else b'--x\r\nContent-Disposition: form-data; name="price"\r\n\r\n1\r\n--x--\r\n'
            )
            response = browser.generic("POST", "/form/", body, content_type=f"{kind}; charset={charset}")
            assert response.status_code < 500

    @pytest.mark.parametrize("debug", [False, True])
    def test_a_charset_of_text_that_is_not_utf_8_is_a_page(self, browser, settings, debug):
        settings.DEBUG = debug

        response = browser.generic(
            "POST", "/form/", b"price=1", content_type="application/x-www-form-urlencoded; charset=latin-1"
        )

        assert response.status_code == 400
        assert b"<main" in response.content

    @pytest.mark.parametrize("charset", ["utf8", "UTF-8", "U8", "utf_8"])
    def test_utf_8_is_utf_8_however_it_is_spelt(self, browser, charset):
        response = browser.generic(
            "POST", "/form/", b"price=1", content_type=f"application/x-www-form-urlencoded; charset={charset}"
        )

        assert response.status_code == 200

    def test_too_many_fields_are_400(self, browser):
        response = browser.post("/form/", {f"field{number}": "" for number in range(600)})

        assert response.status_code == 400
        assert b"<main" in response.content

    def test_too_much_is_400(self, browser):
        assert (
            browser.post(
                "/form/", {"price": "9" * 3_000_000}, content_type="application/x-www-form-urlencoded"
            ).status_code
            == 400
        )


class TestErrorPages:
    def test_tell_who_is_not_allowed_how_to_become_a_contributor(self, browser, rf):
        from django.core.exceptions import PermissionDenied

        from potato.web import errors_pages

        response = errors_pages.forbidden(rf.get("/"), PermissionDenied())

        assert response.status_code == 403
        assert b"become a contributor" in response.content.lower()

    def test_are_shown_when_postgresql_is_away(self, browser, monkeypatch):
        from django.db import OperationalError, connection

        def refuse(*_):
            raise OperationalError("gone")

        browser.cookies["sessionid"] = "a" * 32
        with connection.execute_wrapper(refuse):
            assert browser.get("/nowhere/").status_code == 404

    def test_a_form_from_elsewhere_is_403(self):
        browser = Client(enforce_csrf_checks=True)
        from django.urls import path

        from tests.potato import urls

        urls.urlpatterns.append(path("guarded/", urls.nothing))

        response = browser.post("/guarded/", {"a": 1})

        assert response.status_code == 403
        assert b"send the form again" in response.content


class TestHealth:
    def test_says_that_the_process_lives(self, browser, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert browser.get("/healthz").content == b"ok\n"

    def test_says_a_line_for_each_store(self, browser):
        import json

        response = browser.get("/readyz")

        lines = [json.loads(line) for line in response.content.splitlines()]
        assert [line["store"] for line in lines] == ["postgres", "mongo", "redis"]
        assert {line["state"] for line in lines} == {"up"}
        assert all(line["ms"] >= 0 for line in lines)

    def test_is_ready_without_mongodb(self, browser):
        MONGO.failed(Fault.SLOW)
        REDIS.failed(Fault.SLOW)

        assert browser.get("/readyz").status_code == 200

    def test_is_not_ready_without_both_stores_of_prices(self, browser):
        from potato.stores.breaker import POSTGRES

        MONGO.failed(Fault.SLOW)
        POSTGRES.failed(Fault.SLOW)

        assert browser.get("/readyz").status_code == 503


class TestAskAgain:
    def test_notices_that_a_store_is_back_though_no_page_asks_it(self, monkeypatch):
        for store in breaker.ALL:
            store.failed(Fault.SLOW)

        health.ask_again()
        assert [store.state for store in breaker.ALL] == ["open"] * 3

        for store in breaker.ALL:
            monkeypatch.setattr(store, "_clock", lambda: time.monotonic() + 60)
        health.ask_again()
        assert [store.state for store in breaker.ALL] == ["closed"] * 3

    def test_says_that_an_outage_is_over_though_no_page_asks_the_store_again(self, monkeypatch, caplog):
        for store in breaker.ALL:
            store.failed(Fault.DOWN)
            store.succeeded()
        caplog.clear()

        for store in breaker.ALL:
            monkeypatch.setattr(store, "_clock", lambda: time.monotonic() + 60)
        health.ask_again()

        assert [message.split(" after")[0] for message in caplog.messages] == [
            f"{store.name} is available again" for store in breaker.ALL
        ]

    def test_leaves_a_store_alone_that_has_no_outage(self, monkeypatch):
        asked = []
        monkeypatch.setattr(health, "_ask", lambda store, question: asked.append(store.name))
        MONGO.failed(Fault.DOWN)

        health.ask_again()

        assert asked == ["mongo"]
