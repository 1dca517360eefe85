"""Price pages as visitors get them: out of the page cache, until a price is published."""

import time

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from potato.stores import breaker
from potato.stores.breaker import MONGO, POSTGRES, REDIS, Fault
from potato.web import page_cache
from potato.web.page_cache.states import CHECK_SECONDS, TTL_WITHOUT_REDIS
from prices.derived import board_copies
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer, Processes, shared_store
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """Django, and how often it was asked."""

    def __init__(self) -> None:
        self.django, self.asked = get_wsgi_application(), 0

    def __call__(self, environ, start_response):
        self.asked += 1
        return self.django(environ, start_response)


class TestPricePagesWithoutAStore:
    """Two visitors ask for each page, half a second apart, and two more when a second has passed."""

    PATHS = ("/", "/my/", "/items/rice/", "/my/items/rice/", "/regions/yangon/")

    @pytest.fixture(params=["memory", "memory and Redis"])
    def visit(self, request, app, stalls, monkeypatch):
        board_copies.copy_changed()
        for store in breaker.ALL:
            monkeypatch.setattr(store, "_pause", 3600)

        def visit(*away: breaker.Breaker):
            django, clock = Counted(), Clock()
            shared = None if request.param == "memory" else shared_store(clock=clock)
            kept = page_cache.PageCache(django, shared=shared, clock=clock)
            for store in away:
                store.failed(Fault.SLOW)
            found = []
            for path in self.PATHS:
                asked, answers = django.asked, []
                for _second in range(2):
                    for _visitor in range(2):
                        answers.append(Answer(kept, path=path))
                        clock.now += 0.51
                found.append((django.asked - asked, answers))
            return found

        return visit

    def test_of_redis_are_kept_for_a_second_and_say_so(self, visit):
        for asked, answers in visit(REDIS):
            assert asked == 2
            for answer in answers:
                assert answer.status == "200 OK"
                assert answer.headers["X-Potato-Degraded"] == "redis"
                assert page_cache.BOARDS not in answer.headers
                assert b'class="tell"' in answer.body

    def test_that_prices_come_from_are_never_kept(self, visit):
        for store in (MONGO, POSTGRES):
            for asked, answers in visit(store):
                assert asked == 4
                assert {answer.headers["X-Potato-Degraded"] for answer in answers} == {store.name}
            store.reset()

    def test_of_two_at_once_are_never_kept(self, visit):
        for asked, answers in visit(MONGO, REDIS):
            assert asked == 4
            assert {answer.headers["X-Potato-Degraded"] for answer in answers} == {"mongo, redis"}

    def test_of_redis_are_whole_again_a_second_after_it_is_back(self, app, stalls, monkeypatch):
        monkeypatch.setattr(REDIS, "_pause", 3600)
        clock = Clock()
        kept = page_cache.PageCache(get_wsgi_application(), clock=clock)
        REDIS.failed(Fault.SLOW)
        assert "X-Potato-Degraded" in Answer(kept, path="/items/rice/").headers

        REDIS.reset()
        clock.now += TTL_WITHOUT_REDIS + 0.01

        assert "X-Potato-Degraded" not in Answer(kept, path="/items/rice/").headers


class TestPricePages:
    def test_are_kept_for_visitors(self, app, stalls):
        paths = [
            "/",
            "/my/",
            "/items/",
            "/items/rice/",
            "/my/items/rice/",
            "/regions/yangon/",
            "/regions/yangon/insein/",
        ]
        paths += [f"/shops/{stalls.ywarma.pk}/", "/categories/cereals/"]
        for path in paths:
            assert Answer(app, path=path).status == "200 OK"

        assert [key[3] for key in app.store.pages] == paths

    @pytest.fixture(params=["one process", "two processes"])
    def site(self, request, app):
        return app if request.param == "one process" else Processes(get_wsgi_application())

    def test_show_a_published_price_a_moment_later(self, site, stalls):
        first = Answer(site, path="/items/rice/", query="region=yangon")
        Answer(site, path="/items/rice/", query="region=yangon")
        assert "1,111" not in first.body.decode()

        put(price(stalls, stalls.meegwet, 1_111))
        time.sleep(CHECK_SECONDS + 0.05)

        for _process in range(2):
            assert "1,111" in Answer(site, path="/items/rice/", query="region=yangon").body.decode()

    def test_are_made_for_each_member(self, site, stalls, client):
        Answer(site, path="/items/rice/")
        client.force_login(make_user(display_name="May"))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value

        answer = Answer(site, path="/items/rice/", cookie=f"{settings.SESSION_COOKIE_NAME}={key}")

        assert answer.status == "200 OK"
        assert "ETag" not in answer.headers
        assert "Profile" in answer.body.decode()
        assert "Profile" not in Answer(site, path="/items/rice/").body.decode()
