"""Who gets a kept page, and which one."""

import pytest
from django.conf import settings

from potato import preferences
from tests.potato.web.page_cache.conftest import Answer, one_process


class TestPageCache:
    @pytest.mark.parametrize(
        "headers",
        [
            {"cookie": f"{settings.SESSION_COOKIE_NAME}=abc"},
            {"cookie": "messages=hello"},
            {"cookie": f"{settings.LANGUAGE_COOKIE_NAME}=en; something=else"},
            {"authorization": "Basic x"},
        ],
    )
    def test_leaves_whoever_it_does_not_know_to_django(self, app, django, headers):
        Answer(app)

        Answer(app, **headers)

        assert django.made == 2

    def test_serves_visitors_with_a_language_or_a_form_token(self, app, django):
        Answer(app)

        Answer(app, cookie=f"{settings.LANGUAGE_COOKIE_NAME}=en; {settings.CSRF_COOKIE_NAME}=abc")

        assert django.made == 1

    def test_keeps_for_everybody_what_somebody_with_a_token_asked_for_first(self, app, django, clock):
        with_token = {"cookie": f"{settings.CSRF_COOKIE_NAME}=abc"}
        answer = Answer(app, **with_token)
        Answer(app)
        assert django.made == 1
        assert answer.status == "200 OK" and b"<p>1</p>" in answer.body

        clock.now += 61
        Answer(app, **with_token)

        assert not any("abc" in asked.get("HTTP_COOKIE", "") for asked in django.asked)

    @one_process
    def test_makes_what_may_not_be_kept_for_somebody_with_a_token_alone(self, app, django):
        with_token = {"cookie": f"{settings.CSRF_COOKIE_NAME}=abc"}
        django.headers = [("Set-Cookie", "a=b")]

        answer = Answer(app, **with_token)
        # What a stranger got was thrown away; the next time nobody is asked in between.
        assert (answer.status, django.made) == ("200 OK", 2)
        assert "abc" in django.asked[-1]["HTTP_COOKIE"]
        Answer(app, **with_token)

        assert django.made == 3
        assert "abc" in django.asked[-1]["HTTP_COOKIE"]
        assert django.closed == 3

    def test_keeps_a_page_for_each_way_of_reading(self, app, django, clock):
        def ask(prefers: str, **headers: str) -> Answer:
            return Answer(app, cookie=f"{settings.PREFERENCES_COOKIE_NAME}={prefers}", **headers)

        for _ in range(2):
            for prefers in ("viss..", "kg..", "viss.latin.", ".myanmar."):
                ask(prefers)
            clock.now += 1
        assert django.made == 4

        clock.now += 61
        ask("viss..")

        assert str(preferences.read(django.asked[-1])) == "viss.."
        assert preferences.read(django.asked[0]) == preferences.read(django.asked[-1])

    @pytest.mark.parametrize("prefers", ["", "..", "furlong.roman.", "viss", "a" * 5000, "\x00..", "%..%00"])
    def test_keeps_no_page_for_what_nobody_can_prefer(self, app, django, prefers):
        Answer(app)

        Answer(app, cookie=f"{settings.PREFERENCES_COOKIE_NAME}={prefers}")

        assert django.made == 1

    def test_tells_pages_apart_by_address_host_scheme_and_part(self, app, django):
        for different in (
            {},
            {"path": "/my/items/rice/"},
            {"query": "region=yangon"},
            {"host": "other"},
            {"x_forwarded_proto": "https"},
            {"hx_request": "true"},
        ):
            Answer(app, **different)

        assert django.made == 6

    def test_sends_a_first_visitor_of_another_language_to_django(self, app, django):
        Answer(app, path="/", accept_language="en-GB,en;q=0.5")
        Answer(app, path="/", accept_language="en")
        assert django.made == 1

        Answer(app, path="/", accept_language="my,en;q=0.5")

        assert django.made == 2

    def test_sends_a_first_visitor_who_names_no_language_to_django_where_the_sites_is_another(
        self, app, django, settings
    ):
        settings.POTATO_LANGUAGE = "my"
        for number, headers in enumerate(({}, {}, {"accept_language": "en"}, {"accept_language": "en"})):
            Answer(app, path="/", **headers)
            assert django.made == min(number + 1, 3)
