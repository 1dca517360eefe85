"""Price pages as members get them: the stored page of a visitor, filled."""

import gzip

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client
from redis.connection import AbstractConnection

from accounts import services
from accounts.models import Role, User
from potato import clock
from potato.pwa.service_worker import KEEP
from potato.stores import member_documents, redis
from potato.stores.sessions import end_all
from potato.web import page_cache
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer
from tests.prices.stalls import price, put
from tests.prices.test_kept_pages import Clock, Counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

RICE = "/items/rice/"
MAY = "May <b>'\"&</script> မေ \\x00"
MAY_SHOWN = b'title="May &lt;b&gt;&#x27;&quot;&amp;&lt;/script&gt;'
HTMX = {"hx_request": "true"}


def cookie_of(browser: Client) -> str:
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}; {settings.CSRF_COOKIE_NAME}={'b' * 32}"


def sign_in(user: User) -> str:
    """:return: what a browser of the member sends as its cookies."""
    browser = Client()
    browser.force_login(user)
    return cookie_of(browser)


@pytest.fixture
def django() -> Counted:
    return Counted()


@pytest.fixture
def clock_of_app() -> Clock:
    return Clock()


@pytest.fixture
def app(app, django, clock_of_app) -> page_cache.PageCache:
    """The page cache before a Django that counts."""
    return page_cache.PageCache(django, clock=clock_of_app)


@pytest.fixture
def may() -> User:
    return make_user(display_name=MAY, role=Role.CONTRIBUTOR)


@pytest.fixture
def cookie(app, stalls, may) -> str:
    """May's cookies; her document is stored."""
    found = sign_in(may)
    Answer(app, path=RICE, cookie=found)
    return found


class TestMembersPages:
    PATHS = ("/", "/items/", RICE, "/regions/yangon/", "/regions/yangon/insein/", "/categories/cereals/", "/movers/")

    def test_are_those_that_django_makes(self, app, django, cookie):
        for path in [*self.PATHS, *(f"/my{path}" for path in self.PATHS)]:
            for part in ({}, HTMX, {**HTMX, "hx_boosted": "true"}, {**HTMX, "hx_history_restore_request": "true"}):
                made = Answer(get_wsgi_application(), path=path, cookie=cookie, **part)
                Answer(app, path=path, **part)
                asked = django.asked

                answer = Answer(app, path=path, cookie=cookie, **part)

                assert django.asked == asked, path
                assert answer.body.decode() == made.body.decode()
                assert (MAY_SHOWN in answer.body) is (b"<html" in answer.body)
                del answer.headers["ETag"]
                assert answer.headers.pop("Vary") == made.headers.pop("Vary") + ", Accept-Encoding"
                assert answer.headers == made.headers | {"Content-Length": str(len(answer.body))}

    def test_are_built_for_everybody_when_a_member_asks_first(self, app, django, cookie):
        asked = django.asked

        answer = Answer(app, path="/items/", cookie=cookie)
        visitors = Answer(app, path="/items/")

        assert django.asked == asked + 1
        assert MAY_SHOWN in answer.body
        assert b"Sign in" in visitors.body and b"Profile" not in visitors.body

    def test_cost_two_reads_of_redis_and_no_query(
        self, app, django, cookie, clock_of_app, monkeypatch, django_assert_num_queries
    ):
        Answer(app, path=RICE, cookie=cookie)
        asked, sent = django.asked, []
        send = AbstractConnection.send_packed_command

        def count(connection, *args, **kwargs):
            sent.append(args)
            return send(connection, *args, **kwargs)

        monkeypatch.setattr(AbstractConnection, "send_packed_command", count)
        for wait in (0.0, 1.0, 0.1):
            clock_of_app.now += wait
            sent.clear()

            with django_assert_num_queries(0):
                answer = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip, deflate, br")

            assert MAY_SHOWN in gzip.decompress(answer.body)
            assert len(sent) == 2
        assert django.asked == asked

    def test_show_a_published_price_a_moment_later(self, app, cookie, stalls, clock_of_app):
        before = Answer(app, path=RICE, query="region=yangon", cookie=cookie).body.decode()
        put(price(stalls, stalls.meegwet, 1_111))
        clock_of_app.now += 0.3

        after = Answer(app, path=RICE, query="region=yangon", cookie=cookie).body.decode()

        assert ("1,111" in before, "1,111" in after) == (False, True)
