"""Price pages as visitors get them: out of the page cache, until a price is published."""

# ruff: noqa: F811  the fixtures are another file's
import time

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from potato import edge
from tests.factories import make_user
from tests.potato.test_edge import Answer
from tests.prices.test_pages import in_english, price, put, stalls  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def app(settings):
    settings.SECURE_SSL_REDIRECT = False
    # The test's transaction is one connection's: it must not be closed at the end of a page.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield edge.Edge(get_wsgi_application())
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class TestPricePages:
    def test_are_kept_for_visitors(self, app, stalls):
        paths = [
            "/",
            "/items/",
            "/items/rice/",
            "/my/items/rice/",
            "/regions/yangon/",
            "/regions/yangon/insein/",
        ]
        paths += [f"/shops/{stalls.ywarma.pk}/", "/categories/cereals/"]
        for path in paths:
            assert Answer(app, path=path).status == "200 OK"

        assert [key[3] for key in app._pages] == paths

    def test_show_a_published_price_a_moment_later(self, app, stalls):
        first = Answer(app, path="/items/rice/", query="region=yangon")
        assert "1,111" not in first.body.decode()

        put(price(stalls, stalls.meegwet, 1_111))
        time.sleep(edge.CHECK_SECONDS + 0.05)

        assert "1,111" in Answer(app, path="/items/rice/", query="region=yangon").body.decode()

    def test_are_made_for_each_member(self, app, stalls, client):
        Answer(app, path="/items/rice/")
        client.force_login(make_user(display_name="May"))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value

        answer = Answer(app, path="/items/rice/", cookie=f"{settings.SESSION_COOKIE_NAME}={key}")

        assert answer.status == "200 OK"
        assert "ETag" not in answer.headers
        assert "Profile" in answer.body.decode()
        assert "Profile" not in Answer(app, path="/items/rice/").body.decode()
